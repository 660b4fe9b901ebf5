import type { Encoder } from "../src/model/encoder.js";

export interface Setting {
  readonly d: number;
  readonly inner: number;
  readonly heads: number;
  readonly layers: number;
  readonly vocabulary: number;
  readonly gain: number;
  readonly logits: number;
  readonly norm: "layer" | "rms" | "center";
  readonly placement: "post" | "pre";
  readonly activation: "gelu" | "relu";
  readonly pooling: "first" | "mean" | "sum";
}
export const SETTING: Setting;
export function uniform(seed: number): () => number;
export function initialisedEncoder(seed: number, setting: Partial<Setting>): Encoder;
export function randomText(seed: number, n: number, vocabulary: number): Int32Array;
