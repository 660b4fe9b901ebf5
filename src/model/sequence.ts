/**
 * A classifier that reads token sequences: tokenizer, then a network that some backend runs.
 *
 * Promise: `logits(ids)` of framed sequences is what the backend computes; equal logits go to the lowest index.
 * `encoder` is the same network as data, or null where only a backend knows it (a black box).
 */
import { UserError } from "../failure.js";
import type { Tokenizer } from "../tokenizer/tokenizer.js";
import type { Backend } from "./backend.js";
import type { Classifier, ModelIdentity, Prediction } from "./classifier.js";
import type { Encoder } from "./encoder.js";

export interface SequenceParts {
  readonly identity: ModelIdentity;
  readonly labels: readonly string[];
  readonly tokenizer: Tokenizer;
  readonly backend: Backend;
  readonly encoder: Encoder | null;
  /** What a user should know of how it was loaded; one line each. */
  readonly notes?: readonly string[];
}

export class SequenceModel implements Classifier, SequenceParts {
  readonly kind = "sequence";
  readonly identity: ModelIdentity;
  readonly labels: readonly string[];
  readonly tokenizer: Tokenizer;
  readonly backend: Backend;
  readonly encoder: Encoder | null;
  readonly notes: readonly string[];

  /** @throws UserError if there are fewer than two labels */
  constructor(parts: SequenceParts) {
    if (parts.labels.length < 2)
      throw new UserError(`a classifier needs at least 2 labels, not ${parts.labels.length}`);
    this.identity = parts.identity;
    this.labels = parts.labels;
    this.tokenizer = parts.tokenizer;
    this.backend = parts.backend;
    this.encoder = parts.encoder;
    this.notes = parts.notes ?? [];
  }

  async predict(text: string): Promise<Prediction> {
    const [logits] = await this.backend.logits([this.tokenizer.encode(text)]);
    return this.prediction(logits!);
  }

  prediction(logits: Float64Array): Prediction {
    return predictionOf(this.labels, logits);
  }
}

/** Equal logits go to the lowest index. */
export function predictionOf(labels: readonly string[], logits: Float64Array): Prediction {
  let index = 0;
  for (let y = 1; y < logits.length; y++) if (logits[y]! > logits[index]!) index = y;
  return { label: labels[index]!, index, scores: Array.from(logits) };
}
