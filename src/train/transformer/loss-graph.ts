/**
 * The loss of a batch as a graph: logistic over margins after the adversary's edits, as in ../objective.ts, with the blocks' part
 * in the margin and in what edits take; a teacher's part and regularisers where they are asked for.
 *
 *     loss = mean over texts of weight * ((1 - distil) * robust + distil * taught) + penalties
 *     robust = log(1 + sum over rivals r of exp(-temperature * (M_r - kappa)))
 *     M_r  = additive margin + blocks' margin - the `worstEdits` largest of (drop + charge) over words and joins
 *     taught = -sum over labels c of teacher_c log softmax(temperature * logits)_c, logits without edits
 *
 * drop: what the worst edit at a place takes from the sum over words, found outside; charge: what losing the word takes from
 * the first block's part (blocks-graph.ts), for a join that of both words, and what any edit can take from later blocks.
 */
import {
  abs,
  add,
  broadcastTo,
  concat,
  logSumExp,
  matmul,
  mean,
  mul,
  reshape,
  scale,
  slice,
  stopGradient,
  sub,
  sum,
  topSum,
  transpose,
} from "../autodiff/operations.js";
import { Tape, type Tensor } from "../autodiff/tape.js";
import { alignment } from "../regularisers/grok-align.js";
import type { RegulariserOptions } from "../regularisers/options.js";
import { penalty } from "../regularisers/penalty.js";
import { salientTokens } from "../regularisers/saliency.js";
import { ORTHOGONAL_GAIN } from "./block-parameters.js";
import { type BlockTensors, blockPass, charge, laterCharge, reading } from "./blocks-graph.js";
import { embedded } from "./given-vectors.js";
import { NormGraph } from "./norms.js";
import type { BlockOptions, FeedForwardName } from "./options.js";

export interface LossShape {
  readonly texts: number;
  readonly words: number;
  readonly classes: number;
}

export interface LossOptions extends BlockOptions, RegulariserOptions {
  readonly worstEdits: number;
  readonly temperature: number;
}

export interface LossGraph {
  /** [1] */
  readonly loss: Tensor;
  /** What the loss is differentiated by, by name. */
  readonly inputs: ReadonlyMap<string, Tensor>;
  /** Mean over texts of the angle's cosine between Jacobian and input, where GrokAlign is on. */
  readonly alignment: Tensor | null;
  /** What norms.ts wants to know of a batch, by name. */
  readonly squares: ReadonlyMap<string, Tensor>;
}

