/** Options of regularisers: ranges, and the weighted sum of those that are on. */
import { UserError } from "../../../src/failure.js";
import { add, scale } from "../../../src/train/autodiff/operations.js";
import type { Tensor } from "../../../src/train/autodiff/tape.js";
import { certifiedRadius } from "../../../src/train/regularisers/certified-radius.js";
import { jacobianSizes, jacobianSquares } from "../../../src/train/regularisers/jacobian.js";
import { checkRegulariserOptions, REGULARISER_DEFAULTS } from "../../../src/train/regularisers/options.js";
import { penalty, type RegulariserParts } from "../../../src/train/regularisers/penalty.js";
import { freshParameters, type Graph, graphOf, measured, texts } from "./tiny.js";

function unused(): Tensor {
  throw new Error("asked for what isn't used");
}
const parts = ({ logits, x, mask }: Graph): RegulariserParts => ({
  outputs: logits,
  x,
  mask,
  losses: unused,
  salient: unused,
  directions: unused,
  margins: unused,
  perEdit: unused,
});

test("everything off is no penalty, and nothing is asked for", () => {
  expect(penalty(REGULARISER_DEFAULTS, parts(graphOf(2)))).toBeNull();
});

test("the penalty is the weighted sum of what is on", () => {
  const data = texts(3, 1);
  const parameters = freshParameters(2);
  const perEdit = (graph: Graph) => graph.tape.scalar(0.5);
  const options = { ...REGULARISER_DEFAULTS, jacobianSquares: 2, jacobianSizes: 0.5, certifiedRadius: 3 };
  const together = measured(
    data,
    parameters,
    (graph) =>
      penalty(options, {
        ...parts(graph),
        margins: () => graph.margins,
        perEdit: () => graph.tape.constant([1], [0.5]),
      })!,
  );
  const apart = measured(data, parameters, (graph) => {
    const crm = certifiedRadius(graph.margins, perEdit(graph), { below: 3, temperature: 5 });
    const jacobian = add(
      scale(jacobianSquares(graph.logits, graph.x), 2),
      scale(jacobianSizes(graph.logits, graph.x), 0.5),
    );
    return add(jacobian, scale(crm, 3));
  });
  expect(together[0]).toBeCloseTo(apart[0]!, 12);
  expect(together[0]).not.toBe(0);
});

test("options out of range are refused by name and value", () => {
  checkRegulariserOptions(REGULARISER_DEFAULTS);
  for (const name of Object.keys(REGULARISER_DEFAULTS))
    for (const value of [-1, Number.NaN, Infinity])
      expect(() => checkRegulariserOptions({ ...REGULARISER_DEFAULTS, [name]: value })).toThrow(
        `${name} is ${value}; allowed`,
      );
  expect(() => checkRegulariserOptions({ ...REGULARISER_DEFAULTS, salientTokens: 1.5 })).toThrow(UserError);
});
