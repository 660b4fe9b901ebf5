/**
 * Bounds of the feed-forward branch, with or without its skip path.
 *
 * Theorem (mlp). A change delta of the input changes the output by W2 S W1 delta, S diagonal, its entries secant slopes of the neurons on
 * their intervals [z_f - |w_f| r, z_f + |w_f| r] (w_f row f of W1, w^f column f of W2). With S = M + E, M the middles and |E_f| <= e_f,
 *     |change| <= r ( |W2 M W1| + min( |W2| max e |W1|, |W2| |diag(e) W1|_F, sum_f e_f |w_f| |w^f| ) ),
 * and the skip path puts I + W2 M W1 in the place of W2 M W1. With slopes over all numbers in [a, b], m = (a + b) / 2, h = (b - a) / 2, the same proof gives
 * m |W2 W1| + h |W2| |W1|, and the product of norms max(|a|, |b|) |W2| |W1|. The least of the three is taken.
 * Gradients: J' g = W1' S W2' g with derivatives for S; t = W2' g is known, so |W1' E t| <= min(|W1| |e t|, sum e_f |t_f| |w_f|).
 *
 * Theorem (orthogonal). I - 2 W' S W with 0 <= S <= I has its eigenvalues in [1 - 2 |W|^2, 1], so its norm is at most
 * max(1, 2 |W|^2 - 1): 1 where W W' = I, and never above by more than the rounding of W. Zero stays zero.
 */
import type { DenseMatrix } from "../numeric/matrix.js";
import { applyTransposed, dense, multiply, transpose } from "../numeric/matrix.js";
import { spectralNormUp } from "../numeric/norms.js";
import { activate } from "./activation.js";
import { activationLipschitz, activationRounding, slopeRange } from "./activation-bound.js";
import type { Balls, Image } from "./balls.js";
import { isZero, lengthUp, outward, sumRounding } from "./balls.js";
import type { FeedForward, MlpFeedForward } from "./feed-forward.js";
import { feedForward, feedForwardStep } from "./feed-forward.js";
import type { LinearBound } from "./linear.js";
import { linear, linearBound, linearRounding } from "./linear.js";
import { globalSlopes } from "./slopes.js";

/** What bounds need of the branch; all from above. */
export interface FeedForwardBound {
  readonly layer: FeedForward;
  /** W1 (orthogonal: W) and W2. */
  readonly inner: LinearBound;
  readonly outer: LinearBound | null;
  /** Lengths of W1's rows and W2's columns. */
  readonly rows: Float64Array;
  readonly columns: Float64Array;
  /** Lipschitz constants in l2, of the branch and of the branch with its skip path. */
  readonly branch: number;
  readonly step: number;
}

/** Multiplications that a token's own slopes may cost. */
const LOCAL_WORK = 2 ** 21;

export function feedForwardBound(layer: FeedForward): FeedForwardBound {
  if (layer.kind === "orthogonal") {
    const inner = linearBound({ weight: layer.weight, bias: null });
    const constant = Math.max(1, outward(2 * inner.l2 * inner.l2 - 1));
    return {
      layer,
      inner,
      outer: null,
      rows: rowLengths(dense(layer.weight)),
      columns: new Float64Array(0),
      branch: constant,
      step: constant,
    };
  }
  const inner = linearBound(layer.inner);
  const outer = linearBound(layer.outer);
  const { least, most } = globalSlopes(layer.activation);
  const half = ((most - least) / 2) * inner.l2 * outer.l2;
  const product = multiply(layer.outer.weight, layer.inner.weight);
  const error = sumRounding(layer.inner.weight.rows) * inner.frobenius * outer.frobenius;
  const middle = (least + most) / 2;
  const largest = activationLipschitz(layer.activation) * inner.l2 * outer.l2;
  const branch = outward(Math.min(largest, middle * (spectralNormUp(product) + error) + half));
  const withSkip = spectralNormUp(plusIdentity(product, middle)) + middle * error + 2 ** -40;
  return {
    layer,
    inner,
    outer,
    rows: rowLengths(dense(layer.inner.weight)),
    columns: rowLengths(transpose(layer.outer.weight)),
    branch,
    step: outward(Math.min(1 + branch, withSkip + half)),
  };
}

