/** Penalties with their gradients by the weights (second derivatives), run by ONNX Runtime in float32, against the float64 interpreter. */
import { openProgram } from "../../../src/node/backends/program.js";
import { Random } from "../../../src/numeric/random.js";
import { evaluate } from "../../../src/train/autodiff/evaluate.js";
import { gradients } from "../../../src/train/autodiff/gradient.js";
import { onnxGraph } from "../../../src/train/autodiff/graph.js";
import type { Tensor } from "../../../src/train/autodiff/tape.js";
import { certifiedRadius } from "../../../src/train/regularisers/certified-radius.js";
import { alignment, grokAlign, unitDirections } from "../../../src/train/regularisers/grok-align.js";
import { jacobianSizes, jacobianSquares } from "../../../src/train/regularisers/jacobian.js";
import { removalMoves, salientTokens } from "../../../src/train/regularisers/saliency.js";
import { selectiveGradients } from "../../../src/train/regularisers/selective-gradients.js";
import { CLASSES, feedsOf, freshParameters, type Graph, graphOf, texts } from "./tiny.js";

const COUNT = 4;
const PENALTIES: Readonly<Record<string, (graph: Graph) => Tensor>> = {
  jacobianSquares: (graph) => jacobianSquares(graph.logits, graph.x),
  jacobianSizes: (graph) => jacobianSizes(graph.logits, graph.x),
  selectiveGradients: (graph) => {
    // Logits in the place of margins: what moves is what counts here.
    const moves = removalMoves(graph.forward, graph.logits, graph.x, graph.mask);
    return selectiveGradients(graph.losses, graph.x, salientTokens(moves, graph.mask, 2), graph.mask);
  },
  grokAlign: (graph) => grokAlign(graph.logits, graph.x, graph.tape.input("directions", [COUNT, CLASSES])),
  certifiedRadius: (graph) =>
    certifiedRadius(graph.margins, graph.tape.constant([1], [0.5]), { below: 9, temperature: 5 }),
};

test.each(Object.keys(PENALTIES))("%s", async (name) => {
  const graph = graphOf(COUNT);
  const penalty = PENALTIES[name]!(graph);
  const names = Object.keys(graph.parameters);
  const slopes = gradients(
    penalty,
    names.map((parameter) => graph.parameters[parameter]!),
  );
  const outputs = Object.fromEntries([
    ["penalty", penalty],
    ["alignment", alignment(graph.logits, graph.x)],
    ...names.map((parameter, n) => [`d.${parameter}`, slopes[n]!]),
  ]) as Record<string, Tensor>;
  const feeds = {
    ...feedsOf(texts(COUNT, 5), freshParameters(3)),
    directions: unitDirections(new Random(2), COUNT, CLASSES),
  };
  const expected = evaluate(outputs, feeds);
  const program = await openProgram("auto")(onnxGraph(outputs), 1);
  const found = await program.run(feeds);
  await program.close();
  expect(expected.penalty![0]).not.toBe(0);
  for (const [output, values] of Object.entries(expected)) {
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
    values.forEach((value, i) => {
      expect(Math.abs(found[output]![i]! - value)).toBeLessThan(1e-4 * largest);
    });
  }
});
