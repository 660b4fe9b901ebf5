/**
 * Whether what a backend says of a label can be believed.
 *
 * A backend in float32 is believed where the margin is beyond the guard, which is GUARD times the size of the logits
 * and far more than float32 loses in such networks (the backend has passed its self-test against the float64
 * reference). Nearer to 0, the float64 reference must say the same; where there is none, or it doesn't, nothing is
 * vouched for. In float64 every margin counts as it is.
 */
import { keepsLabel, marginOf } from "./margins.js";
import { referenceLogits } from "./reference.js";
import type { SequenceModel } from "./sequence.js";

/** Of the largest logit's size, at least 1. */
const GUARD = 1e-3;

/** Margins this near to 0 need the reference; 0 where the arithmetic is float64. `logits`: of the text at hand. */
export function guardOf({ backend }: SequenceModel, logits: Float64Array): number {
  if (backend.arithmetic === "float64") return 0;
  let size = 1;
  for (const logit of logits) size = Math.max(size, Math.abs(logit));
  return GUARD * size;
}

/**
 * Whether these logits of framed tokens can be believed about `winner`: that it keeps the label, or loses it. `guard`
 * is that of the text at hand; logits that are larger need more.
 */
export function vouched(
  model: SequenceModel,
  ids: Int32Array,
  logits: Float64Array,
  winner: number,
  guard: number,
): boolean {
  const { encoder, backend } = model;
  if (backend.arithmetic === "float64") return true;
  if (Math.abs(marginOf(logits, winner)) > Math.max(guard, guardOf(model, logits))) return true;
  return encoder !== null && keepsLabel(referenceLogits(encoder, ids), winner) === keepsLabel(logits, winner);
}
