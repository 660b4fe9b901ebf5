/**
 * A BERT of one block and two heads with weights that are written down by a formula, and its forward in plain loops over
 * plain arrays: nothing here comes from src/. The error function is its power series, which needs no constants.
 */
export type Row = number[];
export type Table = Row[];

/** Weights that look arbitrary and repeat exactly: multiples of 1/64, exact in float32. */
export const weight = (i: number, j: number, salt: number): number =>
  (((i * 7 + j * 13 + salt * 29 + i * j * 5) % 41) - 20) / 64;
export const table = (rows: number, columns: number, salt: number): Table =>
  Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => weight(i, j, salt)));
export const row = (columns: number, salt: number, add = 0): Row =>
  Array.from({ length: columns }, (_, j) => weight(3, j, salt) + add);

export const D = 4;
export const F = 6;
export const LABELS = 3;
export const EPSILON = 2 ** -10;

export const PLAIN = {
  words: table(9, D, 1),
  positions: table(8, D, 2),
  types: table(2, D, 3),
  norms: [4, 5, 6].map((salt) => ({ weight: row(D, salt, 1), bias: row(D, salt + 10) })),
  query: { weight: table(D, D, 20), bias: row(D, 21) },
  key: { weight: table(D, D, 22), bias: row(D, 23) },
  value: { weight: table(D, D, 24), bias: row(D, 25) },
  output: { weight: table(D, D, 26), bias: row(D, 27) },
  inner: { weight: table(F, D, 28), bias: row(F, 29) },
  outer: { weight: table(D, F, 30), bias: row(D, 31) },
  pooler: { weight: table(D, D, 32), bias: row(D, 33) },
  classifier: { weight: table(LABELS, D, 34), bias: row(LABELS, 35) },
};

type Map = { weight: Table; bias: Row };

export function plainBertLogits(ids: readonly number[]): number[] {
  const m = PLAIN;
  let x: Table = [];
  for (let i = 0; i < ids.length; i++) {
    const sum: Row = [];
    for (let c = 0; c < D; c++) sum.push(m.words[ids[i]!]![c]! + m.positions[i]![c]! + m.types[0]![c]!);
    x.push(normed(sum, 0));
  }
  const q = x.map((t) => times(m.query, t));
  const k = x.map((t) => times(m.key, t));
  const v = x.map((t) => times(m.value, t));
  const attended: Table = [];
  for (let i = 0; i < ids.length; i++) {
    const mixed: Row = [];
    for (const columns of [
      [0, 1],
      [2, 3],
    ]) {
      const powers: Row = [];
      for (let j = 0; j < ids.length; j++) {
        let dot = 0;
        for (const c of columns) dot += q[i]![c]! * k[j]![c]!;
        powers.push(Math.exp(dot / Math.sqrt(2)));
      }
      let total = 0;
      for (const p of powers) total += p;
      for (const c of columns) {
        let mean = 0;
        for (let j = 0; j < ids.length; j++) mean += (powers[j]! / total) * v[j]![c]!;
        mixed.push(mean);
      }
    }
    const out = times(m.output, mixed);
    attended.push(
      normed(
        out.map((y, c) => y + x[i]![c]!),
        1,
      ),
    );
  }
  x = attended.map((t) => {
    const inner = times(m.inner, t).map((y) => (y * (1 + erf(y / Math.sqrt(2)))) / 2);
    return normed(
      times(m.outer, inner).map((y, c) => y + t[c]!),
      2,
    );
  });
  return times(m.classifier, times(m.pooler, x[0]!).map(tanh));
}

function times({ weight: w, bias }: Map, x: Row): Row {
  const y: Row = [];
  for (let o = 0; o < w.length; o++) {
    let sum = bias[o]!;
    for (let c = 0; c < x.length; c++) sum += w[o]![c]! * x[c]!;
    y.push(sum);
  }
  return y;
}

function normed(x: Row, which: number): Row {
  const { weight: w, bias } = PLAIN.norms[which]!;
  let mean = 0;
  for (const value of x) mean += value / D;
  let variance = 0;
  for (const value of x) variance += (value - mean) ** 2 / D;
  return x.map((value, c) => ((value - mean) / Math.sqrt(variance + EPSILON)) * w[c]! + bias[c]!);
}

const tanh = (x: number): number => (Math.exp(x) - Math.exp(-x)) / (Math.exp(x) + Math.exp(-x));

/** 2 / sqrt(pi) times the sum of (-1)^n x^(2n + 1) / (n! (2n + 1)); for the small arguments here. */
function erf(x: number): number {
  let power = x;
  let sum = 0;
  for (let n = 0; n < 60; n++) {
    sum += power / (2 * n + 1);
    power *= (-x * x) / (n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
