/** Muon's orthogonalisation: singular vectors stay, singular values come near 1; a step is along it. */
import fc from "fast-check";
import { type DenseMatrix, fromRows, matrix, multiply, transpose } from "../../../src/numeric/matrix.js";
import { Random } from "../../../src/numeric/random.js";
import { Muon, orthogonalised } from "../../../src/train/optimisers/muon.js";

/** Columns that are orthonormal, by Gram and Schmidt. */
function orthonormal(rows: number, columns: number, random: Random): DenseMatrix {
  const found: number[][] = [];
  while (found.length < columns) {
    let next = Array.from({ length: rows }, () => 2 * random.next() - 1);
    for (let again = 0; again < 2; again++)
      for (const other of found) {
        const along = next.reduce((sum, x, i) => sum + x * other[i]!, 0);
        next = next.map((x, i) => x - along * other[i]!);
      }
    const norm = Math.hypot(...next);
    if (norm > 0.01) found.push(next.map((x) => x / norm));
  }
  return transpose(fromRows(found));
}

const diagonal = (values: readonly number[]) =>
  matrix(
    values.length,
    values.length,
    values.flatMap((value, i) => values.map((_, j) => (i === j ? value : 0))),
  );

const size = fc.integer({ min: 1, max: 7 });

test("U diag(s) V' becomes U diag(t) V', t between 0.68 and 1.21", () => {
  fc.assert(
    fc.property(size, size, fc.nat(), (rows, columns, seed) => {
      const random = new Random(seed);
      const rank = Math.min(rows, columns);
      const u = orthonormal(rows, rank, random);
      const v = orthonormal(columns, rank, random);
      const singular = Array.from({ length: rank }, () => 10 ** (4 - 2 * random.next()));
      const out = orthogonalised(multiply(multiply(u, diagonal(singular)), transpose(v)));
      const t = multiply(multiply(transpose(u), out), v);
      for (let i = 0; i < rank; i++)
        for (let j = 0; j < rank; j++) {
          const value = t.data[i * rank + j]!;
          if (i !== j) expect(Math.abs(value)).toBeLessThan(1e-9);
          else expect(value > 0.68 && value < 1.21).toBe(true);
        }
      const back = multiply(multiply(u, t), transpose(v));
      out.data.forEach((value, i) => void expect(value).toBeCloseTo(back.data[i]!, 9));
    }),
    { numRuns: 50 },
  );
});

test("singular values above 0.002 of the norm come to between 0.68 and 1.21, none goes above", () => {
  for (let s = 0; s <= 1; s += 1 / 512) {
    const other = Math.sqrt(1 - s * s);
    const { data } = orthogonalised(diagonal([s, other]));
    for (const [from, to] of [
      [s, data[0]!],
      [other, data[3]!],
    ] as const) {
      expect(to).toBeLessThan(1.21);
      if (from >= 0.002) expect(to).toBeGreaterThan(0.68);
      if (from > 0) expect(to).toBeGreaterThan(0);
    }
  }
});

test("a step: momentum with the gradient ahead of it, scaled for tall matrices, weight decay apart", () => {
  const muon = new Muon({ momentum: 0.5, weightDecay: 0.25 });
  const [first, second] = [
    Float32Array.of(1, 2, 3, 4, -5, 6, 7, 8),
    Float32Array.of(3, 1, 4, -1, 5, 9, 2, 6),
  ];
  const values = Float32Array.of(1, 1, 1, 1, 1, 1, 1, 1);
  muon.step("w", values, first, 0.1, [4, 2]);
  const before = values.slice();
  muon.step("w", values, second, 0.1, [4, 2]);
  const along = first.map((g, i) => second[i]! + 0.5 * (0.5 * g + second[i]!));
  const { data } = orthogonalised(matrix(4, 2, along));
  values.forEach((value, i) => {
    expect(value).toBeCloseTo(before[i]! * 0.975 - 0.1 * Math.SQRT2 * data[i]!, 5);
  });
});

test("goes on from a saved state; zeros move nothing; what isn't a matrix is refused", () => {
  const [a, b] = [Float32Array.of(1, 2, 3, 4), Float32Array.of(1, 2, 3, 4)];
  const one = new Muon();
  one.step("w", a, Float32Array.of(1, 0, 2, 1), 0.1, [2, 2]);
  b.set(a);
  const two = new Muon();
  two.restore(one.state());
  for (const [muon, values] of [
    [one, a],
    [two, b],
  ] as const)
    muon.step("w", values, Float32Array.of(0, 1, 1, 0), 0.1, [2, 2]);
  expect(b).toEqual(a);
  const still = Float32Array.of(1, 2);
  new Muon().step("w", still, new Float32Array(2), 0.1, [1, 2]);
  expect([...still]).toEqual([1, 2]);
  expect(() => new Muon().step("w", still, still, 0.1, [2])).toThrow("it must be a matrix");
});
