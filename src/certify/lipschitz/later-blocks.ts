/**
 * What k edits can take from the second and later blocks of a native Transformer, by radii at the text's own activations.
 *
 * Edits take at most t = 2k tokens and bring at most t. Before block l, a token that stays has moved by at most rho_i (0 before the
 * first block), and any token at all is at most X long. Per head and query i of the text, with p the weights (the null's
 * share left out), z = W_o W_v h and o_i = sum_j p_ij z_j:
 *
 * 1. All tokens of the text stay and move. Scores move by t_ij with f_ij <= e^t_ij <= g_ij (score-moves.ts). Let Z = sum_j p_j e^t_j + p_null.
 *    Exactly, sum_j (p'_j - p_j) z_j = (1/Z) sum_j p_j (e^t_j - 1) (z_j - o_i): the null has t = 0, and sum_j p_j (z_j - o_i), null
 *    included, is 0. And p'_j <= p_j g_j / Z. With Z >= zeta = 1 - sum_j p_j (1 - f_j),
 *        |o~_i - o_i| <= E1 = (1/zeta) sum_j p_j [ max(g_j - 1, 1 - f_j) |z_j - o_i| + g_j |W_o W_v| rho_j ].
 * 2. From there, t tokens go and t come. By the identity of charges.ts,
 *        |o_i' - o~_i| <= E2 = [ the t largest of w_ir g_ir (|z_r - o_i| + E1) + t w (|W_o W_v| X + |o_i| + E1) ] / D,
 *    w = e^(the largest score), D = max(n0, n0 + sum_j w_ij f_ij - the t largest w_ij f_ij).
 *    (In step 1 tokens that will go may as well move: they are in no sum afterwards.)
 *    Where a head sees b tokens before and a behind, the sums are over these alone, and a query loses and gains at most min(t, a + b) keys: a place of e
 *    edits takes or pushes out, and brings or pulls in, at most 2e of them (window-charges.ts).
 * For a linear form u in place of the norm, |z_j - o_i| becomes |u(z_j) - u(o_i)| and |W_o W_v| becomes |u W_o W_v|.
 * Feed-forward of a token moved by r moves by at most Lip r. So rho and X of the next block follow, and of a block from the second on
 * the margin loses at most: for each token of the text, gA times (E1 + E2 of the form c) and gF Lip_c r; for those that go
 * the t largest of what they give now; for each of t that come, gA |c W_o W_v| X and gF Lip_c (its length after attention).
 *
 * Windows keep it near. Let there be edits at k places at most. What a query sees on a side changes only if fewer kept tokens than it reaches are between
 * it and the nearest place: E2 is 0 in a head for all but k (a + b) queries. By induction, a token has moved behind block l only if there are fewer
 * than sum of the B_l' kept tokens between it and a place before it, or than sum of the A_l' and one behind it, B and A the most that heads of blocks up to
 * l see on each side: at most k sum of (B + A) tokens (`spread`). So of the losses of tokens that stay only as many count, the largest.
 * Rounding: all terms are >= 0; the result is multiplied by 1 + 2^-25.
 */
import { attend, project } from "../../layers/attention.js";
import { feedForward } from "../../layers/feed-forward.js";
import { largestScore } from "../../layers/similarity.js";
import { globalSlopes } from "../../layers/slopes.js";
import { reach, seenBy } from "../../layers/windows.js";
import type { NativeBlock, NativeTransformer } from "../../model/native-transformer.js";
import { type DenseMatrix, dense, type Matrix, matrix, multiply, transpose } from "../../numeric/matrix.js";
import { frobeniusNormUp, spectralNormUp } from "../../numeric/norms.js";
import { scalarLipschitz } from "./scalar-lipschitz.js";
import { type ScoreHead, scoreHead, scoreMoves } from "./score-moves.js";

const OUT = 1 + 2 ** -25;

interface Head {
  readonly scores: ScoreHead;
  /** [d, d] W_o W_v */
  readonly through: DenseMatrix;
  readonly throughNorm: number;
}

