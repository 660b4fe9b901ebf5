/**
 * A native additive model seen as a sequence model: its words' tokens, and a backend that adds up their evidence.
 *
 * Promise: the logits are those of `NativeModel.logits`, to the last bit: weights lie on a grid on which sums don't
 * round, so the order of the tokens doesn't matter.
 */
import { nativeTokenizer } from "../tokenizer/native.js";
import { type Backend, checkTokens } from "./backend.js";
import type { NativeModel } from "./native.js";
import { SequenceModel } from "./sequence.js";

const VIEWS = new WeakMap<NativeModel, SequenceModel>();

/** The same classifier; one view per model. */
export function sequenceView(model: NativeModel): SequenceModel {
  let view = VIEWS.get(model);
  if (view === undefined) {
    view = new SequenceModel({
      identity: model.identity,
      labels: model.labels,
      tokenizer: nativeTokenizer(model.vocabulary),
      backend: evidenceBackend(model),
      encoder: null,
    });
    VIEWS.set(model, view);
  }
  return view;
}

function evidenceBackend({ evidence, bias, labels, vocabulary }: NativeModel): Backend {
  const width = labels.length;
  return {
    name: "native",
    arithmetic: "float64",
    async logits(sequences) {
      return sequences.map((ids) => {
        checkTokens(ids, vocabulary.tokens.length, Number.POSITIVE_INFINITY, 0);
        const sum = Float64Array.from(bias);
        // The automaton adds tokens to a 0 before it adds them to the bias: with any token, -0 becomes 0.
        if (ids.length > 0) for (let y = 0; y < width; y++) sum[y] = sum[y]! + 0;
        for (const id of ids) for (let y = 0; y < width; y++) sum[y] = sum[y]! + evidence[id * width + y]!;
        return sum;
      });
    },
    async close() {},
  };
}