function rowLengths({ rows, columns, data }: DenseMatrix): Float64Array {
  return Float64Array.from({ length: rows }, (_, f) => lengthUp(data, f * columns, columns));
}

/** I + factor a. */
function plusIdentity(a: DenseMatrix, factor: number): DenseMatrix {
  const data = a.data.map((value) => factor * value);
  for (let i = 0; i < a.rows; i++) data[i * a.columns + i]! += 1;
  return { ...a, data };
}

/** Balls of the branch (`skip` false) or of the branch with its skip path; all but the first `needed` by constants that hold everywhere. */
export function feedForwardBalls(
  bound: FeedForwardBound,
  balls: Balls,
  skip: boolean,
  needed = balls.radii.length,
): Image {
  const { layer } = bound;
  const { d, centers, radii } = balls;
  if (layer.kind === "orthogonal") {
    const { inner, branch } = bound;
    const rounding = radii.map((r, i) =>
      outward(
        sumRounding(2 * d) * (lengthUp(centers, i * d, d) + r) * (1 + 4 * inner.frobenius * inner.frobenius) +
          2 ** -900,
      ),
    );
    return {
      d,
      centers: feedForward(layer, centers),
      radii: radii.map((r, i) => outward(branch * r + rounding[i]!)),
      rounding,
    };
  }
  const inner = linear(layer.inner, centers);
  const rounding = radii.map((r, i) => tokenRounding(bound, layer, balls, inner, i, r, skip));
  const everywhere = skip ? bound.step : bound.branch;
  const constants = radii.map((r, i) =>
    i < needed ? tokenConstant(bound, layer, balls, inner, i, r, skip) : everywhere,
  );
  return {
    d: layer.outer.weight.rows,
    centers: skip ? feedForwardStep(layer, centers) : feedForward(layer, centers),
    radii: radii.map((r, i) => outward((r > 0 ? constants[i]! * r : 0) + rounding[i]!)),
    rounding,
  };
}

/** What one neuron can move by: |w_f| r and rounding. */
function neuronWidths({ inner, rows }: FeedForwardBound, r: number, length: number): Float64Array {
  const rounding = linearRounding(inner, length + r);
  return rows.map((row) => outward(row * r + rounding));
}

/** What the forward of one token can err, at two inputs. */
function tokenRounding(
  { inner: first, outer }: FeedForwardBound,
  layer: MlpFeedForward,
  { d, centers }: Balls,
  inner: Float64Array,
  token: number,
  r: number,
  skip: boolean,
): number {
  const f = layer.inner.weight.rows;
  const { l2, bias } = outer!;
  const length = lengthUp(centers, token * d, d) + r;
  const lipschitz = activationLipschitz(layer.activation);
  const activated = activate(layer.activation, inner.subarray(token * f, (token + 1) * f));
  const hidden = lengthUp(activated) + lipschitz * first.l2 * r;
  const before = lipschitz * linearRounding(first, length) + activationRounding(layer.activation, hidden, f);
  const last = skip ? 2 ** -49 * (length + l2 * hidden + bias) : 0;
  return outward(linearRounding(outer!, hidden + before) + l2 * before + last);
}

/** By how much one token's change is stretched: by its own slopes if that isn't too dear. */
function tokenConstant(
  bound: FeedForwardBound,
  layer: MlpFeedForward,
  { d, centers }: Balls,
  inner: Float64Array,
  token: number,
  r: number,
  skip: boolean,
): number {
  const f = layer.inner.weight.rows;
  const everywhere = skip ? bound.step : bound.branch;
  if (!(r > 0 && r < Number.POSITIVE_INFINITY)) return everywhere;
  const widths = neuronWidths(bound, r, lengthUp(centers, token * d, d));
  const z = inner.subarray(token * f, (token + 1) * f);
  return Math.min(everywhere, localConstant(bound, layer, z, widths, skip, true));
}