interface Prepared {
  readonly block: NativeBlock;
  readonly heads: readonly Head[];
  /** Lipschitz constant of the feed-forward branch. */
  readonly forward: number;
}

export interface LaterLoss {
  /** What these blocks give the margin now, and the sum of the sizes of its terms. */
  readonly total: number;
  readonly size: number;
  /** The most that k edits take from it. */
  readonly loss: number;
}

const prepared = new WeakMap<NativeTransformer, readonly Prepared[]>();

export function laterLoss(
  model: NativeTransformer,
  tokens: readonly number[],
  winner: number,
  rival: number,
  edits: number,
): LaterLoss {
  let blocks = prepared.get(model);
  if (blocks === undefined) {
    blocks = model.blocks.map(prepare);
    prepared.set(model, blocks);
  }
  const d = model.embedding.columns;
  const c = Float64Array.from(
    { length: d },
    (_, i) => model.readout.data[winner * d + i]! - model.readout.data[rival * d + i]!,
  );
  const spread = spreads(model.blocks, edits);
  let h = model.embed(tokens);
  let radii = new Float64Array(tokens.length);
  let longest = longestRow(model.embedding);
  let total = 0;
  let size = 0;
  let loss = 0;
  for (const [l, block] of blocks.entries()) {
    const step = through(block, h, radii, longest, c, edits, spread[l]!);
    if (l > 0) {
      for (const own of step.own) {
        total += own;
        size += Math.abs(own);
      }
      loss += step.lost + 2 * edits * step.brought;
      loss += largest(
        step.own.map((value) => Math.max(0, value)),
        2 * edits,
      );
    }
    h = step.after;
    radii = step.radii;
    longest = step.longest;
  }
  return { total, size, loss: loss * OUT };
}

interface Step {
  readonly after: Float64Array;
  readonly radii: Float64Array<ArrayBuffer>;
  readonly longest: number;
  /** [n] what each token gives the margin here */
  readonly own: Float64Array;
  /** What tokens that stay lose at most, all together. */
  readonly lost: number;
  /** What one that comes costs at most. */
  readonly brought: number;
}

