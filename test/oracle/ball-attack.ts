/**
 * How far a map of tokens can be pushed while every token stays in its ball: random points, then steps that follow the
 * gradient (by central differences, so nothing of the bounds is used), each token on its sphere.
 */
import type { Random } from "./random-model.js";

export interface Target {
  readonly d: number;
  /** [n * d] */
  readonly centers: Float64Array;
  /** [n] */
  readonly radii: Float64Array;
  /** What is pushed: numbers of the output. */
  readonly f: (x: Float64Array) => Float64Array;
}

/** A point of the balls, mostly of their surface; never outside, whatever rounds. */
export function pointIn({ d, centers, radii }: Target, direction: Float64Array, share = 1): Float64Array {
  const x = Float64Array.from(centers);
  radii.forEach((r, i) => {
    let length = 0;
    for (let c = 0; c < d; c++) length += direction[i * d + c]! ** 2;
    length = Math.sqrt(length);
    if (!(length > 0) || r === 0) return;
    // What centre + step rounds away is relative to the centre: stay inside by that much.
    let size = 0;
    for (let c = 0; c < d; c++) size += Math.abs(centers[i * d + c]!);
    const step = Math.max(0, share * r * (1 - 2 ** -40) - 2 ** -50 * size);
    for (let c = 0; c < d; c++) x[i * d + c] = centers[i * d + c]! + (direction[i * d + c]! / length) * step;
  });
  return x;
}

export const randomDirection = (random: Random, n: number): Float64Array =>
  Float64Array.from(
    { length: n },
    () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  );

/** |f(x) - f(centers)| for the worst x found. */
export function worstMove(target: Target, random: Random, starts = 3, steps = 6): number {
  const base = target.f(target.centers);
  let worst = 0;
  const at = (x: Float64Array) => {
    const moved: Float64Array = target.f(x).map((value, i) => value - base[i]!);
    const length = Math.hypot(...moved);
    worst = Math.max(worst, length);
    return moved;
  };
  const size = target.centers.length;
  for (let start = 0; start < starts; start++) {
    for (let k = 0; k < 5; k++) at(pointIn(target, randomDirection(random, size), random()));
    // A random output direction first: at small radii this is power iteration on the derivative.
    let along: Float64Array = randomDirection(random, base.length);
    let x: Float64Array = Float64Array.from(target.centers);
    for (let step = 0; step < steps; step++) {
      const direction = pullBack(target, x, along);
      x = pointIn(target, direction);
      along = at(x);
      at(
        pointIn(
          target,
          direction.map((value) => -value),
        ),
      );
    }
  }
  return worst;
}

/** The gradient of along . f at x. */
function pullBack({ d, f, radii }: Target, x: Float64Array, along: Float64Array): Float64Array {
  const gradient = new Float64Array(x.length);
  for (let k = 0; k < x.length; k++) {
    if (radii[Math.floor(k / d)] === 0) continue;
    const h = 1e-5;
    const up = Float64Array.from(x);
    const down = Float64Array.from(x);
    up[k]! += h;
    down[k]! -= h;
    const high = f(up);
    const low = f(down);
    for (let o = 0; o < along.length; o++) gradient[k]! += (along[o]! * (high[o]! - low[o]!)) / (2 * h);
  }
  return gradient;
}
