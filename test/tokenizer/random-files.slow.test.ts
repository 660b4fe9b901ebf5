/** Random tokenizer.json files, thousands of them. */
import { holdOnRandomFiles } from "./random-files.js";

test("ids, cuts and representatives of random files", () => {
  const { read, cut, merged } = holdOnRandomFiles(6000);
  expect(read).toBeGreaterThan(4000);
  expect(cut).toBeGreaterThan(1500);
  expect(merged).toBeGreaterThan(1500);
}, 120_000);
