/**
 * What looks further than a word: for each, a file that has it claims nothing, says why, and breaks the claim on a pair of texts;
 * without it the same file claims something.
 */
import { Tokenizer as Library } from "@huggingface/tokenizers";
import { huggingfaceTokenizer } from "../../src/tokenizer/huggingface.js";
import {
  tinyByteLevel,
  tinyJson,
  tinyUnigram,
  tinyWordLookup,
  tinyWordPiece,
} from "../oracle/tiny-tokenizer-files.js";
import { idsOf } from "./random-files.js";

const added = (content: string, more: object = {}) => ({
  added_tokens: [
    { id: 400, content, special: true, normalized: false, lstrip: false, rstrip: false, ...more },
  ],
});
const normalizers = (...list: object[]) => ({ normalizer: { type: "Sequence", normalizers: list } });
const pieces = (...pretokenizers: object[]) => ({ pre_tokenizer: { type: "Sequence", pretokenizers } });
const replace = (pattern: object, content: string) => ({ type: "Replace", pattern, content });
const unigram = (tinyUnigram as { model: { vocab: [string, number][] } }).model;
const bytes = (tinyByteLevel as { model: { vocab: object; merges: string[] } }).model;
const words = (more: object) => ({
  model: { ...(tinyWordLookup as { model: object }).model, ...more },
});

type Case = readonly [name: string, file: object, change: object, why: RegExp, a: string, b: string];

const CASES: readonly Case[] = [
  ["no pre-tokenizer", tinyWordLookup, { pre_tokenizer: null }, /whole text/, "the", " free"],
  ["an added token with a space", tinyWordLookup, added("a b"), /white space in it/, "a", " b"],
  [
    "one that takes the space behind it",
    tinyByteLevel,
    added("<m>", { rstrip: true }),
    /behind it/,
    "<m>",
    " free",
  ],
  [
    "one that is looked for after the normaliser",
    tinyWordLookup,
    {
      ...added("a\u2581b", { normalized: true }),
      normalizer: { type: "Precompiled", precompiled_charsmap: "" },
    },
    /after the normaliser/,
    "a",
    " b",
  ],
  [
    "one that the normaliser makes, by dropping a character",
    tinyWordPiece,
    { normalizer: { type: "BertNormalizer", clean_text: true } },
    /can make the added token "\[PAD\]"/,
    "[P\u0001AD]",
    " the",
  ],
  ["one that the normaliser makes, by lower case", tinyWordPiece, added("<m>"), /can make/, "<M>", " the"],
  [
    "one that the normaliser makes, by composing",
    tinyWordPiece,
    { ...added("[K]"), normalizer: { type: "NFC" } },
    /can make/,
    "[\u212a]",
    " the",
  ],
  [
    "one that the normaliser makes, by compatibility",
    tinyWordPiece,
    { ...added("[PAD]"), ...normalizers({ type: "Lowercase" }, { type: "NFKC" }) },
    /can make/,
    "[\u1d3e\u1d2c\u1d30]",
    " the",
  ],
  [
    "Strip before another normaliser",
    tinyWordPiece,
    normalizers({ type: "Strip", strip_left: true }, { type: "NFC" }),
    /Strip/,
    "",
    "",
  ],
  [
    "Replace of a string with a space",
    tinyWordLookup,
    { ...normalizers(replace({ String: " " }, "a")), added_tokens: [] },
    /Replace/,
    "the",
    " the",
  ],
  [
    "Replace by an expression",
    tinyWordLookup,
    { ...normalizers(replace({ Regex: "e (?=f)" }, "e")), added_tokens: [] },
    /Replace/,
    "the",
    " free",
  ],
  [
    "Replace with a reference to what is around",
    tinyWordLookup,
    { ...normalizers(replace({ String: "x" }, "$'")), added_tokens: [] },
    /Replace with a \$/,
    "x",
    " the",
  ],
  [
    "Prepend",
    tinyWordLookup,
    { ...normalizers({ type: "Prepend", prepend: "a" }), added_tokens: [] },
    /Prepend/,
    "free",
    " 's",
  ],
  [
    "Metaspace alone",
    tinyUnigram,
    {
      pre_tokenizer: { type: "Metaspace" },
      added_tokens: [],
      normalizer: null,
      model: { ...unigram, vocab: [...unigram.vocab, ["m\u2581a", 0]] },
    },
    /Metaspace/,
    "m",
    " a",
  ],
  [
    "Metaspace that looks whether a token came before",
    tinyUnigram,
    {
      normalizer: null,
      ...pieces({ type: "WhitespaceSplit" }, { type: "Metaspace", prepend_scheme: "first" }),
    },
    /scheme first/,
    "<pad>",
    " the",
  ],
  [
    "Punctuation alone",
    tinyWordLookup,
    { pre_tokenizer: { type: "Punctuation" } },
    /Punctuation/,
    "the",
    " the",
  ],
  ["Digits alone", tinyWordLookup, { pre_tokenizer: { type: "Digits" } }, /Digits/, "the", " the"],
  [
    "ByteLevel without its pattern",
    tinyByteLevel,
    { pre_tokenizer: { type: "ByteLevel", add_prefix_space: true, use_regex: false } },
    /without its pattern/,
    "",
    "",
  ],
  [
    "a dropping normaliser before ByteLevel",
    tinyByteLevel,
    {
      normalizer: { type: "BertNormalizer", clean_text: true },
      added_tokens: [],
      model: {
        ...bytes,
        vocab: { ...bytes.vocab, "\u0120\u0120": 300 },
        merges: ["\u0120 \u0120", ...bytes.merges],
      },
    },
    /BertNormalizer before the pre-tokeniser ByteLevel/,
    "a \u0001",
    "  the",
  ],
  ["unknown tokens made one", tinyWordLookup, words({ fuse_unk: true }), /fuse_unk/, "x", " y"],
  [
    "Unigram without a mark before each piece",
    tinyUnigram,
    { normalizer: null, pre_tokenizer: { type: "WhitespaceSplit" } },
    /Unigram/,
    "x",
    " y",
  ],
  [
    "Unigram whose mark is no token",
    tinyUnigram,
    {
      normalizer: null,
      model: {
        ...unigram,
        vocab: [
          ["<pad>", 0],
          ["</s>", 0],
          ["<unk>", 0],
          ["a", -1],
        ],
      },
    },
    /Unigram/,
    "x",
    " y",
  ],
];

