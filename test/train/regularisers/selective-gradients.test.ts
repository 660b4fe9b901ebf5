/** J-SIGR: which tokens are salient, the penalty by its definition, and that the non-salient gradient falls on held-out texts. */

import { gradients } from "../../../src/train/autodiff/gradient.js";
import { add, broadcastTo, reshape, scale, sum } from "../../../src/train/autodiff/operations.js";
import type { Tensor } from "../../../src/train/autodiff/tape.js";
import { jacobianSquares } from "../../../src/train/regularisers/jacobian.js";
import { margins } from "../../../src/train/regularisers/margins.js";
import { removalMoves, salientTokens } from "../../../src/train/regularisers/saliency.js";
import { selectiveGradients } from "../../../src/train/regularisers/selective-gradients.js";
import { accuracy, CLASSES, type Graph, LENGTH, measured, texts, trained, WIDTH } from "./tiny.js";

/** Margins of other embeddings, each text's rows repeated for its copies. */
function marginsOf(graph: Graph): (x: Tensor, mask: Tensor) => Tensor {
  const rows = graph.tape.nodes.find(
    ({ operation }) => operation.kind === "input" && operation.name === "rows",
  )!;
  const [count, rivals] = [rows.shape[0]!, CLASSES - 1];
  return (x, mask) => {
    const copies = x.shape[0]! / count;
    const repeated = broadcastTo(reshape(rows, [count, 1, rivals * CLASSES]), [
      count,
      copies,
      rivals * CLASSES,
    ]);
    return margins(graph.forward(x, mask), reshape(repeated, [count * copies, rivals, CLASSES]));
  };
}
const movesOf = (graph: Graph) => removalMoves(marginsOf(graph), graph.margins, graph.x, graph.mask);
const salientOf = (graph: Graph) => salientTokens(movesOf(graph), graph.mask, 2);
const massOf = (graph: Graph) => selectiveGradients(graph.losses, graph.x, salientOf(graph), graph.mask);

const data = texts(32, 1);
const held = texts(80, 2);
const plain = trained(data, 60, () => null);

test("moves are what removing the word does, and the salient are the two largest", () => {
  const few = texts(5, 4);
  const moves = measured(few, plain, movesOf);
  const salient = measured(few, plain, salientOf);
  const before = measured(few, plain, (graph) => graph.margins);
  for (let i = 0; i < LENGTH; i++) {
    const mask = few.mask.slice();
    for (let b = 0; b < 5; b++) mask[b * LENGTH + i] = 0;
    const after = measured({ ...few, mask }, plain, (graph) => graph.margins);
    for (let b = 0; b < 5; b++) {
      let expected = 0;
      for (let r = 0; r < CLASSES - 1; r++)
        expected += Math.abs(before[b * (CLASSES - 1) + r]! - after[b * (CLASSES - 1) + r]!);
      if (few.mask[b * LENGTH + i] === 0) expected = 0;
      expect(moves[b * LENGTH + i]).toBeCloseTo(expected, 9);
    }
  }
  for (let b = 0; b < 5; b++) {
    const own = [...moves.subarray(b * LENGTH, (b + 1) * LENGTH)];
    const least = [...own].sort((x, y) => y - x)[1]!;
    own.forEach((move, i) => {
      expect(salient[b * LENGTH + i]).toBe(move >= least ? 1 : 0);
    });
  }
});

test("in a text shorter than the count every token that is there is salient, none beside", () => {
  const few = texts(6, 9);
  const salient = measured(few, plain, (graph) => salientTokens(movesOf(graph), graph.mask, LENGTH));
  expect([...salient]).toEqual([...few.mask]);
});

test("the penalty is the mean of the squares of the gradient's other part", () => {
  const few = texts(5, 4);
  const gradient = measured(few, plain, (graph) => gradients(sum(graph.losses), [graph.x])[0]!);
  const salient = measured(few, plain, salientOf);
  let expected = 0;
  gradient.forEach((g, n) => {
    const token = Math.floor(n / WIDTH);
    if (salient[token] === 0 && few.mask[token] === 1) expected += g * g;
  });
  expect(expected).toBeGreaterThan(0);
  expect(measured(few, plain, massOf)[0]).toBeCloseTo(expected / 5, 10);
});

test("training with it, the non-salient gradient mass falls on held-out texts, as part of all too", () => {
  const jsigr = trained(data, 60, (graph) =>
    add(scale(jacobianSquares(graph.logits, graph.x), 0.0003), scale(massOf(graph), 3)),
  );
  const all = (graph: Graph) => selectiveGradients(graph.losses, graph.x, scale(graph.mask, 0), graph.mask);
  const [before, after] = [plain, jsigr].map((parameters) => measured(held, parameters, massOf)[0]!);
  expect(after).toBeLessThan(0.6 * before!);
  const share = (parameters: typeof plain, mass: number) => mass / measured(held, parameters, all)[0]!;
  expect(share(jsigr, after!)).toBeLessThan(share(plain, before!));
  expect(accuracy(held, jsigr)).toBeGreaterThanOrEqual(accuracy(held, plain) - 0.05);
});
