/** Changes an ONNX model in one place, as an exporter or a person might, and says what was changed. */
import type { ModelProto } from "onnx-buf";
import { pick } from "./random-encoder.js";
import type { Random } from "./random-model.js";

/** Operators that can stand for each other: the same number of inputs, the same shapes. */
const KIN: readonly (readonly string[])[] = [
  ["Add", "Sub", "Mul", "Div"],
  ["Relu", "Tanh", "Sigmoid", "Erf", "Softplus", "Identity", "Sqrt", "Reciprocal", "Exp", "Elu"],
  ["ReduceMean", "ReduceSumSquare"],
];

export function damage(model: ModelProto, random: Random): string {
  const { node: nodes, initializer } = model.graph!;
  for (;;) {
    const kind = pick(random, ["operator", "swap", "rewire", "number", "perm"] as const);
    const node = pick(random, nodes);
    if (kind === "operator") {
      const kin = KIN.find((ops) => ops.includes(node.opType));
      if (kin === undefined) continue;
      const was = node.opType;
      node.opType = pick(
        random,
        kin.filter((op) => op !== was),
      );
      return `${node.name} (${was}) became ${node.opType}`;
    }
    if (kind === "swap" && node.input.length >= 2) {
      node.input = [node.input[1]!, node.input[0]!, ...node.input.slice(2)];
      return `the inputs of ${node.name} were swapped`;
    }
    if (kind === "rewire") {
      const before = nodes
        .slice(0, nodes.indexOf(node))
        .filter(({ opType }) => opType === pick(random, nodes).opType);
      if (before.length === 0 || node.input.length === 0) continue;
      const to = pick(random, before).output[0]!;
      const at = Math.floor(random() * node.input.length);
      const was = node.input[at];
      node.input[at] = to;
      return `input ${at} of ${node.name}, ${was}, became ${to}`;
    }
    if (kind === "number") {
      const small = initializer.filter(({ rawData }) => rawData.length <= 8);
      const tensor = pick(random, small);
      const view = new DataView(tensor.rawData.slice().buffer);
      if (tensor.dataType === 1) view.setFloat32(0, view.getFloat32(0, true) * 1.5 + 0.01, true);
      else view.setBigInt64(0, view.getBigInt64(0, true) + 1n, true);
      tensor.rawData = new Uint8Array(view.buffer);
      return `the first number of ${tensor.name} was changed`;
    }
    const perm = node.attribute.find(({ name }) => name === "perm");
    if (kind !== "perm" || perm === undefined) continue;
    const was = perm.ints.join("");
    perm.ints = pick(random, [
      [0n, 1n, 2n, 3n],
      [0n, 2n, 1n, 3n],
      [0n, 1n, 3n, 2n],
      [0n, 2n, 3n, 1n],
      [2n, 1n, 0n, 3n],
    ]);
    return `perm of ${node.name}, ${was}, became ${perm.ints.join("")}`;
  }
}
