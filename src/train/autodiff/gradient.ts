/**
 * Reverse-mode differentiation on the tape (Linnainmaa, 1970): from the loss back, each operation once, by the chain rule.
 *
 * Promise: gradients are made of the same operations, so they can be differentiated again.
 */
import { broadcastTo } from "./operations/broadcast.js";
import { add } from "./operations/elementwise.js";
import { show, sizeOf } from "./shape.js";
import type { Tensor } from "./tape.js";

/**
 * The gradients of the loss by each of `wrt`, of their shapes; zeros where the loss doesn't depend on it.
 * @param loss one number
 * @param wrt inputs, or results of operations
 */
export function gradients(loss: Tensor, wrt: readonly Tensor[]): Tensor[] {
  if (sizeOf(loss.shape) !== 1)
    throw new Error(`the loss has the shape ${show(loss.shape)}; it must be one number`);
  const { tape } = loss;
  const asked = new Set(wrt.map((x) => tape.node(x).id));
  const depends: boolean[] = [];
  for (const { id, inputs } of tape.nodes.slice(0, loss.id + 1))
    depends.push(asked.has(id) || inputs.some((input) => depends[input.id]));

  const found = new Map<number, Tensor>([[loss.id, broadcastTo(tape.scalar(1), loss.shape)]]);
  for (let id = loss.id; id >= 0; id--) {
    const gradient = found.get(id);
    if (gradient === undefined || !depends[id]) continue;
    const node = tape.nodes[id]!;
    node.inputs.forEach((input, i) => {
      const backward = node.backward[i];
      if (!backward || !depends[input.id]) return;
      const part = backward(gradient, node);
      const before = found.get(input.id);
      found.set(input.id, before === undefined ? part : add(before, part));
    });
  }
  return wrt.map((x) => found.get(x.id) ?? broadcastTo(tape.scalar(0), x.shape));
}
