/**
 * From multipliers to a proven Lipschitz constant in l2: the last step of every semidefinite bound (ECLipsE, LipSDP), however
 * its multipliers were found.
 *
 * Theorem (Fazlyab and others, Efficient and accurate estimation of Lipschitz constants, NeurIPS 2019). Let activation i have slopes in
 * [a_i, b_i], D_1, ..., D_(l-1) be diagonal matrices >= 0, D_0 = I, D_l = I, c_i = (a_i + b_i) / 2, p_i = a_i b_i for i < l and p_l = -q. If the symmetric block
 * matrix P with
 *     P_ii = D_i + p_(i+1) W_(i+1)' D_(i+1) W_(i+1)   (i = 0 ... l - 1),      P_(i,i-1) = -c_i D_i W_i   (i = 1 ... l - 1)
 * is positive semidefinite, then |f(x') - f(x)|^2 <= |x' - x|^2 / q.
 * Proof. For two inputs let z_0 = x' - x, v_i = W_i z_(i-1), z_i the difference after activation i. Every entry has z = s v with s in [a_i, b_i], so
 * (z - a_i v)(b_i v - z) >= 0; with weights, z_i'D_i z_i - 2 c_i z_i'D_i v_i + p_i v_i'D_i v_i <= 0. Summed over i < l, with |z_0|^2 - q |W_l z_(l-1)|^2 added, the left
 * side is z'P z for z = (z_0, ..., z_(l-1)). So 0 <= z'P z <= |z_0|^2 - q |W_l z_(l-1)|^2, and W_l z_(l-1) is the change of the result.
 * No term may be dropped unless it helps: without p_i the matrix is another one, and larger where p_i < 0 (GELU, SiLU), where it proves nothing.
 *
 * Rounding. c_i is a float64 number and [c_i - r_i, c_i + r_i] holds the slopes; p_i is rounded down, which only lowers P (D_i >= 0). In a diagonal block, entry jk of the
 * computed p W'D W is off by at most gamma(n + 3) |p| sqrt(g_jj g_kk), g the diagonal of W'D W, n the rows of W: so the error of
 * the block is at least -m gamma(n + 3) |p| diag(g), m its order. That much, doubled, and the rounding of the sum on the diagonal are taken off the diagonal.
 * Entries outside of the diagonal blocks come from two roundings, which `isProvenSemidefinite` allows for.
 */
import { type DenseMatrix, type Matrix, matrix, multiply, transpose } from "../numeric/matrix.js";
import { addDown, addUp, divideUp, gammaUp, multiplyUp, sqrtUp, UNIT_ROUNDOFF } from "../numeric/rounding.js";
import { isProvenSemidefinite } from "../numeric/semidefinite.js";
import { type Spread, type Stack, spreadOf } from "./stack.js";

/** Raises of the estimate's square that are tried in turn, the smallest first. */
const RAISES = [1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2];

/**
 * A Lipschitz constant in l2 of about `estimate` that the multipliers prove; null if they prove none near it.
 * @param multipliers the diagonals of D_1, ..., D_(l-1), for D_0 = I
 * @param estimate what the multipliers are hoped to prove
 * @param most by how much the square of the bound may be above that of the estimate, relatively
 */
export function provenBound(
  stack: Stack,
  multipliers: readonly Float64Array[],
  estimate: number,
  most = 1e-2,
): number | null {
  if (!(estimate > 0 && estimate < Infinity)) return null;
  if (!multipliers.every((d) => d.every((x) => x > 0 && x < Infinity))) return null;
  const blocks = new Blocks(stack, multipliers);
  for (const raise of RAISES.filter((raise) => raise <= most)) {
    const q = 1 / (estimate * estimate * (1 + raise));
    if (!(q > 0 && q < Infinity)) continue;
    if (blocks.areProven(q)) return sqrtUp(divideUp(1, q));
  }
  return null;
}

/** P for any q: all of it but the last diagonal block is made once. */
class Blocks {
  readonly #p: DenseMatrix;
  /** The first column of each row that may be other than 0. */
  readonly #first: Int32Array;
  readonly #last: Matrix;
  /** W_l' W_l, and where its block begins. */
  readonly #gram: DenseMatrix;
  readonly #offset: number;
  readonly #diagonal: Float64Array;

