/**
 * The framed token sequences that one edit can cause, each once, aligned with the unchanged one.
 *
 * Promise: every text within one edit (code points of the alphabet written) is framed as the unchanged sequence or as one of these.
 * That is the contract of `singleReach` with `frame` applied to the whole changed sequence, so cutting at the model's length is taken
 * into account. `origins` is one way to say which base token each token is, the same token where it says one: equal tokens
 * at the beginning and at the end are kept, those between are added. What an added or a kept token's vector is (it may have
 * another position) is for the reader to compute; no alignment is wrong, some are dearer.
 */
import type { ChangedSequence } from "../../bounds/encoder-chain.js";
import type { Alphabet } from "../../edits/alphabet.js";
import { type Looked, singleReach, type TextEdit } from "../../tokenizer/reach.js";
import type { Tokenizer } from "../../tokenizer/tokenizer.js";
import { SequenceSet } from "../enumerate/sequence-set.js";

export interface SingleSequence extends ChangedSequence {
  /** One of the edits that cause it. */
  readonly edit: TextEdit;
}

/** `looked`: as in `SingleReach.changes`; it may throw, to stop. */
export function* singleSequences(
  tokenizer: Tokenizer,
  text: string,
  alphabet: Alphabet,
  looked: Looked = () => {},
): Generator<SingleSequence, void> {
  const framed = tokenizer.encode(text);
  const seen = new SequenceSet(framed);
  const reach = singleReach(tokenizer, text, alphabet);
  const { base } = reach;
  for (const site of reach.sites)
    for (const { from, to, ids: put, edit } of reach.changes(site, looked)) {
      const changed = new Int32Array(base.length - (to - from) + put.length);
      changed.set(base.subarray(0, from));
      changed.set(put, from);
      changed.set(base.subarray(to), from + put.length);
      const ids = tokenizer.frame(changed);
      if (seen.add(ids)) yield { ids, origins: alignment(framed, ids), edit };
    }
}

/** [n'] For each token of `ids` the base token that it is, or -1. */
export function alignment(base: Int32Array, ids: Int32Array): Int32Array {
  const most = Math.min(base.length, ids.length);
  let head = 0;
  while (head < most && base[head] === ids[head]) head++;
  let tail = 0;
  while (tail < most - head && base[base.length - 1 - tail] === ids[ids.length - 1 - tail]) tail++;
  const shift = base.length - ids.length;
  return ids.map((_, i) => (i < head ? i : i >= ids.length - tail ? i + shift : -1));
}
