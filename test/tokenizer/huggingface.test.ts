/**
 * Tokenizers from tokenizer.json files: the published ids, the tokenizers library on hostile texts, where texts can be cut, which
 * characters stand for others, and files that are wrong.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Tokenizer as Library } from "@huggingface/tokenizers";
import fc from "fast-check";
import { asciiAlphabet, unicodeAlphabet } from "../../src/edits/alphabet.js";
import { UserError } from "../../src/failure.js";
import { huggingfaceTokenizer } from "../../src/tokenizer/huggingface.js";
import type { Tokenizer } from "../../src/tokenizer/tokenizer.js";
import { asciiScrapText, scrapPoints, scrapText } from "../oracle/random-tokenizer-file.js";
import {
  tinyByteLevel,
  tinyJson,
  tinyUnigram,
  tinyWordLookup,
  tinyWordPiece,
} from "../oracle/tiny-tokenizer-files.js";
import { HOSTILE, nastyText } from "./hostile-texts.js";
import { expectStandIns } from "./random-files.js";
import { libraryTokenizer, publishedFolders, realTokenizer, shared } from "./real-tokenizers.js";

const tiny: readonly (readonly [string, object])[] = [
  ["WordPiece", tinyWordPiece],
  ["word lookup", tinyWordLookup],
  ["byte-level BPE", tinyByteLevel],
  ["Unigram", tinyUnigram],
];
const open = (json: object, options = {}) => huggingfaceTokenizer(json, {}, { where: "tiny", ...options });
const idsOf = (library: Library, text: string) =>
  text === "" ? [] : library.encode(text, { add_special_tokens: false }).ids;

/** Pairs to try: [name, tokenizer, library]. */
const all: readonly (readonly [string, Tokenizer, Library])[] = [
  ...tiny.map(([name, json]) => [name, open(json), new Library(json, {})] as const),
  ...publishedFolders.map((folder) => [folder, realTokenizer(folder), libraryTokenizer(folder)] as const),
];

const words = [
  "the",
  "free",
  "Free",
  "un",
  "aff",
  "able",
  "film",
  "don't",
  "a",
  "I",
  "we'll",
  "[SEP]",
  "<mask>",
  "</s>",
];
const asciiText = fc
  .array(fc.oneof(fc.constantFrom(...words), fc.string({ unit: "grapheme-ascii", maxLength: 6 })), {
    maxLength: 6,
  })
  .map((parts) => parts.join(" "));
const anyText = fc.oneof(
  asciiText,
  nastyText(8),
  scrapText(8),
  asciiScrapText(12),
  fc.string({ unit: "binary", maxLength: 8 }),
);

describe.each(all)("%s", (_, tokenizer, library) => {
  test("ids are the library's, on hostile and random texts", () => {
    for (const text of HOSTILE)
      expect([text, ...tokenizer.ids(text)]).toEqual([text, ...idsOf(library, text)]);
    fc.assert(
      fc.property(anyText, (text) => {
        expect([...tokenizer.ids(text)]).toEqual([...idsOf(library, text)]);
      }),
      { numRuns: 800 },
    );
  });

  test("with special tokens they are what the library gives with them", () => {
    for (const text of ["", "a", "the free film", "x [SEP] y"])
      expect([...tokenizer.encode(text)]).toEqual([...library.encode(text).ids]);
  });

  const { locality } = tokenizer;
  if (locality.kind === "before-space")
    test("texts can be cut before a space, as is claimed", () => {
      fc.assert(
        fc.property(anyText, anyText, (a, rest) => {
          fc.pre(!locality.afterWord || a === "" || !/\s$/.test(a));
          const b = ` ${rest}`;
          expect([...tokenizer.ids(a + b)]).toEqual([...tokenizer.ids(a), ...tokenizer.ids(b)]);
        }),
        { numRuns: 600 },
      );
    });
  else
    test("texts can't be cut before every space, and why is said", () => {
      expect(locality.why).toMatch(
        /^the normaliser, which can make the added token "<pad>" out of another text$/,
      );
      // Alone, this is the added token to the library; beside other words it is text.
      const cut = [...tokenizer.ids("\uff1cpad\uff1e"), ...tokenizer.ids(" the")];
      expect(idsOf(library, "\uff1cpad\uff1e the")).not.toEqual(cut);
    });

  test("a character left out of the representatives does what one of them does in its place", () => {
    const places = fc.sample(fc.tuple(scrapText(3), scrapText(3)), 4);
    expectStandIns(tokenizer, library, scrapPoints, places);
    expectStandIns(tokenizer, library, [...asciiAlphabet().codePoints()], places);
  });

  test("each token has a name, and the alphabet of the model holds letters and the space", () => {
    for (const id of tokenizer.ids("the free film")) expect(tokenizer.token(id)).not.toBe("");
    const alphabet = tokenizer.modelAlphabet();
    for (const character of "aetf ") expect(alphabet.has(character.codePointAt(0)!)).toBe(true);
    expect(alphabet.size).toBeLessThan(unicodeAlphabet().size);
  });
});

