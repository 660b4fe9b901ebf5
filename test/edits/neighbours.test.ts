import fc from "fast-check";
import { type Alphabet, asciiAlphabet, listAlphabet, unicodeAlphabet } from "../../src/edits/alphabet.js";
import { levenshtein } from "../../src/edits/distance.js";
import { neighbourCount, neighbours, singleEdits } from "../../src/edits/neighbours.js";
import { codePoints, fromCodePoints } from "../../src/text/code-points.js";

const alphabetOf = (s: string) => listAlphabet("x", codePoints(s));

/** All strings up to `length` code points over `points`, as strings, surrogates joined or not. */
function allStrings(points: readonly number[], length: number): Set<string> {
  let level = [[]] as number[][];
  const found = new Set([""]);
  for (let l = 0; l < length; l++) {
    level = level.flatMap((p) => points.map((c) => [...p, c]));
    for (const p of level) found.add(fromCodePoints(p));
  }
  return found;
}

/** By definition: at distance 1, and every code point used oftener than in the text is in the alphabet. */
function bruteForce(text: string, alphabet: Alphabet): Set<string> {
  const own = [...codePoints(text)];
  const points = [...new Set([...own, ...alphabet.codePoints()])];
  const count = (s: string, c: number) => codePoints(s).filter((p) => p === c).length;
  const joined = points.concat(points.includes(0xd83d) && points.includes(0xde00) ? [0x1f600] : []);
  return new Set(
    [...allStrings(points, own.length + 1)].filter(
      (s) =>
        levenshtein(s, text) === 1 && joined.every((c) => alphabet.has(c) || count(s, c) <= count(text, c)),
    ),
  );
}

test("the neighbours are the texts at distance 1, each once", () => {
  const texts = fc.string({ unit: fc.constantFrom("a", "b", "z", "\uD83D", "\uDE00"), maxLength: 4 });
  const alphabets = fc.constantFrom("a", "ab", "b😀").map(alphabetOf);
  fc.assert(
    fc.property(texts, alphabets, (text, alphabet) => {
      const found = [...neighbours(text, alphabet)];
      expect(new Set(found).size).toBe(found.length);
      expect(new Set(found)).toEqual(bruteForce(text, alphabet));
      expect(neighbourCount(text, alphabet)).toBe(found.length);
    }),
    { numRuns: 150 },
  );
});

test.each([
  ["", "ab", ["a", "b"]],
  ["a", "a", ["", "aa"]],
  ["aa", "a", ["a", "aaa"]],
  ["a", "b", ["", "b", "ba", "ab"]],
])("neighbours of %j over %j", (text, alphabet, expected) => {
  expect([...neighbours(text, alphabetOf(alphabet))]).toEqual(expected);
});

test("deleting what separates two lone surrogates is no neighbour: the distance of the strings is 3", () => {
  expect(levenshtein("\uD83Da\uDE00", "\uD83D\uDE00")).toBe(3);
  expect([...neighbours("\uD83Da\uDE00", alphabetOf("a"))]).not.toContain("😀");
  expect([...neighbours("\uD83Daa\uDE00", alphabetOf("a"))]).toContain("\uD83Da\uDE00");
});

test("an edit describes how its neighbour comes about", () => {
  const text = "ab😀";
  const texts = [...singleEdits(codePoints(text), alphabetOf("a😀"))].map((edit) => {
    const points = [...codePoints(text)];
    if (edit.kind === "insert") points.splice(edit.at, 0, edit.point);
    else points.splice(edit.at, 1, ...(edit.kind === "substitute" ? [edit.point] : []));
    return fromCodePoints(points);
  });
  expect(texts).toEqual([...neighbours(text, alphabetOf("a😀"))]);
});

test("counting needs no listing, and listing is lazy", () => {
  const long = "x".repeat(100_000);
  expect(neighbourCount(long, unicodeAlphabet())).toBe(1 + 200_001 * 1_112_064 - 200_000);
  expect(neighbourCount("", asciiAlphabet())).toBe(95);
  const [first] = neighbours(long, unicodeAlphabet());
  expect(first).toHaveLength(99_999);
});
