/**
 * What a sequence model's hash is taken over: everything that decides an answer.
 *
 * Layout: UTF-8 JSON of {format, labels, config, files}: config.json with its keys in order, without those that decide
 * nothing, and the SHA-256 of each other file that was read, by name. The weights are hashed as the file that they come
 * in, so that `sha256sum` shows what was meant. The name and the model card don't count, nor does what runs the model.
 */
import { utf8Encode } from "../text/utf8.js";
import { isJsonObject, type JsonObject } from "./json.js";

export const SEQUENCE_IDENTITY_FORMAT = "typoproof-sequence/1";

/** Keys of config.json, at its top, that say where a model comes from and by what it was saved. */
const DECIDES_NOTHING = ["_name_or_path", "_commit_hash", "transformers_version", "torch_dtype", "dtype"];

/** Canonical bytes; the SHA-256 of them, in hexadecimal, is `ModelIdentity.sha256`. */
export function sequenceIdentityBytes(
  labels: readonly string[],
  config: JsonObject,
  files: ReadonlyMap<string, string>,
): Uint8Array<ArrayBuffer> {
  const kept = Object.fromEntries(Object.entries(config).filter(([key]) => !DECIDES_NOTHING.includes(key)));
  return new Uint8Array(
    utf8Encode(
      JSON.stringify({
        format: SEQUENCE_IDENTITY_FORMAT,
        labels,
        config: sorted(kept),
        files: sorted(Object.fromEntries(files)),
      }),
    ),
  );
}

/** The same with the keys of every object in the order of their code units. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  // As pairs: an object would move keys that look like numbers to the front, whatever their order here.
  return Object.keys(value)
    .sort()
    .map((key) => [key, sorted(value[key])]);
}