export function lossGraph(
  shape: LossShape,
  parameterShapes: ReadonlyMap<string, readonly number[]>,
  options: LossOptions,
): LossGraph {
  const { texts, words, classes } = shape;
  const rivals = classes - 1;
  const tape = new Tape();
  // Places of a text are its words, then the joins of each word with the next.
  const x = tape.input("x", [texts, words, options.width]);
  const mask = tape.input("mask", [texts, words]);
  const additive = tape.input("additive", [texts, rivals]);
  const given = tape.input("given", [texts, rivals, words]);
  const drops = tape.input("drops", [texts, rivals, 2 * words]);
  const differences = tape.input("differences", [texts, rivals, classes]);
  const weight = tape.input("weight", [texts]);
  const parameters = new Map<string, Tensor>();
  for (const [name, dimensions] of parameterShapes) parameters.set(name, tape.input(name, [...dimensions]));

  const readout = parameters.get("readout")!;
  const directions = matmul(differences, readout);
  const everyClass = broadcastTo(reshape(readout, [1, classes, options.width]), [
    texts,
    classes,
    options.width,
  ]);
  let clean = additive;
  let outputs: Tensor = broadcastTo(tape.scalar(0), [texts, classes]);
  let charges: Tensor = broadcastTo(tape.scalar(0), [texts, words, rivals]);
  // What one edit takes from later blocks, wherever it is.
  let later: Tensor | null = null;
  const norms = new NormGraph(tape, mask, options);
  // What the blocks read: rows of the words' own, or made of these and given vectors.
  const projection = parameters.get("projection");
  const rows =
    projection === undefined
      ? x
      : embedded(x, tape.input("vectors", [texts, words, projection.shape[1]!]), projection, options.ball);
  let state = rows;
  for (let b = 0; b < options.blocks; b++) {
    const raw = blockTensors(parameters, b, options.feedForward);
    const pass = blockPass(raw, state, mask, options, (branch, stream) =>
      norms.apply(`${b}.${branch}`, stream),
    );
    const block = {
      ...raw,
      value: norms.folded(`${b}.attention`, raw.value),
      inner: norms.folded(`${b}.feedForward`, raw.inner),
    };
    const read = reading(block, pass, mask, directions, options);
    clean = add(clean, read.total);
    outputs = add(outputs, reading(block, pass, mask, everyClass, options).total);
    if (options.charge > 0 && b === 0) charges = charge(block, pass, mask, read, options);
    if (options.charge > 0 && b > 0) {
      const more = laterCharge(block, directions, options, options.ball);
      later = later === null ? more : add(later, more);
    }
    state = pass.out;
  }
  const single = scale(transpose(charges, [0, 2, 1]), options.charge);
  const next = concat([slice(single, 2, 1, words), broadcastTo(tape.scalar(0), [texts, rivals, 1])], 2);
  let taken = add(drops, concat([single, add(single, next)], 2));
  if (later !== null) taken = add(taken, reshape(scale(later, options.charge), [texts, rivals, 1]));
  const robust = (edits: number): Tensor =>
    edits === 0 ? clean : sub(clean, topSum(taken, 2, Math.min(edits, words)));

  const terms = scale(sub(robust(options.worstEdits), tape.scalar(options.kappa)), -options.temperature);
  const losses = logSumExp(concat([broadcastTo(tape.scalar(0), [texts, 1]), terms], 1), 1);
  const inputs = new Map<string, Tensor>([["additive", additive], ["drops", drops], ["x", x], ...parameters]);
  let total = losses;
  if (options.distil > 0) {
    const logits = tape.input("logits", [texts, classes]);
    const teacher = tape.input("teacher", [texts, classes]);
    inputs.set("logits", logits);
    const tempered = scale(add(logits, outputs), options.temperature);
    const taught = sub(logSumExp(tempered, 1), sum(mul(tempered, teacher), [1], false));
    total = add(scale(losses, 1 - options.distil), scale(taught, options.distil));
  }
  let loss = mean(mul(total, weight), [0], false);
  const extra = penalty(options, {
    outputs,
    x: rows,
    mask,
    losses: () => losses,
    salient: () =>
      salientTokens(stopGradient(sum(abs(add(given, single)), [1], false)), mask, options.salientTokens),
    directions: () => tape.input("unit", [texts, classes]),
    margins: () => clean,
    perEdit: () => topSum(taken, 2, 1),
  });
  if (extra !== null) loss = add(loss, extra);
  if (norms.penalty !== null && options.chainMean > 0)
    loss = add(loss, scale(norms.penalty, options.chainMean));
  return {
    loss: reshape(loss, [1]),
    inputs,
    squares: norms.squares,
    alignment: options.grokAlign > 0 ? reshape(mean(alignment(outputs, rows)), [1]) : null,
  };
}

function blockTensors(
  parameters: ReadonlyMap<string, Tensor>,
  b: number,
  feedForward: FeedForwardName,
): BlockTensors {
  const of = (name: string) => parameters.get(`${b}.${name}`)!;
  const inner = of("inner");
  return {
    query: of("query"),
    key: of("key"),
    value: of("value"),
    output: of("output"),
    attentionGain: of("attentionGain"),
    inner,
    ...(feedForward === "mlp"
      ? { outer: of("outer"), feedForwardGain: of("feedForwardGain") }
      : { outer: transpose(inner, [1, 0]), feedForwardGain: inner.tape.constant([1], [ORTHOGONAL_GAIN]) }),
  };
}
