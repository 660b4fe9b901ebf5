/** The penalty that the regularisers of a run add up to. */
import { add, scale } from "../autodiff/operations.js";
import type { Tensor } from "../autodiff/tape.js";
import { certifiedRadius } from "./certified-radius.js";
import { grokAlign } from "./grok-align.js";
import { jacobianSizes, jacobianSquares } from "./jacobian.js";
import type { RegulariserOptions } from "./options.js";
import { selectiveGradients } from "./selective-gradients.js";

/** What the penalties are made of; only what is used is asked for. */
export interface RegulariserParts {
  /** [B, C] logits or margins. */
  readonly outputs: Tensor;
  /** [B, T, d] */
  readonly x: Tensor;
  /** [B, T] */
  readonly mask: Tensor;
  /** [B] loss of each text. */
  readonly losses: () => Tensor;
  /** [B, T] 1 for the tokens that matter (saliency.ts). */
  readonly salient: () => Tensor;
  /** [B, C] unit vectors drawn for each step (`unitDirections`). */
  readonly directions: () => Tensor;
  /** [B, R] margins of the label, and the most that one edit takes of each. */
  readonly margins: () => Tensor;
  readonly perEdit: () => Tensor;
}

/** The weighted sum, one number; null if everything is off. */
export function penalty(options: RegulariserOptions, parts: RegulariserParts): Tensor | null {
  const { outputs, x, mask } = parts;
  const terms: readonly (readonly [number, () => Tensor])[] = [
    [options.jacobianSquares, () => jacobianSquares(outputs, x)],
    [options.jacobianSizes, () => jacobianSizes(outputs, x)],
    [options.selectiveGradients, () => selectiveGradients(parts.losses(), x, parts.salient(), mask)],
    [options.grokAlign, () => grokAlign(outputs, x, parts.directions())],
    [
      options.certifiedRadius,
      () =>
        certifiedRadius(parts.margins(), parts.perEdit(), {
          below: options.radiusBelow,
          temperature: options.radiusTemperature,
        }),
    ],
  ];
  let total: Tensor | null = null;
  for (const [weight, term] of terms) {
    if (weight === 0) continue;
    const weighted = scale(term(), weight);
    total = total === null ? weighted : add(total, weighted);
  }
  return total;
}
