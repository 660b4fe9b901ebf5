/** Jacobian penalties: closed forms on a linear model, differences on a small one, and what training with them does. */
import { Random } from "../../../src/numeric/random.js";
import { evaluate } from "../../../src/train/autodiff/evaluate.js";
import { matmul, reshape, scale } from "../../../src/train/autodiff/operations.js";
import { Tape } from "../../../src/train/autodiff/tape.js";
import {
  alignment,
  grokAlign,
  projectedSquares,
  unitDirections,
} from "../../../src/train/regularisers/grok-align.js";
import { jacobianRows, jacobianSizes, jacobianSquares } from "../../../src/train/regularisers/jacobian.js";
import { normals } from "../../oracle/normals.js";
import { accuracy, CLASSES, feedsOf, type Graph, graphOf, measured, texts, trained } from "./tiny.js";

const [B, T, D, C] = [4, 3, 5, 3];

/** logits = W x, x the text's embeddings one after the other. */
function linear() {
  const tape = new Tape();
  const weight = normals(C * T * D, 1);
  const x = tape.input("x", [B, T, D]);
  const w = tape.constant([T * D, C], weight);
  return { tape, x, weight, outputs: matmul(reshape(x, [B, T * D]), w) };
}
const someX = () => ({ x: Float64Array.from(normals(B * T * D, 9)) });

test("a linear model: |J|_F^2 and sum |J_ij| are those of its weight, whatever the input", () => {
  const { x, weight, outputs } = linear();
  const found = evaluate({ squares: jacobianSquares(outputs, x), sizes: jacobianSizes(outputs, x) }, someX());
  expect(found.squares![0]).toBeCloseTo(
    weight.reduce((s, w) => s + w * w, 0),
    10,
  );
  expect(found.sizes![0]).toBeCloseTo(
    weight.reduce((s, w) => s + Math.abs(w), 0),
    10,
  );
});

test("a linear model: sqrt(C |v'W|^2), and cos(W'1, x)", () => {
  const { tape, x, weight, outputs } = linear();
  const directions = unitDirections(new Random(5), B, C);
  const feeds = { ...someX(), directions };
  const v = tape.input("directions", [B, C]);
  const found = evaluate({ penalty: grokAlign(outputs, x, v), cosine: alignment(outputs, x) }, feeds);
  let mean = 0;
  for (let b = 0; b < B; b++) {
    let square = 0;
    let [dot, ww, xx] = [0, 0, 0];
    for (let i = 0; i < T * D; i++) {
      let along = 0;
      let ones = 0;
      for (let c = 0; c < C; c++) {
        along += directions[b * C + c]! * weight[i * C + c]!;
        ones += weight[i * C + c]!;
      }
      square += along * along;
      dot += ones * feeds.x[b * T * D + i]!;
      ww += ones * ones;
      xx += feeds.x[b * T * D + i]! ** 2;
    }
    mean += Math.sqrt(C * square) / B;
    expect(found.cosine![b]).toBeCloseTo(dot / Math.sqrt(ww * xx), 10);
  }
  expect(found.penalty![0]).toBeCloseTo(mean, 8);
});

test("alignment is 1 for outputs along x and 0 where nothing flows", () => {
  const tape = new Tape();
  const x = tape.input("x", [1, 1, 2]);
  const along = matmul(reshape(x, [1, 2]), tape.constant([2, 1], [3, 4]));
  const cosine = (value: number[]) => evaluate({ out: alignment(along, x) }, { x: value }).out![0];
  expect(cosine([3, 4])).toBeCloseTo(1, 12);
  expect(cosine([-3, -4])).toBeCloseTo(-1, 12);
  expect(cosine([4, -3])).toBeCloseTo(0, 12);
  expect(cosine([0, 0])).toBe(0);
  expect(evaluate({ out: alignment(scale(along, 0), x) }, { x: [1, 1] }).out![0]).toBe(0);
});

