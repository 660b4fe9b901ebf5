/**
 * Random tokenizer.json files, put together from every part that the tokenizers library knows and from options that have made
 * tokenizers look further than one expects; and texts in which the parts find something to do.
 */
import fc from "fast-check";

const numbered = (tokens: Iterable<string>) =>
  Object.fromEntries([...new Set(tokens)].map((token, id) => [token, id]));

const flag = fc.boolean();
const ADDED = ["[SEP]", "<m>", "ab", "Ab", "k;", "a b", "\ufb01", "x\u0301", "\u{1f600}", "the"];

const addedToken = fc.record({
  content: fc.constantFrom(...ADDED),
  lstrip: fc.constantFrom(false, false, true),
  rstrip: fc.constantFrom(false, false, false, true),
  normalized: fc.constantFrom(false, false, false, true),
  special: flag,
});

const normalizer = fc.oneof(
  ...["Lowercase", "NFC", "NFD", "NFKC", "NFKD", "StripAccents"].map((type) => fc.constant({ type })),
  fc.constant({ type: "Precompiled", precompiled_charsmap: "" }),
  fc.record({
    type: fc.constant("BertNormalizer"),
    clean_text: flag,
    handle_chinese_chars: flag,
    strip_accents: fc.constantFrom(null, true, false),
    lowercase: flag,
  }),
  fc.record({ type: fc.constant("Strip"), strip_left: flag, strip_right: flag }),
  fc.record({
    type: fc.constant("Replace"),
    pattern: fc.constantFrom<object>(
      { String: "a" },
      { String: "``" },
      { String: " " },
      { Regex: " {2,}" },
      { Regex: "\\s" },
    ),
    content: fc.constantFrom("", "b", " ", "$&", "[SEP]"),
  }),
  fc.constant({ type: "Prepend", prepend: "\u2581" }),
);

const splitter = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom("BertPreTokenizer", "WhitespaceSplit", "Whitespace").map((type) => ({ type })),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("ByteLevel"),
      add_prefix_space: flag,
      use_regex: fc.constantFrom(true, true, false),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record(
      {
        type: fc.constant("Metaspace"),
        replacement: fc.constantFrom("\u2581", "_"),
        prepend_scheme: fc.constantFrom("always", "first", "never"),
        str_rep: fc.constantFrom("\u2581", "_", ""),
      },
      { requiredKeys: ["type"] },
    ),
  },
  { weight: 1, arbitrary: fc.constant({ type: "Punctuation" }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("Digits"), individual_digits: flag }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { type: "Split", pattern: { String: " " }, behavior: "Removed", invert: false },
      { type: "Split", pattern: { Regex: "\\w+|[^\\w]" }, behavior: "Isolated", invert: false },
    ),
  },
);

const pieces = [
  ..."abcdefgthkmxSEP019.,;!'[]<>_ \t\u2581\u00e9\u03c3\u03c2\u4f60\u0301\u212a\u{1f600}",
  ..."the ab abc he [SEP] <m> \u2581the \u2581a \u03b1\u03c3 \u03b1\u03c2 12 k; fi ..".split(" "),
];

/** As GPT-2 writes them: printable Latin-1 as it is, the others from U+0100 on, in order. */
export const GPT2_NAMES: readonly string[] = (() => {
  let more = 256;
  const kept = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte < 173) || byte > 173;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(kept(byte) ? byte : more++));
})();

const merges = [
  "t h",
  "th e",
  "\u0120 t",
  "\u0120t he",
  "\u0120 a",
  "a b",
  "ab c",
  ". .",
  "\u0120 \u0120",
  "' s",
  "a a",
  "aa a",
];

const subset = fc.subarray(pieces, { minLength: 10 });
const model = fc.oneof(
  fc.record({
    type: fc.constant("WordPiece"),
    unk_token: fc.constant("[UNK]"),
    continuing_subword_prefix: fc.constantFrom("##", "##", "", "a"),
    max_input_chars_per_word: fc.constantFrom(3, 8, 100),
    fuse_unk: fc.constantFrom(undefined, undefined, true),
    vocab: fc
      .tuple(subset, subset)
      .map(([starts, more]) => numbered(["[UNK]", ...starts, ...more.map((piece) => `##${piece}`)])),
  }),
  fc.record({
    type: fc.constant("BPE"),
    unk_token: fc.constantFrom(null, null, "[UNK]"),
    fuse_unk: fc.constantFrom(false, false, true),
    ignore_merges: fc.constantFrom(false, false, true),
    end_of_word_suffix: fc.constantFrom("", "", "</w>"),
    vocab: fc
      .subarray(merges, { minLength: 4 })
      .map((some) => numbered(["[UNK]", ...GPT2_NAMES, ...some.map((merge) => merge.replace(" ", ""))])),
    merges: fc.subarray(merges),
  }),
  fc
    .tuple(subset, fc.array(fc.integer({ min: -40, max: 0 }), { minLength: 80, maxLength: 80 }), flag)
    .map(([some, scores, marked]) => ({
      type: "Unigram",
      unk_id: 0,
      vocab: [...new Set(["<unk>", ...(marked ? ["\u2581"] : []), ...some])].map((token, i) => [
        token,
        scores[i]! / 4,
      ]),
    })),
);

const none = fc.constant(null);

