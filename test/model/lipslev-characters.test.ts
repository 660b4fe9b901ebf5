import fc from "fast-check";
import { listAlphabet, unicodeAlphabet } from "../../src/edits/alphabet.js";
import { levenshtein } from "../../src/edits/distance.js";
import {
  characterAlphabet,
  characterId,
  characterIds,
  readCharacters,
  writable,
} from "../../src/model/lipslev-characters.js";

// The combining dot is listed: U+0130's lower case is "i" and that dot, which would be two ids for one code point.
const ids = characterIds(
  { i: 1, "\u0307": 2, k: 3, "\u03c3": 4, "\u{1F600}": 5, A: 6, "\ud800": 7, z: 9 },
  12,
);

test("characters are lower-cased one by one, and at most one id comes of each", () => {
  const read = (text: string) => [...readCharacters(ids, text).ids];
  expect(read("iI")).toEqual([1, 1]);
  // Kelvin's sign has the lower case k; the final sigma isn't the lower case of a capital standing alone.
  expect(read("K\u212a")).toEqual([3, 3]);
  expect(read("\u03a3I\u03a3")).toEqual([4, 1, 4]);
  expect("\u03a3I\u03a3".toLowerCase()).toBe("\u03c3i\u03c2");
  expect(read("\u0130")).toEqual([]);
  expect(read("i\u0307")).toEqual([1, 2]);
  expect(read("\u{1F600}\ud800")).toEqual([5, 7]);
  // Listed as a capital, it is never met.
  expect(read("Aa")).toEqual([]);
  expect(readCharacters(ids, "xI\u{1F600}y").source).toEqual(Int32Array.of(1, 2));
});

test("no code point of Unicode lower-cases to several that are read", () => {
  const several: number[] = [];
  for (let point = 0; point <= 0x10ffff; point++)
    if ([...String.fromCodePoint(point).toLowerCase()].length !== 1) several.push(point);
  expect(several).toContain(0x130);
  for (const point of several) expect(characterId(ids, point)).toBe(0);
});

test("reading never widens a distance", () => {
  const unit = fc.constantFrom(
    "i",
    "I",
    "\u0130",
    "\u0307",
    "\u03a3",
    "x",
    "\u{1F600}",
    "\ud800",
    "\udc00",
    "K",
  );
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 9 }), fc.string({ unit, maxLength: 9 }), (a, b) => {
      expect(levenshtein(readCharacters(ids, a).ids, readCharacters(ids, b).ids)).toBeLessThanOrEqual(
        levenshtein(a, b),
      );
    }),
  );
});

test("what an alphabet can write", () => {
  const points = (text: string) => [...text].map((c) => c.codePointAt(0)!);
  expect(writable(ids, listAlphabet("t", points("IK\u0130A")))).toEqual(
    new Map([
      [1, 0x49],
      [3, 0x4b],
    ]),
  );
  expect(writable(ids, listAlphabet("t", points("iIq")))).toEqual(new Map([[1, 0x69]]));
  expect(writable(ids, listAlphabet("t", points("q?"))).size).toBe(0);
  const all = writable(ids, unicodeAlphabet());
  expect([...all.keys()].sort()).toEqual([1, 2, 3, 4, 5, 9]);
  for (const [id, point] of all) expect(characterId(ids, point)).toBe(id);
  expect([...characterAlphabet(ids).codePoints()]).toEqual(points("ikz\u0307\u03c3\u{1F600}"));
});

test.each([
  [{}, "0 characters are listed"],
  [{ ab: 1 }, 'the key "ab" is 2 code points'],
  [{ "": 1 }, 'the key "" is 0 code points'],
  [{ a: 0 }, '"a" has the id 0; the embedding\'s 3 rows allow 1 to 2'],
  [{ a: 3 }, '"a" has the id 3'],
  [{ a: 1.5 }, '"a" has the id 1.5'],
  [{ a: "1" }, '"a" has the id "1"'],
  [{ a: 1, b: 1 }, '"b" has the id 1, which another key has'],
])("%j is refused", (object, message) => {
  expect(() => characterIds(object, 3)).toThrow(message);
});
