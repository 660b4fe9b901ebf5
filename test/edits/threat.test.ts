import { createHash } from "node:crypto";
import { alphabetSha256, asciiAlphabet, listAlphabet, unicodeAlphabet } from "../../src/edits/alphabet.js";
import { canonicalThreat, sameThreat, threat } from "../../src/edits/threat.js";

const hashOf = (ranges: string): string => createHash("sha256").update(ranges).digest("hex");

test("the canonical form is fixed, since certificates hash it", () => {
  expect(canonicalThreat(threat(unicodeAlphabet()))).toBe(
    `{"alphabet":"unicode","characters":1112064,"distance":"levenshtein","sha256":"${hashOf("[[0,55295],[57344,1114111]]")}","unit":"code point"}`,
  );
});

test("the order of keys and unknown keys make no difference, the alphabet does", () => {
  const { alphabet, characters, distance, sha256, unit } = threat(asciiAlphabet());
  const shuffled = { unit, note: 1, sha256, alphabet, characters, distance };
  expect(sameThreat(shuffled, threat(asciiAlphabet()))).toBe(true);
  expect(sameThreat(threat(asciiAlphabet()), threat(unicodeAlphabet()))).toBe(false);
});

test("an alphabet is hashed by what it holds, not by its name", () => {
  const all = (points: Iterable<number>, name = "a") => alphabetSha256(listAlphabet(name, points));
  expect(all(asciiAlphabet().codePoints())).toBe(alphabetSha256(asciiAlphabet()));
  expect(all(asciiAlphabet().codePoints())).toBe(hashOf("[[32,126]]"));
  expect(all([0x61, 0x63], "a")).toBe(all([0x63, 0x61, 0x61], "b"));
  expect(all([0x61, 0x63, 0x62, 0x1f600])).toBe(hashOf("[[97,99],[128512,128512]]"));
  expect(all([0x61, 0x63])).not.toBe(all([0x61, 0x64]));
  expect(all(unicodeAlphabet().codePoints())).toBe(alphabetSha256(unicodeAlphabet()));
});
