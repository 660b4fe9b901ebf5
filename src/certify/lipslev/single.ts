/**
 * Is there a single edit that changes a LipsLev model's label? Decided exactly, for the float64 model.
 *
 * THEOREM. `kept` is true only if every text within one edit has the label of `winner` by `LipslevModel.logits`; `flip` is a text within one
 * edit that has another; and with no limit reached exactly one of the two is given, unless ties are too many.
 * Proof. By contraction the ids of such a text are within one edit of the text's ids, and the edits of `SingleEdits.run` are all that matter
 * among these. Computed and real margins differ by `allowance` at most, and so do the model's logits' difference and the real margin. An
 * edit whose computed margin is over twice the allowance for each rival therefore keeps the label in float64. Every other one
 * is run through the whole model, the lowest first. A flip is a text, read anew, with its distance measured.
 */
import { clock } from "../../clock.js";
import { levenshteinWithin } from "../../edits/distance.js";
import type { LipslevModel } from "../../model/lipslev.js";
import type { ReadText } from "../../model/lipslev-characters.js";
import type { MethodLimits } from "../method.js";
import type { Counterexample } from "../result.js";
import { editedIds, editedText } from "./edited-text.js";
import { type IdEdit, SingleEdits } from "./single-edits.js";

/** Edits too near to a tie that are run through the whole model, each about a millisecond. */
const MOST_TIES = 2000;

export interface Question {
  readonly model: LipslevModel;
  readonly text: string;
  readonly read: ReadText;
  readonly winner: number;
  /** All other classes. */
  readonly rivals: readonly number[];
  /** Rounding allowance of each rival, for texts one id longer. */
  readonly allowances: readonly number[];
  /** For each id that may be written, a code point to write. */
  readonly codePointOf: ReadonlyMap<number, number>;
}

export interface SingleAnswer {
  readonly kept: boolean;
  readonly flip: Counterexample | null;
  /** Least margin over each rival after one edit, as computed; Infinity if there is no edit. */
  readonly worst: readonly number[];
  /** The same over all rivals, for each kind of edit. */
  readonly worstByKind: Readonly<Record<IdEdit["kind"], number>>;
  /** The edit with the least margin over some rival, or null if there is none. */
  readonly edit: IdEdit | null;
  readonly edits: number;
  /** Why neither was found. */
  readonly reason: string | null;
}

export function decideSingle(question: Question, limits: MethodLimits): SingleAnswer {
  const { model, read, winner, rivals, allowances, codePointOf } = question;
  const until = clock() + 1000 * (limits.seconds ?? Number.POSITIVE_INFINITY);
  const search = new SingleEdits(model, read.ids, winner, rivals, [...codePointOf.keys()]);
  const worst = rivals.map(() => Number.POSITIVE_INFINITY);
  const worstByKind = { delete: Infinity, substitute: Infinity, insert: Infinity };
  const doubtful: { edit: IdEdit; margin: number }[] = [];
  let least = Number.POSITIVE_INFINITY;
  let edit: IdEdit | null = null;
  let edits = 0;
  let doubts = 0;
  let lastPlace = -1;
  let stopped: string | null = null;
  search.run((kind, at, id, margins) => {
    if (at !== lastPlace) {
      lastPlace = at;
      if (limits.signal?.aborted) stopped = `stopped after ${edits} edits`;
      else if (clock() > until) stopped = `out of time (${limits.seconds} s) after ${edits} edits`;
      else if (edits > (limits.strings ?? Infinity))
        stopped = `the limit of ${limits.strings} edits is reached`;
      if (stopped !== null) return false;
    }
    edits++;
    let margin = Number.POSITIVE_INFINITY;
    let sure = true;
    for (let r = 0; r < margins.length; r++) {
      const value = margins[r]!;
      if (value < worst[r]!) worst[r] = value;
      if (value < margin) margin = value;
      if (!(value > 2 * allowances[r]!)) sure = false;
    }
    if (margin < worstByKind[kind]) worstByKind[kind] = margin;
    if (margin < least) {
      least = margin;
      edit = toEdit(kind, at, id);
    }
    if (!sure) {
      doubts++;
      // Of those that surely change the label the lowest is enough; the others are kept while there is room.
      if (doubtful.length < MOST_TIES) doubtful.push({ edit: toEdit(kind, at, id), margin });
      else if (margin === least) doubtful[0] = { edit: toEdit(kind, at, id), margin };
    }
    return true;
  });
  doubtful.sort((a, b) => a.margin - b.margin);
  let unlifted = 0;
  let flip: Counterexample | null = null;
  for (const { edit } of doubtful) {
    if (model.prediction(model.logits(editedIds(read.ids, edit))).index === winner) continue;
    flip = replayed(question, edit);
    if (flip !== null) break;
    unlifted++;
  }
  let reason: string | null = stopped;
  if (flip === null && doubts > doubtful.length)
    reason ??= `${doubts} edits are too near to a tie to be told apart in time`;
  if (flip === null && unlifted > 0)
    reason ??= `${unlifted} edits that change the label join two lone surrogates`;
  return { kept: flip === null && reason === null, flip, worst, worstByKind, edit, edits, reason };
}

function toEdit(kind: IdEdit["kind"], at: number, id: number): IdEdit {
  return kind === "delete" ? { kind, at } : { kind, at, id };
}

/** The edited text as a counterexample, or null where it isn't one edit away or reads otherwise (see `editedText`). */
export function replayed(
  { model, text, read, winner, codePointOf }: Question,
  edit: IdEdit,
): Counterexample | null {
  const changed = editedText(read, edit, codePointOf);
  const edits = levenshteinWithin(text, changed, 1);
  const prediction = model.predict(changed);
  return edits === null || prediction.index === winner ? null : { text: changed, edits, prediction };
}