test.each(CASES)("%s", (_name, file, change, why, a, b) => {
  const json = { ...file, ...change };
  const { locality } = huggingfaceTokenizer(json, {}, { where: "tiny" });
  expect(locality.kind).toBe("none");
  expect(locality.kind === "none" && locality.why).toMatch(why);
  if (b === "") return; // Nothing is known to break: it is only not proven.
  const library = new Library(json, {});
  expect(idsOf(library, a + b)).not.toEqual([...idsOf(library, a), ...idsOf(library, b)]);
});

test("options of tokenizer_config.json that rewrite the text", () => {
  for (const option of ["remove_space", "do_lowercase_and_remove_accent"]) {
    const { locality } = huggingfaceTokenizer(tinyWordPiece, { [option]: true }, { where: "tiny" });
    expect(locality).toEqual({ kind: "none", why: `the option ${option}` });
  }
});

test("a token that takes the space before it: cuts after words only", () => {
  const json = { ...tinyByteLevel, ...added("<m>", { lstrip: true }) };
  expect(huggingfaceTokenizer(json, {}, { where: "tiny" }).locality).toEqual({
    kind: "before-space",
    afterWord: true,
  });
  const split = { ...tinyWordLookup, ...added("[M]", { lstrip: true }) };
  expect(huggingfaceTokenizer(split, {}, { where: "tiny" }).locality).toEqual({
    kind: "before-space",
    afterWord: true,
  });
});

test.each([
  ["WordPiece", tinyWordPiece, false],
  ["word lookup", tinyWordLookup, false],
  ["byte-level BPE", tinyByteLevel, true],
  ["Unigram with marks and no normaliser", { ...tinyUnigram, normalizer: null }, false],
  ["NFC before ByteLevel", { ...tinyByteLevel, normalizer: { type: "NFC" }, ...added("<|end|>") }, true],
  [
    "Replace of quotes",
    { ...tinyJson(normalizers(replace({ String: "``" }, '"'))), added_tokens: [] },
    false,
  ],
  [
    "a Sequence behind a splitter",
    tinyJson(pieces({ type: "WhitespaceSplit" }, { type: "Digits" }, { type: "Punctuation" })),
    false,
  ],
])("%s can be cut", (_name, json, afterWord) => {
  expect(huggingfaceTokenizer(json, {}, { where: "tiny" }).locality).toEqual({
    kind: "before-space",
    afterWord,
  });
});
