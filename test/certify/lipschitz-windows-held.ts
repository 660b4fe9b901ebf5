/** Random native Transformers whose heads see windows, and texts of many short words, for lipschitz-native-held.ts. */
import type { Window } from "../../src/layers/windows.js";
import { NativeModel } from "../../src/model/native.js";
import type { NativeTransformer } from "../../src/model/native-transformer.js";
import { randomModel, seeded } from "../oracle/random-model.js";
import { randomTransformer } from "../oracle/random-transformer.js";
import { randomWindow, withWindows } from "../oracle/random-windows.js";
import { hold, tightFor } from "./lipschitz-native-held.js";

/** Windows of all kinds: before or behind alone, both, none, without end. */
function windowsOf(seed: number, heads: number): readonly Window[] {
  const random = seeded(seed + 5);
  const most = 1 + (seed % 3);
  return Array.from({ length: heads }, (_, h): Window => {
    if (seed % 4 === 0) return h % 2 === 0 ? { before: most, after: 0 } : { before: 0, after: most };
    return randomWindow(random, most, seed % 4 === 1 ? 0.3 : 0.05);
  });
}

/** Sure enough of its label that several edits are looked at. */
export function looking(seed: number, blocks: number): NativeTransformer {
  const random = seeded(seed);
  const kind = (["words", "patterns"] as const)[seed % 2]!;
  const small = randomModel(random, kind, 2 + (seed % 5 === 0 ? 1 : 0));
  const bias = small.bias.map((value, y) => value + (y === seed % 2 ? 30 : 0));
  const additive = new NativeModel({ ...small, bias }, small.identity);
  const heads = 1 + (seed % 3);
  const model = randomTransformer(random, additive, {
    blocks,
    d: heads === 3 ? 6 : 4,
    heads,
    activation: (["gelu", "relu", "silu", "tanh"] as const)[seed % 4]!,
    gain: 0.05 + 0.6 * random(),
    similarity: (["dot", "dot", "cosine", "distance"] as const)[(seed >> 1) % 4]!,
  });
  return withWindows(model, (_, b) => windowsOf(seed + 7 * b, heads));
}

/** Most words of one letter, some gaps of two. */
export function shortWords(seed: number, length: number): string {
  const random = seeded(seed + 7);
  const size = Math.floor(random() * (length + 1));
  let text = "";
  while (text.length < size) text += random() < 0.5 && !text.endsWith(" ") ? " " : random() < 0.5 ? "a" : "b";
  return random() < 0.1 ? text.replace(" ", "  ") : text;
}

export function compareLooking(seed: number, blocks: number, most: number, length: number) {
  return hold(looking(seed, blocks), shortWords(seed, length), most, tightFor(seed), `seed ${seed}`);
}