test("directions are of length 1 and uniform: their mean is 0 and their second moments are I / C", () => {
  const n = 20_000;
  const v = unitDirections(new Random(3), n, C);
  const moments = new Float64Array(C * C);
  const mean = new Float64Array(C);
  let off = 0;
  for (let b = 0; b < n; b++) {
    off = Math.max(off, Math.abs(Math.hypot(...v.subarray(b * C, (b + 1) * C)) - 1));
    for (let i = 0; i < C; i++) {
      mean[i] = mean[i]! + v[b * C + i]! / n;
      for (let j = 0; j < C; j++)
        moments[i * C + j] = moments[i * C + j]! + (v[b * C + i]! * v[b * C + j]!) / n;
    }
  }
  expect(off).toBeLessThan(1e-6);
  for (let i = 0; i < C; i++) {
    expect(Math.abs(mean[i]!)).toBeLessThan(0.02);
    for (let j = 0; j < C; j++) expect(moments[i * C + j]).toBeCloseTo(i === j ? 1 / C : 0, 1.7);
  }
});

const data = texts(48, 1);
const held = texts(200, 2);
const plain = trained(data, 80, () => null);

test("a small net: rows are those of finite differences, and texts don't mix", () => {
  const few = texts(3, 8);
  const row = (graph: Graph) => jacobianRows(graph.logits, graph.x)[1]!;
  const found = measured(few, plain, row);
  // Word by word: the same word has the same gradient wherever it stands, so its embedding is moved for one text alone.
  const h = 1e-3;
  const word = few.ids[0]!;
  const copies = few.ids.subarray(0, 6).filter((id, i) => id === word && few.mask[i] === 1).length;
  for (let c = 0; c < 6; c++) {
    const logit = (by: number) => {
      const embedding = plain.embedding!.slice();
      embedding[word * 6 + c] = embedding[word * 6 + c]! + by;
      return measured(few, { ...plain, embedding }, (graph) => graph.logits)[1]!;
    };
    expect((logit(h) - logit(-h)) / (2 * h) / copies).toBeCloseTo(found[c]!, 3);
  }
});

test("the projection's mean over directions is |J|_F^2 on a small net", () => {
  const few = texts(4, 8);
  const truth = measured(few, plain, (graph) => jacobianSquares(graph.logits, graph.x))[0]!;
  const graph = graphOf(4);
  const directions = graph.tape.input("directions", [4, CLASSES]);
  const out = projectedSquares(graph.logits, graph.x, directions);
  const random = new Random(7);
  const draws = 1500;
  let mean = 0;
  for (let n = 0; n < draws; n++) {
    const drawn = { ...feedsOf(few, plain), directions: unitDirections(random, 4, CLASSES) };
    mean += evaluate({ out }, drawn).out!.reduce((a, b) => a + b, 0) / 4 / draws;
  }
  expect(mean / truth).toBeGreaterThan(0.96);
  expect(mean / truth).toBeLessThan(1.04);
});

describe("training with each lowers the Jacobian on held-out texts, at no loss of accuracy worth naming", () => {
  const squares = (graph: Graph) => jacobianSquares(graph.logits, graph.x);
  const sizes = (graph: Graph) => jacobianSizes(graph.logits, graph.x);
  const random = new Random(11);
  const directions = () => ({ directions: unitDirections(random, 48, CLASSES) });
  test.each([
    ["|J|_F^2", (graph: Graph) => scale(squares(graph), 0.003), undefined],
    ["sum |J_ij|", (graph: Graph) => scale(sizes(graph), 0.003), undefined],
    [
      "GrokAlign",
      (graph: Graph) =>
        scale(grokAlign(graph.logits, graph.x, graph.tape.input("directions", [48, CLASSES])), 0.03),
      directions,
    ],
  ] as const)("%s", (_, penalty, feeds) => {
    const parameters = trained(data, 80, penalty, feeds);
    for (const measure of [squares, sizes])
      expect(measured(held, parameters, measure)[0]!).toBeLessThan(0.85 * measured(held, plain, measure)[0]!);
    expect(accuracy(held, plain)).toBeGreaterThan(0.85);
    expect(accuracy(held, parameters)).toBeGreaterThanOrEqual(accuracy(held, plain) - 0.03);
  });
});
