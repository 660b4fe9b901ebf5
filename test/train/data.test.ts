/** From labelled texts to a corpus, a vocabulary and a split, and the randomness that splits. */
import fc from "fast-check";
import { Random } from "../../src/numeric/random.js";
import { OTHER, symbolText, WORD_SYMBOLS } from "../../src/text/symbols.js";
import { wordAutomaton } from "../../src/tokenizer/build.js";
import {
  singleSymbolPieces,
  UNKNOWN_TOKEN,
  VOCABULARY_KINDS,
  vocabulary,
} from "../../src/tokenizer/vocabulary.js";
import { corpus, type Example } from "../../src/train/corpus.js";
import { growVocabulary } from "../../src/train/grow.js";
import { foldedWords, withoutContained, withoutNearDuplicates } from "../../src/train/overlap.js";
import { split } from "../../src/train/split.js";
import { UsefulLetters } from "../../src/train/useful-letters.js";
import { examples, folded, printed, tiny } from "./examples.js";

const labelled = (...texts: string[]): Example[] => texts.map((text, n) => ({ text, label: n % 2 }));
const same = (text: string) => text;

describe("corpus", () => {
  test("words are folded and stored once; documents count texts", () => {
    const c = corpus(labelled("  Go, go GO  home ", "home", "", "?! \u200B", "gо"));
    expect(c.words.map(symbolText)).toEqual(["go", "home", ...new Set(foldedWords("?!"))]);
    expect(c.texts.slice(0, 3).map((text) => [...text])).toEqual([[0, 0, 0, 1], [1], []]);
    expect([...c.texts[4]!]).toEqual([0]);
    expect([...c.documents.slice(0, 2)]).toEqual([2, 2]);
    expect([...c.labels]).toEqual([0, 1, 0, 1, 0]);
  });

  test("a text's words are its folded words", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme", maxLength: 12 })), (texts) => {
        const c = corpus(texts.map((text) => ({ text, label: 0 })));
        texts.forEach((text, n) => {
          expect(printed(c.words, c.texts[n]!)).toBe(
            folded(text)
              .split(" ")
              .filter((w) => w !== "")
              .join(" "),
          );
        });
        expect(new Set(c.words.map(symbolText)).size).toBe(c.words.length);
        c.words.forEach((_, w) => {
          expect(c.documents[w]).toBe(c.texts.filter((text) => text.includes(w)).length);
        });
      }),
    );
  });
});

