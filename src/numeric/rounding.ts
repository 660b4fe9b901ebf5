/**
 * Arithmetic on float64 that says in which direction it rounds: `...Up` is never below the real result of its
 * arguments, `...Down` never above, and both give the real result itself where float64 holds it.
 *
 * An upper bound of something unknown is Infinity: where a result isn't a number (Infinity - Infinity,
 * 0 * Infinity, NaN), `Up` gives Infinity and `Down` -Infinity. Arguments may be any numbers.
 *
 * Proof. ECMAScript's +, -, * and / are IEEE 754's, rounded to nearest, so the real result lies between the neighbours of the
 * computed one. On which side says the sign of the error, which is itself a float64 number: Knuth's TwoSum
 * for sums, Dekker's product with Veltkamp's splitting as long as factors are below 2^990 and products above 2^-900
 * in size (then nothing overflows or underflows). Outside of that range the neighbour is taken without asking.
 */
const view = new DataView(new ArrayBuffer(8));
const STEP = 2 ** -53 + 2 ** -105;
const SPLIT = 2 ** 27 + 1;
const LARGE = 2 ** 990;
const SMALL = 2 ** -900;

/** Half the distance from 1 to the next float64: the relative error of one rounding. */
export const UNIT_ROUNDOFF = 2 ** -53;
/** The smallest positive float64: more than a product can lose by underflow. */
export const TINY = 2 ** -1074;

/** The least float64 above x; Infinity for NaN. */
export function up(x: number): number {
  const size = Math.abs(x);
  // Between half and one unit in the last place is added, which rounds to one.
  if (size > SMALL && size < LARGE) return x + size * STEP;
  if (x === 0) return TINY;
  if (!(x < Infinity)) return Infinity;
  view.setFloat64(0, x);
  view.setBigInt64(0, view.getBigInt64(0) + (x > 0 ? 1n : -1n));
  return view.getFloat64(0);
}

/** The greatest float64 below x; -Infinity for NaN. */
export function down(x: number): number {
  return -up(-x);
}

/** a + b - fl(a + b), exactly; NaN where something overflows. `sum` is fl(a + b). */
function sumError(a: number, b: number, sum: number): number {
  const other = sum - a;
  return a - (sum - other) + (b - other);
}

/** a b - fl(a b), exactly; NaN outside of the range where that can be had. `product` is fl(a b). */
function productError(a: number, b: number, product: number): number {
  const size = Math.abs(product);
  if (!(size > SMALL && size < LARGE && Math.abs(a) < LARGE && Math.abs(b) < LARGE)) return Number.NaN;
  const as = a * SPLIT;
  const bs = b * SPLIT;
  const ah = as - (as - a);
  const bh = bs - (bs - b);
  const al = a - ah;
  return al * (b - bh) - (product - ah * bh - al * bh - ah * (b - bh));
}

/** The upper end for a rounded `value` and what is missing from it. */
function upwards(value: number, error: number): number {
  return error <= 0 ? value : up(value);
}

export function addUp(a: number, b: number): number {
  const sum = a + b;
  return upwards(sum, sumError(a, b, sum));
}

export function addDown(a: number, b: number): number {
  return -addUp(-a, -b);
}

export function subtractUp(a: number, b: number): number {
  return addUp(a, -b);
}

export function subtractDown(a: number, b: number): number {
  return -addUp(-a, b);
}

export function multiplyUp(a: number, b: number): number {
  const product = a * b;
  // Nothing was lost; a product of 0 otherwise is an underflow.
  if (product === 0 && (a === 0 || b === 0)) return 0;
  return upwards(product, productError(a, b, product));
}

export function multiplyDown(a: number, b: number): number {
  return -multiplyUp(-a, b);
}

/** a / b; Infinity where b is 0. */
export function divideUp(a: number, b: number): number {
  const quotient = a / b;
  if (b === 0 || Number.isNaN(quotient)) return Infinity;
  if (a === 0) return 0;
  const product = quotient * b;
  // a - product is exact (the two are within two units in the last place); so is the sign of the remainder.
  const remainder = a - product - productError(quotient, b, product);
  return upwards(quotient, b > 0 ? remainder : -remainder);
}

export function divideDown(a: number, b: number): number {
  return -divideUp(-a, b);
}

/** The square root; Infinity for NaN, 0 below 0 (an upper bound of a number that can't be negative). */
export function sqrtUp(x: number): number {
  if (x <= 0) return 0;
  if (!(x < Infinity)) return Infinity;
  if (x < 2 ** -800) return multiplyUp(sqrtUp(x * 2 ** 600), 2 ** -300);
  if (x > 2 ** 900) return sqrtUp(x * 2 ** -600) * 2 ** 300;
  // ECMAScript doesn't promise how Math.sqrt rounds, so its result is checked.
  let root = Math.sqrt(x);
  while (excess(root, x) < 0) root = up(root);
  return root;
}

/** The square root; 0 for NaN or below 0. */
export function sqrtDown(x: number): number {
  if (!(x > 0)) return 0;
  if (x === Infinity) return Infinity;
  if (x < 2 ** -800) return multiplyDown(sqrtDown(x * 2 ** 600), 2 ** -300);
  if (x > 2 ** 900) return sqrtDown(x * 2 ** -600) * 2 ** 300;
  let root = Math.sqrt(x);
  while (excess(root, x) > 0) root = down(root);
  return root;
}

/**
 * root^2 - x, rounded after an exact sum of two, so with the right sign; both in the usual range.
 * The square is within a few units in the last place of x, hence the first difference is exact.
 */
function excess(root: number, x: number): number {
  const square = root * root;
  return square - x + productError(root, root, square);
}

/** n u / (1 - n u), rounded up: the relative error that n roundings can make. Infinity from n = 2^52 on. */
export function gammaUp(n: number): number {
  const product = n * UNIT_ROUNDOFF;
  return product < 0.5 ? divideUp(product, 1 - product) : Infinity;
}
