/**
 * One training step on one thread: ONNX Runtime native and WebAssembly, and PyTorch where a python3 has it.
 *
 * The step: 64 texts of 40 tokens, an embedding of 20,000 x 64, one block (attention of 4 heads, 64 to 256 to 64), mean,
 * 2 classes; 834 MFLOP in matrix products, forward and backward. Batches are gathered, the graph runs, the embedding's gradient is
 * summed by row, Adam steps; all of that is measured. The losses show that all compute the same.
 *
 *     npm run build && node bench/train-step.mjs [--steps n] [--warm n] [--activation relu|gelu] [--python path]
 */
import { spawnSync } from "node:child_process";
import { openProgram } from "../dist/node/backends/program.js";
import { gradients } from "../dist/train/autodiff/gradient.js";
import { onnxGraph } from "../dist/train/autodiff/graph.js";
import * as op from "../dist/train/autodiff/operations.js";
import { Tape } from "../dist/train/autodiff/tape.js";
import { Adam } from "../dist/train/optimisers/adam.js";
import { byRow, SparseAdam } from "../dist/train/optimisers/sparse-adam.js";
import * as bench from "./harness.mjs";

const { steps, warm, activation, python } = bench.options({
  steps: 60,
  warm: 15,
  activation: "gelu",
  python: "/usr/bin/python3",
});
const [BATCH, TOKENS, WIDTH, HEADS, INNER, CLASSES, VOCABULARY] = [64, 40, 64, 4, 256, 2, 20000];
const RATE = 0.001;
const ACTIVATIONS = { relu: op.relu, gelu: op.gelu };

const size = (shape) => shape.reduce((product, n) => product * n, 1);
const numbers = (shape, scale, phase) =>
  Float32Array.from({ length: size(shape) }, (_, i) => scale * Math.sin(phase + 0.7 * i));
const SHAPES = {
  query: [[WIDTH, WIDTH], WIDTH ** -0.5, 1],
  key: [[WIDTH, WIDTH], WIDTH ** -0.5, 2],
  value: [[WIDTH, WIDTH], WIDTH ** -0.5, 3],
  output: [[WIDTH, WIDTH], WIDTH ** -0.5, 4],
  up: [[WIDTH, INNER], WIDTH ** -0.5, 5],
  down: [[INNER, WIDTH], INNER ** -0.5, 6],
  upBias: [[INNER], 0.1, 7],
  downBias: [[WIDTH], 0.1, 8],
  head: [[WIDTH, CLASSES], WIDTH ** -0.5, 9],
};

function graph() {
  const tape = new Tape();
  const x = tape.input("x", [BATCH, TOKENS, WIDTH]);
  const labels = tape.input("labels", [BATCH], "int");
  const p = Object.fromEntries(
    Object.entries(SHAPES).map(([name, [shape]]) => [name, tape.input(name, shape)]),
  );
  const split = [BATCH, TOKENS, HEADS, WIDTH / HEADS];
  const heads = (matrix, order) => op.transpose(op.reshape(op.matmul(x, matrix), split), order);
  const scores = op.matmul(heads(p.query, [0, 2, 1, 3]), heads(p.key, [0, 2, 3, 1]));
  const weights = op.softmax(op.scale(scores, (WIDTH / HEADS) ** -0.5), -1);
  const mixed = op.transpose(op.matmul(weights, heads(p.value, [0, 2, 1, 3])), [0, 2, 1, 3]);
  const attended = op.add(x, op.matmul(op.reshape(mixed, [BATCH, TOKENS, WIDTH]), p.output));
  const hidden = ACTIVATIONS[activation](op.add(op.matmul(attended, p.up), p.upBias));
  const out = op.add(attended, op.add(op.matmul(hidden, p.down), p.downBias));
  const logits = op.matmul(op.mean(out, [1]), p.head);
  const chosen = op.sum(op.mul(logits, op.oneHot(labels, CLASSES)), [1]);
  const loss = op.mean(op.sub(op.logSumExp(logits, 1), chosen));
  const inputs = { x, ...p };
  const slopes = gradients(loss, Object.values(inputs));
  return onnxGraph({
    loss,
    ...Object.fromEntries(Object.keys(inputs).map((name, i) => [`d ${name}`, slopes[i]])),
  });
}

