/** Small sequence models: a random encoder behind a native tokenizer, run by the reference. */
import { referenceBackend } from "../../src/model/reference.js";
import { SequenceModel } from "../../src/model/sequence.js";
import { nativeTokenizer } from "../../src/tokenizer/native.js";
import { VOCABULARY_KINDS } from "../../src/tokenizer/vocabulary.js";
import { type RandomEncoderOptions, randomEncoder } from "./random-encoder.js";
import { randomVocabulary, seeded } from "./random-model.js";

/** A small random encoder that reads a native vocabulary between two special tokens, and cuts. */
export function encoderModel(seed: number, more: RandomEncoderOptions = {}): SequenceModel {
  const random = seeded(seed);
  const own = nativeTokenizer(randomVocabulary(random, VOCABULARY_KINDS[seed % 3]!, ["a", "b"]));
  const { encoder } = randomEncoder(random, {
    vocabulary: own.size + 2,
    labels: 2 + (seed % 2),
    mostTokens: 9,
    ...more,
  });
  const most = 7;
  const frame = (ids: Int32Array) => Int32Array.of(own.size, ...ids.subarray(0, most), own.size + 1);
  return new SequenceModel({
    identity: { name: `encoder ${seed}`, sha256: "0".repeat(64) },
    labels: encoder.labels,
    tokenizer: {
      ...own,
      size: own.size + 2,
      most,
      frame,
      encode: (text) => frame(own.ids(text)),
      token: (id) => (id < own.size ? own.token(id) : `[${id}]`),
    },
    backend: referenceBackend(encoder),
    encoder,
  });
}
