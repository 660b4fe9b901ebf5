/**
 * The least margins of any model within k edits by trying every text there is: as whole strings through the whole tokenizer, and
 * every different token sequence through the model. Slow, short, and kept apart from `enumerate`: nothing of reach, of
 * locality, of representatives or of its order is used.
 */
import type { Alphabet } from "../edits/alphabet.js";
import { neighbourCount, neighbours } from "../edits/neighbours.js";
import { keepsLabel } from "../model/margins.js";
import type { SequenceModel } from "../model/sequence.js";

/** Strings beyond which nothing is tried. */
const MOST_STRINGS = 2_000_000;
/** Token sequences run together. */
const RUN = 256;
/** Characters of all keys of sequences that are remembered; then they are forgotten, and some are run again. */
const MOST_KEPT = 2 ** 26;

export type PlainStringsAnswer =
  | {
      readonly done: true;
      /** [labels] least margin of `winner` over each label, the text itself included; Infinity over itself. */
      readonly least: readonly number[];
      /** Token sequences that don't have the label. */
      readonly lost: number;
    }
  | { readonly done: false; readonly reason: string };

export async function plainStrings(
  model: SequenceModel,
  text: string,
  alphabet: Alphabet,
  winner: number,
  edits: number,
): Promise<PlainStringsAnswer> {
  // A text that is longer by an edit has a few more neighbours.
  let strings = 1;
  for (let k = 0; k < edits; k++) strings *= neighbourCount(text, alphabet) + 2 * k * alphabet.size;
  if (strings > MOST_STRINGS)
    return {
      done: false,
      reason: `${edits > 1 ? "about " : ""}${strings} texts are within ${edits === 1 ? "one edit" : `${edits} edits`}`,
    };
  const least = model.labels.map(() => Number.POSITIVE_INFINITY);
  const seen = new Set<string>();
  let kept = 0;
  let lost = 0;
  let waiting: Int32Array[] = [];
  const run = async (): Promise<void> => {
    for (const logits of await model.backend.logits(waiting)) {
      for (const y of least.keys()) {
        const margin = logits[winner]! - logits[y]!;
        if (y !== winner && !(margin >= least[y]!))
          least[y] = Number.isNaN(margin) ? Number.NEGATIVE_INFINITY : margin;
      }
      if (!keepsLabel(logits, winner)) lost++;
    }
    waiting = [];
  };
  for (const changed of within(text, alphabet, edits)) {
    const ids = model.tokenizer.encode(changed);
    const key = ids.join(" ");
    if (seen.has(key)) continue;
    seen.add(key);
    kept += key.length;
    if (kept > MOST_KEPT) {
      seen.clear();
      kept = 0;
    }
    waiting.push(ids);
    if (waiting.length >= RUN) await run();
  }
  await run();
  return { done: true, least, lost };
}

/** The text and all within so many edits; those of two and more may come more than once. */
function* within(text: string, alphabet: Alphabet, edits: number): Generator<string, void> {
  yield text;
  if (edits === 0) return;
  for (const changed of neighbours(text, alphabet)) yield* within(changed, alphabet, edits - 1);
}
