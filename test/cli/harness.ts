/** Runs command lines inside the test, with a terminal made of strings. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import type { Io } from "../../src/cli/io.js";
import { run } from "../../src/cli/run.js";
import { writeModelFolder } from "../../src/model/folder.js";
import { vocabulary } from "../../src/tokenizer/vocabulary.js";

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  readonly stdin?: string | Uint8Array;
  /** Whether input, output and errors are a terminal. */
  readonly tty?: boolean;
  readonly env?: Record<string, string>;
}

/** Runs `typoproof ...args`. */
export async function typoproof(args: readonly string[], around: Surroundings = {}): Promise<Outcome> {
  const stdout = collector(around.tty === true);
  const stderr = collector(around.tty === true);
  const stdin = Readable.from(around.stdin === undefined ? [] : [Buffer.from(around.stdin)]);
  const io: Io = {
    stdin: Object.assign(stdin, { isTTY: around.tty === true && around.stdin === undefined }),
    stdout: stdout.stream,
    stderr: stderr.stream,
    env: around.env ?? {},
    onInterrupt: () => () => {},
  };
  const code = await run(args, io);
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function collector(isTTY: boolean) {
  const pieces: string[] = [];
  const stream = new Writable({
    write(chunk, _, done) {
      pieces.push(String(chunk));
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY, columns: 100 }), text: () => pieces.join("") };
}

/** The tokens of the tiny model, and how much each speaks for spam. */
const EVIDENCE: Readonly<Record<string, number>> = {
  "[UNK]": 0,
  free: 1,
  prize: 0.5,
  hello: -1,
  lunch: -1,
};

/** Writes a model of a few words into `folder`; gives the folder. */
export async function writeTinyModel(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const files = writeModelFolder({
    labels: ["ham", "spam"],
    vocabulary: vocabulary("words", Object.keys(EVIDENCE)),
    evidence: Float64Array.from(Object.values(EVIDENCE).flatMap((spam) => [-spam / 2, spam / 2])),
    bias: Float64Array.from([0.125, -0.125]),
  });
  for (const [name, bytes] of files) await writeFile(join(folder, name), bytes);
  return folder;
}

/** The JSON lines of an output. */
export function records(text: string): Record<string, never>[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}
