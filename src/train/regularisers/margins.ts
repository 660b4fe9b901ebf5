/** Margins of the label over each other class: what losses and radii are made of. */
import { logSumExp, matmul, neg, pad, reshape } from "../autodiff/operations.js";
import type { Tensor } from "../autodiff/tape.js";

/**
 * Rows that take margins from logits: [texts * (classes - 1) * classes], 1 at the label, -1 at the rival, rivals in ascending order.
 */
export function marginRows(labels: ArrayLike<number>, classes: number): Float32Array {
  const rivals = classes - 1;
  const rows = new Float32Array(labels.length * rivals * classes);
  for (let b = 0; b < labels.length; b++)
    for (let r = 0; r < rivals; r++) {
      const at = (b * rivals + r) * classes;
      rows[at + labels[b]!] = 1;
      rows[at + (r < labels[b]! ? r : r + 1)] = -1;
    }
  return rows;
}

/** [B, R] from logits [B, C] and rows [B, R, C]. */
export function margins(logits: Tensor, rows: Tensor): Tensor {
  const [texts, rivals, classes] = rows.shape as [number, number, number];
  return reshape(matmul(rows, reshape(logits, [texts, classes, 1])), [texts, rivals]);
}

/** Cross-entropy of each text, [B]: log(1 + sum_j exp(-M_j)). */
export function crossEntropy(margin: Tensor): Tensor {
  return logSumExp(pad(neg(margin), 1, 1, 0), 1);
}
