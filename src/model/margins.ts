/**
 * How far a label is ahead, and whether it wins.
 *
 * Promise: equal logits go to the lowest index, as in every prediction; NaN never keeps a label.
 */

/** Logit of `winner` minus the best other; negative where another label wins. NaN counts as lost. */
export function marginOf(logits: Float64Array, winner: number): number {
  let best = Number.NEGATIVE_INFINITY;
  for (let y = 0; y < logits.length; y++) {
    if (Number.isNaN(logits[y])) return Number.NEGATIVE_INFINITY;
    if (y !== winner && logits[y]! > best) best = logits[y]!;
  }
  return logits[winner]! - best;
}

/** Equal logits go to the lowest index. */
export function keepsLabel(logits: Float64Array, winner: number): boolean {
  for (let y = 0; y < logits.length; y++)
    if (y !== winner && !(y < winner ? logits[y]! < logits[winner]! : logits[y]! <= logits[winner]!))
      return false;
  return true;
}