describe("grow", () => {
  const c = corpus(labelled("go gone", "go now", "now gone gone", "gon"));

  test("words: those that enough texts have", () => {
    const options = tiny({ kind: "words", minWordTexts: 2 });
    expect(growVocabulary(c, options)).toEqual({
      kind: "words",
      tokens: [UNKNOWN_TOKEN, "go", "gone", "now"],
    });
    expect(growVocabulary(c, { ...options, minWordTexts: 3 }).tokens).toEqual([UNKNOWN_TOKEN]);
  });

  test("pieces: words, parts inside words, and every single symbol", () => {
    const options = tiny({
      kind: "pieces",
      minWordTexts: 2,
      minPatternTexts: 3,
      minPattern: 2,
      maxPattern: 3,
    });
    const single = singleSymbolPieces();
    // "on" is in gone (2 texts) and gon (1); "ne", "one" in gone alone.
    expect(growVocabulary(c, options).tokens.filter((token) => !single.includes(token))).toEqual([
      UNKNOWN_TOKEN,
      "##on",
      "go",
      "gone",
      "now",
    ]);
  });

  test("patterns: whole words, parts with the ends of the word, and any word", () => {
    const options = tiny({
      kind: "patterns",
      minWordTexts: 3,
      minPatternTexts: 3,
      minPattern: 2,
      maxPattern: 3,
    });
    // ^g: go 2 + gone 2 + gon 1; go: the same; ^go: the same; on: 3; gon: 3.
    expect(growVocabulary(c, options).tokens).toEqual(["$", "^g", "^go", "go", "gon", "on"]);
    expect(growVocabulary(c, { ...options, minWordTexts: 2, minPatternTexts: 9 }).tokens).toEqual([
      "$",
      "^go$",
      "^gone$",
      "^now$",
    ]);
  });

  test.each(VOCABULARY_KINDS)("%s: always a valid vocabulary, within the counts", (kind) => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom(..."ab1 ?é"), maxLength: 8 }), { maxLength: 12 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 3 }),
        (texts, least, shortest) => {
          const some = corpus(labelled(...texts));
          const options = tiny({
            kind,
            minWordTexts: least,
            minPatternTexts: least,
            minPattern: shortest,
            maxPattern: shortest + 1,
          });
          const { tokens } = growVocabulary(some, options);
          expect(vocabulary(kind, tokens).tokens).toBe(tokens);
          some.words.forEach((word, w) => {
            const name = kind === "patterns" ? `^${symbolText(word)}$` : symbolText(word);
            if (some.documents[w]! >= least) expect(tokens).toContain(name);
            else if (kind === "words") expect(tokens).not.toContain(name);
          });
        },
      ),
    );
  });

  test("growing looks at no label", () => {
    const list = examples(1, 30, 2);
    const swapped = list.map(({ text, label }) => ({ text, label: 1 - label }));
    for (const kind of VOCABULARY_KINDS)
      expect(growVocabulary(corpus(swapped), tiny({ kind }))).toEqual(
        growVocabulary(corpus(list), tiny({ kind })),
      );
  });
});

test("useful letters: of each state, all that lead on in the tree of words", () => {
  const automaton = wordAutomaton(vocabulary("words", [UNKNOWN_TOKEN, "go", "gone", "now"]));
  const letters = new UsefulLetters(automaton);
  for (let state = 0; state < automaton.states; state++) {
    letters.ensure(state);
    letters.ensure(state);
    const from = letters.begin[state]!;
    const listed = new Set(letters.symbol.subarray(from, from + letters.count[state]!));
    expect(listed.has(OTHER)).toBe(true);
    const target = (symbol: number) => automaton.next[state * WORD_SYMBOLS + symbol]!;
    for (let symbol = 0; symbol < WORD_SYMBOLS; symbol++)
      expect(listed.has(symbol)).toBe(symbol === OTHER || target(symbol) !== target(OTHER));
  }
});

describe("overlap", () => {
  const contained = (items: string[], references: string[]) => withoutContained(items, references, same);
  const near = (items: string[], references: string[], most?: number) =>
    withoutNearDuplicates(items, references, same, most);

  test.each<[string, string[]]>([
    ["the same", ["a good film"]],
    ["the same but for case, spaces and marks", ["A  GOOD\tfilm"]],
    ["a part of it", ["good film"]],
    ["it with more around", ["such a good film indeed"]],
  ])("%s is left out", (_, items) => {
    expect(contained(items, ["never", "a good film"])).toEqual([]);
  });

  test.each<[string, string[]]>([
    ["a part of one word", ["film"]],
    ["parts of words", ["good fil", "ood film"]],
    ["words in another order", ["film good", "a film"]],
    ["only the beginning and the end", ["a good bad film"]],
    ["nothing", [""]],
  ])("%s is kept", (_, items) => {
    expect(contained(items, ["never", "a good film"])).toEqual(items);
  });

  test("texts of one word or none are left out where they are the same", () => {
    expect(contained(["Yes", "yes sir", "no", "", " "], ["yes", "\u200B"])).toEqual(["yes sir", "no"]);
    expect(contained(["", "no"], ["yes"])).toEqual(["", "no"]);
  });

  test("near duplicates: more than a part of the runs of five words", () => {
    // Four runs, of which 1, 2, 4 are in the reference.
    const reference = "one two three four five six seven eight";
    const items = [
      "one two three four five X Y Z",
      "one two three four five six Y Z",
      "ONE two three four five six seven eight",
    ];
    expect(near(items, [reference])).toEqual([items[0]]);
    expect(near(items, [reference], 0.25)).toEqual([items[0]]);
    expect(near(items, [reference], 0.24)).toEqual([]);
    expect(near(items, [reference], 0.5)).toEqual(items.slice(0, 2));
    expect(near(items, [reference], 1)).toEqual(items);
    expect(near(items, [])).toEqual(items);
    // The reference texts count together.
    expect(near(["a b c d e X f g h i j"], ["a b c d e", "f g h i j"], 0.28)).toEqual([]);
  });

  test("near duplicates of fewer words than five are equal texts", () => {
    expect(near(["Free prize!", "free", "prize free", "", "free prize now"], ["free prize!"])).toEqual([
      "free",
      "prize free",
      "",
      "free prize now",
    ]);
  });
});

