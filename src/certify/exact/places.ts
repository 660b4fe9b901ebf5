/**
 * The worst that one edit can do at each place of a text: where the margin of a native additive model is weakest.
 *
 * Theorem. For 0 <= i <= n (n code points), `places[i].margin` is the minimum of the margin (logit of the text's label
 * minus the best other) over the text itself and all sequences of code points that one edit at i makes of it: deleting code
 * point i, writing one of the alphabet over it, or writing one before it. `breaks` says whether one of them gets another
 * label. So the least of all places is the margin after one edit that the method `exact` gives.
 * Proof. A code point folds to one symbol or to nothing by itself (text/fold.ts). One that folds to a symbol: deleting it
 * deletes the symbol, writing over it replaces or deletes the symbol, writing before it inserts one or nothing. One that
 * folds to nothing: writing over it or before it inserts a symbol there, or nothing. Which symbols can be written is what
 * the alphabet folds to. All of these are read (reading.ts), symbols of equal outcome once (moves.ts), for every rival.
 */
import { clock } from "../../clock.js";
import { type Alphabet, foldedAlphabet } from "../../edits/alphabet.js";
import type { NativeModel } from "../../model/native.js";
import { fold } from "../../text/fold.js";
import { Budget, LimitReached, type Limits } from "./budget.js";
import { ExactContext } from "./context.js";
import { Reading } from "./reading.js";

export interface WorstAtPlace {
  /** In logits. */
  readonly margin: number;
  /** Whether an edit here changes the label. */
  readonly breaks: boolean;
  /** The edit that does it; null where no edit here lowers the margin. */
  readonly edit: PlaceEdit | null;
}

export interface PlaceEdit {
  readonly kind: "delete" | "substitute" | "insert";
  /** The code point that is written, -1 for a deletion. */
  readonly point: number;
}

export interface WorstPlaces {
  /** Margin of the text as it stands. */
  readonly margin: number;
  /** [code points + 1] by code point; the last is the end of the text, where only an insertion is possible. */
  readonly places: readonly WorstAtPlace[];
}

/** The least margin over a rival, and how. `symbol` is -1 for deletions. */
interface Worst {
  margin: number;
  breaks: boolean;
  kind: PlaceEdit["kind"] | null;
  symbol: number;
}

/** @returns null if a limit was reached */
export function worstByPlace(
  model: NativeModel,
  text: string,
  alphabet: Alphabet,
  limits: Limits = {},
): WorstPlaces | null {
  try {
    return search(model, text, alphabet, new Budget(limits, clock()));
  } catch (error) {
    if (error instanceof LimitReached) return null;
    throw error;
  }
}

function search(model: NativeModel, text: string, alphabet: Alphabet, budget: Budget): WorstPlaces {
  const { symbols, source, points } = fold(text);
  const { index: winner, scores } = model.prediction(model.logits(symbols));
  const writable = foldedAlphabet(alphabet);
  const context = ExactContext.of(model);
  const margin = scores[winner]! - Math.max(...scores.filter((_, y) => y !== winner));
  const fresh = (): Worst => ({ margin, breaks: false, kind: null, symbol: -1 });
  /** By symbol: insertions before it, and all else that happens to it. */
  const inserted = Array.from({ length: symbols.length + 1 }, fresh);
  const changed = Array.from({ length: symbols.length }, fresh);
  for (let rival = 0; rival < scores.length; rival++) {
    if (rival === winner) continue;
    const bias = model.bias[winner]! - model.bias[rival]!;
    const reading = new Reading(symbols, context.margin(winner, rival, writable).search, budget);
    const offer = (at: Worst, kind: PlaceEdit["kind"], symbol: number, value: number): void => {
      const found = value + bias;
      const breaks = found < 0 || (found === 0 && rival < winner);
      if (found > at.margin || (found === at.margin && (at.breaks || !breaks))) return;
      Object.assign(at, { margin: found, breaks, kind, symbol });
    };
    for (let i = 0; i <= symbols.length; i++) {
      const q = reading.state[i]!;
      const v = reading.value[i]!;
      const within = i < symbols.length;
      if (within) offer(changed[i]!, "delete", -1, reading.edited(i + 1, q, v));
      for (const symbol of reading.writable(q)) {
        const to = reading.after(q, symbol);
        const w = v + reading.adds(q, symbol);
        if (within) offer(changed[i]!, "substitute", symbol, reading.edited(i + 1, to, w));
        offer(inserted[i]!, "insert", symbol, reading.edited(i, to, w));
      }
    }
  }
  const places: WorstAtPlace[] = [];
  let next = 0;
  for (let at = 0; at <= points.length; at++) {
    const own = next < symbols.length && source[next] === at;
    const before = inserted[next]!;
    const here = own ? changed[next]! : fresh();
    const worst = before.margin < here.margin || (before.breaks && !here.breaks) ? before : here;
    places.push(asPlace(worst, writable.representative));
    if (own) next++;
  }
  return { margin, places };
}

function asPlace({ margin, breaks, kind, symbol }: Worst, representative: Int32Array): WorstAtPlace {
  const point = symbol < 0 ? -1 : representative[symbol]!;
  return { margin, breaks, edit: kind === null ? null : { kind, point } };
}
