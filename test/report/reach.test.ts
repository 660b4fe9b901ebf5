/** What reach comes to for a whole text, against tokenising every text at distance 1. */
import fc from "fast-check";
import { asciiAlphabet, listAlphabet } from "../../src/edits/alphabet.js";
import { neighbours } from "../../src/edits/neighbours.js";
import { SequenceModel } from "../../src/model/sequence.js";
import { canonical, reachRecord, reachSummary, reachTable } from "../../src/report/reach.js";
import { nativeTokenizer } from "../../src/tokenizer/native.js";
import { VOCABULARY_KINDS, vocabulary } from "../../src/tokenizer/vocabulary.js";
import { randomVocabulary, seeded } from "../oracle/random-model.js";

const ab = listAlphabet("ab", [0x20, 0x61, 0x62]);
const over = (tokenizer: ReturnType<typeof nativeTokenizer>) =>
  new SequenceModel({
    identity: { name: "toy", sha256: "0".repeat(64) },
    labels: ["yes", "no"],
    tokenizer,
    encoder: null,
    backend: { name: "none", arithmetic: "float64", logits: async () => [], close: async () => {} },
  });

test.each(VOCABULARY_KINDS)("strings and sequences are those of all neighbours: %s", (kind) => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.string({ unit: fc.constantFrom("a", "b", " ", "é"), maxLength: 7 }),
      (seed, text) => {
        const tokenizer = nativeTokenizer(randomVocabulary(seeded(seed), kind, ["a", "b"]));
        const { one, sites } = reachRecord(over(tokenizer), { id: 0, text }, ab, 1);
        const all = [...neighbours(text, ab)];
        const sequences = new Set(all.map((other) => tokenizer.ids(other).join()));
        sequences.delete(tokenizer.ids(text).join());
        expect([one.strings, one.sequences]).toEqual([all.length, sequences.size]);
        expect(one.places).toHaveLength(sites.length);
        for (const [n, { example, sequences: some }] of one.places.entries())
          if (some > 0) {
            const { begin, end } = sites[n]!;
            const points = [...text];
            const changed = [...points.slice(0, begin), example, ...points.slice(end)].join("");
            expect(all).toContain(changed);
            expect(tokenizer.ids(changed)).not.toEqual(tokenizer.ids(text));
          }
      },
    ),
    { numRuns: 150 },
  );
});

test("changes are told apart by the whole sequence they give", () => {
  const ids = fc.array(fc.nat(2), { maxLength: 6 });
  const change = (base: Int32Array) =>
    fc.tuple(fc.nat(base.length), fc.nat(base.length), ids).map(([a, b, put]) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      const whole = [...base.subarray(0, from), ...put, ...base.subarray(to)];
      // Trimmed, as reach gives them.
      const most = Math.min(to - from, put.length);
      let head = 0;
      while (head < most && base[from + head] === put[head]) head++;
      let tail = 0;
      while (tail < most - head && base[to - 1 - tail] === put[put.length - 1 - tail]) tail++;
      const trimmed = Int32Array.from(put.slice(head, put.length - tail));
      return {
        whole: whole.join(),
        key: canonical(base, {
          from: from + head,
          to: to - tail,
          ids: trimmed,
          edit: { at: 0, remove: 0, insert: -1 },
        }),
      };
    });
  fc.assert(
    fc.property(
      ids.map((list) => Int32Array.from(list)).chain((base) => fc.tuple(change(base), change(base))),
      ([one, other]) => expect(one.key === other.key).toBe(one.whole === other.whole),
    ),
    { numRuns: 2000 },
  );
});

test("one of each is said in the singular, and a superset as such", () => {
  const words = over(nativeTokenizer(vocabulary("words", ["[UNK]", "a"])));
  const space = listAlphabet("space", [0x20]);
  const record = reachRecord(words, { id: 0, text: "" }, space, 1);
  expect(reachSummary(record)).toBe(
    "1 string collapses to 0 other token sequences (words tokenizer, alphabet space).",
  );
  const big = reachRecord(words, { id: 0, text: "characters" }, asciiAlphabet(), 4);
  expect(reachTable(big)).toMatch(/any \d+ to \d+ of 2 tokens/);
  expect(reachSummary(big)).toMatch(
    /\n4 edits: 1 of 1 place is given by a superset: so many of these tokens, in any order\.$/,
  );
});
