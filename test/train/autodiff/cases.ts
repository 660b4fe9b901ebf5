/**
 * Every operation on tensors of random shapes, for the tests of gradients and of graphs.
 *
 * The numbers of a case are all different and lie off every kink by far more than the steps of central differences.
 */
import fc from "fast-check";
import * as op from "../../../src/train/autodiff/operations.js";
import { Tape, type Tensor } from "../../../src/train/autodiff/tape.js";

export interface Case {
  /** Of the float inputs. */
  readonly shapes: readonly (readonly number[])[];
  readonly ids?: { readonly shape: readonly number[]; readonly below: number };
  build(x: readonly Tensor[], ids: Tensor): Tensor;
  /** The numbers are positive. */
  readonly positive?: boolean;
}

export interface Drawn extends Case {
  readonly values: readonly Float64Array[];
  readonly idValues: Int32Array;
}

const size = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);
const dimension = fc.integer({ min: 1, max: 3 });
const anyShape = fc.array(dimension, { maxLength: 3 });
const someShape = fc.array(dimension, { minLength: 1, maxLength: 3 });

/** Two or more shapes that broadcast. */
const broadcasting = (count: number) =>
  fc
    .tuple(
      anyShape,
      fc.array(fc.tuple(fc.nat(3), fc.array(fc.boolean(), { minLength: 3, maxLength: 3 })), {
        minLength: count,
        maxLength: count,
      }),
    )
    .map(([full, ways]) =>
      ways.map(([drop, ones]) => full.slice(Math.min(drop, full.length)).map((n, i) => (ones[i] ? 1 : n))),
    );

const unary = (build: (x: Tensor) => Tensor, positive = false): fc.Arbitrary<Case> =>
  anyShape.map((shape) => ({ shapes: [shape], build: ([x]) => build(x!), positive }));
const binary = (build: (a: Tensor, b: Tensor) => Tensor, positive = false): fc.Arbitrary<Case> =>
  broadcasting(2).map((shapes) => ({ shapes, build: ([a, b]) => build(a!, b!), positive }));
const axial = (build: (x: Tensor, axis: number, keep: boolean) => Tensor): fc.Arbitrary<Case> =>
  fc.tuple(someShape, fc.nat(5), fc.boolean()).map(([shape, n, keep]) => ({
    shapes: [shape],
    build: ([x]) => build(x!, (n % (2 * shape.length)) - shape.length, keep),
  }));
const axes = (build: (x: Tensor, axes: number[] | undefined, keep: boolean) => Tensor): fc.Arbitrary<Case> =>
  fc
    .tuple(someShape, fc.option(fc.array(fc.nat(2), { maxLength: 3 }), { nil: undefined }), fc.boolean())
    .map(([shape, list, keep]) => ({
      shapes: [shape],
      build: ([x]) =>
        build(
          x!,
          list?.map((n) => n % shape.length),
          keep,
        ),
    }));

const one = (x: Tensor) => x.tape.scalar(1);

