/** The same native Transformers with windows drawn for their heads. */
import type { Window } from "../../src/layers/windows.js";
import { NativeTransformer } from "../../src/model/native-transformer.js";
import type { Random } from "./random-model.js";

/** Sides of 0 to `most` tokens, of which some have no limit. */
export function randomWindow(random: Random, most = 3, free = 0.2): Window {
  const side = () => (random() < free ? null : Math.floor(random() * (most + 1)));
  return { before: side(), after: side() };
}

export function withWindows(
  { additive, rows, embedding, readout, blocks, identity }: NativeTransformer,
  windowsOf: (heads: number, block: number) => readonly Window[] | null,
): NativeTransformer {
  const changed = blocks.map((block, b) => {
    const windows = windowsOf(block.attention.heads, b);
    const { windows: _, ...attention } = block.attention;
    return { ...block, attention: windows === null ? attention : { ...attention, windows } };
  });
  return new NativeTransformer(additive, { rows, embedding, readout, blocks: changed }, identity);
}

/** Most blocks with windows, some without. */
export function randomlyWindowed(random: Random, model: NativeTransformer, most = 3, free = 0.2) {
  return withWindows(model, (heads) =>
    random() < 0.1 ? null : Array.from({ length: heads }, () => randomWindow(random, most, free)),
  );
}
