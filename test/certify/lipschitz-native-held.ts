/**
 * Method `lipschitz` for native Transformers against brute force over every string within reach, with no slack.
 */
import { nativeLipschitz } from "../../src/certify/lipschitz/native.js";
import { listAlphabet } from "../../src/edits/alphabet.js";
import type { Similarity } from "../../src/layers/similarity.js";
import { NativeModel } from "../../src/model/native.js";
import type { NativeTransformer } from "../../src/model/native-transformer.js";
import { allWithin } from "../oracle/all-within.js";
import { randomModel, randomString, seeded } from "../oracle/random-model.js";
import { randomTransformer } from "../oracle/random-transformer.js";

const letters = [..."ab "];
const ab = listAlphabet(
  "ab",
  letters.map((c) => c.codePointAt(0)!),
);

/** A model that is sure enough of its label that several edits are looked at. */
export function sure(seed: number, blocks: number, similarity: Similarity = "dot"): NativeTransformer {
  const random = seeded(seed);
  const kind = (["words", "patterns"] as const)[seed % 2]!;
  const small = randomModel(random, kind, 2 + (seed % 3 === 0 ? 1 : 0));
  const bias = small.bias.map((value, y) => value + (y === seed % 2 ? 30 : 0));
  const additive = new NativeModel({ ...small, bias }, small.identity);
  const activation = (["gelu", "relu", "silu", "tanh"] as const)[seed % 4]!;
  return randomTransformer(random, additive, {
    blocks,
    activation,
    gain: 0.05 + 0.6 * random(),
    heads: 1 + (seed % 2),
    similarity,
  });
}

/** Whether margins are asked for as large as they can be proven. */
export const tightFor = (seed: number): boolean => seed % 3 !== 0;

export function compare(
  seed: number,
  blocks: number,
  most: number,
  length: number,
  similarity: Similarity = "dot",
): { fell: number; bound: number } {
  const model = sure(seed, blocks, similarity);
  const text = randomString(seeded(seed + 7), letters, length);
  return hold(model, text, most, tightFor(seed), `seed ${seed}`);
}

/** @throws Error with `name` if a margin is above the true one */
export function hold(
  model: NativeTransformer,
  text: string,
  most: number,
  tight: boolean,
  name: string,
): { fell: number; bound: number } {
  const { margins, prediction } = nativeLipschitz(model, text, ab, most, { tight });
  const layers = allWithin(text, letters, margins.length - 1);
  let least = Number.POSITIVE_INFINITY;
  let first = 0;
  for (const [k, strings] of layers.entries()) {
    for (const string of strings) {
      const { scores } = model.predict(string);
      for (const [y, score] of scores.entries())
        if (y !== prediction.index) least = Math.min(least, scores[prediction.index]! - score);
    }
    if (k === 0) first = least;
    if (!(margins[k]!.lower <= least))
      throw new Error(`${name}, ${JSON.stringify(text)}, ${k} edits: ${margins[k]!.lower} > ${least}`);
  }
  return { fell: first - least, bound: first - margins[margins.length - 1]!.lower };
}
