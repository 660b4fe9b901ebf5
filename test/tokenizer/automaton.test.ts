import { symbolsOf } from "../../src/text/symbols.js";
import { wordTokens } from "../../src/tokenizer/automaton.js";
import { wordAutomaton } from "../../src/tokenizer/build.js";
import { VOCABULARY_KINDS, vocabulary } from "../../src/tokenizer/vocabulary.js";
import { plainWordTokens } from "../oracle/plain-tokens.js";
import { randomString, randomVocabulary, seeded } from "../oracle/random-model.js";

describe.each(VOCABULARY_KINDS)("automaton of %s", (kind) => {
  test("gives the tokens of the definition on random vocabularies and words", () => {
    const random = seeded(1);
    const letters = ["a", "b", "c"];
    for (let round = 0; round < 300; round++) {
      const v = randomVocabulary(random, kind, letters);
      const automaton = wordAutomaton(v);
      for (let n = 0; n < 20; n++) {
        const word = randomString(random, [...letters, "\uFFFD"], 9);
        const tokens = wordTokens(automaton, symbolsOf(word)).map((id) => v.tokens[id]!);
        const plain = plainWordTokens(v, word);
        if (kind === "patterns") expect([...tokens].sort()).toEqual([...plain].sort());
        else expect(tokens).toEqual(plain);
      }
    }
  });
});

describe("vocabulary", () => {
  test.each([
    ["words", ["good"], /token 0 is "good"/],
    ["words", ["[UNK]", "Good"], /token 1 is "Good"/],
    ["words", ["[UNK]", "a", "a"], /token 2 repeats "a"/],
    ["words", ["[UNK]", "two words"], /token 1 is "two words"/],
    ["pieces", ["[UNK]", "a"], /must list "b"/],
    ["pieces", ["[UNK]", "##"], /token 1 is "##"/],
    ["patterns", ["^$"], /token 0 is "\^\$"/],
    ["patterns", ["^"], /token 0 is "\^"/],
    ["patterns", [""], /token 0 is ""/],
  ] as const)("refuses %s %j", (kind, tokens, message) => {
    expect(() => vocabulary(kind, tokens)).toThrow(message);
  });
  test("refuses an unknown kind", () => {
    expect(() => vocabulary("chars" as never, [])).toThrow(/allowed: words, pieces, patterns/);
  });
});
