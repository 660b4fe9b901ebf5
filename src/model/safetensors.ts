/**
 * Tensors in the safetensors format (github.com/huggingface/safetensors): 8 bytes with the length of a JSON header,
 * the header, then the numbers.
 *
 * Promise: a file is read completely or refused. Every byte behind the header belongs to exactly one tensor, so
 * no tensor reads beyond its place, none overlap, and nothing is hidden between or after them. Tensors are copies, which
 * allows for any alignment in the file. What is written depends on the tensors and the metadata alone, and is
 * byte for byte what the format's own library writes: larger items first, then by name, header padded to 8.
 */
import { UserError } from "../failure.js";
import { utf8Encode } from "../text/utf8.js";
import { isJsonObject, parseJsonObject, shown } from "./json.js";
import { fromLittleEndian, littleEndian } from "./little-endian.js";

/** The typed array of each dtype. */
export interface TensorArrays {
  F64: Float64Array;
  F32: Float32Array;
  I64: BigInt64Array;
  U64: BigUint64Array;
  I32: Int32Array;
  U32: Uint32Array;
  /** bfloat16, as bits; see model/half.ts. */
  BF16: Uint16Array;
  /** IEEE half precision, as bits; see model/half.ts. */
  F16: Uint16Array;
  I16: Int16Array;
  U16: Uint16Array;
  I8: Int8Array;
  U8: Uint8Array;
}

export type Dtype = keyof TensorArrays;

/** One tensor: `data` is row-major and has as many numbers as the product of `shape` (1 for a scalar, []). */
export type Tensor = {
  [D in Dtype]: { readonly dtype: D; readonly shape: readonly number[]; readonly data: TensorArrays[D] };
}[Dtype];

/** In the order in which they are laid out in a file, larger items first. */
const ARRAYS = {
  U64: BigUint64Array,
  I64: BigInt64Array,
  F64: Float64Array,
  F32: Float32Array,
  U32: Uint32Array,
  I32: Int32Array,
  BF16: Uint16Array,
  F16: Uint16Array,
  U16: Uint16Array,
  I16: Int16Array,
  I8: Int8Array,
  U8: Uint8Array,
};
const DTYPES = Object.keys(ARRAYS) as Dtype[];

const METADATA = "__metadata__";
const LENGTH_BYTES = 8;
const LONGEST_HEADER = 100_000_000;

interface Place {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/**
 * The tensors of a safetensors file by name.
 * @throws UserError saying what doesn't fit, with both numbers.
 */
export function readSafetensors(bytes: Uint8Array): Map<string, Tensor> {
  const start = dataStart(bytes);
  const data = bytes.subarray(start);
  const places = placesIn(parseJsonObject(bytes.subarray(LENGTH_BYTES, start), "the safetensors header"));
  checkLayout(places, data.length);
  const tensors = new Map<string, Tensor>();
  for (const { name, dtype, shape, begin, end } of places) {
    const numbers = fromLittleEndian<TensorArrays[Dtype]>(ARRAYS[dtype], data.subarray(begin, end));
    tensors.set(name, { dtype, shape, data: numbers } as Tensor);
  }
  return tensors;
}

function dataStart(bytes: Uint8Array): number {
  const size = bytes.length;
  if (size < LENGTH_BYTES)
    throw new UserError(`a safetensors file has at least ${LENGTH_BYTES} bytes, not ${size}`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > LONGEST_HEADER)
    throw new UserError(`safetensors header length ${length} is over the limit of ${LONGEST_HEADER}`);
  const start = LENGTH_BYTES + Number(length);
  if (start > size)
    throw new UserError(
      `safetensors header length ${length} exceeds the ${size - LENGTH_BYTES} bytes left in the file`,
    );
  if (bytes[LENGTH_BYTES] !== 0x7b) throw new UserError('the safetensors header must begin with "{"');
  return start;
}

function placesIn(header: Readonly<Record<string, unknown>>): Place[] {
  const places: Place[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === METADATA) {
      if (!isJsonObject(entry) || !Object.values(entry).every((value) => typeof value === "string"))
        throw new UserError(`safetensors ${METADATA} is ${shown(entry)}; it must map strings to strings`);
    } else places.push(placeFrom(name, entry));
  }
  return places.sort((a, b) => a.begin - b.begin || a.end - b.end);
}

