/** Small tokenizer.json files, one of each kind, made by hand. */
const special = (id: number, content: string, more: object = {}) => ({
  id,
  content,
  special: true,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  ...more,
});
const numbered = (tokens: readonly string[]) => Object.fromEntries(tokens.map((token, id) => [token, id]));
const letters = [..."abcdefghijklmnopqrstuvwxyz0123456789"];
const BERT = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

export const tinyJson = (parts: object): object => ({
  version: "1.0",
  added_tokens: BERT.map((token, id) => special(id, token)),
  normalizer: null,
  pre_tokenizer: { type: "WhitespaceSplit" },
  post_processor: null,
  decoder: null,
  model: { type: "WordPiece", unk_token: "[UNK]", continuing_subword_prefix: "##", vocab: numbered(BERT) },
  ...parts,
});

const around = { type: "BertProcessing", cls: ["[CLS]", 2], sep: ["[SEP]", 3] };

export const tinyWordPiece = tinyJson({
  normalizer: {
    type: "BertNormalizer",
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase: true,
  },
  pre_tokenizer: { type: "BertPreTokenizer" },
  post_processor: around,
  model: {
    type: "WordPiece",
    unk_token: "[UNK]",
    continuing_subword_prefix: "##",
    max_input_chars_per_word: 12,
    vocab: numbered([
      ...BERT,
      ...[
        "the",
        "free",
        "film",
        "un",
        "##aff",
        "##able",
        "don",
        "fi",
        "##lm",
        "th",
        "##e",
        "\u03c3",
        "##\u03c2",
      ],
      ...["'", ".", "[", "]", "!", "\u4f60", ...letters],
      ...[..."aeistfrnmlk"].map((letter) => `##${letter}`).filter((token) => token !== "##e"),
    ]),
  },
});

export const tinyWordLookup = tinyJson({
  normalizer: { type: "Lowercase" },
  post_processor: {
    type: "TemplateProcessing",
    single: [
      { SpecialToken: { id: "[CLS]", type_id: 0 } },
      { Sequence: { id: "A", type_id: 0 } },
      { SpecialToken: { id: "[SEP]", type_id: 0 } },
    ],
    special_tokens: {},
  },
  model: {
    type: "WordPiece",
    unk_token: "[UNK]",
    continuing_subword_prefix: "##",
    max_input_chars_per_word: 10000,
    vocab: numbered([...BERT, "the", "free", "film", "a", "'s", "i", "\u03b1\u03c2", "\u03b1\u03c3"]),
  },
});

/** Bytes as GPT-2 writes them, straight from its definition. */
const gpt2 = () => {
  const names: string[] = [];
  let more = 0;
  for (let byte = 0; byte < 256; byte++) {
    const kept = (byte > 32 && byte < 127) || (byte > 160 && byte < 173) || byte > 173;
    names.push(String.fromCodePoint(kept ? byte : 256 + more++));
  }
  return names;
};
const merges = [
  "\u0120 t",
  "h e",
  "\u0120t he",
  "f r",
  "e e",
  "fr ee",
  "\u0120 free",
  "f i",
  "l m",
  "fi lm",
  "' t",
];

export const tinyByteLevel = tinyJson({
  added_tokens: [
    ...["<s>", "<pad>", "</s>", "<unk>"].map((token, id) => special(id, token, { normalized: true })),
    special(4, "<mask>", { normalized: true, lstrip: true }),
  ],
  pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true },
  post_processor: { type: "RobertaProcessing", cls: ["<s>", 0], sep: ["</s>", 2] },
  model: {
    type: "BPE",
    unk_token: null,
    fuse_unk: false,
    vocab: numbered([
      ...["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
      ...gpt2(),
      ...merges.map((merge) => merge.replace(" ", "")),
    ]),
    merges,
  },
});

export const tinyUnigram = tinyJson({
  added_tokens: ["<pad>", "</s>", "<unk>"].map((token, id) => special(id, token)),
  normalizer: { type: "Precompiled", precompiled_charsmap: "" },
  pre_tokenizer: {
    type: "Sequence",
    pretokenizers: [
      { type: "WhitespaceSplit" },
      { type: "Metaspace", replacement: "\u2581", add_prefix_space: true },
    ],
  },
  post_processor: {
    type: "TemplateProcessing",
    single: [{ Sequence: { id: "A", type_id: 0 } }, { SpecialToken: { id: "</s>", type_id: 0 } }],
    special_tokens: {},
  },
  model: {
    type: "Unigram",
    unk_id: 2,
    vocab: [
      ["<pad>", 0],
      ["</s>", 0],
      ["<unk>", 0],
      ["\u2581", -2],
      ["\u2581the", -3],
      ["\u2581free", -5],
      ["\u2581fi", -5.5],
      ["lm", -5.2],
      ...[..."aefhilmrt'[]."].map((letter, i) => [letter, -6 - i / 8]),
    ],
  },
});
