/**
 * ONNX operators that move, cut and reshape expressions: heads of attention, packed projections, the first token.
 */
import { first, part } from "./algebra.js";
import { mixedStage, split, turned } from "./attention-algebra.js";
import { axesOf, intOf, reshapedShape, sliceRange, squeezedShape, unsqueezedShape } from "./evaluate.js";
import type { Expr, Symbolic } from "./expression.js";
import { broadcast, every, sameShape, sizeOf } from "./known.js";
import { type InputShape, isKnown, isSymbolic, type Operator, symbolic } from "./operator.js";

const transpose: Operator = ([x], attributes) => {
  const perm = attributes.get("perm");
  if (!isSymbolic(x) || !Array.isArray(perm) || perm.length !== 4) return null;
  const order = perm.join("");
  const shape = (perm as number[]).map((axis) => x.shape[axis]!);
  const { expr } = x;
  if (order === "0213") {
    // To heads, or back from them.
    const back = mixedStage(expr, "heads", "tokens");
    return symbolic(shape, back ?? (isSplit(expr) ? turned("heads", expr) : null));
  }
  if (order === "0231" && isSplit(expr)) return symbolic(shape, turned("keys", expr));
  if (order === "0132") {
    if (bare(expr).op === "heads") return symbolic(shape, turned("keys", expr));
    if (bare(expr).op === "keys") return symbolic(shape, turned("heads", expr));
  }
  return null;
};

const isSplit = (x: Expr): boolean => ["split", "lengths"].includes(bare(x).op);

const bare = (x: Expr): Expr => (x.op === "scale" || x.op === "first" ? bare(x.x) : x);

function toShape(x: Symbolic, shape: readonly number[], { batch, tokens }: InputShape) {
  const { shape: from, expr } = x;
  if (sameShape(shape, from)) return [x];
  if (sizeOf(shape) !== sizeOf(from)) return null;
  // Tokens are [batch, tokens, d], or one below the other: [batch * tokens, d].
  const below = (s: readonly number[]) => s.length === 2 && s[0] === batch * tokens;
  const apart = (s: readonly number[]) => s.length >= 3 && s[0] === batch && s[1] === tokens;
  const plain = (s: readonly number[]) => below(s) || (apart(s) && s.length === 3);
  if (plain(from) && plain(shape)) return symbolic(shape, expr);
  if (plain(from) && apart(shape) && shape.length === 4) return symbolic(shape, split(expr, shape[2]!));
  if (
    from.length === 4 &&
    (plain(shape) || (shape.length === 3 && shape[0] === batch && shape[1] === from[1]))
  )
    return symbolic(shape, mixedStage(expr, "tokens", "merged"));
  if (expr.op !== "first") return null;
  // One token is left: dimensions of 1 come and go.
  if (from.length === 3 && shape.length === 4 && shape[0] === from[0] && shape[1] === from[1])
    return symbolic(shape, split(expr, shape[2]!));
  const core = (s: readonly number[]) => [s[0]!, ...s.slice(1).filter((n) => n !== 1)];
  return sameShape(core(shape), core(from)) && shape.length <= 3 && from.length <= 3
    ? symbolic(shape, expr)
    : null;
}

const reshape: Operator = ([x, wanted], attributes, _, input) => {
  if (!isSymbolic(x) || !isKnown(wanted) || wanted.usesIds) return null;
  const shape = reshapedShape(x.shape, Array.from(wanted.data), intOf(attributes, "allowzero", 0) === 1);
  return shape === null ? null : toShape(x, shape, input);
};

const gather: Operator = ([x, chosen], attributes) => {
  if (!isSymbolic(x) || !isKnown(chosen) || x.shape.length !== 3) return null;
  const axis = intOf(attributes, "axis", 0);
  const one = chosen.data.length === 1 && chosen.data[0] === 0 && !chosen.usesIds;
  if (!one || (axis !== 1 && axis !== -2)) return null;
  return symbolic([x.shape[0]!, ...chosen.shape, x.shape[2]!], first(x.expr));
};

const slice: Operator = ([x, starts, ends, axesInput, steps]) => {
  if (!isSymbolic(x) || !isKnown(starts) || !isKnown(ends) || starts.data.length !== 1) return null;
  if (isKnown(steps) && !every(steps, 1)) return null;
  const axes = isKnown(axesInput) ? axesOf(new Map(), axesInput, x.shape.length)! : [0];
  const [axis] = axes as [number];
  const size = x.shape[axis]!;
  const [from, to] = sliceRange(size, starts.data[0]!, ends.data[0]!);
  const shape = x.shape.map((n, i) => (i === axis ? to - from : n));
  if (from === 0 && to === size && !(axis === 1 && x.shape.length === 3)) return [x];
  if (axis === x.shape.length - 1) return symbolic(shape, part(x.expr, from, to));
  return x.shape.length === 3 && axis === 1 && from === 0 && to === 1 ? symbolic(shape, first(x.expr)) : null;
};

const splitParts: Operator = ([x, sizesInput], attributes, outputs) => {
  if (!isSymbolic(x)) return null;
  const axis = intOf(attributes, "axis", 0);
  if (axis !== -1 && axis !== x.shape.length - 1) return null;
  const given = attributes.get("split") ?? (isKnown(sizesInput) ? Array.from(sizesInput.data) : null);
  const width = x.shape.at(-1)!;
  const sizes = Array.isArray(given) ? (given as number[]) : new Array<number>(outputs).fill(width / outputs);
  if (sizes.length !== outputs || sizes.reduce((a, b) => a + b, 0) !== width) return null;
  let at = 0;
  const parts: Symbolic[] = [];
  for (const size of sizes) {
    const expr = part(x.expr, at, at + size);
    if (expr === null) return null;
    parts.push({ kind: "symbolic", shape: [...x.shape.slice(0, -1), size], expr });
    at += size;
  }
  return parts;
};

export const SHAPES: Readonly<Record<string, Operator>> = {
  Transpose: transpose,
  Reshape: reshape,
  Flatten: ([x], attributes, _, input) =>
    isSymbolic(x) && intOf(attributes, "axis", 1) === 1
      ? toShape(x, [x.shape[0]!, sizeOf(x.shape.slice(1))], input)
      : null,
  Squeeze: ([x, axes], attributes, _, input) =>
    isSymbolic(x)
      ? toShape(
          x,
          squeezedShape(x.shape, axesOf(attributes, isKnown(axes) ? axes : null, x.shape.length)),
          input,
        )
      : null,
  Unsqueeze: ([x, axes], attributes, _, input) => {
    const given = isSymbolic(x) ? axesOf(attributes, isKnown(axes) ? axes : null, x.shape.length + 1) : null;
    if (!isSymbolic(x) || given === null) return null;
    // Rows of a table for every sequence alike.
    const shape = unsqueezedShape(x.shape, given);
    return x.expr.op === "lookup" && shape[0] === 1 ? symbolic(shape, x.expr) : toShape(x, shape, input);
  },
  Expand: ([x, shape]) => {
    if (!isSymbolic(x) || !isKnown(shape) || shape.usesIds) return null;
    const to = broadcast(x.shape, Array.from(shape.data));
    return to !== null && (x.expr.op === "lookup" || sameShape(to, x.shape)) ? symbolic(to, x.expr) : null;
  },
  Gather: gather,
  Slice: slice,
  Split: splitParts,
};
