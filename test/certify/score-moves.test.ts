/**
 * The range of every score when tokens move within their radii, against ascent on scores by plain formulas, without slack; and how near it comes.
 */
import { scoreHead, scoreMoves } from "../../src/certify/lipschitz/score-moves.js";
import { type NullMassAttention, project } from "../../src/layers/attention.js";
import type { Matrix } from "../../src/numeric/matrix.js";
import { matrix } from "../../src/numeric/matrix.js";
import { pointIn, randomDirection } from "../oracle/ball-attack.js";
import { type Random, seeded } from "../oracle/random-model.js";

const D = 5;
const N = 3;
const WIDTH = 3;

type Similarity = "dot" | "cosine" | "distance";

function randomLayer(random: Random, similarity: Similarity): NullMassAttention {
  const map = (rows: number, columns: number, size: number) => ({
    weight: matrix(
      rows,
      columns,
      randomDirection(random, rows * columns).map((x) => size * x),
    ),
    bias: null,
  });
  const size = 10 ** (random() - 0.7);
  return {
    kind: "null-mass",
    heads: 2,
    limit: 0.3 + 3 * random(),
    nullMass: 1,
    ...(similarity === "cosine"
      ? { similarity, epsilon: 10 ** (-5 * random()) }
      : similarity === "distance"
        ? { similarity, scale: 2 * random() }
        : { scale: 2 * random() - 1 }),
    query: map(2 * WIDTH, D, size),
    key: map(2 * WIDTH, D, size),
    value: map(2, D, 1),
    output: map(D, 2, 1),
  };
}

/** The score of token i for token j, from its formula. */
function plainScore(layer: NullMassAttention, head: number, x: Float64Array, i: number, j: number): number {
  const rows = ({ data }: Matrix, token: number) => {
    const row = new Array<number>(WIDTH).fill(0);
    for (let r = 0; r < WIDTH; r++)
      for (let c = 0; c < D; c++) row[r]! += data[(head * WIDTH + r) * D + c]! * x[token * D + c]!;
    return row;
  };
  const q = rows(layer.query.weight, i);
  const k = rows(layer.key.weight, j);
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, c) => sum + value * b[c]!, 0);
  const { limit } = layer;
  if (layer.similarity === "cosine")
    return (
      (limit * dot(q, k)) / (Math.sqrt(dot(q, q) + layer.epsilon) * Math.sqrt(dot(k, k) + layer.epsilon))
    );
  if (layer.similarity !== "distance") return limit * Math.tanh((layer.scale * dot(q, k)) / limit);
  const apart = q.map((value, c) => value - k[c]!);
  return -limit * Math.tanh((layer.scale * dot(apart, apart)) / limit);
}

/** The largest `sign * f` that is found in the balls. */
function climb(
  f: (x: Float64Array) => number,
  sign: number,
  centers: Float64Array,
  radii: Float64Array,
  random: Random,
): number {
  const target = { d: D, centers, radii, f: (x: Float64Array) => Float64Array.of(f(x)) };
  let best = sign * f(centers);
  for (let start = 0; start < 2; start++) {
    let x = pointIn(target, randomDirection(random, centers.length), start === 0 ? 0 : random());
    for (let step = 0; step < 5; step++) {
      const gradient = x.map((here, c) => {
        if (radii[Math.floor(c / D)] === 0) return 0;
        x[c] = here + 1e-6;
        const up = f(x);
        x[c] = here - 1e-6;
        const down = f(x);
        x[c] = here;
        return sign * (up - down);
      });
      x = pointIn(target, gradient);
      best = Math.max(best, sign * f(x));
    }
  }
  return best;
}

test.each(["dot", "cosine", "distance"] as const)("%s: no score leaves its range", (similarity) => {
  const ratios: number[] = [];
  for (let seed = 1; seed <= 24; seed++) {
    const random = seeded(seed);
    const layer = randomLayer(random, similarity);
    const h = randomDirection(random, N * D);
    // Some queries and keys are short, where a cosine turns at a touch.
    if (seed % 4 === 0) for (let c = 0; c < D; c++) h[c] = h[c]! * 1e-3;
    // Some tokens are alike.
    if (seed % 3 === 0) h.copyWithin(D, 0, D);
    const small = seed % 2 === 0;
    const radii = Float64Array.from({ length: N }, (_, i) =>
      i === seed % 5 ? 0 : (small ? 1e-3 : 1) * random(),
    );
    const { queries, keys } = project(layer, h);
    for (let head = 0; head < 2; head++) {
      const part = ({ weight }: { weight: Matrix }) =>
        matrix(WIDTH, D, weight.data.slice(head * WIDTH * D, (head + 1) * WIDTH * D));
      const parts = scoreHead(part(layer.query), part(layer.key));
      const { weights, growth, shrink } = scoreMoves(layer, parts, head, h, radii, queries, keys);
      for (let i = 0; i < N; i++)
        for (let j = 0; j < N; j++) {
          // A token can't be attacked as two.
          const f = (x: Float64Array) => plainScore(layer, head, x, i, j);
          const now = f(h);
          expect(weights[i * N + j]).toBeCloseTo(Math.exp(now), 10);
          const high = climb(f, 1, h, radii, random);
          const low = -climb(f, -1, h, radii, random);
          const most = now + Math.log(growth[i * N + j]!);
          const least = now + Math.log(shrink[i * N + j]!);
          expect(most).toBeGreaterThanOrEqual(high);
          expect(least).toBeLessThanOrEqual(low);
          if (small && i !== j && high - low > 1e-5) ratios.push((most - least) / (high - low));
        }
    }
  }
  ratios.sort((a, b) => a - b);
  expect(ratios.length).toBeGreaterThan(40);
  // To first order the range is what the gradients of both tokens allow.
  expect(ratios[ratios.length >> 1]!).toBeLessThan(1.05);
});