describe("split", () => {
  const text = fc
    .array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 4 })
    .map((words) => words.join(" "));
  const part = (a: readonly string[], b: readonly string[]) =>
    a.length >= 2 && b.some((_, at) => a.every((word, i) => b[at + i] === word));

  test("no text trained on is, is part of or contains one held out", () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 14 }), fc.integer(), (texts, seed) => {
        const all = labelled(...texts);
        const { train, validation } = split(all, 0.3, seed);
        expect(validation).toHaveLength(Math.floor(texts.length * 0.3));
        for (const example of all) {
          const words = foldedWords(example.text);
          const clash = validation.some((other) => {
            const held = foldedWords(other.text);
            return held.join(" ") === words.join(" ") || part(words, held) || part(held, words);
          });
          // By identity: each is held out, or clashes, or is trained on.
          expect(train.includes(example)).toBe(!clash);
        }
        expect(train.some((example) => validation.includes(example))).toBe(false);
      }),
    );
  });

  test("the seed decides, and only how many and how long is limited", () => {
    const all = Array.from({ length: 400 }, (_, n) => ({
      text: n % 4 ? `one${n}` : `one${n} two`,
      label: n % 2,
    }));
    const first = split(all, 0.25, 1);
    expect(split(all, 0.25, 1)).toEqual(first);
    expect(first.validation).toHaveLength(100);
    expect(first.train).toHaveLength(300);
    expect(split(all, 0.25, 2).validation).not.toEqual(first.validation);
    expect(split(all, 0.25, 1, 0, 7).validation).toHaveLength(7);
    const long = split(all, 0.2, 1, 2).validation;
    expect(long).toHaveLength(80);
    expect(long.every(({ text }) => text.endsWith(" two"))).toBe(true);
    expect(split(all, 0.5, 1, 2).validation).toHaveLength(100);
    expect(split(all, 0, 1)).toEqual({ train: all, validation: [] });
    // In the order of the input.
    expect(first.train).toEqual(all.filter((example) => first.train.includes(example)));
  });
});

describe("random", () => {
  test("a saved state goes on alike", () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(20), (seed, draws) => {
        const random = new Random(seed);
        for (let n = 0; n < draws; n++) random.next();
        const again = new Random(random.save());
        const draw = (r: Random) => {
          const values = Int32Array.from({ length: 10 }, (_, i) => i);
          r.shuffle(values);
          return [r.next(), ...values];
        };
        const drawn = draw(random);
        expect(draw(again)).toEqual(drawn);
        expect(drawn.slice(1).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        expect(drawn[0]).toBeGreaterThanOrEqual(0);
        expect(drawn[0]).toBeLessThan(1);
      }),
    );
  });

  test("every order of three is about as likely", () => {
    const random = new Random(1);
    const seen = new Map<string, number>();
    for (let n = 0; n < 6000; n++) {
      const values = Int32Array.of(0, 1, 2);
      random.shuffle(values);
      seen.set(values.join(), (seen.get(values.join()) ?? 0) + 1);
    }
    expect(seen.size).toBe(6);
    for (const count of seen.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});
