/**
 * Bytes of a file or of standard input, piece by piece, each with its place in the input.
 *
 * Promise: a piece is asked of the operating system only when the reader asks for it, so memory doesn't grow
 * with the file. A UTF-8 byte order mark is dropped (offsets still count it); a UTF-16 one is refused.
 */
import { type FileHandle, open } from "node:fs/promises";
import { UserError } from "../../failure.js";

export interface Piece {
  readonly bytes: Uint8Array;
  /** Offset in the input of the first byte. */
  readonly offset: number;
}

/** What messages call an input: its path, or "standard input" for "-". */
export function inputName(path: string): string {
  return path === "-" ? "standard input" : path;
}

export async function* openPieces(
  path: string,
  standardInput: AsyncIterable<Uint8Array> | undefined,
): AsyncGenerator<Piece, void, undefined> {
  yield* located(path === "-" ? (standardInput ?? process.stdin) : await openFile(path), inputName(path));
}

async function openFile(path: string): Promise<AsyncIterable<Uint8Array>> {
  if (path === "") throw new UserError(`the input path is empty; give a file, or "-" for standard input`, 2);
  let handle: FileHandle;
  try {
    handle = await open(path, "r");
  } catch (error) {
    throw fileError(path, error);
  }
  if ((await handle.stat()).isDirectory()) {
    await handle.close();
    throw new UserError(`${path} is a folder; give a file`);
  }
  return handle.createReadStream();
}

/** The one-line message for a file that can't be opened or read; other errors come back as they are. */
export function fileError(path: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === "ENOENT" || code === "ENOTDIR") return new UserError(`no such file: ${path}`);
  if (code === "EACCES" || code === "EPERM") return new UserError(`can't read ${path}: permission denied`);
  if (code === "EISDIR") return new UserError(`${path} is a folder; give a file`);
  return error;
}

async function* located(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Piece, void, undefined> {
  let head: Uint8Array | null = new Uint8Array(0);
  let offset = 0;
  for await (const chunk of chunks) {
    if (head === null) {
      yield { bytes: chunk, offset };
      offset += chunk.length;
      continue;
    }
    head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
    if (mayBecomeMark(head)) continue;
    yield withoutMark(head, name);
    offset = head.length;
    head = null;
  }
  if (head !== null && head.length > 0) yield withoutMark(head, name);
}

/** Whether more bytes are needed to know; a pipe that has said "a" mustn't be kept waiting for them. */
function mayBecomeMark(head: Uint8Array): boolean {
  if (head.length >= 3) return false;
  const [first, second] = head;
  if (first === undefined) return true;
  return second === undefined ? first >= 0xfe || first === 0xef : first === 0xef && second === 0xbb;
}

function withoutMark(head: Uint8Array, name: string): Piece {
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) {
    throw new UserError(`${name} is UTF-16; save it as UTF-8`);
  }
  const mark = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  return { bytes: head.subarray(mark), offset: mark };
}