describe("published tokens and ids", () => {
  const folders = ["bert-base-uncased", "roberta-base", "t5-small"].filter((name) =>
    publishedFolders.includes(`tokenizers/${name}`),
  );
  if (publishedFolders.length === 0) {
    test.skip("no shared folder, no published ids", () => {});
    return;
  }
  test.each(folders)("%s", (name) => {
    const tokenizer = realTokenizer(`tokenizers/${name}`);
    const expected = JSON.parse(
      readFileSync(join(shared, "tokenizers", "expected", `${name}.json`), "utf8"),
    ) as { text: string; ids: number[]; tokens: string[] }[];
    expect(expected.length).toBeGreaterThan(10);
    for (const { text, ids } of expected) expect([text, ...tokenizer.encode(text)]).toEqual([text, ...ids]);
  });
  const deept = publishedFolders.filter((folder) => folder.startsWith("models/"));
  test.each(deept)("%s", (folder) => {
    const read = (name: string) => JSON.parse(readFileSync(join(shared, folder, name), "utf8"));
    const { max_words: maxWords } = read("config.json");
    const tokenizer = huggingfaceTokenizer(read("tokenizer.json"), read("tokenizer_config.json"), {
      maxWords,
      where: "x",
    });
    const expected = read("expected-logits.json") as { text: string; input_ids: number[] }[];
    expect(expected).toHaveLength(64);
    for (const { text, input_ids } of expected) expect([...tokenizer.encode(text)]).toEqual(input_ids);
  });
});

test("the alphabet of the model is what its tokens are spelled with", () => {
  const spelled = (vocab: object, more: object, file: object = {}) => {
    const model = { type: "BPE", merges: [], unk_token: null, vocab, ...more };
    const { modelAlphabet } = open(tinyJson({ added_tokens: [], model, ...file }));
    return String.fromCodePoint(...modelAlphabet().codePoints());
  };
  expect(
    spelled(
      { "a</w>": 0, "b</w>": 1, b: 2, "<0x41>": 3 },
      { end_of_word_suffix: "</w>", byte_fallback: true },
    ),
  ).toBe(" ab");
  // U+00E9 is written as the bytes C3 A9; C3 alone is half a character.
  const bytes = { pre_tokenizer: { type: "ByteLevel" } };
  expect(spelled({ "\u0120a": 0, "\u00c3\u00a9": 1, "\u00c3": 2 }, {}, bytes)).toBe(" a\u00e9");
  const wordPiece = { type: "WordPiece", unk_token: "u", continuing_subword_prefix: "##", merges: undefined };
  expect(spelled({ u: 0, "##x": 1, "#": 2 }, wordPiece)).toBe(" #ux");
});

