import fc from "fast-check";
import { rate } from "../../src/evaluate/wilson.js";

// Published values: 81 of 263 gives 0.2553 to 0.3662 and 15 of 148 gives 0.0624 to 0.1605 (Newcombe, "Two-sided
// confidence intervals for the single proportion", Statistics in Medicine 17, 1998, table I, method 3);
// 0 of 20 gives 0 to 0.1611 and 1 of 29 gives 0.0061 to 0.1718 there.
test.each([
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
])("%i of %i", (count, of, low, high) => {
  const share = rate(count, of)!;
  expect(share.value).toBe(count / of);
  expect(share.low).toBeCloseTo(low, 4);
  expect(share.high).toBeCloseTo(high, 4);
});

test("nothing out of nothing is no share", () => {
  expect(rate(0, 0)).toBeNull();
});

test("the interval holds the value and stays within 0 and 1", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (of, part) => {
        const share = rate(Math.round(part * of), of)!;
        expect(share.low).toBeGreaterThanOrEqual(0);
        expect(share.low).toBeLessThanOrEqual(share.value);
        expect(share.high).toBeGreaterThanOrEqual(share.value);
        expect(share.high).toBeLessThanOrEqual(1);
      },
    ),
  );
});
