/** The adversary's edits are edits, take what they say, and for whole words are the worst there are. */
import { SYMBOL_CHARACTERS, symbolText } from "../../src/text/symbols.js";
import { VOCABULARY_KINDS } from "../../src/tokenizer/vocabulary.js";
import { allWithin } from "../oracle/all-within.js";
import { plainTokens } from "../oracle/plain-tokens.js";
import { trainer } from "./examples.js";

type Trainer = ReturnType<typeof trainer>;

/** Token ids in numerical order: evidence is a sum, so the order of tokens doesn't matter. */
const sorted = (tokens: Iterable<number>): number[] => [...tokens].sort((a, b) => a - b);
const ids = ({ vocabulary }: Trainer, text: string): number[] =>
  sorted(plainTokens(vocabulary, text).map((token) => vocabulary.tokens.indexOf(token)));

function value({ parameters }: Trainer, tokens: Iterable<number>, plus: number, minus: number): number {
  const { evidence, classes } = parameters;
  let sum = 0;
  for (const id of tokens) sum += evidence[id * classes + plus]! - evidence[id * classes + minus]!;
  return sum;
}

/** Tokens of a word and of all its single edits, the split among them. */
const editedTokens = (t: Trainer, word: number): number[][] =>
  allWithin(symbolText(t.texts.words[word]!), SYMBOL_CHARACTERS, 1)
    .flat()
    .map((edited) => ids(t, edited));

test.each(VOCABULARY_KINDS)(
  "%s: an edit's tokens are those of a single edit, its drop what it takes",
  (kind) => {
    let drops = 0;
    for (const seed of [1, 2]) {
      const t = trainer(kind, 3, seed, {});
      for (let word = 0; word < Math.min(15, t.texts.words.length); word++)
        for (const [plus, minus] of [
          [0, 1],
          [2, 0],
        ] as const) {
          const { tokens, drop } = t.adversary.worstEdit(word, plus, minus);
          const options = editedTokens(t, word);
          expect(options).toContainEqual(sorted(tokens));
          const before = value(t, options[0]!, plus, minus);
          expect(drop).toBeCloseTo(before - value(t, tokens, plus, minus), 10);
          const worst = before - Math.min(...options.map((option) => value(t, option, plus, minus)));
          expect(drop).toBeLessThanOrEqual(worst + 1e-10);
          expect(drop).toBeGreaterThanOrEqual(0);
          if (kind === "words") expect(drop).toBeCloseTo(worst, 10);
          expect(t.adversary.knownDrop(word, plus, minus)).toBe(drop);
          if (drop > 0) drops++;
        }
    }
    expect(drops).toBeGreaterThan(30);
  },
);

test.each(VOCABULARY_KINDS)("%s: joins", (kind) => {
  const t = trainer(kind, 2, 3, {});
  for (let first = 0; first < 5; first++)
    for (let second = 0; second < 5; second++) {
      const joined = ids(t, [first, second].map((word) => symbolText(t.texts.words[word]!)).join(""));
      expect(sorted(t.adversary.joinedTokens(first, second))).toEqual(joined);
      expect(t.adversary.joinedValue(first, second, 0, 1)).toBeCloseTo(value(t, joined, 0, 1), 10);
    }
});

test("weights and edits are kept until they are forgotten or old", () => {
  const t = trainer("patterns", 2, 6, {});
  const fresh = () => {
    const { tokens, drop } = t.adversary.worstEdit(2, 0, 1);
    return Math.abs(drop - (value(t, editedTokens(t, 2)[0]!, 0, 1) - value(t, tokens, 0, 1))) < 1e-10;
  };
  const known = t.adversary.worstEdit(2, 0, 1);
  t.randomise();
  expect(t.adversary.worstEdit(2, 0, 1)).toBe(known);
  expect(fresh()).toBe(false);
  t.adversary.forget();
  expect(t.adversary.knownDrop(2, 0, 1)).toBeUndefined();
  expect(fresh()).toBe(true);
  t.randomise();
  expect(fresh()).toBe(false);
  t.parameters.step += 101;
  expect(fresh()).toBe(true);
  expect(t.adversary.knownDrop(2, 1, 0)).toBeUndefined();
});
