/** Alignment against the textbook's recursion without leaving anything out; rounding against exact integers. */
import fc from "fast-check";
import { positionShift } from "../../src/bounds/position-shift.js";
import { NORM_NAMES, tokenCosts } from "../../src/bounds/token-costs.js";
import { matrix } from "../../src/numeric/matrix.js";
import { seeded } from "../oracle/random-model.js";
import { plainAlignment, plainNorm } from "./plain-alignment.js";

const random = seeded(77);
const TOKENS = 5;
const COLUMNS = 3;
const embedding = matrix(
  TOKENS,
  COLUMNS,
  Array.from({ length: TOKENS * COLUMNS }, () => random() * 2 - 1),
);
const vectors = (ids: readonly number[]) =>
  ids.map((id) => [...embedding.data.subarray(id * COLUMNS, (id + 1) * COLUMNS)]);
const sequence = fc.array(fc.nat(TOKENS - 1), { maxLength: 7 });

describe.each(NORM_NAMES)("%s", (norm) => {
  const costs = tokenCosts(embedding, norm);
  test("alignment is the plain one", () => {
    fc.assert(
      fc.property(sequence, sequence, (a, b) => {
        const plain = plainAlignment(norm, vectors(a), vectors(b));
        expect(costs.aligned(a, b)).toBeGreaterThanOrEqual(plain * (1 - 1e-14));
        expect(costs.aligned(a, b)).toBeLessThanOrEqual(plain * (1 + 1e-13));
      }),
    );
  });
  test("nothing changes, nothing costs", () => {
    expect(costs.aligned([1, 2], [1, 2])).toBe(0);
    expect(costs.aligned([], [])).toBe(0);
    expect(costs.substitution(3, 3)).toBe(0);
  });
  test("positions: sums and largest changes by plain loops", () => {
    for (const delta of [-3, -1, 0, 1, 2, 9]) {
      const tokens = 4;
      const { sums, largest } = positionShift(embedding, norm, 1, tokens, delta);
      for (let first = 0; first <= tokens; first++) {
        const moves: number[] = [];
        for (let i = first; i < tokens; i++) {
          const [from, to] = [1 + i, 1 + i + delta];
          if (to < 0 || to >= TOKENS || from >= TOKENS) continue;
          const [p, q] = vectors([from, to]);
          moves.push(
            plainNorm(
              norm,
              q!.map((value, c) => value - p![c]!),
            ),
          );
        }
        expect(sums[first]).toBeCloseTo(
          moves.reduce((a, b) => a + b, 0),
          12,
        );
        expect(largest[first]).toBeCloseTo(Math.max(0, ...moves), 12);
      }
    }
  });
});

test("differences are rounded upwards", () => {
  const value = fc.integer({ min: -(2 ** 53), max: 2 ** 53 }).chain((v) => fc.nat(9).map((s) => v * 2 ** s));
  fc.assert(
    fc.property(value, value, (a, b) => {
      const size = BigInt(a) - BigInt(b);
      const bound = tokenCosts(matrix(2, 1, [a, b]), "linf").substitution(0, 1);
      expect(BigInt(Math.floor(bound))).toBeGreaterThanOrEqual(size < 0n ? -size : size);
    }),
    { numRuns: 500 },
  );
});
