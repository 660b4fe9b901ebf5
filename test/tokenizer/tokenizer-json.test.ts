import { fold } from "../../src/text/fold.js";
import { symbolText } from "../../src/text/symbols.js";
import { tokenizerConfigJson, tokenizerJson } from "../../src/tokenizer/tokenizer-json.js";
import { VOCABULARY_KINDS } from "../../src/tokenizer/vocabulary.js";
import { seeded } from "../oracle/random-model.js";
import { compare, goldenVocabulary, hostileText, ownIds, writtenTokenizer } from "./golden.js";

describe.each(["words", "pieces"] as const)("tokenizer.json of %s", (kind) => {
  test("gives the automaton's ids on hostile texts", () => {
    const seen = compare(kind, 3000, seeded(7));
    expect(seen).toMatchObject({ texts: 3000 });
    const { tokens, unknown, empty } = seen as { tokens: number; unknown: number; empty: number };
    expect(tokens).toBeGreaterThan(10_000);
    expect(empty).toBeGreaterThan(100);
    if (kind === "words") expect(unknown).toBeGreaterThan(3000);
    else expect(unknown).toBe(0);
  });

  test.each([
    ["a typed special token is text", "[UNK] [SEP] <mask> ##a"],
    ["a word longer than other tokenizers take", `${"a".repeat(150)} free`],
    ["a lone surrogate is OTHER", "i\uD800 \uDC00a \uDC00\uD800"],
    ["the empty text has no token", ""],
    ["nor has one of separators and nothing", " \u200B\u0301, \n"],
  ])("%s", (_, text) => {
    const vocabulary = goldenVocabulary(kind);
    expect(writtenTokenizer(vocabulary).encode(text).ids).toEqual(ownIds(vocabulary)(text));
  });
});

test("a typed [UNK] is the word unk, and ids are numbers also where a word is unknown", () => {
  const vocabulary = goldenVocabulary("words");
  const written = writtenTokenizer(vocabulary);
  expect(written.encode("[UNK]").ids).toEqual([vocabulary.tokens.indexOf("unk")]);
  expect(written.encode("qqq free").ids).toEqual([0, vocabulary.tokens.indexOf("free")]);
});

test("tokenizer.json of patterns gives the symbols of the fold, and the text can be put together again", () => {
  const written = writtenTokenizer(goldenVocabulary("patterns"));
  const random = seeded(8);
  for (let n = 0; n < 1000; n++) {
    const text = hostileText(random);
    const { symbols } = fold(text);
    const { ids } = written.encode(text);
    expect(ids).toEqual([...symbols]);
    if (ids.length > 0) expect(written.decode(ids)).toBe(symbolText(symbols));
  }
});

test("the normaliser is the fold on every code point", () => {
  const { normalizer } = writtenTokenizer(goldenVocabulary("words"));
  // Surrogates apart from each other, since two can be one code point.
  let all = "";
  for (let point = 0; point < 0x110000; point++) {
    all += String.fromCodePoint(point);
    if (point >= 0xd800 && point <= 0xdfff) all += " ";
  }
  expect(normalizer!.normalize(all) === symbolText(fold(all).symbols)).toBe(true);
});

describe.each(VOCABULARY_KINDS)("the files of %s", (kind) => {
  const json = tokenizerJson(goldenVocabulary(kind));
  const text = JSON.stringify(json);

  test("have no added or special tokens", () => {
    expect(json).toMatchObject({ added_tokens: [], post_processor: null });
    expect(Object.keys(tokenizerConfigJson()).filter((key) => key.includes("token"))).toEqual([
      "tokenizer_class",
      "clean_up_tokenization_spaces",
    ]);
  });

  test("use no syntax that engines read differently, and no lone surrogate", () => {
    const patterns = [...text.matchAll(/"Regex":("(?:[^"\\]|\\.)*")/g)].map(
      (match) => JSON.parse(match[1]!) as string,
    );
    expect(patterns.length).toBeGreaterThan(30);
    for (const pattern of patterns) {
      expect(pattern.replace(/\\x[0-7][0-9a-f]/g, "")).not.toMatch(/\\|[&|(){}*+?]/);
      expect(pattern).not.toMatch(/\p{Surrogate}/u);
      expect(() => new RegExp(pattern, "u")).not.toThrow();
    }
  });

  test("take less than 100 kB for the fold", () => {
    const vocabulary = JSON.stringify((json as { model: object }).model);
    expect(new TextEncoder().encode(text).length - vocabulary.length).toBeLessThan(100_000);
  });
});
