/**
 * The classification head: stages of a linear map and an activation; the last gives the logits.
 *
 * Theorem. Stage by stage as for linear maps and activations, each neuron on its own interval |w_f| r. A margin
 * z_a - z_b begins with the gradient e_a - e_b at the logits, so the last map enters with the difference of two of its rows.
 */
import { dense } from "../numeric/matrix.js";
import type { ActivationName } from "./activation.js";
import { activate } from "./activation.js";
import { activationBalls, activationGradient, activationLipschitz } from "./activation-bound.js";
import type { Balls, Image } from "./balls.js";
import { lengthUp, outward } from "./balls.js";
import type { Linear, LinearBound } from "./linear.js";
import { linear, linearBalls, linearBound, linearGradient } from "./linear.js";

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

export interface StageBound {
  readonly stage: HeadStage;
  readonly linear: LinearBound;
  /** Lengths of the rows, from above. */
  readonly rows: Float64Array;
}

export function stageBound(stage: HeadStage): StageBound {
  const { rows, columns, data } = dense(stage.linear.weight);
  return {
    stage,
    linear: linearBound(stage.linear),
    rows: Float64Array.from({ length: rows }, (_, f) => lengthUp(data, f * columns, columns)),
  };
}

/** Between the linear map and the activation, with what each neuron can move by. */
interface Middle {
  readonly balls: Image;
  readonly widths: Float64Array;
}

function middle({ linear: map, rows }: StageBound, balls: Balls): Middle {
  const between = linearBalls(map, balls);
  const exact = linearBalls(map, { ...balls, radii: balls.radii.map(() => 0) });
  const widths = new Float64Array(between.centers.length);
  between.radii.forEach((radius, i) => {
    for (let f = 0; f < rows.length; f++)
      widths[i * rows.length + f] = Math.min(
        radius,
        outward(rows[f]! * balls.radii[i]! * (1 + 2 ** -30) + exact.radii[i]! + 2 ** -40 * radius),
      );
  });
  return { balls: between, widths };
}

export function stageBalls(bound: StageBound, balls: Balls): Image {
  const { balls: between, widths } = middle(bound, balls);
  const image = activationBalls(bound.stage.activation, between, widths);
  const most = activationLipschitz(bound.stage.activation);
  return { ...image, rounding: image.rounding.map((e, i) => outward(e + most * between.rounding[i]!)) };
}

/** Gradients at the input of a stage; `balls` are those at its input. */
export function stageGradient(bound: StageBound, balls: Balls, gradient: Balls): Balls {
  const { balls: between, widths } = middle(bound, balls);
  return linearGradient(bound.linear, activationGradient(bound.stage.activation, between, widths, gradient));
}
