/**
 * Numbers as little-endian bytes, whatever the machine's own order.
 *
 * Promise: files and hashes are the same on every machine; `fromLittleEndian` undoes `littleEndian` bit by bit,
 * from any offset, and never shares memory with what it was given.
 */

/** True on machines (nearly all) that store the lowest byte first. */
const NATIVE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The bytes of a typed array. */
export function littleEndian(values: ArrayBufferView & { readonly BYTES_PER_ELEMENT: number }) {
  const bytes = new Uint8Array(values.byteLength);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return swapped(bytes, values.BYTES_PER_ELEMENT);
}

/** The typed array of `Type` with these bytes; their number must be a multiple of its item size. */
export function fromLittleEndian<T>(
  Type: { new (buffer: ArrayBuffer): T; readonly BYTES_PER_ELEMENT: number },
  bytes: Uint8Array,
): T {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return new Type(swapped(copy, Type.BYTES_PER_ELEMENT).buffer);
}

function swapped(bytes: Uint8Array<ArrayBuffer>, width: number): Uint8Array<ArrayBuffer> {
  if (!NATIVE) for (let i = 0; i < bytes.length; i += width) bytes.subarray(i, i + width).reverse();
  return bytes;
}
