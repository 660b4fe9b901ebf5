/**
 * Certification that can be watched and stopped between levels.
 *
 * Promise: the answer is that of `certify` with the same options (`seconds` excepted). Native models without blocks are
 * asked for the first levels at once and then for one more at a time: what was found for fewer edits is kept by the exact
 * search, so little is done twice. Other models answer in one go, and pause wherever the model is run.
 */
import { type CertifiableModel, type CertifyOptions, certify } from "../certify/certify.js";
import type { Certification } from "../certify/result.js";
import { clock } from "../clock.js";
import { NativeModel } from "../model/native.js";
import { SequenceModel } from "../model/sequence.js";
import type { Progress } from "./protocol.js";

/** Levels that are quick enough not to be parted. */
const QUICK = 2;

export interface Watching {
  readonly progress: (progress: Progress) => void;
  /** Lets messages come in. */
  readonly pause: () => Promise<void>;
}

export async function certifyWatched(
  model: Watched,
  text: string,
  options: CertifyOptions,
  { progress, pause }: Watching,
): Promise<Certification> {
  const began = clock();
  const seconds = () => (clock() - began) / 1000;
  const { edits = 2, timeLimit, method = "auto" } = options;
  const { certifiable } = model;
  if (!(certifiable instanceof NativeModel) || (method !== "auto" && method !== "exact")) {
    let passes = 0;
    model.ran = async (sequences) => {
      await pause();
      passes += sequences;
      progress({ seconds: seconds(), passes });
    };
    return certify(certifiable, text, options);
  }
  for (let level = Math.min(QUICK, edits); ; level++) {
    const left = timeLimit === undefined ? {} : { timeLimit: Math.max(0.001, timeLimit - seconds()) };
    const result = await certify(certifiable, text, { ...options, ...left, edits: level });
    if (level >= edits || result.verdict !== "certified")
      return { ...result, limit: edits, seconds: seconds() };
    progress({ seconds: seconds(), certified: result.certified, margins: result.margins });
    await pause();
  }
}

/** A model, and what is called before it is run. */
export interface Watched {
  readonly certifiable: CertifiableModel;
  ran: (sequences: number) => Promise<void>;
}

/** The same model, made once, so that what is known of it is kept. */
export function watched(model: CertifiableModel): Watched {
  const made: { certifiable: CertifiableModel; ran: Watched["ran"] } = {
    certifiable: model,
    ran: async () => {},
  };
  if (!(model instanceof SequenceModel)) return made;
  const { identity, labels, tokenizer, encoder, notes, backend } = model;
  const logits = async (sequences: readonly Int32Array[]) => {
    await made.ran(sequences.length);
    return backend.logits(sequences);
  };
  const close = () => backend.close();
  const { name, arithmetic } = backend;
  const watching = { name, arithmetic, logits, close };
  made.certifiable = new SequenceModel({ identity, labels, tokenizer, encoder, notes, backend: watching });
  return made;
}