async function measured(runtime) {
  const program = await openProgram(runtime)(graph(), 1);
  const dense = Object.entries(SHAPES).map(([name, made]) => [name, numbers(...made)]);
  const embedding = numbers([VOCABULARY, WIDTH], 1, 0);
  const adam = new Adam();
  const sparse = new SparseAdam(embedding, VOCABULARY, WIDTH);
  const labels = Int32Array.from({ length: BATCH }, (_, i) => i % CLASSES);
  const x = new Float32Array(BATCH * TOKENS * WIDTH);
  const times = [];
  const graphTimes = [];
  const losses = [];
  for (let n = 0; n < warm + steps; n++) {
    const [before, cpu] = [performance.now(), bench.cpu()];
    const ids = Int32Array.from({ length: BATCH * TOKENS }, (_, i) => (i * 7919 + n * 104729) % VOCABULARY);
    ids.forEach((id, i) => void x.set(embedding.subarray(id * WIDTH, (id + 1) * WIDTH), i * WIDTH));
    const start = performance.now();
    const found = await program.run({ x, labels, ...Object.fromEntries(dense) });
    const ran = performance.now() - start;
    for (const [name, values] of dense) adam.step(name, values, found[`d ${name}`], RATE);
    const { rows, gradient } = byRow(ids, found["d x"], WIDTH);
    sparse.step(rows, gradient, RATE);
    losses.push(found.loss[0]);
    if (n < warm) continue;
    times.push([performance.now() - before, bench.cpu() - cpu]);
    graphTimes.push(ran);
  }
  await program.close();
  return { times, losses, graph: bench.median(graphTimes) };
}

function pytorch() {
  const file = bench.pathOf("./train-step.py");
  const environment = {
    ...process.env,
    OMP_NUM_THREADS: "1",
    MKL_NUM_THREADS: "1",
    OPENBLAS_NUM_THREADS: "1",
  };
  const { status, stdout, stderr } = spawnSync(python, [file, steps, warm, activation].map(String), {
    encoding: "utf8",
    env: environment,
  });
  if (status === 0) return JSON.parse(stdout);
  return `${python} gives none: ${stderr?.trim().split("\n").at(-1) ?? "it can't be started"}`;
}

bench.heading("A training step, one thread");
const rows = [];
const add = (name, { times, losses, graph }) =>
  rows.push({
    name,
    wall: bench.median(times.map(([wall]) => wall)),
    cpu: bench.median(times.map(([, cpu]) => cpu)),
    cells: [graph ?? "", losses[0].toFixed(6), losses.at(-1).toFixed(6)],
  });
add("ONNX Runtime, native", await measured("native"));
add("ONNX Runtime, WebAssembly", await measured("wasm"));
const other = pytorch();
if (typeof other !== "string") add(`PyTorch ${other.version}`, other);
const base = rows.find(({ name }) => name.startsWith("PyTorch"));
bench.table(
  ["", "ms, median", "CPU, ms", "times PyTorch's", "its CPU", "the graph, ms", "first loss", "last loss"],
  rows.map(({ name, wall, cpu, cells }) => [
    name,
    wall,
    cpu,
    base === undefined ? "" : wall / base.wall,
    base === undefined ? "" : cpu / base.cpu,
    ...cells,
  ]),
);
if (typeof other === "string") bench.print(`PyTorch is skipped: ${other}.`);
else bench.print(`PyTorch's matrix product of 256 x 256: ${bench.number(other.gflops)} GFLOP/s.`);
if (other.gflops < 20)
  bench.print("That is a BLAS without SIMD, of which its times say nothing; OpenBLAS is wanted.");
bench.print();