describe("cutting", () => {
  test.each([
    [{ most: 4 }, 2],
    [{ maxWords: 1 }, 1],
    [{ most: 10, maxWords: 3 }, 3],
  ])("%j keeps %d of the text's tokens, and the special ones", (options, most) => {
    const tokenizer = open(tinyWordLookup, options);
    const own = tokenizer.ids("the free film the free");
    expect(tokenizer.most).toBe(most);
    const whole = [...tokenizer.encode("the free film the free")];
    expect(whole).toEqual([2, ...own.subarray(0, most), 3]);
  });
  test("a limit that leaves nothing, or cuts at the other end, is one line", () => {
    expect(() => open(tinyWordLookup, { most: 2 })).toThrow(
      "tiny: 2 tokens, 2 of them special, leave none for the text",
    );
    const options = { where: "x", most: 9 };
    expect(() => huggingfaceTokenizer(tinyWordLookup, { truncation_side: "left" }, options)).toThrow(
      'x: truncation_side is "left"; allowed is "right"',
    );
  });
  test("model_max_length counts where it is a length", () => {
    const options = { where: "x", most: 50 };
    expect(huggingfaceTokenizer(tinyWordLookup, { model_max_length: 8 }, options).most).toBe(6);
    expect(huggingfaceTokenizer(tinyWordLookup, { model_max_length: 1e30 }, options).most).toBe(48);
  });
});

describe("files that are wrong", () => {
  test.each([
    ["no object", [], /tokenizer.json: the file is \[\]; it must be an object/],
    ["no model", {}, /model is missing/],
    [
      "an unknown model",
      { model: { type: "WordLevel", vocab: {} } },
      /"WordLevel"; allowed are WordPiece, BPE, Unigram/,
    ],
    [
      "ids that are none",
      tinyJson({ model: { type: "WordPiece", vocab: { a: -1 }, unk_token: "a" } }),
      /"a" the id -1/,
    ],
    [
      "an unknown token that is none",
      tinyJson({
        model: { type: "WordPiece", vocab: { a: 0 }, continuing_subword_prefix: "##", unk_token: "b" },
      }),
      /model.unk_token is "b"; it must be a token/,
    ],
    [
      "a vocabulary that is none",
      { model: { type: "WordPiece", vocab: ["a"] } },
      /model.vocab is \["a"\]; it must be an object/,
    ],
    [
      "scores that are none",
      { model: { type: "Unigram", unk_id: 0, vocab: [["a", "b"]] } },
      /model.vocab\[0\] is \["a","b"\]/,
    ],
    [
      "no unknown token",
      { model: { type: "Unigram", unk_id: null, vocab: [["a", 0]] } },
      /model.unk_id is null/,
    ],
    ["a text", "{}", /the file is "\{\}"; it must be an object/],
    [
      "added tokens that are none",
      tinyJson({ added_tokens: [{ id: "0", content: "a" }] }),
      /added_tokens\[0\].id is "0"/,
    ],
    [
      "an unknown post-processor",
      tinyJson({ post_processor: { type: "Wrap" } }),
      /"Wrap"; allowed are|Unknown PostProcessor/,
    ],
    ["no merges", tinyJson({ model: { type: "BPE", vocab: { a: 0 } } }), /model.merges is undefined/],
    [
      "an unknown normaliser",
      tinyJson({ normalizer: { type: "Shout" } }),
      /can't be used: Unknown Normalizer type: Shout/,
    ],
    [
      "special tokens that are none",
      tinyJson({ post_processor: { type: "BertProcessing", cls: ["[X]", 1], sep: ["[Y]", 2] } }),
      /names "\[X\]"/,
    ],
  ])("%s: one line", (_name, json, message) => {
    expect(() => open(json as object)).toThrow(message);
    expect(() => open(json as object)).toThrow(UserError);
    expect(() => open(json as object)).toThrow(/^tiny[^\n]*$/);
  });
});
