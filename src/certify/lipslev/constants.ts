/**
 * What one edit can change a LipsLev model's margin by, at any text: GLOBAL constants, which chain along a path of k edits.
 *
 * Setting. Margin of class a over b: m(x) = v . h(x), v = (C_a - C_b) / (M(E) M(K) M(W)), h(x) = sum_t relu(z_t), windows
 * z_t = sum_u K_u e(x_{t+u}), u = 0..q-1, id 0 around the text and e(0) = 0. A change of one window from z to z' lowers the margin
 * by at most w(z' - z), where w is either
 *     norms:  w(y) = |v|_r |y|_p          (1/p + 1/r = 1, Hoelder, and relu is 1-Lipschitz in every coordinate), or
 *     signs:  w(y) = sum_j max(0, -v_j y_j)  (relu(z'_j) - relu(z_j) lies between 0 and y_j).
 * Both are sublinear: w(y + y') <= w(y) + w(y'). Let d_u = max over ids c, c' (0 included) of w(K_u (e(c') - e(c))), and A and B the
 * most that a window that appears or vanishes can take off: for norms A = B = |v|_r sum_u |K_u| N, N the largest |e(c)|; for
 * signs A = sum_u max_c sum_j max(0, -v_j) max(0, K_u e(c))_j, and B the same with v for -v (relu(z)_j <= sum_u max(0, K_u e(x_u))_j).
 *
 * THEOREM. One edit of the ids lowers m by at most
 *     substitution:  max over c, c' of sum_u w(K_u (e(c') - e(c)))  <=  sum_u d_u
 *     insertion:     min over s = 0..q-1 of  sum_{u<s} sum_{l<=u} d_l + sum_{u>s} sum_{l>=u} d_l  + A,  deletion: with B for A.
 * Proof. Substitution at i changes the windows t = i - u, u = 0..q-1, each in its place u. Insertion of c before i (0-based): windows
 * of the new text that don't hold c are windows of the old one, shifted. Those that hold c are Y_u, which has it in place u. The old windows
 * that are gone are the q - 1 that hold places on both sides of i: X_t, t = i-q+1..i-1. Y_u and X_{i-u} agree in all places before u
 * (both have x_{i-u}..x_{i-1} there) and differ in places >= u; Y_u and X_{i-u-1} agree in all places after u (both have
 * x_i, x_{i+1}, .. there) and differ in places <= u. Choose s, match Y_u with X_{i-u-1} for u < s (t = i-1..i-s) and with X_{i-u}
 * for u > s (t = i-s-1..i-q+1): every X once, and Y_s is left over and appears. Deletion is the reverse: windows are matched
 * alike, d_u is symmetric in c and c', and Y_s vanishes. Published is sum_u d_u for all edits, which this matching
 * shows to be wrong for q > 1: an insertion shifts the windows behind it. (u counts from the window's first character. A convolution
 * proper has it the other way round, lag q-1-u; reversing d and s leaves the minimum as it is.)
 *
 * Cutting. A text of more than L ids is cut to L. An insertion then also drops the last id, and a deletion brings one up: one more
 * substitution, by or for id 0. So where texts can be longer, insertion and deletion cost one substitution more.
 *
 * Rounding. The model is made of the rounded P_u[c], not of K_u e(c): |P_u[c] - K_u e(c)|_j <= g sum_d |K_u|_jd |e(c)|_d, g = gamma(d),
 * hence within g |K_u|_1-all N_inf in every coordinate; `norms` adds twice that, times |v|_1, in every d_u (`slack`), and `signs` is computed
 * from P itself. Sums of numbers that are >= 0 are raised by what their roundings can have lost.
 */
import type { LipslevModel } from "../../model/lipslev.js";
import { distanceAbove, dualOrder } from "../../model/lipslev-norms.js";
import { addUp, gammaUp, multiplyUp } from "../../numeric/rounding.js";
import { l1NormUp, linfNormUp } from "../../numeric/sums.js";

/** The most that one edit lowers a margin by, from above. */
export interface EditCosts {
  readonly substitute: number;
  readonly insert: number;
  readonly delete: number;
}

const { max, abs } = Math;

/** Cost of any one edit of texts that are never cut, or that may be. */
export function worstCost(costs: EditCosts, cut: boolean): number {
  const shifted = max(costs.insert, costs.delete);
  return max(costs.substitute, cut ? addUp(shifted, costs.substitute) : shifted);
}

/** The formula for insertions without A: the least over s. All d >= 0; rounded up. */
function shiftCost(d: readonly number[]): number {
  let least = Number.POSITIVE_INFINITY;
  for (let s = 0; s < d.length; s++) {
    let sum = 0;
    for (let u = 0; u < s; u++) for (let l = 0; l <= u; l++) sum = addUp(sum, d[l]!);
    for (let u = s + 1; u < d.length; u++) for (let l = u; l < d.length; l++) sum = addUp(sum, d[l]!);
    least = Math.min(least, sum);
  }
  return least;
}

