/** The orthogonal block's graph against the layer, and a run that keeps its weight on the Stiefel manifold. */
import { feedForwardStep } from "../../../src/layers/feed-forward.js";
import { feedForwardBound } from "../../../src/layers/feed-forward-bound.js";
import { matrix } from "../../../src/numeric/matrix.js";
import { evaluate } from "../../../src/train/autodiff/evaluate.js";
import { gradients } from "../../../src/train/autodiff/gradient.js";
import { mean, square, sub } from "../../../src/train/autodiff/operations.js";
import { Tape } from "../../../src/train/autodiff/tape.js";
import { orthogonal } from "../../../src/train/constraints/orthogonal.js";
import { orthogonalFeedForward } from "../../../src/train/layers/orthogonal-feed-forward.js";
import { Adam } from "../../../src/train/optimisers/adam.js";
import { normals } from "../../oracle/normals.js";

const [F, D, N] = [3, 5, 20];

function graph() {
  const tape = new Tape();
  const weight = tape.input("weight", [F, D]);
  const out = orthogonalFeedForward(weight, tape.input("x", [2, N / 2, D]));
  return { tape, weight, out };
}

test("the graph computes what the layer computes", () => {
  const weight = Float32Array.from(normals(F * D, 1));
  const x = Float64Array.from(normals(N * D, 2));
  const found = evaluate({ out: graph().out }, { weight, x }).out!;
  const expected = feedForwardStep({ kind: "orthogonal", weight: matrix(F, D, weight) }, x);
  found.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 10);
  });
});

test("trained with the retraction it learns a block of its own kind, and its constant stays exactly 1", () => {
  const { tape, weight, out } = graph();
  const x = Float64Array.from(normals(N * D, 2));
  const teacher = Float32Array.from(normals(F * D, 8));
  orthogonal().apply(teacher, F, D, 0, 1);
  const target = feedForwardStep({ kind: "orthogonal", weight: matrix(F, D, teacher) }, x);
  const loss = mean(square(sub(out, tape.constant([2, N / 2, D], target))));
  const slope = gradients(loss, [weight])[0]!;
  const values = Float32Array.from(normals(F * D, 5));
  const adam = new Adam();
  orthogonal().apply(values, F, D, 0, 1);
  const first = evaluate({ loss }, { x, weight: values }).loss![0]!;
  for (let step = 0; step < 150; step++) {
    const found = evaluate({ slope }, { x, weight: values });
    adam.step("weight", values, Float32Array.from(found.slope!), 0.03);
    orthogonal().apply(values, F, D, step, 150);
    expect(feedForwardBound({ kind: "orthogonal", weight: matrix(F, D, values) }).step).toBe(1);
  }
  expect(evaluate({ loss }, { x, weight: values }).loss![0]!).toBeLessThan(0.2 * first);
});