export const CASES: Readonly<Record<string, fc.Arbitrary<Case>>> = {
  neg: unary(op.neg),
  scale: unary((x) => op.scale(x, -1.75)),
  exp: unary(op.exp),
  log: unary(op.log, true),
  tanh: unary(op.tanh),
  sqrt: unary(op.sqrt, true),
  square: unary(op.square),
  abs: unary(op.abs),
  sign: unary((x) => op.mul(op.sign(x), x)),
  relu: unary(op.relu),
  sigmoid: unary(op.sigmoid),
  softplus: unary(op.softplus),
  erf: unary(op.erf),
  gelu: unary(op.gelu),
  add: binary(op.add),
  sub: binary(op.sub),
  mul: binary(op.mul),
  div: binary(op.div, true),
  maximum: binary(op.maximum),
  minimum: binary(op.minimum),
  greater: binary((a, b) => op.mul(op.greater(a, b), op.mul(a, b))),
  where: broadcasting(3).map((shapes) => ({
    shapes,
    build: ([x, a, b]) => op.where(op.greater(x!, x!.tape.scalar(0)), op.mul(a!, x!), op.square(b!)),
  })),
  "where with a mask of numbers": broadcasting(2).map((shapes) => ({
    shapes,
    build: ([x, a]) => op.where(op.relu(x!), a!, one(a!)),
  })),
  "reshape and sum": fc.tuple(someShape, dimension).map(([shape, n]) => ({
    shapes: [[...shape, n]],
    build: ([x]) => op.sum(op.square(op.reshape(x!, [n, size(shape)])), [0]),
  })),
  broadcastTo: fc.tuple(broadcasting(1), anyShape).map(([[shape], lead]) => ({
    shapes: [shape!],
    build: ([x]) =>
      op.square(op.broadcastTo(x!, [...lead.slice(0, 1), ...shape!.map((n) => (n === 1 ? 2 : n))])),
  })),
  "a broadcast operand": broadcasting(2).map((shapes) => ({
    shapes,
    build: ([a, b]) => {
      const { shape } = op.add(a!, b!);
      return op.mul(op.broadcastTo(a!, shape), op.mul(op.broadcastTo(b!, shape), op.add(a!, b!)));
    },
  })),
  sum: axes((x, list, keep) => op.square(op.sum(op.square(x), list, keep))),
  mean: axes((x, list, keep) => op.square(op.mean(op.square(x), list, keep))),
  max: axial((x, axis, keep) => op.square(op.max(x, axis, keep))),
  logSumExp: axial(op.logSumExp),
  softmax: axial((x, axis) => op.softmax(x, axis)),
  topSum: fc.tuple(someShape, fc.nat(2), fc.nat(2)).map(([shape, n, m]) => {
    const axis = n % shape.length;
    return {
      shapes: [shape],
      build: ([x]) => op.square(op.topSum(x!, axis, 1 + (m % shape[axis]!))),
    };
  }),
  matmul: fc.tuple(broadcasting(2), dimension, dimension, dimension).map(([[a, b], m, n, p]) => ({
    shapes: [
      [...a!, m, n],
      [...b!, n, p],
    ],
    build: ([x, y]) => op.matmul(x!, y!),
  })),
  transpose: fc.tuple(someShape, fc.nat(5)).map(([shape, n]) => ({
    shapes: [shape],
    build: ([x]) => {
      const order = shape.map((_, i) => i);
      for (let i = 0; i < n; i++) order.push(...order.splice(i % order.length, 1));
      const other = op.transpose(op.square(op.transpose(x!, order)), [...order].reverse());
      return op.mul(other, op.exp(other));
    },
  })),
  slice: fc.tuple(someShape, fc.nat(2), fc.nat(2), fc.nat(2)).map(([shape, n, from, count]) => ({
    shapes: [shape],
    build: ([x]) => {
      const axis = n % shape.length;
      const begin = from % shape[axis]!;
      return op.square(op.slice(x!, axis, begin, Math.min(begin + 1 + count, shape[axis]!)));
    },
  })),
  pad: fc.tuple(someShape, fc.nat(2), fc.nat(2), fc.nat(2)).map(([shape, n, before, after]) => ({
    shapes: [shape],
    build: ([x]) => op.exp(op.pad(x!, n % shape.length, before, after)),
  })),
  concat: fc
    .tuple(someShape, fc.nat(2), fc.array(dimension, { minLength: 1, maxLength: 3 }))
    .map(([shape, n, sizes]) => {
      const axis = n % shape.length;
      return {
        shapes: sizes.map((own) => shape.map((other, i) => (i === axis ? own : other))),
        build: (xs) => op.exp(op.concat([...xs, op.square(xs[0]!)], axis - shape.length)),
      };
    }),
  gather: fc.tuple(someShape, anyShape).map(([shape, ids]) => ({
    shapes: [shape],
    ids: { shape: ids, below: shape[0]! },
    build: ([x], at) => op.square(op.gather(x!, at)),
  })),
  scatter: fc.tuple(anyShape, anyShape, dimension).map(([row, ids, rows]) => ({
    shapes: [[...ids, ...row]],
    ids: { shape: ids, below: rows },
    build: ([x], at) => op.square(op.scatter(x!, at, rows)),
  })),
  oneHot: fc.tuple(anyShape, dimension).map(([ids, depth]) => ({
    shapes: [[...ids, depth]],
    ids: { shape: ids, below: depth },
    build: ([x], at) => op.mul(op.square(x!), op.oneHot(at, depth)),
  })),
};

/** The case with numbers: all different, none near 0, of both signs unless positive; ids as they come. */
export function drawn(arbitrary: fc.Arbitrary<Case>): fc.Arbitrary<Drawn> {
  return arbitrary.chain((it) => {
    const total = it.shapes.reduce((sum, shape) => sum + size(shape), 0);
    const ids = size(it.ids?.shape ?? []);
    return fc
      .tuple(
        fc.shuffledSubarray(
          Array.from({ length: total }, (_, i) => i),
          { minLength: total },
        ),
        fc.array(fc.nat((it.ids?.below ?? 1) - 1), { minLength: ids, maxLength: ids }),
      )
      .map(([order, idValues]) => {
        let at = 0;
        const number = () => {
          const place = (order[at++]! + 0.5) / total;
          return it.positive ? 0.3 + 2 * place : 3 * (place - 0.5) + (place < 0.5 ? -0.01 : 0.01);
        };
        return {
          ...it,
          values: it.shapes.map((shape) => Float64Array.from({ length: size(shape) }, number)),
          idValues: Int32Array.from(idValues),
        };
      });
  });
}

export interface Recorded {
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  readonly feeds: Record<string, Float64Array | Int32Array>;
}

/** Puts the case on a tape; its inputs' names begin with `prefix`. */
export function recorded(tape: Tape, drawn: Drawn, prefix = ""): Recorded {
  const inputs = drawn.shapes.map((shape, i) => tape.input(`${prefix}x${i}`, shape));
  const ids = tape.input(`${prefix}ids`, drawn.ids?.shape ?? [], "int");
  const feeds = Object.fromEntries<Float64Array | Int32Array>(
    drawn.values.map((values, i) => [`${prefix}x${i}`, values]),
  );
  feeds[`${prefix}ids`] = drawn.idValues;
  return { inputs, output: drawn.build(inputs, ids), feeds };
}

/** One number: the entries of x, each with a weight of its own. */
export function weighed(x: Tensor): Tensor {
  const weights = Float64Array.from({ length: size(x.shape) }, (_, i) => Math.cos(1 + 2 * i));
  return op.sum(op.mul(x, x.tape.constant(x.shape, weights)));
}

export { Tape, type Tensor };
