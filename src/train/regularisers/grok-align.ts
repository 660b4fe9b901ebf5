/**
 * GrokAlign: the Jacobian's size by one random projection, mean over texts of sqrt(C |v'J|^2) (Walker et al., 2506.12284; the estimator
 * is that of Hoffman et al., 1908.02729), and the alignment that it is meant to raise, cos(J'1, x).
 *
 * Theorem. For v uniform on the unit sphere of R^C, E[C |v'J|^2] = |J|_F^2. Proof. E[v v'] = I / C by symmetry, so
 * E |v'J|^2 = trace(J' E[v v'] J) = |J|_F^2 / C. By Jensen the mean of the root is at most |J|_F.
 */
import type { Random } from "../../numeric/random.js";
import { gradients } from "../autodiff/gradient.js";
import { add, div, mean, mul, reshape, scale, sqrt, square, sum } from "../autodiff/operations.js";
import type { Tensor } from "../autodiff/tape.js";

/** Keeps the root's derivative finite at 0; far below any Jacobian that matters. */
const TINY = 1e-12;

/** C |v'J|^2 of each text, [B]. @param directions [B, C] unit vectors */
export function projectedSquares(outputs: Tensor, x: Tensor, directions: Tensor): Tensor {
  const [texts, classes] = outputs.shape as [number, number];
  const row = gradients(sum(mul(outputs, directions)), [x])[0]!;
  return scale(sum(square(reshape(row, [texts, x.shape.slice(1).reduce((a, b) => a * b, 1)])), [1]), classes);
}

/**
 * The penalty, one number.
 * @param outputs [B, C] logits or margins
 * @param x [B, T, d] embeddings
 * @param directions [B, C] unit vectors drawn anew for each step (`unitDirections`)
 */
export function grokAlign(outputs: Tensor, x: Tensor, directions: Tensor): Tensor {
  return mean(sqrt(add(projectedSquares(outputs, x, directions), x.tape.scalar(TINY))));
}

/** The diagnostic cos(J'1, x) of each text, [B], to be logged while training; 0 where J'1 or x is 0. */
export function alignment(outputs: Tensor, x: Tensor): Tensor {
  const texts = x.shape[0]!;
  const size = x.shape.slice(1).reduce((a, b) => a * b, 1);
  const centroid = reshape(gradients(sum(outputs), [x])[0]!, [texts, size]);
  const input = reshape(x, [texts, size]);
  const tiny = x.tape.scalar(1e-30);
  const lengths = sqrt(add(mul(sum(square(centroid), [1]), sum(square(input), [1])), tiny));
  return div(sum(mul(centroid, input), [1]), lengths);
}

/** Vectors uniform on the unit sphere of R^classes, one per text: [texts * classes]. */
export function unitDirections(random: Random, texts: number, classes: number): Float32Array {
  const directions = new Float32Array(texts * classes);
  for (let b = 0; b < texts; b++) {
    const v = Float64Array.from({ length: classes }, () => normal(random));
    const length = Math.sqrt(v.reduce((total, value) => total + value * value, 0));
    for (let c = 0; c < classes; c++) directions[b * classes + c] = v[c]! / length;
  }
  return directions;
}

/** Box and Muller; never all zeros for a vector, as the logarithm's argument is below 1. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}
