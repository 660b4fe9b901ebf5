/**
 * Tensors from a file that torch.save wrote of a state dictionary (PyTorch 1.6 and later): a zip archive with `data.pkl`, and one file of numbers
 * per storage under `data/`.
 *
 * Promise: no code of the file is run, whatever it says (model/lipslev-pickle.ts). What comes out is the numbers of each tensor
 * in row-major order, copied; a tensor that isn't wholly inside its storage is refused.
 */
import { UserError } from "../failure.js";
import { utf8Decode } from "../text/utf8.js";
import { shown, within } from "./json.js";
import { isKind, readPickle, type StorageRef, type TensorRef } from "./lipslev-pickle.js";
import { readStoredZip } from "./lipslev-zip.js";
import { fromLittleEndian } from "./little-endian.js";
import type { Tensor, TensorArrays } from "./safetensors.js";

const TYPES = {
  FloatStorage: { dtype: "F32", Type: Float32Array },
  DoubleStorage: { dtype: "F64", Type: Float64Array },
  LongStorage: { dtype: "I64", Type: BigInt64Array },
  IntStorage: { dtype: "I32", Type: Int32Array },
} as const;
type StorageType = keyof typeof TYPES;
type Numbers = TensorArrays["F32" | "F64" | "I64" | "I32"];

/**
 * The tensors of the file by name.
 * @throws UserError saying what doesn't fit
 */
export function readTorchTensors(bytes: Uint8Array): Map<string, Tensor> {
  const files = readStoredZip(bytes);
  const pickles = [...files.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickles.length !== 1)
    throw new UserError(`the archive has ${pickles.length} files */data.pkl; a file of torch.save has 1`);
  const root = pickles[0]!.slice(0, -"data.pkl".length);
  const order = files.get(`${root}byteorder`);
  if (order !== undefined && utf8Decode(order) !== "little")
    throw new UserError(`the archive's byteorder is ${shown(utf8Decode(order))}; allowed is "little"`);
  const top = within(pickles[0]!, () => readPickle(files.get(pickles[0]!)!));
  if (!isKind(top, "dict"))
    throw new UserError("the pickle isn't a dictionary of tensors, but some other value");
  const tensors = new Map<string, Tensor>();
  const storages = new Map<string, Numbers>();
  // Tensors may share a storage; not so often that a small file fills the memory.
  let left = bytes.length;
  for (const [name, value] of top.entries) {
    const what = `the tensor ${shown(name)}`;
    if (!isKind(value, "tensor")) throw new UserError(`${shown(name)} in the pickle isn't a tensor`);
    const { key, type } = value.storage;
    const path = `${root}data/${key}`;
    let numbers = storages.get(`${type} ${key}`);
    if (numbers === undefined) {
      const file = files.get(path);
      if (file === undefined) throw new UserError(`the archive has no ${shown(path)}`);
      numbers = storageOf(value.storage, file, what);
      storages.set(`${type} ${key}`, numbers);
    }
    if (numbers.length !== value.storage.length)
      throw new UserError(
        `${what} says that its storage has ${value.storage.length} numbers, not ${numbers.length}`,
      );
    const data = rowMajor(value, numbers, what);
    left -= data.length;
    if (left < 0)
      throw new UserError(`the tensors have more numbers than the file has bytes, ${bytes.length}`);
    tensors.set(name, { dtype: TYPES[type as StorageType].dtype, shape: value.shape, data } as Tensor);
  }
  return tensors;
}

function storageOf({ type, length }: StorageRef, bytes: Uint8Array, what: string): Numbers {
  const { Type } = TYPES[type as StorageType];
  const needed = length * Type.BYTES_PER_ELEMENT;
  if (bytes.length !== needed)
    throw new UserError(`${what} has a storage of ${bytes.length} bytes; ${length} numbers take ${needed}`);
  return fromLittleEndian<Numbers>(Type, bytes);
}

/** The numbers of a tensor in row-major order. */
function rowMajor({ offset, shape, strides }: TensorRef, numbers: Numbers, what: string): Numbers {
  const count = shape.reduce((product, n) => product * n, 1);
  let last = offset;
  for (const [i, n] of shape.entries()) last += (n - 1) * strides[i]!;
  // Strides of 0 could make more numbers than there are.
  if (count > numbers.length || (count > 0 && last >= numbers.length))
    throw new UserError(
      `${what} of shape ${shown(shape)} and strides ${shown(strides)} at ${offset} goes beyond its ${numbers.length} numbers`,
    );
  const data = numbers.slice(0, count);
  const place = shape.map(() => 0);
  for (let i = 0; i < count; i++) {
    let at = offset;
    for (const [axis, index] of place.entries()) at += index * strides[axis]!;
    data[i] = numbers[at]!;
    for (let axis = shape.length - 1; axis >= 0 && ++place[axis]! === shape[axis]; axis--) place[axis] = 0;
  }
  return data;
}
