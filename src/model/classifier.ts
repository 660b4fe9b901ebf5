/**
 * What every loaded classifier can do, whatever its kind: name itself and predict. Methods that need more
 * (weights, a tokenizer) ask for a narrower type, such as `NativeModel`.
 */
export interface Prediction {
  readonly label: string;
  /** Index of the label; equal logits go to the lowest index. */
  readonly index: number;
  /** Float64 logits, one per label. */
  readonly scores: readonly number[];
}

export interface ModelIdentity {
  readonly name: string;
  /** Of the weights and everything else that decides an answer (see model/identity.ts). */
  readonly sha256: string;
  /** SHA-256 of the tokenizer's file, where there is one; it is part of what `sha256` is taken over. */
  readonly tokenizer?: string;
}

export interface Classifier {
  readonly identity: ModelIdentity;
  readonly labels: readonly string[];
  predict(text: string): Prediction | Promise<Prediction>;
}
