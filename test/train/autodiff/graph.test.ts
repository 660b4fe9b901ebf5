/** ONNX graphs of all operations with their first and second gradients, run by ONNX Runtime, against the float64 interpreter. */
import fc from "fast-check";
import { openProgram } from "../../../src/node/backends/program.js";
import { optionalPackage } from "../../../src/node/optional.js";
import { evaluate } from "../../../src/train/autodiff/evaluate.js";
import { gradients } from "../../../src/train/autodiff/gradient.js";
import { onnxGraph } from "../../../src/train/autodiff/graph.js";
import * as op from "../../../src/train/autodiff/operations.js";
import { CASES, drawn, recorded, Tape, type Tensor, weighed } from "./cases.js";

const native = (await optionalPackage("onnxruntime-node")).module !== null;

/** Feeds as a runtime wants them. */
const float32 = (feeds: Readonly<Record<string, Float64Array | Int32Array>>) =>
  Object.fromEntries(
    Object.entries(feeds).map(([name, values]) => [
      name,
      values instanceof Int32Array ? values : Float32Array.from(values),
    ]),
  );

/** One tape of every operation; a graph has no inputs that go nowhere, which may be ids here. */
const everything = fc.record(
  Object.fromEntries(Object.entries(CASES).map(([name, it]) => [name, drawn(it)] as const)),
);

async function expectEqualRuns(
  runtime: "native" | "wasm",
  outputs: Record<string, Tensor>,
  feeds: Record<string, Float64Array | Int32Array>,
) {
  const program = await openProgram(runtime)(onnxGraph(outputs), 1);
  const rounded = float32(feeds);
  const found = await program.run(rounded);
  const expected = evaluate(outputs, rounded);
  await program.close();
  expect(Object.keys(found).sort()).toEqual(Object.keys(outputs).sort());
  for (const [name, values] of Object.entries(expected)) {
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    expect(found[name]!.length).toBe(values.length);
    const wrong = [...values].flatMap((value, i) =>
      Math.abs(found[name]![i]! - value) <= 3e-6 * largest ? [] : [{ i, value, found: found[name]![i] }],
    );
    expect({ name, wrong }).toEqual({ name, wrong: [] });
  }
}

const runs = (runtime: "native" | "wasm", numRuns: number) =>
  fc.assert(
    fc.asyncProperty(everything, async (cases) => {
      const tape = new Tape();
      const outputs: Record<string, Tensor> = {};
      const feeds: Record<string, Float64Array | Int32Array> = {};
      for (const [name, it] of Object.entries(cases)) {
        const { inputs, output, feeds: own } = recorded(tape, it, `${name} `);
        Object.assign(feeds, own);
        outputs[`${name} value`] = output;
        const slopes = gradients(weighed(output), inputs);
        const curves = gradients(slopes.map((slope) => weighed(op.square(slope))).reduce(op.add), inputs);
        slopes.forEach((slope, i) => {
          outputs[`${name} slope ${i}`] = slope;
        });
        curves.forEach((curve, i) => {
          outputs[`${name} curve ${i}`] = curve;
        });
      }
      await expectEqualRuns(runtime, outputs, feeds);
    }),
    { numRuns },
  );

(native ? test : test.skip)(
  "native gives what the interpreter gives (skipped where onnxruntime-node isn't installed)",
  () => runs("native", 5),
);
test("wasm gives what the interpreter gives", () => runs("wasm", 1));

describe("hostile numbers", () => {
  const x = [-1e4, -90, -1e-30, 0, 1e-30, 20, 90, 1e4];
  const tape = new Tape();
  const input = tape.input("x", [x.length]);
  const rows = op.reshape(input, [2, 4]);
  const values: Record<string, Tensor> = {
    softplus: op.softplus(input),
    sigmoid: op.sigmoid(input),
    tanh: op.tanh(input),
    gelu: op.gelu(input),
    logSumExp: op.logSumExp(rows, 1),
    softmax: op.softmax(rows, 1),
    topSum: op.topSum(rows, 1, 2),
    ties: op.topSum(op.relu(input), 0, 6),
    constant: op.mul(input, tape.constant([x.length], x)),
  };
  for (const [name, value] of Object.entries({ ...values }))
    values[`${name} slope`] = gradients(op.sum(value), [input])[0]!;
  const runtimes = native ? (["native", "wasm"] as const) : (["wasm"] as const);

  test.each(runtimes)(
    "%s: none of the results is infinite or NaN, and they are the interpreter's",
    async (runtime) => {
      for (const found of Object.values(evaluate(values, { x })))
        expect(found.every(Number.isFinite)).toBe(true);
      await expectEqualRuns(runtime, values, { x: Float64Array.from(x) });
    },
  );

  test.each(runtimes)(
    "%s: constants of integers, ids that come twice, outputs that are inputs",
    async (runtime) => {
      const other = new Tape();
      const table = other.input("table", [3, 2]);
      const ids = other.constant([2, 2], [2, 0, 2, 1], "int");
      const taken = op.gather(table, ids);
      const outputs = {
        taken,
        slope: gradients(weighed(taken), [table])[0]!,
        same: table,
        fixed: other.constant([2], [0.1, 3]),
        stopped: op.stopGradient(table),
        none: gradients(weighed(op.stopGradient(table)), [table])[0]!,
      };
      await expectEqualRuns(runtime, outputs, { table: Float64Array.of(1, 2, 3, 4, 5, 6) });
      expect([...evaluate(outputs, { table: [1, 2, 3, 4, 5, 6] }).none!]).toEqual([0, 0, 0, 0, 0, 0]);
    },
  );
});

test("what the outputs don't depend on is left out", async () => {
  const tape = new Tape();
  const used = tape.input("used", [2]);
  const unused = tape.input("unused", [2]);
  const outputs = { out: op.square(used) };
  const before = onnxGraph(outputs);
  op.exp(op.mul(unused, used));
  expect(onnxGraph(outputs)).toEqual(before);
  const program = await openProgram("wasm")(before, 1);
  expect([
    ...(await program.run({ used: Float32Array.of(3, -4), unused: new Float32Array(2) })).out!,
  ]).toEqual([9, 16]);
  await expect(program.run({})).rejects.toThrow("the input used isn't fed");
  await expect(program.run({ used: new Float32Array(3) })).rejects.toThrow(
    "the input used has 3 numbers; its shape is [2]",
  );
  await expect(program.run({ used: new Int32Array(2) })).rejects.toThrow("it can't be fed by Int32Array");
  await program.close();
});

test("names that would collide are refused", () => {
  const tape = new Tape();
  const x = tape.input("x", [2]);
  expect(() => onnxGraph({ x: op.neg(x) })).toThrow("x is both an input and an output");
  expect(() => onnxGraph({ Neg_0: op.neg(x) })).toThrow("the name Neg_0 is one of the graph's own");
  expect(() => onnxGraph({ "number 1": op.neg(x) })).toThrow("the name number 1 is one of the graph's own");
  expect(() => tape.input("x", [3])).toThrow("the tape has an input x already");
  expect(() => onnxGraph({})).toThrow("a graph needs an output");
});