function through(
  { block, heads, forward }: Prepared,
  h: Float64Array,
  radii: Float64Array,
  longest: number,
  c: Float64Array,
  edits: number,
  spread: number,
): Step {
  const d = c.length;
  const n = radii.length;
  const { attention: layer, feedForward: mlp } = block;
  const { queries, keys, values } = project(layer, h);
  const gA = Math.abs(block.attentionGain);
  const gF = Math.abs(block.feedForwardGain);
  const mixed = attend(layer, queries, keys, values);
  const middle = Float64Array.from(h);
  const own = new Float64Array(n);
  const moved = new Float64Array(n);
  const lostFirst = new Float64Array(n);
  const lostOf = new Float64Array(n);
  let lostSecond = 0;
  let comesLength = 0;
  let comesSeen = 0;
  for (const [index, head] of heads.entries()) {
    const { weights, growth, shrink } = scoreMoves(layer, head.scores, index, h, radii, queries, keys);
    const { z, o } = forwardOf(layer, index, head, h, mixed);
    const seen = formOn(c, head.through);
    const seenNorm = frobeniusNormUp({ rows: 1, columns: d, data: seen });
    comesLength += head.throughNorm * longest;
    comesSeen += seenNorm * longest;
    const heaviest = Math.exp(largestScore(layer)) * OUT;
    const sides = sidesOf(block, index);
    const t = Math.min(2 * edits, sides);
    const secondOf = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      for (let e = 0; e < d; e++)
        middle[i * d + e] = middle[i * d + e]! + block.attentionGain * o[i * d + e]!;
      const oSeen = dot(c, o, i * d);
      own[i] = own[i]! + block.attentionGain * oSeen;
      const oLength = norm(o, i * d, d);
      const row = weights.subarray(i * n, (i + 1) * n);
      // What a query doesn't see is no key of it.
      const { first: from, last: to } = seenBy(layer.windows?.[index], i, n);
      row.fill(0, 0, from).fill(0, to + 1);
      const present = row.reduce((sum, weight) => sum + weight, layer.nullMass);
      let kept = 1;
      for (let j = 0; j < n; j++) kept -= (row[j]! / present) * (1 - shrink[i * n + j]!);
      // 1 - a sum of shares: an absolute error of 2^-40 at most.
      const zeta = Math.max(kept - 2 ** -40, Math.exp(-2 * layer.limit));
      const apart = new Float64Array(n);
      const apartSeen = new Float64Array(n);
      let first = 0;
      let firstSeen = 0;
      for (let j = 0; j < n; j++) {
        let square = 0;
        for (let e = 0; e < d; e++) square += (z[j * d + e]! - o[i * d + e]!) ** 2;
        apart[j] = Math.sqrt(square) + 2 ** -40 * (oLength + norm(z, j * d, d));
        apartSeen[j] =
          Math.abs(dot(c, z, j * d) - oSeen) + 2 ** -40 * (oLength + norm(z, j * d, d)) * norm(c, 0, d);
        const share = row[j]! / present / zeta;
        const grown = growth[i * n + j]!;
        const moves = Math.max(grown - 1, 1 - shrink[i * n + j]!);
        first += share * (moves * apart[j]! + grown * head.throughNorm * radii[j]!);
        firstSeen += share * (moves * apartSeen[j]! + grown * seenNorm * radii[j]!);
      }
      const heavy = row.map((weight, j) => weight * growth[i * n + j]!);
      const light = row.map((weight, j) => weight * shrink[i * n + j]!);
      const low = light.reduce((sum, weight) => sum + weight, layer.nullMass) - largest(light, t);
      const mass = Math.max(layer.nullMass, low) * (1 - 2 ** -40);
      const gone = largest(
        heavy.map((weight, j) => weight * (apart[j]! + first)),
        t,
      );
      const goneSeen = largest(
        heavy.map((weight, j) => weight * (apartSeen[j]! + firstSeen)),
        t,
      );
      const second = (gone + t * heaviest * (head.throughNorm * longest + oLength + first)) / mass;
      const secondSeen =
        (goneSeen + t * heaviest * (seenNorm * longest + Math.abs(oSeen) + firstSeen)) / mass;
      moved[i] = moved[i]! + gA * (first + second) * OUT;
      lostFirst[i] = lostFirst[i]! + gA * firstSeen * OUT;
      lostOf[i] = lostOf[i]! + gA * (firstSeen + secondSeen) * OUT;
      secondOf[i] = gA * secondSeen * OUT;
    }
    lostSecond += largest(secondOf, edits * sides);
  }
  const outer = formOn(c, dense(mlp.outer.weight));
  const seenForward = gF * scalarLipschitz(outer, mlp);
  const branch = feedForward(mlp, middle);
  const after = new Float64Array(middle.length);
  const next = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const r = radii[i]! + moved[i]!;
    lostFirst[i] = lostFirst[i]! + seenForward * r;
    lostOf[i] = lostOf[i]! + seenForward * r;
    next[i] = r * (1 + gF * forward) * OUT;
    for (let e = 0; e < d; e++)
      after[i * d + e] = middle[i * d + e]! + block.feedForwardGain * branch[i * d + e]!;
    own[i] = own[i]! + block.feedForwardGain * dot(c, branch, i * d);
  }
  const middleLongest = longest + gA * comesLength;
  return {
    after,
    radii: next,
    longest: middleLongest * (1 + gF * forward) * OUT,
    own,
    lost: Math.min(largest(lostOf, spread), largest(lostFirst, spread) + lostSecond),
    brought: gA * comesSeen + seenForward * middleLongest,
  };
}

/** [blocks] how many of the tokens that stay have moved behind each block, at most. */
export function spreads(blocks: readonly NativeBlock[], edits: number): number[] {
  let spread = 0;
  return blocks.map((block) => {
    spread += edits * sidesOf(block);
    return spread;
  });
}

/** Tokens that a head, or the widest of all, sees on both sides at most. */
function sidesOf({ attention: { windows } }: NativeBlock, head?: number): number {
  if (windows === undefined) return Number.POSITIVE_INFINITY;
  const seen = head === undefined ? windows : [windows[head]!];
  const most = (side: "before" | "after") => Math.max(...seen.map((sides) => reach(sides[side])));
  return most("before") + most("after");
}