/** |W2 M W1| (+ I) and what the slopes' spread adds. */
function localConstant(
  bound: FeedForwardBound,
  layer: MlpFeedForward,
  z: Float64Array,
  widths: Float64Array,
  skip: boolean,
  secant: boolean,
): number {
  const first = layer.inner.weight;
  const second = layer.outer.weight;
  const f = first.rows;
  const d = first.columns;
  if (d * f * second.rows > LOCAL_WORK) return Number.POSITIVE_INFINITY;
  const { middle, spread, most } = slopeRange(layer.activation, z, widths, secant);
  let widest = 0;
  let squares = 0;
  let sum = 0;
  const scaled = new Float64Array(f * d);
  for (let k = 0; k < f; k++) {
    const e = spread[k]!;
    widest = Math.max(widest, e);
    squares += (e * bound.rows[k]!) ** 2;
    sum += e * bound.rows[k]! * bound.columns[k]!;
    for (let c = 0; c < d; c++) scaled[k * d + c] = middle[k]! * first.data[k * d + c]!;
  }
  const product = multiply(second, { rows: f, columns: d, data: scaled });
  const norm = spectralNormUp(skip ? plusIdentity(product, 1) : product);
  const error =
    sumRounding(f) * most * bound.inner.frobenius * bound.outer!.frobenius + (skip ? 2 ** -40 : 0);
  const rest = Math.min(bound.outer!.l2 * widest * bound.inner.l2, bound.outer!.l2 * Math.sqrt(squares), sum);
  return outward(norm + error + rest);
}

/** Gradients at the input of the branch, or of the branch with its skip path; `balls` are those at its input. */
export function feedForwardGradient(
  bound: FeedForwardBound,
  balls: Balls,
  gradient: Balls,
  skip: boolean,
): Balls {
  const { layer, inner } = bound;
  const { d, centers, radii } = balls;
  const orthogonal = layer.kind === "orthogonal";
  const first = dense(inner.layer.weight);
  const f = first.rows;
  const width = gradient.d;
  const z = linear(inner.layer, centers);
  const second = orthogonal ? transpose(first) : dense(layer.outer.weight);
  const frobenius = orthogonal ? 2 * inner.frobenius : bound.outer!.frobenius;
  const out = new Float64Array(radii.length * d);
  const outRadii = gradient.radii.map((rho, i) => {
    const g = gradient.centers.subarray(i * width, (i + 1) * width);
    // The margin doesn't depend on this token.
    if (isZero(gradient, i)) return 0;
    const widths = neuronWidths(bound, radii[i]!, lengthUp(centers, i * d, d));
    const { middle, spread, most } = slopeRange(
      orthogonal ? "relu" : layer.activation,
      z.subarray(i * f, (i + 1) * f),
      widths,
      false,
    );
    const t = applyTransposed(second, g);
    let sum = 0;
    const apart = new Float64Array(f);
    for (let k = 0; k < f; k++) {
      if (orthogonal) t[k] = -2 * t[k]!;
      apart[k] = spread[k]! * Math.abs(t[k]!);
      sum += apart[k]! * bound.rows[k]!;
      t[k] = middle[k]! * t[k]!;
    }
    const own = applyTransposed(first, t);
    const size = lengthUp(g);
    for (let c = 0; c < d; c++) out[i * d + c] = own[c]! + (skip || orthogonal ? g[c]! : 0);
    let constant = skip ? bound.step : bound.branch;
    if (layer.kind === "mlp" && rho > 0 && radii[i]! < Number.POSITIVE_INFINITY)
      constant = Math.min(
        constant,
        localConstant(bound, layer, z.subarray(i * f, (i + 1) * f), widths, skip, false),
      );
    const rounding =
      sumRounding(2 * f + width) * (size * (1 + inner.frobenius * frobenius * most) + 2 ** -900);
    return outward(constant * rho + Math.min(inner.l2 * lengthUp(apart), sum) + rounding);
  });
  return { d, centers: out, radii: outRadii };
}
