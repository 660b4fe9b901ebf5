/**
 * CHAIN's running mean squares of channels (Ni and Koniusz, CVPR 2024, section 3), kept from step to step and frozen at the end.
 *
 * Promise: all factors are in (0, 1], the quietest channel's is 1, so the norm has a constant of at most 1 and maps 0 to 0.
 */
import { UserError } from "../../failure.js";

/** Part of the running value that a step keeps. */
const DECAY = 0.99;
/** Added to mean squares, so that a channel without values doesn't silence the others altogether. */
const EPSILON = 1e-5;

export class ChainState {
  /** [width] decayed sums, and at the end their weights' sum: what a checkpoint needs. */
  private readonly sums: Float64Array;

  constructor(readonly width: number) {
    this.sums = new Float64Array(width + 1);
  }

  /** @param squares [width] a batch's mean squares. @throws UserError if one isn't a finite number >= 0 */
  observe(squares: ArrayLike<number>): void {
    for (let c = 0; c < this.width; c++) {
      const value = squares[c]!;
      if (!(value >= 0 && value < Number.POSITIVE_INFINITY))
        throw new UserError(
          `training has diverged: the mean square of channel ${c} is ${value}; a lower learning rate may help`,
        );
    }
    for (let c = 0; c < this.width; c++) this.sums[c] = DECAY * this.sums[c]! + (1 - DECAY) * squares[c]!;
    this.sums[this.width] = DECAY * this.sums[this.width]! + (1 - DECAY);
  }

  /** [width] running root mean squares; 1 before anything was seen. */
  rootMeanSquares(): Float64Array {
    const weight = this.sums[this.width]!;
    return Float64Array.from({ length: this.width }, (_, c) =>
      weight === 0 ? 1 : Math.sqrt(this.sums[c]! / weight + EPSILON),
    );
  }

  /** [width] psi_min / psi_c. */
  factors(): Float32Array {
    const psi = this.rootMeanSquares();
    const least = psi.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    return Float32Array.from(psi, (value) => least / value);
  }

  /** The array itself. */
  state(): Float64Array {
    return this.sums;
  }
}
