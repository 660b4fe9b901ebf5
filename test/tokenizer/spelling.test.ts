/**
 * The facts about Unicode on which character spellings rest, for every code point; and the claims of all spellings on
 * random texts and edits.
 */
import fc from "fast-check";
import { levenshtein } from "../../src/edits/distance.js";
import { byteSpelling } from "../../src/tokenizer/byte-spelling.js";
import { characterSpelling, expansionOf, unitsOf } from "../../src/tokenizer/character-spelling.js";
import { nativeSpelling } from "../../src/tokenizer/native-spelling.js";
import type { Spelling } from "../../src/tokenizer/spelling.js";
import { vocabulary } from "../../src/tokenizer/vocabulary.js";
import { nastyText } from "./hostile-texts.js";

test("every code point has at most one unit, whatever a normaliser does to it", () => {
  const different: string[] = [];
  let expansion = 0;
  for (let point = 0; point <= 0x10ffff; point++) {
    const character = String.fromCodePoint(point);
    const lower = character.toLowerCase();
    const [nfd, nfc] = [character.normalize("NFD"), character.normalize("NFC")];
    const own = unitsOf(character);
    if (own.length > 1) different.push(`${point.toString(16)} has ${own.length}`);
    if (lower === character && nfd === character && nfc === character) continue;
    expansion = Math.max(expansion, expansionOf(character));
    for (const other of [lower, nfd, nfc, nfd.toLowerCase(), lower.normalize("NFC")])
      if ([...other].flatMap(unitsOf).join() !== own.join()) different.push(point.toString(16));
  }
  expect(different).toEqual([]);
  expect(expansion).toBe(4);
});

const normalised = (text: string): string[] => {
  const nfd = text.normalize("NFD");
  return [
    text.toLowerCase(),
    text.normalize("NFC"),
    nfd,
    nfd.toLowerCase().replace(/\p{M}/gu, ""),
    text
      .toLowerCase()
      .normalize("NFD")
      .replace(/\p{Mn}|\p{C}|\ufffd/gu, ""),
    text
      .replace(/[\u4e00-\u9fff]/g, " $& ")
      .toLowerCase()
      .normalize("NFC"),
  ];
};

test("normalised texts have the units of the text", () => {
  const { units } = characterSpelling(() => null);
  fc.assert(
    fc.property(fc.oneof(nastyText(12), fc.string({ unit: "binary", maxLength: 12 })), (text) => {
      for (const other of normalised(text)) expect(Array.from(units(other))).toEqual(Array.from(units(text)));
    }),
    { numRuns: 500 },
  );
});

const spellings: readonly (readonly [string, Spelling])[] = [
  ["characters", characterSpelling(() => null)],
  ["bytes", byteSpelling(() => null)],
  ["words", nativeSpelling(vocabulary("words", ["[UNK]", "a"]))],
];

const string = (units: ArrayLike<number>) => String.fromCodePoint(...Array.from(units, (unit) => unit || 1));

test.each(spellings)("%s: edits of a text are few edits of its units", (_, spelling) => {
  fc.assert(
    fc.property(nastyText(6), nastyText(6), fc.string({ unit: "binary", maxLength: 3 }), (a, b, c) => {
      for (const other of [b, a + c, c + b, a.slice(1)]) {
        const [from, to] = [spelling.units(a), spelling.units(other)].map(string);
        expect(levenshtein(from!, to!)).toBeLessThanOrEqual(spelling.spread * levenshtein(a, other));
      }
    }),
    { numRuns: 300 },
  );
});
