/**
 * Random encoders of any shape under every edit of one token, bounded by the chain over their layers and computed.
 */
import { encoderChain } from "../../src/bounds/encoder-chain.js";
import { boundedEncoder } from "../../src/bounds/encoder-steps.js";
import { referenceLogits } from "../../src/model/reference.js";
import { randomEncoder } from "../oracle/random-encoder.js";
import { seeded } from "../oracle/random-model.js";
import { marginOf, type Tally } from "./triples.js";

/** Every sequence that one substitution, insertion or deletion makes, and the base token that each token is, or -1. */
function* singleEdits(base: readonly number[], vocabulary: number, most: number) {
  const origins = [...base.keys()];
  for (let at = 0; at <= base.length; at++)
    for (let put = -1; put < vocabulary; put++)
      for (const gone of at < base.length ? [0, 1] : [0]) {
        const added = put < 0 ? [] : [put];
        const length = base.length - gone + added.length;
        if ((gone === 0 && put < 0) || length < 1 || length > most || (gone === 1 && put === base[at]))
          continue;
        const place = <T>(from: readonly T[], new_: readonly T[]) =>
          from.slice(0, at).concat(new_, from.slice(at + gone));
        yield {
          ids: Int32Array.from(place(base, added)),
          origins: Int32Array.from(
            place(
              origins,
              added.map(() => -1),
            ),
          ),
        };
      }
}

/** One encoder, some texts, one edit. */
export function encoderTriples(tally: Tally, seed: number): void {
  const random = seeded(seed);
  const { encoder } = randomEncoder(random, {
    gain: [0.1, 0.3, 1][seed % 3]!,
    vocabulary: 3,
    mostTokens: 5,
    layers: seed % 3,
  });
  const bounded = boundedEncoder(encoder);
  const kinds = new Set([`encoder of ${encoder.blocks.length} blocks, pooling ${encoder.pooling}`]);
  for (const { attention, attentionNorm, feedForward } of encoder.blocks) {
    kinds.add(`encoder with ${attention.kind} attention`);
    kinds.add(`encoder with norm ${attentionNorm.kind}`);
    kinds.add(`encoder with feed-forward ${feedForward.kind}`);
  }
  for (let n = 0; n < 2; n++) {
    const base = Array.from({ length: 1 + Math.floor(2 * random()) }, () => Math.floor(3 * random()));
    const logits = referenceLogits(encoder, Int32Array.from(base));
    const winner = logits.indexOf(Math.max(...logits));
    let truth = marginOf(logits, winner);
    let bound = truth;
    const options = {
      exactBlocks: Math.floor(random() * (encoder.blocks.length + 1)),
      parts: 1 + Math.floor(2 * random()),
      vectors: random() < 0.5,
    };
    for (const changed of singleEdits(base, 3, encoder.mostTokens)) {
      truth = Math.min(truth, marginOf(referenceLogits(encoder, changed.ids), winner));
      for (const { a, b, lower, upper } of encoderChain(bounded, Int32Array.from(base), changed, options)
        .pairs) {
        if (a === winner) bound = Math.min(bound, lower);
        if (b === winner) bound = Math.min(bound, -upper);
      }
    }
    const what = `seed ${seed}, ${base.join(" ")}, ${JSON.stringify(options)}`;
    tally.add({ kinds: [...kinds], edits: 1, base: marginOf(logits, winner), bound, truth, what });
  }
}
