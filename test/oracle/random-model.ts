/** Small random native models over the letters a, b, c, for comparison with brute force. */
import { NativeModel } from "../../src/model/native.js";
import { toGrid } from "../../src/numeric/grid.js";
import {
  singleSymbolPieces,
  type Vocabulary,
  type VocabularyKind,
  vocabulary,
} from "../../src/tokenizer/vocabulary.js";

export type Random = () => number;

/** mulberry32: small, seeded, good enough to spread test cases. */
export function seeded(seed: number): Random {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const pick = <T>(random: Random, values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
export const randomString = (random: Random, letters: readonly string[], most: number): string =>
  Array.from({ length: Math.floor(random() * (most + 1)) }, () => pick(random, letters)).join("");

export function randomVocabulary(
  random: Random,
  kind: VocabularyKind,
  letters: readonly string[],
): Vocabulary {
  const tokens = new Set<string>();
  if (kind === "words") tokens.add("[UNK]");
  if (kind === "pieces") for (const token of ["[UNK]", ...singleSymbolPieces()]) tokens.add(token);
  const extra = 1 + Math.floor(random() * 10);
  for (let n = 0; n < extra; n++) {
    const body = pick(random, letters) + randomString(random, letters, 3);
    if (kind === "words") tokens.add(body);
    if (kind === "pieces") tokens.add(pick(random, ["", "##"]) + body);
    if (kind === "patterns")
      tokens.add(random() < 0.1 ? "$" : pick(random, ["", "^"]) + body + pick(random, ["", "$"]));
  }
  return vocabulary(kind, [...tokens]);
}

export function randomModel(
  random: Random,
  kind: VocabularyKind,
  labels: number,
  letters: readonly string[] = ["a", "b"],
): NativeModel {
  const v = randomVocabulary(random, kind, letters);
  // Coarse weights make ties common; they are where mistakes hide.
  const coarse = random() < 0.5;
  const weight = () => (coarse ? Math.round(random() * 8 - 4) / 4 : toGrid(random() * 2 - 1));
  return new NativeModel(
    {
      labels: Array.from({ length: labels }, (_, y) => `label ${y}`),
      vocabulary: v,
      evidence: Float64Array.from({ length: v.tokens.length * labels }, weight),
      bias: Float64Array.from({ length: labels }, () => toGrid(weight() / 2)),
    },
    { name: "random", sha256: "0".repeat(64) },
  );
}

/** Logits by the definition, from plain tokens. */
export function plainLogits(model: NativeModel, tokens: readonly string[]): number[] {
  const width = model.labels.length;
  const sum = Array.from(model.bias);
  for (const token of tokens) {
    const id = model.vocabulary.tokens.indexOf(token);
    for (let y = 0; y < width; y++) sum[y] = sum[y]! + model.evidence[id * width + y]!;
  }
  return sum;
}