  constructor({ maps, slopes }: Stack, multipliers: readonly Float64Array[]) {
    const spreads = slopes.map(spreadOf);
    const sizes = maps.map((map) => map.columns);
    const order = sizes.reduce((sum, size) => sum + size, 0);
    this.#p = matrix(order, order);
    this.#first = new Int32Array(order);
    this.#last = maps[maps.length - 1]!;
    this.#gram = multiply(transpose(this.#last), this.#last);
    let offset = 0;
    for (let i = 0; i < maps.length; i++) {
      const own = i === 0 ? new Float64Array(sizes[0]!).fill(1) : multipliers[i - 1]!;
      const spread = spreads[i];
      const next = maps[i]!;
      for (let j = 0; j < own.length; j++) this.#p.data[(offset + j) * (order + 1)] = own[j]!;
      const full = i === maps.length - 1 || spread!.product !== 0;
      const before = i === 0 ? offset : offset - sizes[i - 1]!;
      for (let j = 0; j < own.length; j++) this.#first[offset + j] = i === 0 && !full ? offset + j : before;
      if (i > 0) this.#fillOff(offset, before, own, maps[i - 1]!, spreads[i - 1]!);
      if (spread !== undefined && spread.product !== 0)
        this.#addBlock(this.#p, offset, spread.product, weighted(next, multipliers[i]!), next.rows);
      if (i < maps.length - 1) offset += own.length;
    }
    this.#offset = offset;
    this.#diagonal = multipliers[multipliers.length - 1] ?? new Float64Array(sizes[0]!).fill(1);
  }

  areProven(q: number): boolean {
    const order = this.#p.rows;
    const p = { rows: order, columns: order, data: this.#p.data };
    for (let j = 0; j < this.#diagonal.length; j++)
      for (let k = 0; k <= j; k++)
        p.data[(this.#offset + j) * order + this.#offset + k] = j === k ? this.#diagonal[j]! : 0;
    this.#addBlock(p, this.#offset, -q, this.#gram, this.#last.rows);
    return isProvenSemidefinite(p, 2, this.#first);
  }

  /** Block (i, i - 1): -c D_i W_i. */
  #fillOff(rowOffset: number, columnOffset: number, d: Float64Array, map: Matrix, spread: Spread): void {
    const order = this.#p.rows;
    for (let j = 0; j < map.rows; j++) {
      const factor = -spread.center * d[j]!;
      for (let k = 0; k < map.columns; k++)
        this.#p.data[(rowOffset + j) * order + columnOffset + k] = factor * map.data[j * map.columns + k]!;
    }
  }

  /** Adds factor * g to a diagonal block that holds a diagonal matrix, and takes the rounding off the diagonal. */
  #addBlock(p: DenseMatrix, offset: number, factor: number, g: DenseMatrix, terms: number): void {
    const order = p.rows;
    const m = g.rows;
    const relative = multiplyUp(2 * m, gammaUp(terms + 8));
    for (let j = 0; j < m; j++) {
      const at = (offset + j) * order + offset;
      for (let k = 0; k < j; k++) p.data[at + k] = factor * g.data[j * m + k]!;
      const size = multiplyUp(Math.abs(factor), g.data[j * m + j]!);
      const old = p.data[at + j]!;
      const error = addUp(
        multiplyUp(relative, size),
        multiplyUp(8 * UNIT_ROUNDOFF, addUp(Math.abs(old), size)),
      );
      p.data[at + j] = addDown(old + factor * g.data[j * m + j]!, -error);
    }
  }
}

/** W'D W. */
function weighted(map: Matrix, d: Float64Array): DenseMatrix {
  const scaled = matrix(map.rows, map.columns, map.data);
  for (let j = 0; j < map.rows; j++)
    for (let k = 0; k < map.columns; k++) scaled.data[j * map.columns + k]! *= d[j]!;
  return multiply(transpose(map), scaled);
}
