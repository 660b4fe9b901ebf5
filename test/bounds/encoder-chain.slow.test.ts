/**
 * The chain over small Transformers as they are initialised: how far its bound is from the largest true change, and that no
 * substitution leaves its interval.
 */
import { initialisedEncoder, randomText } from "../../bench/initialised-encoder.mjs";
import type { ChainOptions } from "../../src/bounds/encoder-chain.js";
import { encoderChain } from "../../src/bounds/encoder-chain.js";
import { boundedEncoder } from "../../src/bounds/encoder-steps.js";
import { referenceLogits } from "../../src/model/reference.js";
import { edited, text } from "../oracle/edited-ids.js";
import { randomEncoder } from "../oracle/random-encoder.js";
import { seeded } from "../oracle/random-model.js";

/** Largest bound over largest true change, over some substitutions of middle tokens. */
function ratio(seed: number, layers: number, setting: object, options: ChainOptions): number {
  const encoder = initialisedEncoder(seed, { layers, d: 16, inner: 64, ...setting });
  const bounded = boundedEncoder(encoder);
  const base = randomText(1000 + seed, 8, 30);
  const [a, b] = referenceLogits(encoder, base);
  let truth = 0;
  let bound = 0;
  for (let at = 1; at < 7; at += 2)
    for (let word = 0; word < 30; word += 5) {
      if (word === base[at]) continue;
      const ids = Int32Array.from(base);
      ids[at] = word;
      const origins = Int32Array.from(base, (_, i) => (i === at ? -1 : i));
      const [x, y] = referenceLogits(encoder, ids);
      const [pair] = encoderChain(bounded, base, { ids, origins }, options).pairs;
      expect(pair!.lower).toBeLessThanOrEqual(x! - y!);
      expect(pair!.upper).toBeGreaterThanOrEqual(x! - y!);
      truth = Math.max(truth, Math.abs(x! - y! - (a! - b!)));
      bound = Math.max(bound, pair!.change);
    }
  return bound / truth;
}

test.each([
  [1, 1.5, {}, { exactBlocks: 1, vectors: true }],
  [2, 10, {}, { exactBlocks: 1 }],
  [3, 60, { logits: 0.3 }, { exactBlocks: 1 }],
])("%i layers: at most %d times the truth", (layers, most, setting, options) => {
  for (let seed = 1; seed <= 2; seed++) {
    const found = ratio(seed, layers, setting, options);
    expect(found).toBeGreaterThanOrEqual(1);
    expect(found).toBeLessThanOrEqual(most);
  }
});

test("no changed sequence leaves its interval: any encoder, any edit, any option", () => {
  let finite = 0;
  for (let seed = 1001; seed <= 1080; seed++) {
    const random = seeded(seed);
    const { encoder } = randomEncoder(random, { gain: [0.2, 0.5, 1][seed % 3]! });
    const base = text(random, encoder, 2 + Math.floor(random() * 5));
    const changed = edited(random, encoder, base);
    const bounded = boundedEncoder(encoder);
    const before = referenceLogits(encoder, base);
    const after = referenceLogits(encoder, changed.ids);
    for (let exactBlocks = 0; exactBlocks <= encoder.blocks.length; exactBlocks++)
      for (const options of [{}, { parts: 2 }, { vectors: true, parts: 3 }]) {
        const { pairs } = encoderChain(bounded, base, changed, { exactBlocks, ...options });
        for (const { a, b, base: margin, lower, upper, change } of pairs) {
          expect(margin).toBe(before[a]! - before[b]!);
          const now = after[a]! - after[b]!;
          expect(lower).toBeLessThanOrEqual(now);
          expect(upper).toBeGreaterThanOrEqual(now);
          expect(change).toBeGreaterThanOrEqual(Math.abs(now - margin));
          if (change < 1e6) finite++;
        }
      }
  }
  expect(finite).toBeGreaterThan(500);
});