/** |C_a - C_b| in the dual norm, divided by the model's norms as its margins are. */
function scaledHead(model: LipslevModel, a: number, b: number): number {
  const { head, hiddenSize, p } = model;
  const row = (y: number) => head.subarray(y * hiddenSize, (y + 1) * hiddenSize);
  return multiplyUp(distanceAbove(row(a), row(b), dualOrder(p)), model.scale);
}

/**
 * What the paper takes for the cost of any edit: sum_u |K_u| M(E) |C_a - C_b|, scaled. UNSOUND for insertions and deletions
 * where the kernel is wider than 1; for comparison with published figures only.
 */
export function publishedCost(model: LipslevModel, a: number, b: number): number {
  return multiplyUp(scaledHead(model, a, b), multiplyUp(model.norms.kernel, model.norms.distance));
}

/** The theorem with norms: the corrected constant. */
export function normCosts(model: LipslevModel, a: number, b: number): EditCosts {
  const { norms, embedSize, kernelSize, kernel, embedding } = model;
  const v = scaledHead(model, a, b);
  // Generous, and still a billionth of the constants.
  const all = multiplyUp(l1NormUp(kernel), linfNormUp(embedding));
  const slack = multiplyUp(multiplyUp(2 * model.hiddenSize, gammaUp(embedSize + 2)), all);
  const d = norms.slices.map((k) => multiplyUp(v, addUp(multiplyUp(k, norms.distance), slack)));
  const appears = multiplyUp(
    v,
    addUp(multiplyUp(norms.kernel, norms.largest), multiplyUp(kernelSize, slack)),
  );
  const shifted = addUp(shiftCost(d), appears);
  return { substitute: d.reduce(addUp, 0), insert: shifted, delete: shifted };
}

/** The theorem with signs: tighter (a third off on the published model), and in no need of norms. */
export function signCosts(model: LipslevModel, a: number, b: number): EditCosts {
  const { table, rows, kernelSize, hiddenSize, head, scale } = model;
  // Terms are >= 0, each a product of a difference and a weight, summed over channels and places.
  const raise = 1 + gammaUp(hiddenSize + kernelSize + 8);
  const v = Float64Array.from(
    { length: hiddenSize },
    (_, j) => head[a * hiddenSize + j]! - head[b * hiddenSize + j]!,
  );
  const joint = new Float64Array(rows * rows);
  const d: number[] = [];
  let appears = 0;
  let vanishes = 0;
  for (let u = 0; u < kernelSize; u++) {
    let farthest = 0;
    let most = 0;
    let mostLost = 0;
    for (let from = 0; from < rows; from++) {
      const x = (u * rows + from) * hiddenSize;
      let up = 0;
      let lost = 0;
      for (let j = 0; j < hiddenSize; j++) {
        const z = table[x + j]!;
        if (z <= 0) continue;
        if (v[j]! < 0) up -= v[j]! * z;
        else lost += v[j]! * z;
      }
      most = max(most, up);
      mostLost = max(mostLost, lost);
      for (let to = 0; to < rows; to++) {
        const y = (u * rows + to) * hiddenSize;
        let drop = 0;
        for (let j = 0; j < hiddenSize; j++) {
          const change = v[j]! * (table[x + j]! - table[y + j]!);
          drop += change + abs(change);
        }
        drop /= 2;
        farthest = max(farthest, drop);
        joint[from * rows + to] = joint[from * rows + to]! + drop;
      }
    }
    d.push(farthest);
    appears += most;
    vanishes += mostLost;
  }
  const total = (sum: number): number => multiplyUp(multiplyUp(sum, raise), scale);
  const shifts = shiftCost(d);
  let substitute = 0;
  for (const sum of joint) substitute = max(substitute, sum);
  return {
    substitute: total(substitute),
    insert: total(addUp(shifts, appears)),
    delete: total(addUp(shifts, vanishes)),
  };
}

const KNOWN = new WeakMap<LipslevModel, Map<number, EditCosts>>();

/** The lesser of both, for each kind of edit; computed once per model and pair of classes. */
export function editCosts(model: LipslevModel, a: number, b: number): EditCosts {
  let known = KNOWN.get(model);
  if (known === undefined) {
    known = new Map();
    KNOWN.set(model, known);
  }
  const key = a * model.labels.length + b;
  let found = known.get(key);
  if (found === undefined) {
    const [norms, signs] = [normCosts(model, a, b), signCosts(model, a, b)];
    found = {
      substitute: Math.min(norms.substitute, signs.substitute),
      insert: Math.min(norms.insert, signs.insert),
      delete: Math.min(norms.delete, signs.delete),
    };
    known.set(key, found);
  }
  return found;
}
