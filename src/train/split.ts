/**
 * A held-out part of the training texts, to choose by. Promise: no validation text, nor a text that is part of one or
 * has one as a part (parts of two words or more), is among those trained on; the split depends on the seed alone.
 */

import { Random } from "../numeric/random.js";
import type { Example } from "./corpus.js";
import { foldedWords, withoutContained } from "./overlap.js";

export interface Split {
  readonly train: readonly Example[];
  readonly validation: readonly Example[];
}

/**
 * @param fraction of the texts to hold out, 0..0.5, and never more than `most`.
 * @param leastWords only texts of at least so many words are held out.
 */
export function split(
  examples: readonly Example[],
  fraction: number,
  seed: number,
  leastWords = 0,
  most = 2000,
): Split {
  const order = Int32Array.from(examples, (_, i) => i);
  new Random(seed ^ 0x5eed).shuffle(order);
  const wanted = Math.min(most, Math.floor(examples.length * fraction));
  const held = new Set<number>();
  for (const i of order) {
    if (held.size === wanted) break;
    if (leastWords === 0 || foldedWords(examples[i]!.text).length >= leastWords) held.add(i);
  }
  const validation = examples.filter((_, i) => held.has(i));
  const rest = examples.filter((_, i) => !held.has(i));
  return { train: withoutContained(rest, validation, (example) => example.text), validation };
}
