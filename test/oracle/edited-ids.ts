/** Random sequences of an encoder's ids and edits of them, aligned. */
import type { ChangedSequence } from "../../src/bounds/encoder-chain.js";
import type { Encoder } from "../../src/model/encoder.js";
import type { Random } from "./random-model.js";

/** Up to two substitutions, insertions or deletions. */
export function edited(random: Random, encoder: Encoder, base: Int32Array): ChangedSequence {
  const words = encoder.embedding.tokens.rows;
  const ids = [...base];
  const origins = [...base.keys()];
  const edits = 1 + Math.floor(random() * 2);
  for (let e = 0; e < edits; e++) {
    const at = Math.floor(random() * ids.length);
    const kind = Math.floor(random() * 3);
    const word = Math.floor(random() * words);
    if (kind === 0) {
      ids[at] = word;
      origins[at] = -1;
    } else if (kind === 1 && ids.length < encoder.mostTokens) {
      ids.splice(at, 0, word);
      origins.splice(at, 0, -1);
    } else if (ids.length > 1) {
      ids.splice(at, 1);
      origins.splice(at, 1);
    }
  }
  return { ids: Int32Array.from(ids), origins: Int32Array.from(origins) };
}

export const text = (random: Random, encoder: Encoder, n: number) =>
  Int32Array.from({ length: n }, () => Math.floor(random() * encoder.embedding.tokens.rows));
