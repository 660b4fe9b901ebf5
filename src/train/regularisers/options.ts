/** Which regularisers a run uses, with their weights. */
import { UserError } from "../../failure.js";

/** A weight of 0 turns a regulariser off. */
export interface RegulariserOptions {
  /** Weight of |J|_F^2. */
  readonly jacobianSquares: number;
  /** Weight of sum |J_ij|. */
  readonly jacobianSizes: number;
  /** Weight of the loss's gradient by tokens that don't matter. */
  readonly selectiveGradients: number;
  /** Tokens of a text that matter. */
  readonly salientTokens: number;
  /** Weight of the Jacobian by random projection. */
  readonly grokAlign: number;
  /** Weight of certified radius maximisation. */
  readonly certifiedRadius: number;
  /** Edits: texts with a larger certified radius are left alone. */
  readonly radiusBelow: number;
  /** How sharply the smallest radius counts. */
  readonly radiusTemperature: number;
  /** Epochs before certified radius maximisation begins. */
  readonly radiusFrom: number;
}

export const REGULARISER_DEFAULTS: RegulariserOptions = {
  jacobianSquares: 0,
  jacobianSizes: 0,
  selectiveGradients: 0,
  salientTokens: 3,
  grokAlign: 0,
  certifiedRadius: 0,
  radiusBelow: 3,
  radiusTemperature: 5,
  radiusFrom: 1,
};

/** @throws UserError naming the first option out of range. */
export function checkRegulariserOptions(options: RegulariserOptions): void {
  const range = (name: keyof RegulariserOptions, low: number, high: number, whole = false) => {
    const value = options[name];
    if (!(value >= low && value <= high) || (whole && !Number.isInteger(value)))
      throw new UserError(
        `${name} is ${value}; allowed: a ${whole ? "whole " : ""}number from ${low} to ${high}`,
        2,
      );
  };
  range("jacobianSquares", 0, 1e6);
  range("jacobianSizes", 0, 1e6);
  range("selectiveGradients", 0, 1e6);
  range("salientTokens", 1, 4096, true);
  range("grokAlign", 0, 1e6);
  range("certifiedRadius", 0, 1e6);
  range("radiusBelow", 1e-3, 1e3);
  range("radiusTemperature", 1e-3, 1e3);
  range("radiusFrom", 0, 1e4, true);
}
