/** Convolutions by tiles: never below what long sequences reach, and below the product. */
import { convolutionBound, convolutionProduct, tileBound } from "../../src/bounds/tiles.js";
import { UserError } from "../../src/failure.js";
import { type Convolution, convolve } from "../../src/layers/convolution.js";
import { matrix } from "../../src/numeric/matrix.js";
import { normals } from "../oracle/normals.js";
import { singularValues } from "../oracle/singular-values.js";

const relu = { least: 0, most: 1 };

function random(
  width: number,
  out: number,
  into: number,
  seed: number,
  pad: readonly [number, number] = [0, 0],
): Convolution {
  const values = normals(width * out * into, seed);
  return {
    slices: Array.from({ length: width }, (_, u) =>
      matrix(out, into, values.slice(u * out * into, (u + 1) * out * into)),
    ),
    bias: null,
    left: pad[0],
    right: pad[1],
  };
}

/** The convolution as a matrix, by running it on unit vectors: nothing of it is known here. */
function asRows(layer: Convolution, tokens: number): number[][] {
  const into = layer.slices[0]!.columns;
  const columns = Array.from({ length: tokens * into }, (_, k) => {
    const x = new Float64Array(tokens * into);
    x[k] = 1;
    return [...convolve(layer, x)];
  });
  return columns[0]!.map((_, i) => columns.map((c) => c[i]!));
}

test.each([
  [1, 3, 2, [0, 0]],
  [2, 2, 3, [1, 0]],
  [3, 2, 2, [1, 1]],
  [5, 2, 1, [4, 4]],
] as const)(
  "one layer of width %d: not below the whole matrix, and better than the product",
  (width, out, into, pad) => {
    for (let seed = 1; seed <= 3; seed++) {
      const layer = random(width, out, into, seed, pad);
      const stages = [{ convolution: layer, slopes: relu }];
      const truth = singularValues(asRows(layer, 24))[0]!;
      const product = convolutionProduct(stages);
      for (const tile of [1, 2, 3, 8]) {
        const bound = tileBound(stages, tile);
        expect(bound).toBeGreaterThanOrEqual(truth);
        if (tile === 1) expect(bound).toBe(product);
      }
      const bound = convolutionBound(stages, { work: 1e5 });
      expect(bound).toBeGreaterThanOrEqual(truth);
      // With two slices tiles of this size may gain nothing.
      expect(bound).toBeLessThanOrEqual(product * (width > 2 ? 0.98 : 1));
    }
  },
);

test("a known kernel: the mean of two neighbours is at most 1, where the product says 2^(1/2)", () => {
  const mean = { slices: [matrix(1, 1, [0.5]), matrix(1, 1, [0.5])], bias: null, left: 0, right: 0 };
  const stages = [{ convolution: mean, slopes: relu }];
  expect(convolutionProduct(stages)).toBeGreaterThanOrEqual(1);
  expect(convolutionProduct(stages)).toBeCloseTo(1, 6);
  const sums = { slices: [matrix(1, 1, [1]), matrix(1, 1, [-1])], bias: null, left: 0, right: 0 };
  // The alternating sequence doubles: 2 is the supremum over long sequences.
  for (const tile of [1, 4, 16, 64])
    expect(tileBound([{ convolution: sums, slopes: relu }], tile)).toBeGreaterThan(1.99);
});

/** Differences of the two-layer net on sequences, the second of which is close to or far from the first. */
function reached(
  stages: readonly { convolution: Convolution; f: (x: number) => number }[],
  tokens: number,
  seed: number,
): number {
  const run = (x: Float64Array) =>
    stages.reduce((value, { convolution, f }) => convolve(convolution, value).map(f), x);
  const into = stages[0]!.convolution.slices[0]!.columns;
  const x = Float64Array.from(normals(tokens * into, seed));
  let worst = 0;
  let direction = normals(tokens * into, seed + 1);
  // A few steps of power iteration on the difference, at a small and at a large distance.
  for (const distance of [1e-3, 1, 30])
    for (let step = 0; step < 15; step++) {
      const length = Math.hypot(...direction);
      const y = x.map((v, k) => v + (distance * direction[k]!) / length);
      const [a, b] = [run(x), run(y)];
      const change = a.map((v, k) => b[k]! - v);
      worst = Math.max(worst, Math.hypot(...change) / distance);
      const gradient = direction.map((_, k) => {
        const moved = y.slice();
        moved[k]! += 1e-4;
        const c = run(moved);
        return change.reduce((sum, v, i) => sum + v * (c[i]! - b[i]!), 0);
      });
      if (Math.hypot(...gradient) > 0) direction = gradient;
    }
  return worst;
}

test.each([
  ["no padding", [0, 0], relu, (x: number) => Math.max(0, x)],
  ["padding inside", [1, 1], relu, (x: number) => Math.max(0, x)],
  ["padding, slopes away from 0", [1, 1], { least: 0.5, most: 1 }, (x: number) => (x > 0 ? x : x / 2)],
  ["a function that isn't 0 at 0", [1, 1], { least: 0, most: 0.25 }, (x: number) => 1 / (1 + Math.exp(-x))],
] as const)("two layers, %s: not below sampling, and below the product", (_, pad, slopes, f) => {
  for (let seed = 1; seed <= 3; seed++) {
    const layers = [random(3, 2, 2, seed, pad), random(2, 2, 2, seed + 50, pad)];
    const stages = layers.map((convolution) => ({ convolution, slopes }));
    const sampled = reached(
      layers.map((convolution) => ({ convolution, f })),
      8,
      seed,
    );
    for (const tile of [1, 2, 4])
      expect(tileBound(stages, tile, { programs: 10 })).toBeGreaterThanOrEqual(sampled);
    const bound = convolutionBound(stages, { programs: 0, work: 1e5 });
    expect(bound).toBeGreaterThanOrEqual(sampled);
    expect(bound).toBeLessThan(convolutionProduct(stages) * 0.95);
    expect(sampled).toBeGreaterThan(bound / 20);
  }
});

test("what doesn't fit is refused in one line", () => {
  const stage = (convolution: Convolution) => ({ convolution, slopes: relu });
  const refuse = (stages: Parameters<typeof tileBound>[0], tile: number, message: string) =>
    expect(() => tileBound(stages, tile)).toThrow(new UserError(message));
  refuse([], 1, "a stack of convolutions has 0 of them; it needs at least one");
  refuse([stage(random(1, 1, 1, 1))], 0.5, "a tile has 0.5 outputs; it must be a whole number of at least 1");
  refuse([stage({ ...random(1, 1, 1, 1), slices: [] })], 1, "kernel 1 has 0 slices; it needs at least one");
  refuse(
    [stage({ ...random(1, 1, 1, 1), slices: [matrix(1, 2), matrix(2, 1)] })],
    1,
    "kernel 1 has slices of 1 x 2 and 2 x 1; all must be alike",
  );
  refuse(
    [stage(random(2, 3, 2, 1)), stage(random(2, 1, 4, 1))],
    1,
    "kernel 2 takes 4 channels; the one before gives 3",
  );
  refuse(
    [stage({ ...random(1, 1, 1, 1), slices: [matrix(1, 1, [Number.NaN])] })],
    1,
    "linear map 1 of a stack has an entry that isn't finite",
  );
});
