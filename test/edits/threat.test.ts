import { canonicalThreat, sameThreat, threat } from "../../src/edits/threat.js";

test("the canonical form is fixed, since certificates hash it", () => {
  expect(canonicalThreat(threat("unicode"))).toBe(
    '{"alphabet":"unicode","distance":"levenshtein","unit":"code point"}',
  );
});

test("the order of keys and unknown keys make no difference, the alphabet does", () => {
  const shuffled = { unit: "code point", note: 1, alphabet: "ascii", distance: "levenshtein" } as const;
  expect(sameThreat(shuffled, threat("ascii"))).toBe(true);
  expect(sameThreat(threat("ascii"), threat("unicode"))).toBe(false);
});
