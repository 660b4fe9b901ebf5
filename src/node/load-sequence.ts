/**
 * Sequence models from files: read, then given a backend that has been tried.
 *
 * Promise: an encoder that comes with a model has passed a test against whatever runs it. One that was read from a
 * graph is held against that very graph: if they differ, the graph is run as a black box, and that is noted.
 */
import { UserError } from "../failure.js";
import type { Backend } from "../model/backend.js";
import { encoderToOnnx } from "../model/onnx/write.js";
import { selfTest } from "../model/self-test.js";
import { SequenceModel } from "../model/sequence.js";
import { readSequenceFolder, type SequenceFolder } from "../model/sequence-folder.js";
import { type BackendName, checkedBackend, openBackend, openEncoderBackend } from "./backends/open.js";

export interface LoadOptions {
  /** What runs a sequence model; by default onnxruntime-node where it is installed, else onnxruntime-web. */
  readonly backend?: BackendName;
  /** Threads that one run of a sequence model may use; default 1. */
  readonly threads?: number;
}

/** @throws UserError if a file is missing or wrong, or nothing runs the model */
export async function loadSequenceModel(
  files: (name: string) => Promise<Uint8Array | null>,
  sha256: (bytes: Uint8Array) => string,
  name: string,
  where: string,
  options: LoadOptions = {},
): Promise<SequenceModel> {
  checkedBackend(options.backend);
  const folder = await readSequenceFolder(files, sha256, name, where);
  const { identity, labels, tokenizer } = folder;
  const opened =
    folder.graph === null
      ? { encoder: folder.encoder, ...(await runEncoder(folder, options)) }
      : await runGraph(folder, folder.graph, options, where);
  const notes = [...folder.notes, ...opened.notes];
  return new SequenceModel({
    identity,
    labels,
    tokenizer,
    backend: opened.backend,
    encoder: opened.encoder,
    notes,
  });
}

function runEncoder({ encoder }: SequenceFolder, { backend, threads }: LoadOptions) {
  return openEncoderBackend(encoder!, (network) => encoderToOnnx(network, { mask: false }), backend, threads);
}

interface Run {
  readonly backend: Backend;
  readonly encoder: SequenceFolder["encoder"];
  readonly notes: readonly string[];
}

async function runGraph(
  folder: SequenceFolder,
  graph: Uint8Array,
  options: LoadOptions,
  where: string,
): Promise<Run> {
  const { encoder } = folder;
  if (encoder !== null) {
    const found = await openBackend(graph, folder.limits, threadsOf(options));
    const difference = await selfTest(found, encoder).catch(asNote);
    await found.close();
    if (difference === null) return { encoder, ...(await runEncoder(folder, options)) };
    const why =
      typeof difference === "string"
        ? difference
        : `for ${difference.tokens} tokens it gives the logit ${difference.found}, not ${difference.expected}`;
    const note = `${where}: the graph is run as a black box, for it isn't what its weights were read as: ${why}`;
    return { ...(await runBlackBox(folder, graph, options)), notes: [note] };
  }
  return runBlackBox(folder, graph, options);
}

async function runBlackBox(folder: SequenceFolder, graph: Uint8Array, options: LoadOptions): Promise<Run> {
  const { backend: name } = options;
  if (name === "reference")
    throw new UserError(
      `${folder.identity.name} is a graph, which the reference can't run; allowed: auto, native, wasm`,
      2,
    );
  const runtime = name === undefined || name === "auto" ? {} : { runtime: name };
  const open = (alone: boolean) =>
    openBackend(graph, { ...folder.limits, alone }, { ...threadsOf(options), ...runtime });
  const told = folder.limits.alone === true;
  const backend = await open(told);
  if (!(await mixes(backend, folder))) return { backend, encoder: null, notes: [] };
  await backend.close();
  const note = `${folder.identity.name} is run one text at a time: the numbers of a text depend on those beside it`;
  return { backend: await open(true), encoder: null, notes: [note] };
}

/**
 * Whether a sequence's logits depend on what it is run with, as they do where a graph finds its scales as it runs
 * (dynamic quantisation). Also the first run of a graph: one that gives the wrong shape is found here.
 */
async function mixes(backend: Backend, { limits }: SequenceFolder): Promise<boolean> {
  const { vocabulary, mostTokens } = limits;
  const length = Math.min(8, mostTokens);
  const sequences = Array.from({ length: 6 }, (_, i) =>
    Int32Array.from({ length }, (_, j) => Math.floor((((7 * i + 3 * j + i * j) % 41) / 41) * vocabulary)),
  );
  const together = await backend.logits(sequences);
  for (const [i, ids] of sequences.entries()) {
    const [alone] = await backend.logits([ids]);
    const allowed = 1e-4 * Math.max(1, ...alone!.map(Math.abs));
    if (alone!.some((logit, y) => !(Math.abs(logit - together[i]![y]!) <= allowed))) return true;
  }
  return false;
}

function threadsOf({ threads }: LoadOptions): { readonly threads?: number } {
  return threads === undefined ? {} : { threads };
}

function asNote(error: unknown): string {
  if (error instanceof UserError) return error.message;
  throw error;
}
