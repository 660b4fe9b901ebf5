/** What keeps trained blocks small: constraints, which hold on the model that is exported, and regularisers. */
import type { TransformerFolderWeights } from "../../../src/model/folder.js";
import type { Matrix } from "../../../src/numeric/matrix.js";
import type { TransformerTrainOptions } from "../../../src/train/transformer/loop.js";
import { examples } from "../examples.js";
import { dataOf, finish, small } from "./tiny-blocks.js";

/** The largest singular value, by power iteration in float64. */
function norm({ rows, columns, data }: Matrix): number {
  let v = Float64Array.from({ length: columns }, (_, c) => 1 + Math.sin(c));
  let size = 0;
  for (let n = 0; n < 500; n++) {
    const u = Float64Array.from({ length: rows }, (_, r) =>
      v.reduce((s, x, c) => s + x * data[r * columns + c]!, 0),
    );
    const w = Float64Array.from({ length: columns }, (_, c) =>
      u.reduce((s, x, r) => s + x * data[r * columns + c]!, 0),
    );
    const length = Math.hypot(...w);
    size = Math.sqrt(length / Math.hypot(...v));
    v = w.map((x) => x / length);
  }
  return size;
}

function matrices({ blocks }: TransformerFolderWeights): Matrix[] {
  return blocks.flatMap(({ attention: { query, key, value, output }, feedForward: { inner, outer } }) =>
    [query, key, value, output, inner, outer].map(({ weight }) => weight),
  );
}

describe("what keeps the model small", () => {
  const what = dataOf(examples(8, 48, 2, 5));
  const wild = { epochs: 2, blockRate: 0.3, blocks: 2 };

  test("without a constraint matrices grow", async () => {
    const { weights, reports } = await finish(what, small(wild));
    expect(Math.max(...matrices(weights).map(norm))).toBeGreaterThan(1.5);
    // The log tells how large they are, from above.
    const { constants } = reports.at(-1)!;
    const [query] = matrices(weights);
    expect(constants!["0.query"]).toBeGreaterThanOrEqual(norm(query!) * (1 - 1e-9));
    expect(constants!["0.query"]).toBeLessThan(norm(query!) * 1.01);
    expect(constants!["1.feedForwardGain"]).toBeCloseTo(Math.abs(weights.blocks[1]!.feedForwardGain), 6);
  });

  test.each([
    ["soft-cap:0.9", 0.9],
    ["hard-cap:1", 1],
    ["normalise:0.5", 0.5],
    ["soft-normalise:0.9:1.1", 1.1],
  ])("%s holds on the exported model, with Adam and with Muon", async (constraint, limit) => {
    for (const optimiser of ["adam", "muon"] as const) {
      const { weights } = await finish(what, small({ ...wild, epochs: 1, constraint, optimiser }));
      for (const weight of matrices(weights)) expect(norm(weight)).toBeLessThanOrEqual(limit);
    }
  });

  test("vectors of words stay in the ball", async () => {
    const { weights } = await finish(what, small({ ...wild, ball: 0.7 }));
    const { rows, columns, data } = weights.embedding;
    const lengths = Array.from({ length: rows }, (_, r) =>
      Math.hypot(...data.subarray(r * columns, (r + 1) * columns)),
    );
    expect(Math.max(...lengths)).toBeLessThanOrEqual(0.7 * (1 + 1e-6));
    expect(Math.max(...lengths)).toBeGreaterThan(0.69);
  });
});

describe("regularisers", () => {
  const what = dataOf(examples(10, 32, 2, 5));
  const still = small({ epochs: 1, blockRate: 1e-9, learningRate: 1e-9 });

  test.each<[string, Partial<TransformerTrainOptions>]>([
    ["jacobianSquares", { jacobianSquares: 5 }],
    ["jacobianSizes", { jacobianSizes: 5 }],
    ["selectiveGradients", { selectiveGradients: 500, salientTokens: 1 }],
    ["grokAlign", { grokAlign: 5 }],
    ["certifiedRadius", { certifiedRadius: 50, radiusFrom: 0, learningRate: 0.1 }],
  ])("%s adds to the loss, and moves the weights", async (name, changes) => {
    const loss = async (more: Partial<TransformerTrainOptions>) =>
      (await finish(what, { ...still, ...more })).reports[0]!;
    const plain = await loss({ ...(name === "certifiedRadius" ? { learningRate: 0.1 } : {}) });
    const report = await loss(changes);
    expect(Math.abs(report.loss - plain.loss)).toBeGreaterThan(1e-3);
    expect(Object.keys(report)).toEqual([
      ...Object.keys(plain),
      ...(name === "grokAlign" ? ["alignment"] : []),
    ]);
    if (name === "grokAlign") expect(Math.abs(report.alignment!)).toBeLessThanOrEqual(1);
    const other = async (more: Partial<TransformerTrainOptions>) =>
      (await finish(what, { ...small({ epochs: 1 }), ...more })).weights.embedding;
    expect(await other(changes)).not.toEqual(await other({}));
  });

  test("certified radius maximisation waits for its epoch", async () => {
    const options = small({ epochs: 2, certifiedRadius: 50 });
    const [plain, late] = [
      await finish(what, { ...options, certifiedRadius: 0 }),
      await finish(what, options),
    ];
    expect(late.reports[0]).toEqual(plain.reports[0]);
    expect(late.reports[1]!.loss).not.toBe(plain.reports[1]!.loss);
  });
});