export const randomTokenizerFile: fc.Arbitrary<object> = fc
  .record({
    added: fc.uniqueArray(addedToken, { maxLength: 3, selector: ({ content }) => content }),
    normalizer: fc.oneof(
      none,
      normalizer,
      fc.array(normalizer, { maxLength: 3 }).map((normalizers) => ({ type: "Sequence", normalizers })),
    ),
    pre_tokenizer: fc.oneof(
      { weight: 1, arbitrary: none },
      { weight: 6, arbitrary: splitter },
      {
        weight: 4,
        arbitrary: fc
          .array(splitter, { minLength: 1, maxLength: 3 })
          .map((pretokenizers) => ({ type: "Sequence", pretokenizers })),
      },
    ),
    model,
  })
  .map(({ added, ...parts }) => ({
    ...parts,
    added_tokens: added.map((token, i) => ({ ...token, single_word: false, id: 500 + i })),
    post_processor: null,
    decoder: null,
  }));

/** Files of the parts that the shortcut for ASCII, cuts and representatives are made for. */
export const plainTokenizerFile: fc.Arbitrary<object> = fc
  .record({
    added: fc.uniqueArray(
      fc.record({
        content: fc.constantFrom(...ADDED.filter((content) => !content.includes(" "))),
        lstrip: fc.constantFrom(false, false, true),
        special: fc.constant(true),
        normalized: fc.constant(false),
      }),
      { maxLength: 2, selector: ({ content }) => content },
    ),
    normalizers: fc.array(
      fc.oneof(
        fc.constantFrom("Lowercase", "NFC", "NFD", "NFKC", "StripAccents").map((type) => ({ type })),
        fc.constantFrom(true, false).map((lowercase) => ({
          type: "BertNormalizer",
          clean_text: true,
          handle_chinese_chars: true,
          strip_accents: null,
          lowercase,
        })),
      ),
      { maxLength: 2 },
    ),
    splitter: fc.constantFrom("BertPreTokenizer", "WhitespaceSplit", "Whitespace").map((type) => ({ type })),
    spaceBefore: flag,
    model,
  })
  .map(({ added, normalizers, splitter, spaceBefore, model: { ...made } }) => {
    const bytes = made.type === "BPE";
    if (made.type === "Unigram") made.vocab = [...made.vocab, ["\u2581", -3]];
    const byType = {
      BPE: { type: "ByteLevel", add_prefix_space: spaceBefore },
      Unigram: { type: "Sequence", pretokenizers: [splitter, { type: "Metaspace" }] },
      WordPiece: splitter,
    };
    return {
      normalizer:
        normalizers.length === 0 || (bytes && spaceBefore) ? null : { type: "Sequence", normalizers },
      pre_tokenizer: byType[made.type as keyof typeof byType],
      model: { ...made, fuse_unk: false, ignore_merges: false, end_of_word_suffix: "" },
      added_tokens: added.map((token, i) => ({ ...token, rstrip: false, single_word: false, id: 500 + i })),
      post_processor: null,
      decoder: null,
    };
  });

/** Characters and words for which the parts have rules. */
const SCRAPS = [
  ..."abcthekmxSEPAIK019.,;!?'`#-_[]<>",
  ..." \t\n\v\f\r\u0085\u00a0\u1680\u2003\u2028\u202f\u3000\u200b\ufeff\u180e",
  ..."\0\u0001\u001f\u007f\u0080\u009f\u00ad\ufffd\ue000",
  ..."\u03a3\u03c3\u03c2\u0391\u03b1\u0130\u0131\u0049\u00df\u1e9e\u01c5\u212a\u212b\u037e\u1fef",
  ..."\u0301\u0308\u0323\u034f\u0338\u20dd\u0334\u0345\u0903\u093e\u302e\u00e9\u00c9\u1e96\u1e69",
  ..."\ufb01\u00bd\u2460\uff21\uff5e\uff1c\uff1e\uff3b\u1d2c\u2581\u200d\ufe0f",
  ..."\u1100\u1161\u11a8\uac00\uac01\u4f60\uf900\u3131\u0e33\u0645\u05d0\u0663",
  "\u{1f600}",
  "\u{1d165}",
  "\u{1d16d}",
  "\u{1f3fb}",
  "\u{1d400}",
  "\u{20000}",
  "\u{2f800}",
  "\ud83d",
  "\ude00",
  ...ADDED,
  ..."the The THE ab abc abcabcabc  '' 's ## aaaa 12 12a .. [sep] [SE\u0001P] [SE\u0301P] <M> \uff1cm\uff1e \u039f\u03a3 K;".split(
    " ",
  ),
];

export const scrap = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(..." abtheS.'".split("")) },
  { weight: 5, arbitrary: fc.constantFrom(...SCRAPS) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0x10ffff }).map((point) => String.fromCodePoint(point)) },
);

export const scrapText = (maxLength: number): fc.Arbitrary<string> =>
  fc.array(scrap, { maxLength }).map((scraps) => scraps.join(""));

/** The same without anything but ASCII. */
export const asciiScrapText = (maxLength: number): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        fc.constantFrom(...SCRAPS.filter((text) => [...text].every((c) => c.charCodeAt(0) < 128))),
        fc.constantFrom(..." abtheS.'".split("")),
        fc.integer({ min: 0, max: 127 }).map((code) => String.fromCharCode(code)),
      ),
      { maxLength },
    )
    .map((scraps) => scraps.join(""));

/** Every single character of the scraps, as code points without surrogates. */
export const scrapPoints: readonly number[] = [
  ...new Set(SCRAPS.flatMap((text) => [...text].map((character) => character.codePointAt(0)!))),
].filter((point) => point < 0xd800 || point > 0xdfff);
