/**
 * What method `lipschitz` for native Transformers makes quickly is what is made slowly: the logits of the model to the last bit, and the
 * changes that one edit makes of words, against every word written out.
 */
import { firstBlock } from "../../src/certify/lipschitz/first-block.js";
import { nativeLipschitz } from "../../src/certify/lipschitz/native.js";
import { RowTables } from "../../src/certify/lipschitz/row-tables.js";
import { TextState } from "../../src/certify/lipschitz/text-state.js";
import { WordChanges } from "../../src/certify/lipschitz/word-changes.js";
import { asciiAlphabet, foldedAlphabet, listAlphabet } from "../../src/edits/alphabet.js";
import { SIMILARITIES } from "../../src/layers/similarity.js";
import { NativeTransformer, wholeWords } from "../../src/model/native-transformer.js";
import type { Matrix } from "../../src/numeric/matrix.js";
import { fold } from "../../src/text/fold.js";
import { randomModel, randomString, seeded } from "../oracle/random-model.js";
import { randomTransformer } from "../oracle/random-transformer.js";

const letters = [..."ab "];
const ab = listAlphabet(
  "ab",
  letters.map((c) => c.codePointAt(0)!),
);

function random(seed: number): NativeTransformer {
  const next = seeded(seed);
  const additive = randomModel(next, (["words", "patterns"] as const)[seed % 2]!, 2 + (seed % 3));
  const heads = 1 + (seed % 3);
  const activation = (["gelu", "relu", "silu", "tanh"] as const)[seed % 4]!;
  const model = randomTransformer(next, additive, {
    d: heads * (1 + (seed % 7)),
    heads,
    activation,
    similarity: SIMILARITIES[Math.floor(seed / 12) % 3]!,
  });
  return seed % 5 === 0 ? single(model) : model;
}

/** The same with weights in float32. */
function single({ additive, rows, embedding, readout, blocks, identity }: NativeTransformer) {
  const matrix = (a: Matrix): Matrix => ({ ...a, data: Float32Array.from(a.data) });
  const linear = ({ weight }: { weight: Matrix }) => ({ weight: matrix(weight), bias: null });
  const parts = blocks.map((block) => {
    const { query, key, value, output } = block.attention;
    const { inner, outer } = block.feedForward;
    return {
      ...block,
      attention: {
        ...block.attention,
        query: linear(query),
        key: linear(key),
        value: linear(value),
        output: linear(output),
      },
      feedForward: { ...block.feedForward, inner: linear(inner), outer: linear(outer) },
    };
  });
  const weights = { rows, embedding: matrix(embedding), readout: matrix(readout), blocks: parts };
  return new NativeTransformer(additive, weights, identity);
}

test("the logits are those of the model, to the last bit", () => {
  let several = 0;
  for (let seed = 0; seed < 120; seed++) {
    const model = random(seed);
    const next = seeded(seed + 1);
    const words = wholeWords(model.additive.vocabulary).map((word) => word ?? "ab");
    const picked = Array.from(
      { length: Math.floor(next() * 12) },
      () => words[Math.floor(next() * words.length)],
    );
    const text = picked.join(" ");
    const tokens = model.tokens(fold(text).symbols);
    if (tokens.length > 1) several++;
    expect(new TextState(new RowTables(model), tokens).branches()).toEqual(model.branches(tokens));
    expect(nativeLipschitz(model, text, ab, 1).prediction).toEqual(model.predict(text));
  }
  expect(several).toBeGreaterThan(50);
});

test("weights and masses are those of the formulas", () => {
  const model = random(4);
  const tokens = [0, 1, 0, 2].filter((row) => row < model.embedding.rows);
  const { weights, masses } = firstBlock(new RowTables(model), tokens);
  const { heads, nullMass, limit } = model.blocks[0]!.attention;
  const n = tokens.length;
  for (let at = 0; at < heads * n; at++) {
    const own = weights.subarray(at * n, (at + 1) * n);
    expect(masses[at]).toBeCloseTo(
      own.reduce((sum, weight) => sum + weight, nullMass),
      12,
    );
    for (const weight of own) expect(Math.abs(Math.log(weight))).toBeLessThanOrEqual(limit);
  }
});

/** Every word or two that one edit makes of one, written out. */
function* edited(word: string, symbols: readonly string[]): Generator<string> {
  for (let i = 0; i <= word.length; i++) {
    for (const c of symbols) yield word.slice(0, i) + c + word.slice(i);
    if (i === word.length) return;
    yield word.slice(0, i) + word.slice(i + 1);
    for (const c of symbols) yield word.slice(0, i) + c + word.slice(i + 1);
  }
}

test.each([
  ["a, b and the separator", ab, letters],
  ["b alone", listAlphabet("b", [98]), ["b"]],
  ["ascii", asciiAlphabet(), [..."abcxyz019\uFFFD "]],
])("changes of words with %s are those written out, and that nothing comes", (_, alphabet, symbols) => {
  for (let seed = 0; seed < 120; seed++) {
    const model = random(seed);
    const changes = new WordChanges(model, foldedAlphabet(alphabet).allowed);
    const rows = (text: string) =>
      text
        .split(" ")
        .map((word) => model.rowOf(word))
        .filter((row) => row >= 0)
        .sort((a, b) => a - b)
        .join(" ");
    const listed = (lists: readonly (readonly number[])[]) => {
      const keys = lists.map((list) => [...list].sort((a, b) => a - b).join(" "));
      expect(new Set(keys).size).toBe(keys.length);
      return new Set(keys);
    };
    const held = (found: Set<string>, written: Iterable<string>, before: string) => {
      const wanted = new Set(["", ...Array.from(written, rows)]);
      wanted.delete(rows(before));
      expect(found).toEqual(wanted);
    };
    const next = seeded(seed);
    for (let n = 0; n < 8; n++) {
      const word = randomString(next, ["a", "b"], 4);
      held(listed(changes.ofWord(word)), edited(word, symbols), word);
      const other = randomString(next, ["a", "b"], 3);
      const joined = [word + other];
      for (const c of symbols) if (c !== " ") joined.push(word + c + other);
      held(listed(changes.ofJoin(word, other)), joined, `${word} ${other}`);
    }
  }
});
