/** What a tape refuses, what it shares, and what the interpreter gives for a few operations by hand. */
import { evaluate } from "../../../src/train/autodiff/evaluate.js";
import { gradients } from "../../../src/train/autodiff/gradient.js";
import * as op from "../../../src/train/autodiff/operations.js";
import { Tape } from "../../../src/train/autodiff/tape.js";

const tape = new Tape();
const x = tape.input("x", [2, 3]);
const ids = tape.input("ids", [2], "int");

test.each<[string, () => unknown, string]>([
  [
    "shapes that don't broadcast",
    () => op.add(x, tape.input("y", [2])),
    "the shapes [2, 3] and [2] don't broadcast",
  ],
  ["a product", () => op.matmul(x, x), "[2, 3] and [2, 3] have no matrix product"],
  ["a reshape", () => op.reshape(x, [4]), "[2, 3] can't be reshaped to [4]"],
  ["a broadcast", () => op.broadcastTo(x, [3]), "[2, 3] can't be broadcast to [3]"],
  ["an axis", () => op.softmax(x, 2), "the axis is 2; [2, 3] has 2"],
  ["a permutation", () => op.transpose(x, [0, 0]), "[0, 0] doesn't permute the axes of [2, 3]"],
  ["a slice", () => op.slice(x, 1, 2, 4), "the slice is 2 to 4; axis 1 of [2, 3] has 3 entries"],
  ["zeros", () => op.pad(x, 0, -1, 0), "zeros before and after are -1 and 0"],
  ["parts", () => op.concat([x, op.slice(x, 0, 0, 1)], 1), "[2, 3] and [1, 3] don't fit side by side"],
  ["k", () => op.topSum(x, 1, 4), "k is 4; axis 1 of [2, 3] has 3 entries"],
  ["ids that are floats", () => op.gather(x, x), "tensor 0 is float; it must be int"],
  ["numbers that are ids", () => op.exp(ids), "is int; it must be float"],
  ["a tensor of another tape", () => op.add(x, new Tape().input("x", [2, 3])), "tensor 0 is of another tape"],
  ["a loss", () => gradients(x, [x]), "the loss has the shape [2, 3]; it must be one number"],
  ["a dimension", () => tape.input("z", [0]), "the shape is [0]; dimensions must be positive integers"],
  ["a constant", () => tape.constant([2], [1]), "a constant of shape [2] has 1 numbers, not 2"],
])("%s is refused with the shapes", (_, build, message) => {
  expect(build).toThrow(message);
});

test("the interpreter refuses feeds that are missing or don't fit, and ids outside their table", () => {
  const rows = { rows: op.gather(x, ids) };
  const feeds = { x: [1, 2, 3, 4, 5, 6], ids: Int32Array.of(1, 1) };
  expect([...evaluate(rows, feeds).rows!]).toEqual([4, 5, 6, 4, 5, 6]);
  expect(() => evaluate(rows, { x: feeds.x })).toThrow("the input ids isn't fed");
  expect(() => evaluate(rows, { ...feeds, x: [1] })).toThrow(
    "the input x has 1 numbers; its shape is [2, 3]",
  );
  for (const id of [2, -1])
    expect(() => evaluate(rows, { ...feeds, ids: [0, id] })).toThrow(`the id is ${id}; allowed are 0 to 1`);
});

test("the same operation on the same tensors is one node", () => {
  const before = op.exp(x);
  const { length } = tape.nodes;
  expect(op.exp(x)).toBe(before);
  expect(tape.nodes.length).toBe(length);
  expect(op.sum(before, [0])).not.toBe(op.sum(before, [1]));
  expect(op.sum(before, [0])).not.toBe(op.sum(before, [0], true));
  expect(tape.scalar(0)).not.toBe(tape.scalar(-0));
  expect(op.broadcastTo(tape.scalar(2), [2])).not.toBe(op.broadcastTo(tape.scalar(2), [3]));
});

test("ones that are repeated repeat what they multiply or divide", () => {
  const ones = op.broadcastTo(tape.scalar(1), [4, 2, 3]);
  for (const result of [op.mul(x, ones), op.mul(ones, x), op.div(x, ones)]) {
    expect(result.shape).toEqual([4, 2, 3]);
    expect(evaluate({ result }, { x: [1, 2, 3, 4, 5, 6] }).result!.length).toBe(24);
  }
  expect(op.mul(x, op.broadcastTo(tape.scalar(1), [3]))).toBe(x);
});

test("results by hand", () => {
  const values = evaluate(
    {
      transposed: op.transpose(x, [1, 0]),
      columns: op.sum(x, [0]),
      top: op.topSum(x, -1, 2),
      first: op.topMask(tape.constant([4], [1, 3, 3, 3]), 0, 2),
      product: op.matmul(x, tape.constant([3, 1], [1, 10, 100])),
      hot: op.oneHot(ids, 3),
      summed: op.scatter(x, ids, 2),
      gelu: op.gelu(tape.scalar(1)),
    },
    { x: [1, 2, 3, 6, 5, 4], ids: [0, 0] },
  );
  expect(Object.fromEntries(Object.entries(values).map(([name, list]) => [name, [...list]]))).toEqual({
    transposed: [1, 6, 2, 5, 3, 4],
    columns: [7, 7, 7],
    top: [5, 11],
    first: [0, 1, 1, 0],
    product: [321, 456],
    hot: [1, 0, 0, 1, 0, 0],
    summed: [7, 7, 7, 0, 0, 0],
    // The normal distribution function of 1.
    gelu: [expect.closeTo(0.8413447460685429, 14)],
  });
});
