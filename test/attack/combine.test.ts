/** Changes made together, against every way of choosing them. */
import fc from "fast-check";
import { bestTogether, type PartChange } from "../../src/attack/combine.js";

const change = fc
  .record({ part: fc.nat(3), cost: fc.integer({ min: 1, max: 3 }), gain: fc.integer({ min: -3, max: 9 }) })
  .map((fields): PartChange => ({ ...fields, written: `${fields.cost}` }));

test("the best sum for each number of edits, each part once", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 7 }), fc.nat(6), (changes, most) => {
      const best = new Array<number>(most + 1).fill(0);
      for (let subset = 1; subset < 1 << changes.length; subset++) {
        const some = changes.filter((_, i) => (subset >> i) & 1);
        const cost = some.reduce((sum, one) => sum + one.cost, 0);
        if (cost > most || new Set(some.map(({ part }) => part)).size < some.length) continue;
        if (some.some(({ gain }) => gain <= 0)) continue;
        best[cost] = Math.max(
          best[cost]!,
          some.reduce((sum, one) => sum + one.gain, 0),
        );
      }
      const found = bestTogether(changes, most);
      expect(found.map((list) => (list ?? []).reduce((sum, one) => sum + one.gain, 0))).toEqual(best);
      found.forEach((list, edits) => {
        if (list === null) return;
        expect(list.reduce((sum, one) => sum + one.cost, 0)).toBe(edits);
        expect(new Set(list.map(({ part }) => part)).size).toBe(list.length);
      });
    }),
    { numRuns: 500 },
  );
});
