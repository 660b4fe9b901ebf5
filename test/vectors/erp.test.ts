/** Edit distances with real penalty that were computed elsewhere, from the shared folder. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { erp } from "../../src/bounds/erp.js";

const file = join(import.meta.dirname, "..", "..", "..", "shared", "vectors", "erp-vectors.json");
// It isn't part of the project: without it these tests are skipped.
const here = existsSync(file);

interface Vector {
  readonly a: number[][];
  readonly b: number[][];
  readonly erp: Readonly<Record<"1" | "2" | "inf", number>>;
}

(here ? test : test.skip)("the distances of ../shared (skipped where that folder is absent)", () => {
  const vectors: Vector[] = JSON.parse(readFileSync(file, "utf8"));
  expect(vectors).toHaveLength(5);
  for (const { a, b, erp: value } of vectors)
    for (const [norm, key] of [
      ["l1", "1"],
      ["l2", "2"],
      ["linf", "inf"],
    ] as const) {
      expect(erp(a, b, norm)).toBeGreaterThanOrEqual(value[key] * (1 - 2 ** -52));
      expect(erp(a, b, norm)).toBeLessThanOrEqual(value[key] * (1 + 1e-13));
    }
});
