/** How much each matrix and branch of the blocks can stretch: what the training log tells of them. */

import { matrix } from "../../numeric/matrix.js";
import { spectralNormUp } from "../../numeric/norms.js";
import type { BlockParameters } from "./block-parameters.js";

/** By name: the spectral norm of each matrix, from above, and the size of each gain. */
export function blockConstants({ dense }: BlockParameters): Record<string, number> {
  return Object.fromEntries(
    [...dense].map(([name, { shape, data }]) => [
      name,
      shape.length === 2 ? spectralNormUp(matrix(shape[0]!, shape[1]!, data)) : Math.abs(data[0]!),
    ]),
  );
}