/** Values and outputs of one head. */
function forwardOf(
  layer: NativeBlock["attention"],
  index: number,
  { through: map }: Head,
  h: Float64Array,
  mixed: Float64Array,
) {
  const d = map.rows;
  const n = h.length / d;
  const depth = layer.value.weight.rows / layer.heads;
  const z = multiply({ rows: n, columns: d, data: h }, transpose(map)).data;
  const o = new Float64Array(n * d);
  const out = layer.output.weight;
  for (let i = 0; i < n; i++)
    for (let e = 0; e < d; e++)
      for (let s = 0; s < depth; s++)
        o[i * d + e] =
          o[i * d + e]! +
          out.data[e * out.columns + index * depth + s]! * mixed[(i * layer.heads + index) * depth + s]!;
  return { z, o };
}

function prepare(block: NativeBlock): Prepared {
  const { attention: layer, feedForward: mlp } = block;
  const width = layer.query.weight.rows / layer.heads;
  const depth = layer.value.weight.rows / layer.heads;
  const heads = Array.from({ length: layer.heads }, (_, index): Head => {
    const query = rowsOf(layer.query.weight, index * width, width);
    const key = rowsOf(layer.key.weight, index * width, width);
    const value = rowsOf(layer.value.weight, index * depth, depth);
    const output = transpose(rowsOf(transpose(layer.output.weight), index * depth, depth));
    const map = multiply(output, value);
    return {
      scores: scoreHead(query, key),
      through: map,
      throughNorm: Math.min(
        spectralNormUp(map) * OUT + 2 ** -40 * frobeniusNormUp(output) * frobeniusNormUp(value),
        spectralNormUp(output) * spectralNormUp(value),
      ),
    };
  });
  const { least, most } = globalSlopes(mlp.activation);
  const joint = spectralNormUp(multiply(mlp.outer.weight, mlp.inner.weight)) * OUT;
  const product = spectralNormUp(mlp.outer.weight) * spectralNormUp(mlp.inner.weight);
  const slack = 2 ** -40 * frobeniusNormUp(mlp.outer.weight) * frobeniusNormUp(mlp.inner.weight);
  const forward = (Math.abs(least + most) / 2) * (joint + slack) + ((most - least) / 2) * product;
  return {
    block,
    heads,
    forward: Math.min(forward, Math.max(Math.abs(least), Math.abs(most)) * product) * OUT,
  };
}

function rowsOf(a: Matrix, from: number, count: number): DenseMatrix {
  return matrix(count, a.columns, a.data.subarray(from * a.columns, (from + count) * a.columns));
}

/** c' M */
function formOn(c: Float64Array, { rows, columns, data }: DenseMatrix): Float64Array {
  const form = new Float64Array(columns);
  for (let r = 0; r < rows; r++)
    for (let e = 0; e < columns; e++) form[e] = form[e]! + c[r]! * data[r * columns + e]!;
  return form;
}

function dot(c: Float64Array, x: Float64Array, from: number): number {
  let sum = 0;
  for (let e = 0; e < c.length; e++) sum += c[e]! * x[from + e]!;
  return sum;
}

function norm(x: ArrayLike<number>, from: number, d: number): number {
  let square = 0;
  for (let e = 0; e < d; e++) square += x[from + e]! ** 2;
  return Math.sqrt(square) * OUT;
}

function longestRow({ rows, columns, data }: Matrix): number {
  let longest = 0;
  for (let row = 0; row < rows; row++) longest = Math.max(longest, norm(data, row * columns, columns));
  return longest;
}

/** Sum of the `count` largest. */
function largest(values: Float64Array, count: number): number {
  if (count >= values.length) return values.reduce((sum, value) => sum + value, 0);
  const sorted = Float64Array.from(values).sort();
  let sum = 0;
  for (let i = 0; i < count; i++) sum += sorted[sorted.length - 1 - i]!;
  return sum;
}
