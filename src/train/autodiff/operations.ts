/**
 * All operations on tensors. Operands of one must be of one tape; their shapes are checked when it is recorded, and a
 * mistake in them is an `Error`, for it is the caller's.
 */
export { broadcastTo, reshape, sum } from "./operations/broadcast.js";
export {
  abs,
  add,
  div,
  erf,
  exp,
  gelu,
  greater,
  log,
  maximum,
  minimum,
  mul,
  neg,
  relu,
  scale,
  sigmoid,
  sign,
  softplus,
  sqrt,
  square,
  stopGradient,
  sub,
  tanh,
  where,
} from "./operations/elementwise.js";
export { matmul, matrixTranspose } from "./operations/product.js";
export { logSumExp, max, mean, softmax } from "./operations/reduce.js";
export { gather, oneHot, scatter, topMask, topSum } from "./operations/select.js";
export { concat, pad, slice, transpose } from "./operations/shape.js";
