/** config.json and model.safetensors of an encoder, from what they hold. */
import { type Tensor, writeSafetensors } from "../../src/model/safetensors.js";

export const jsonBytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

export interface EncoderFiles {
  readonly config: Readonly<Record<string, unknown>>;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** Changed before they become bytes: keys set (deleted if undefined), tensors replaced (deleted if null). */
export function encoderFiles(
  { config, tensors }: EncoderFiles,
  keys: Readonly<Record<string, unknown>> = {},
  changed: Readonly<Record<string, Tensor | null>> = {},
): readonly [Uint8Array, Uint8Array] {
  const all = new Map(tensors);
  for (const [name, tensor] of Object.entries(changed))
    if (tensor === null) all.delete(name);
    else all.set(name, tensor);
  return [jsonBytes({ ...config, ...keys }), writeSafetensors(all)];
}

export const f32 = (shape: readonly number[], data: ArrayLike<number>): Tensor => ({
  dtype: "F32",
  shape,
  data: Float32Array.from(data),
});
