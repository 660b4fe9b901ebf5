/** What several edits make of words: every string that edits give, on a tiny alphabet, against the lists. */
import fc from "fast-check";
import { EmbeddedWords } from "../../src/certify/lipschitz/embedded-words.js";
import { byTwo, pieces } from "../../src/certify/lipschitz/many-changes.js";
import { near, within } from "../../src/certify/lipschitz/nearby-words.js";
import { levenshtein } from "../../src/edits/distance.js";
import type { NativeTransformer } from "../../src/model/native-transformer.js";
import { vocabulary } from "../../src/tokenizer/vocabulary.js";

/** As much of a model as the lists look at: these words have rows, in order. */
function model(list: readonly string[]): NativeTransformer {
  return {
    additive: { vocabulary: vocabulary("patterns", list.map((word) => `^${word}$`).sort()) },
    rows: Int32Array.from(list, (_, row) => row),
    rowOf: (word: string) => [...list].sort().indexOf(word),
  } as unknown as NativeTransformer;
}

const words = fc
  .uniqueArray(fc.stringMatching(/^[ab]{1,4}$/), { minLength: 1, maxLength: 12 })
  .map((list) => list.sort());

test("rows within some edits of a string, and of a stretch of it", () => {
  fc.assert(
    fc.property(words, fc.stringMatching(/^[abc]{0,6}$/), fc.nat(3), (list, text, r) => {
      const tree = new EmbeddedWords(model(list));
      const rows = (keep: (word: string) => boolean) =>
        list.flatMap((word, row) => (keep(word) ? [row] : []));
      const sorted = (found: number[]) => found.sort((a, b) => a - b);
      expect(sorted(within(tree, text, r))).toEqual(rows((word) => levenshtein(word, text) <= r));
      const stretches = Array.from({ length: text.length + 1 }, (_, i) =>
        Array.from({ length: text.length + 1 - i }, (_, n) => text.slice(i, i + n)),
      ).flat();
      expect(sorted(near(tree, text, r))).toEqual(
        rows((word) => stretches.some((part) => levenshtein(word, part) <= r)),
      );
    }),
    { numRuns: 300 },
  );
});

/**
 * Every way in which up to `edits` edits leave none of the separators there were, which are "|" here. One that is written over by
 * another is still there.
 */
function blocks(text: string, edits: number): Set<string> {
  let reached = new Set([text]);
  for (let e = 0; e < edits; e++) {
    const next = new Set(reached);
    for (const s of reached)
      for (let at = 0; at <= s.length; at++) {
        for (const symbol of "ab ") {
          next.add(s.slice(0, at) + symbol + s.slice(at));
          if (at < s.length && (s[at] !== "|" || symbol !== " "))
            next.add(s.slice(0, at) + symbol + s.slice(at + 1));
        }
        if (at < s.length) next.add(s.slice(0, at) + s.slice(at + 1));
      }
    reached = next;
  }
  return new Set([...reached].filter((s) => !s.includes("|")));
}

/** A block of several words doesn't begin or end with an empty one. */
const some = fc
  .array(fc.stringMatching(/^[ab]{0,3}$/), { minLength: 1, maxLength: 3 })
  .filter((parts) => parts.length === 1 || (parts[0] !== "" && parts.at(-1) !== ""));

test("two edits bring one of the lists", () => {
  let longest = 0;
  fc.assert(
    fc.property(words, some, (list, parts) => {
      const made = model(list);
      const lists = byTwo(made, new EmbeddedWords(made), parts.join(""), parts.length, true);
      const keys = new Set(lists.map((rows) => rows.join(" ")));
      for (const text of blocks(parts.join("|"), 2)) {
        const rows = text
          .split(" ")
          .map((word) => made.rowOf(word))
          .filter((row) => row >= 0)
          .sort((a, b) => a - b);
        longest = Math.max(longest, rows.length);
        expect(keys).toContain(rows.join(" "));
      }
    }),
    { numRuns: 150 },
  );
  expect(longest).toBe(3);
});

test("without separators two edits bring one row at most", () => {
  const made = model(["a", "ab", "b"]);
  const lists = byTwo(made, new EmbeddedWords(made), "aab", 1, false);
  expect(lists.map(String).sort()).toEqual(["", "0", "1", "2"]);
});

test("three edits bring as many rows as a crowd has, all of them from it", () => {
  fc.assert(
    fc.property(words, some, (list, parts) => {
      const made = model(list);
      const crowds = pieces(new EmbeddedWords(made), parts.join(""), parts.length, 3);
      for (const text of blocks(parts.join("|"), 3)) {
        const rows = text
          .split(" ")
          .map((word) => made.rowOf(word))
          .filter((row) => row >= 0);
        if (rows.length === 0) continue;
        const crowd = crowds.find(({ count }) => count === rows.length);
        for (const row of rows) expect(crowd?.rows).toContain(row);
      }
    }),
    { numRuns: 20 },
  );
});
