/**
 * Zip archives whose files are stored without compression, as torch.save writes them.
 *
 * Promise: every file of the archive's directory is given with the bytes of its checksum, or the archive is refused in one line. Nothing is
 * unpacked, so no archive is larger inside than outside. Compression, encryption, several volumes and zip64 are refused.
 */
import { UserError } from "../failure.js";
import { utf8Decode } from "../text/utf8.js";
import { shown } from "./json.js";

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;

/** @throws UserError saying what doesn't fit */
export function readStoredZip(bytes: Uint8Array): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = endOf(view);
  const count = view.getUint16(end + 10, true);
  const size = view.getUint32(end + 12, true);
  let at = view.getUint32(end + 16, true);
  if (view.getUint16(end + 4, true) !== 0 || view.getUint16(end + 8, true) !== count || count === 0xffff)
    throw new UserError("the zip archive is one of several volumes or zip64, which isn't read");
  if (at + size > end)
    throw new UserError(`the zip directory of ${size} bytes at ${at} goes beyond its end at ${end}`);
  const files = new Map<string, Uint8Array>();
  for (let n = 0; n < count; n++) {
    if (at + ENTRY_BYTES > end || view.getUint32(at, true) !== ENTRY)
      throw new UserError(`entry ${n} of ${count} of the zip directory, at byte ${at}, isn't one`);
    const [nameLength, extra, comment] = [28, 30, 32].map((field) => view.getUint16(at + field, true)) as [
      number,
      number,
      number,
    ];
    const next = at + ENTRY_BYTES + nameLength + extra + comment;
    if (next > end) throw new UserError(`entry ${n} of the zip directory goes beyond its end at ${end}`);
    const name = utf8Decode(bytes.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + nameLength));
    if (files.has(name)) throw new UserError(`the zip archive has ${shown(name)} twice`);
    files.set(name, contentOf(bytes, view, at, name));
    at = next;
  }
  return files;
}

/** Where the record at the archive's end begins; it may be followed by a comment of up to 65,535 bytes. */
function endOf(view: DataView): number {
  const last = view.byteLength - END_BYTES;
  for (let at = last; at >= Math.max(0, last - 0xffff); at--)
    if (
      view.getUint32(at, true) === END &&
      at + END_BYTES + view.getUint16(at + 20, true) === view.byteLength
    )
      return at;
  throw new UserError(`the ${view.byteLength} bytes are no zip archive: its end record is missing`);
}

function contentOf(bytes: Uint8Array, view: DataView, entry: number, name: string): Uint8Array {
  const what = `${shown(name)} in the zip archive`;
  const [flags, method] = [view.getUint16(entry + 8, true), view.getUint16(entry + 10, true)];
  if ((flags & 1) !== 0) throw new UserError(`${what} is encrypted`);
  if (method !== 0) throw new UserError(`${what} is packed by method ${method}; allowed is 0 (stored)`);
  const [packed, size] = [view.getUint32(entry + 20, true), view.getUint32(entry + 24, true)];
  const local = view.getUint32(entry + 42, true);
  if (packed !== size || size === 0xffffffff || local === 0xffffffff)
    throw new UserError(
      `${what} has the sizes ${packed} and ${size} at ${local}, which stored files don't have`,
    );
  if (local + LOCAL_BYTES > bytes.length || view.getUint32(local, true) !== LOCAL)
    throw new UserError(`${what} has no header at byte ${local}`);
  const begin = local + LOCAL_BYTES + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (begin + size > bytes.length)
    throw new UserError(`${what} has ${size} bytes at ${begin}; the archive has ${bytes.length}`);
  const content = bytes.subarray(begin, begin + size);
  const wanted = view.getUint32(entry + 16, true);
  const sum = crc32(content);
  if (sum !== wanted) throw new UserError(`${what} has the checksum ${sum}; its entry says ${wanted}`);
  return content;
}

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc32(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) sum = CRC[(sum ^ bytes[i]!) & 0xff]! ^ (sum >>> 8);
  return (sum ^ 0xffffffff) >>> 0;
}
