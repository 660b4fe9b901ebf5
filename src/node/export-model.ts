/**
 * A native model to disk for other programs (model/export-folder.ts), once the files have been tried.
 *
 * Promise: nothing is written that ONNX Runtime, on this computer, doesn't give the model's logits with: some texts go through the very
 * files, one by one and padded in a batch. What the texts are made of is the vocabulary.
 */
import { Tokenizer } from "@huggingface/tokenizers";
import { UserError } from "../failure.js";
import { CARD_FILE, EXPORTED_FILES, exportFiles } from "../model/export-folder.js";
import { parseJsonObject } from "../model/json.js";
import { NativeModel } from "../model/native.js";
import type { NativeTransformer } from "../model/native-transformer.js";
import type { Session } from "../model/ort-backend.js";
import { fold } from "../text/fold.js";
import { utf8Encode } from "../text/utf8.js";
import { openSession, RUNTIMES, RuntimeAbsent } from "./backends/session.js";
import { writeFolder } from "./write-folder.js";

const ENTRIES = new Set([...EXPORTED_FILES.map((name) => name.split("/")[0]!), CARD_FILE]);

/** Of the size of the logits, what float32 may lose. */
const TOLERANCE = 1e-5;

export interface Exported {
  /** Bytes by name. */
  readonly sizes: ReadonlyMap<string, number>;
  /** What ran the graph: `onnxruntime-node 1.30.0`. */
  readonly runtime: string;
  /** Largest difference of a logit, of the texts tried. */
  readonly difference: number;
}

/**
 * @param card becomes README.md
 * @throws UserError if the folder can't be written, holds anything else, or isn't empty and `overwrite` isn't given
 */
export async function exportModel(
  folder: string,
  model: NativeModel | NativeTransformer,
  card: string,
  options: { readonly overwrite?: boolean } = {},
): Promise<Exported> {
  const files = exportFiles(model);
  const session = await openAny(files.get("onnx/model.onnx")!);
  let difference: number;
  try {
    difference = await tried(model, files, session);
  } finally {
    await session.close();
  }
  if (!(difference <= TOLERANCE))
    throw new UserError(
      `${session.name} gives logits that differ by ${difference} from the model's; allowed is ${TOLERANCE} of their size`,
    );
  files.set(CARD_FILE, utf8Encode(card));
  await writeFolder(folder, files, { ...options, replaceable: ENTRIES, what: "an exported model" });
  return {
    sizes: new Map([...files].map(([name, bytes]) => [name, bytes.length])),
    runtime: session.name,
    difference,
  };
}

/** Native where it is installed, else WebAssembly. */
async function openAny(graph: Uint8Array): Promise<Session> {
  const failures: string[] = [];
  for (const runtime of RUNTIMES) {
    try {
      return await openSession(runtime, graph, 1);
    } catch (error) {
      if (!(error instanceof RuntimeAbsent)) throw error;
      failures.push(error.message);
    }
  }
  throw new UserError(failures.join("; "));
}

/** The largest difference, in parts of the largest logit of its text where that is above 1. */
async function tried(
  model: NativeModel | NativeTransformer,
  files: ReadonlyMap<string, Uint8Array>,
  session: Session,
): Promise<number> {
  const json = (name: string) => parseJsonObject(files.get(name)!, name) as never;
  const tokenizer = new Tokenizer(json("tokenizer.json"), json("tokenizer_config.json"));
  const padding = (json("config.json") as { pad_token_id: number }).pad_token_id;
  const texts = triedTexts(model);
  const ids = texts.map((text) => tokenizer.encode(text).ids);
  const runs = [...ids.map((row) => [row]), ids];
  const seen = [];
  for (const rows of runs) seen.push(await logitsOf(session, rows, padding));
  const wanted = texts.map((text) => model.logits(fold(text).symbols));
  let worst = 0;
  for (const [run, rows] of seen.entries())
    for (const [i, row] of rows.entries()) {
      const own = wanted[run < texts.length ? run : i]!;
      const size = Math.max(1, ...Array.from(own, Math.abs));
      own.forEach((logit, y) => {
        const apart = Math.abs(row[y]! - logit) / size;
        if (!(apart <= worst)) worst = apart;
      });
    }
  return worst;
}

/** Nothing, one word, some words, many words: of all over the vocabulary. */
function triedTexts(model: NativeModel | NativeTransformer): string[] {
  const { tokens } = (model instanceof NativeModel ? model : model.additive).vocabulary;
  const some = (count: number) =>
    Array.from(
      { length: count },
      (_, i) => tokens[Math.floor((i + 0.5) * (tokens.length / count))]?.replace(/[$^#]/g, "") ?? "",
    ).join(" ");
  return ["", ...[1, 8, 100].map(some), `${some(12)} \u0431\u0430d ${some(3)}qz`];
}

async function logitsOf(session: Session, rows: readonly number[][], padding: number): Promise<number[][]> {
  const length = Math.max(...rows.map((row) => row.length));
  const cells = (value: (row: readonly number[], at: number) => number) => ({
    type: "int64" as const,
    dims: [rows.length, length],
    data: BigInt64Array.from(
      rows.flatMap((row) => Array.from({ length }, (_, at) => value(row, at))),
      BigInt,
    ),
  });
  const { logits } = await session.run(
    {
      input_ids: cells((row, at) => row[at] ?? padding),
      attention_mask: cells((row, at) => (at < row.length ? 1 : 0)),
    },
    ["logits"],
  );
  const labels = logits!.data.length / rows.length;
  return rows.map((_, i) => Array.from({ length: labels }, (_, y) => logits!.data[i * labels + y]!));
}
