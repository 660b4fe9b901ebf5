/** As damaged.test.ts, many times. */
import { readDamaged } from "../../oracle/read-damaged.js";

test("changed in one place, 800 times: refused, or read as what it now computes", async () => {
  const { refused, read, broken } = await readDamaged(1000, 1800);
  expect(refused + read + broken).toBe(800);
  expect(read).toBeGreaterThan(80);
}, 300_000);