function placeFrom(name: string, entry: unknown): Place {
  const what = `safetensors tensor ${shown(name)}`;
  if (!isJsonObject(entry)) throw new UserError(`${what} is ${shown(entry)}; it must be an object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!DTYPES.includes(dtype as Dtype))
    throw new UserError(`${what} has the dtype ${shown(dtype)}; allowed are ${DTYPES.join(", ")}`);
  if (!isCounts(shape))
    throw new UserError(`${what} has the shape ${shown(shape)}; needed are integers from 0`);
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!)
    throw new UserError(
      `${what} has the data_offsets ${shown(offsets)}; needed are a begin and an end from it`,
    );
  const [begin, end] = offsets as [number, number];
  const needed = byteLength(dtype as Dtype, shape);
  if (needed !== end - begin)
    throw new UserError(
      `${what} takes ${end - begin} bytes; the shape ${shown(shape)} of ${dtype} needs ${needed}`,
    );
  return { name, dtype: dtype as Dtype, shape, begin, end };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0 && !Object.is(n, -0));
}

/** Bytes of a tensor; sizes that aren't exact in a number are larger than any file. */
function byteLength(dtype: Dtype, shape: readonly number[]): number {
  let bytes = ARRAYS[dtype].BYTES_PER_ELEMENT;
  for (const n of shape) bytes *= n;
  return Number.isSafeInteger(bytes) ? bytes : Number.POSITIVE_INFINITY;
}

/** Checks that the places, in order, cover bytes 0 to `size` without gap or overlap. */
function checkLayout(places: readonly Place[], size: number): void {
  let covered = 0;
  for (const { name, begin, end } of places) {
    const what = `safetensors tensor ${shown(name)}`;
    if (begin !== covered)
      throw new UserError(
        `${what} begins at byte ${begin} of the data, but the one before ends at ${covered}: ${begin < covered ? "they overlap" : "there is a gap"}`,
      );
    if (end > size) throw new UserError(`${what} ends at byte ${end} of the data, which has ${size}`);
    covered = end;
  }
  if (covered !== size)
    throw new UserError(
      `the tensors of the safetensors file end at byte ${covered} of the data, which has ${size}`,
    );
}

/** A safetensors file. Names and metadata may be any strings, except a tensor named "__metadata__". */
export function writeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const entries: string[] = [];
  const parts: Uint8Array[] = [];
  if (metadata !== undefined) {
    const sorted = Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)));
    entries.push(`"${METADATA}":${JSON.stringify(sorted)}`);
  }
  let offset = 0;
  for (const [name, { dtype, shape, data }] of [...tensors].sort(layoutOrder)) {
    const what = `tensor ${shown(name)}`;
    if (name === METADATA) throw new RangeError(`${what}: this name is taken by the format`);
    if (!isCounts(shape) || byteLength(dtype, shape) !== data.byteLength)
      throw new RangeError(
        `${what}: ${data.length} numbers of ${dtype} don't fill the shape ${shown(shape)}`,
      );
    const end = offset + data.byteLength;
    entries.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [offset, end] })}`);
    parts.push(littleEndian(data));
    offset = end;
  }
  const json = utf8Encode(`{${entries.join(",")}}`);
  const start = Math.ceil((LENGTH_BYTES + json.length) / 8) * 8;
  const bytes = new Uint8Array(start + offset).fill(0x20, LENGTH_BYTES, start);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - LENGTH_BYTES), true);
  bytes.set(json, LENGTH_BYTES);
  let at = start;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function layoutOrder([a, { dtype: x }]: [string, Tensor], [b, { dtype: y }]: [string, Tensor]): number {
  return DTYPES.indexOf(x) - DTYPES.indexOf(y) || (a < b ? -1 : a > b ? 1 : 0);
}
