/** Matrix products. */
import { broadcastShape, show, sizeOf } from "../shape.js";
import { floats, type Tensor } from "../tape.js";
import { reshape, sumTo } from "./broadcast.js";
import { transpose } from "./shape.js";

/** [..., m, n] [..., n, p] to [..., m, p]; leading axes are broadcast. Both have at least two axes. */
export function matmul(a: Tensor, b: Tensor): Tensor {
  floats(a, b);
  const inner = a.shape.at(-1);
  if (a.shape.length < 2 || b.shape.length < 2 || inner !== b.shape.at(-2))
    throw new Error(`${show(a.shape)} and ${show(b.shape)} have no matrix product`);
  // One matrix for all: one large product, whose gradients are large products too.
  if (b.shape.length === 2 && a.shape.length > 2) {
    const rows = reshape(a, [sizeOf(a.shape) / inner!, inner!]);
    return reshape(matmul(rows, b), [...a.shape.slice(0, -1), b.shape[1]!]);
  }
  const lead = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  return a.tape.record(
    { kind: "matmul" },
    [a, b],
    [...lead, a.shape.at(-2)!, b.shape.at(-1)!],
    [
      (g) => sumTo(matmul(g, matrixTranspose(b)), a.shape),
      (g) => sumTo(matmul(matrixTranspose(a), g), b.shape),
    ],
  );
}

/** The last two axes changed round. */
export function matrixTranspose(x: Tensor): Tensor {
  const rank = x.shape.length;
  return transpose(
    x,
    x.shape.map((_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i)),
  );
}
