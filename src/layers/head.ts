/**
 * The classification head: stages of a linear map and an activation; the last gives the logits.
 */
import type { ActivationName } from "./activation.js";
import { activate } from "./activation.js";
import type { Linear } from "./linear.js";
import { linear } from "./linear.js";

/** One stage of the head: activation(W p + b). */
export interface HeadStage {
  readonly linear: Linear;
  readonly activation: ActivationName;
}

/** [d], the pooled vector, gives [c], the logits. */
export function head(stages: readonly HeadStage[], pooled: Float64Array): Float64Array {
  let x = pooled;
  for (const stage of stages) x = activate(stage.activation, linear(stage.linear, x));
  return x;
}
