/**
 * Characters followed through a normaliser, against the library's normalisers; and the facts about Unicode on which the proofs of
 * huggingface-image.ts, composing.ts and quick/of-parts.ts rest, for every code point of this engine.
 */
import { Tokenizer as Library } from "@huggingface/tokenizers";
import fc from "fast-check";
import { isReordered, standsAlone } from "../../src/tokenizer/composing.js";
import type { Part } from "../../src/tokenizer/huggingface-parts.js";
import { type Step, stepsOf } from "../../src/tokenizer/normal-steps.js";
import { scrapPoints, scrapText } from "../oracle/random-tokenizer-file.js";
import { tinyJson } from "../oracle/tiny-tokenizer-files.js";

const normalizerOf = (part: Part) => new Library(tinyJson({ normalizer: part }), {}).normalizer!;

/** What is known of a character at the end of its way: how far, what it is there, how it was seen. */
function followed(steps: readonly Step[], character: string): string {
  let text = character;
  let seen = "";
  for (const [i, step] of steps.entries()) {
    const after = step(text);
    text = after.text;
    if (!after.more || text === "") return `${i} ${seen} ${text}`;
    seen += `${after.seen ?? ""};`;
  }
  return `all ${seen} ${text}`;
}

const bert = (more: object): Part => ({
  type: "BertNormalizer",
  clean_text: true,
  handle_chinese_chars: true,
  strip_accents: null,
  lowercase: true,
  ...more,
});
const PARTS: readonly (readonly [string, Part])[] = [
  ...["Lowercase", "NFC", "NFD", "NFKC", "NFKD", "StripAccents", "Precompiled"].map(
    (type) => [type, { type, precompiled_charsmap: "" }] as const,
  ),
  ["BertNormalizer", bert({})],
  ["BertNormalizer, cased", bert({ lowercase: false })],
  ["BertNormalizer, accents off", bert({ lowercase: false, strip_accents: true, clean_text: false })],
  ["Strip", { type: "Strip", strip_left: true, strip_right: true }],
  ["Replace", { type: "Replace", pattern: { String: "ab" }, content: "c" }],
  [
    "a Sequence",
    { type: "Sequence", normalizers: [{ type: "NFD" }, { type: "Lowercase" }, { type: "StripAccents" }] },
  ],
  ["another", { type: "Sequence", normalizers: [bert({}), { type: "NFKC" }, { type: "Lowercase" }] }],
  ["NFC, Lowercase", { type: "Sequence", normalizers: [{ type: "NFC" }, { type: "Lowercase" }] }],
];

test.each(PARTS)("%s: characters that end alike give equal texts everywhere", (_, part) => {
  const steps = stepsOf(part);
  const groups = new Map<string, string[]>();
  for (const point of scrapPoints) {
    const character = String.fromCodePoint(point);
    const key = followed(steps, character);
    groups.set(key, [...(groups.get(key) ?? []), character]);
  }
  const alike = [...groups.values()].filter((group) => group.length > 1);
  if (part.type !== "Strip" && part.type !== "Replace") expect(alike.length).toBeGreaterThan(0);
  const normalizer = normalizerOf(part);
  fc.assert(
    fc.property(scrapText(4), scrapText(4), (before, after) => {
      for (const [first, ...others] of alike) {
        const expected = normalizer.normalize(before + first! + after);
        for (const other of others) {
          const made = normalizer.normalize(before + other + after);
          if (made !== expected)
            expect([before, other, after, made]).toEqual([before, other, after, expected]);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("dropped marks with a class, and those without one that keep others apart", () => {
  const steps = stepsOf(bert({}));
  const [grave, joiner] = ["\u0300", "\u034f"].map((mark) => followed(steps, mark));
  expect(grave).not.toBe(joiner);
  const normalizer = normalizerOf(bert({}));
  const around = (mark: string) => normalizer.normalize(`a\u{1d16d}${mark}\u{1d165}b`);
  expect(around("\u0300")).toBe(around(""));
  expect(around("\u034f")).not.toBe(around(""));
});

test("facts about every character", () => {
  const capitals: string[] = [];
  const ascii = new Map<string, string>();
  const white: string[] = [];
  for (let point = 0; point < 0x110000; point++) {
    const character = String.fromCodePoint(point);
    const lower = character.toLowerCase();
    if (lower === character && character.normalize("NFKD") === character) continue;
    // huggingface-image.ts (a), (b)
    if (/[A-Z]/.test(lower + lower.normalize("NFC") + lower.normalize("NFD"))) capitals.push(character);
    for (const form of ["NFC", "NFD"] as const) {
      const made = character.normalize(form);
      if (point > 127 && ![...made].some((c) => c.charCodeAt(0) > 127)) ascii.set(character, made);
    }
    // huggingface-locality.ts: what may stand before ByteLevel
    const forms = [lower, character.normalize("NFKC"), character.normalize("NFKD")];
    if (!/\s/.test(character) && forms.some((form) => form === "" || /\s$/.test(form))) white.push(character);
  }
  expect(capitals).toEqual([]);
  expect([...ascii]).toEqual([
    ["\u037e", ";"],
    ["\u1fef", "`"],
    ["\u212a", "K"],
  ]);
  expect(white).toEqual([]);
});

test("characters that stand alone keep what is before from what is behind", () => {
  fc.assert(
    fc.property(scrapText(4), scrapText(4), fc.constantFrom(...scrapPoints), (before, after, point) => {
      const character = String.fromCodePoint(point);
      for (const form of ["NFC", "NFD", "NFKC", "NFKD"] as const) {
        const decomposed = form.startsWith("NFK") ? "NFKD" : "NFD";
        if (character.normalize(decomposed) !== character) continue;
        if (!standsAlone(character, form.endsWith("C"))) continue;
        expect((before + character + after).normalize(form)).toBe(
          before.normalize(form) + character + after.normalize(form),
        );
      }
    }),
    { numRuns: 3000 },
  );
  for (const letter of ["a", "h", "<", "\u1161", "\u1100", "\u4e26"])
    expect(standsAlone(letter, true)).toBe(false);
  for (const letter of ["'", "#", "\u0378", "\u{1f600}"]) expect(standsAlone(letter, true)).toBe(true);
});

test("combining classes, by examples from the standard", () => {
  for (const mark of ["\u0300", "\u0334", "\u0345", "\u0323", "\u094d", "\u302e", "\u{1d165}"])
    expect([mark, isReordered(mark)]).toEqual([mark, true]);
  for (const other of ["a", "\u034f", "\u0903", "\u20dd", " ", "\u1161"])
    expect([other, isReordered(other)]).toEqual([other, false]);
});
