/** Exact rational numbers: what float64 numbers really are. */
export interface Rational {
  readonly n: bigint;
  /** Positive. */
  readonly d: bigint;
}

const bits = new DataView(new ArrayBuffer(8));

/** The real number that a finite float64 stands for. */
export function exact(x: number): Rational {
  if (!Number.isFinite(x)) throw new Error(`${x} is no real number`);
  bits.setFloat64(0, x);
  const raw = bits.getBigUint64(0);
  const exponent = Number((raw >> 52n) & 0x7ffn);
  const fraction = (raw & 0xfffffffffffffn) + (exponent === 0 ? 0n : 1n << 52n);
  const n = raw >> 63n === 1n ? -fraction : fraction;
  const power = Math.max(exponent, 1) - 1075;
  return power >= 0 ? { n: n << BigInt(power), d: 1n } : { n, d: 1n << BigInt(-power) };
}

export function times(a: Rational, b: Rational): Rational {
  return { n: a.n * b.n, d: a.d * b.d };
}

export function sum(a: Rational, b: Rational): Rational {
  return a.d === b.d ? { n: a.n + b.n, d: a.d } : { n: a.n * b.d + b.n * a.d, d: a.d * b.d };
}

/** The sign of a - b. */
export function compare(a: Rational, b: Rational): number {
  const difference = a.n * b.d - b.n * a.d;
  return difference > 0n ? 1 : difference < 0n ? -1 : 0;
}
