/** Shared by the tests of the readers: run a reader over bytes that are handed over in pieces of any size. */

import type { InputRow } from "../../../src/certify/result.js";
import { type InputOptions, readRows } from "../../../src/node/input/rows.js";

export function bytes(...parts: readonly (string | readonly number[])[]): Uint8Array {
  return Buffer.concat(parts.map((part) => Buffer.from(part as string)));
}

export async function* inPieces(input: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < input.length; i += size) yield input.subarray(i, i + size);
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Reads the bytes as standard input; in one piece unless a size is given. */
export function rowsOf(
  input: string | Uint8Array,
  options: Omit<InputOptions, "path">,
  size = Number.POSITIVE_INFINITY,
): Promise<InputRow[]> {
  const all = typeof input === "string" ? Buffer.from(input) : input;
  return collect(readRows({ path: "-", ...options }, inPieces(all, Math.min(size, Math.max(all.length, 1)))));
}

export async function textsOf(
  input: string | Uint8Array,
  options: Omit<InputOptions, "path">,
  size?: number,
): Promise<string[]> {
  return (await rowsOf(input, options, size)).map((row) => {
    if (row.error !== undefined) throw new Error(row.error);
    return row.text;
  });
}
