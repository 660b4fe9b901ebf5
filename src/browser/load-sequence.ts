/**
 * Sequence models in the browser: read, then given ONNX Runtime, then tried.
 *
 * Promise: a model whose network is known is used only if what runs it passes the self-test against the float64 reference
 * (model/self-test.ts); else there is one UserError, and nothing is certified. One of which only the graph is known is run as
 * a black box, one text at a time where texts that are run together influence each other.
 */
import { UserError } from "../failure.js";
import type { Backend } from "../model/backend.js";
import { encoderToOnnx } from "../model/onnx/write.js";
import { type GraphLimits, sessionBackend } from "../model/ort-backend.js";
import { selfTest } from "../model/self-test.js";
import { SequenceModel } from "../model/sequence.js";
import { readSequenceFolder, type SequenceFolder } from "../model/sequence-folder.js";
import { type ReadFile, sha256 } from "./files.js";
import { openSession, type RuntimeOptions } from "./session.js";

/** Something that runs a graph; the tests hand in ones that compute nonsense. */
export type OpenGraph = (onnx: Uint8Array, limits: GraphLimits) => Promise<Backend>;

/** @throws UserError if a file is missing or wrong, or nothing runs the model rightly */
export async function loadSequenceModel(
  files: ReadFile,
  name: string,
  where: string,
  options: RuntimeOptions & { readonly open?: OpenGraph } = {},
): Promise<SequenceModel> {
  const folder = await readSequenceFolder(files, sha256, name, where);
  const open =
    options.open ?? (async (onnx, limits) => sessionBackend(await openSession(onnx, options), limits));
  const { backend, notes } =
    folder.encoder === null ? await blackBox(folder, open) : await tested(folder, open);
  return new SequenceModel({
    identity: folder.identity,
    labels: folder.labels,
    tokenizer: folder.tokenizer,
    backend,
    encoder: folder.encoder,
    notes: [...folder.notes, ...notes],
  });
}

interface Run {
  readonly backend: Backend;
  readonly notes: readonly string[];
}

async function tested({ encoder, limits, graph, identity }: SequenceFolder, open: OpenGraph): Promise<Run> {
  // What the graph says must be what its weights were read as.
  const graphs = [...(graph === null ? [] : [graph]), encoderToOnnx(encoder!, { mask: false })];
  let backend: Backend | null = null;
  for (const onnx of graphs) {
    await backend?.close();
    backend = await open(onnx, limits);
    const difference = await selfTest(backend, encoder!);
    if (difference === null) continue;
    await backend.close();
    const { tokens, found, expected, allowed } = difference;
    throw new UserError(
      `${identity.name} isn't certified here: for ${tokens} tokens ${backend.name} gives the logit ${found} where the reference gives ${expected}; ${allowed} is allowed`,
    );
  }
  return { backend: backend!, notes: [] };
}

async function blackBox({ graph, limits, identity }: SequenceFolder, open: OpenGraph): Promise<Run> {
  if (graph === null) throw new Error("a folder without a graph has an encoder");
  const backend = await open(graph, limits);
  if (limits.alone === true || !(await mixes(backend, limits))) return { backend, notes: [] };
  await backend.close();
  const note = `${identity.name} is run one text at a time: the numbers of a text depend on those beside it`;
  return { backend: await open(graph, { ...limits, alone: true }), notes: [note] };
}

/** Whether a sequence's logits depend on what it is run with, as they do where scales are found at run time. */
async function mixes(backend: Backend, { vocabulary, mostTokens }: GraphLimits): Promise<boolean> {
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
