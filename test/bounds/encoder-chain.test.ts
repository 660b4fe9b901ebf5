/**
 * The chain of bounds over an encoder holds: for any shape of encoder and any edit, at every cut, against attacks that
 * follow the gradient; and it is as tight as documented.
 */

import { initialisedEncoder, randomText } from "../../bench/initialised-encoder.mjs";
import { activationsAfter, encoderChain } from "../../src/bounds/encoder-chain.js";
import { boundedEncoder, encoderSteps } from "../../src/bounds/encoder-steps.js";
import { marginChange } from "../../src/bounds/tape.js";
import { head } from "../../src/layers/head.js";
import { normalize } from "../../src/layers/norm.js";
import { pool } from "../../src/layers/pooling.js";
import type { Encoder } from "../../src/model/encoder.js";
import { referenceLogits, transform } from "../../src/model/reference.js";
import { pointIn, randomDirection, worstMove } from "../oracle/ball-attack.js";
import { edited, text } from "../oracle/edited-ids.js";
import { randomEncoder } from "../oracle/random-encoder.js";
import { seeded } from "../oracle/random-model.js";

test("no changed sequence leaves its interval: any encoder, any edit, any option", () => {
  let finite = 0;
  for (let seed = 1; seed <= 8; seed++) {
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
  expect(finite).toBeGreaterThan(30);
});

/** Logits from block `from` on. */
function onward(encoder: Encoder, from: number, activations: Float64Array): Float64Array {
  const d = encoder.hiddenSize;
  let x = activations;
  for (const block of encoder.blocks.slice(from)) x = transform(block, x, d);
  return head(encoder.head, pool(encoder.pooling, normalize(encoder.finalNorm, x, d), d));
}

/** Balls about the activations of a random text in front of block `from`, and the worst margin found in them. */
function attacked(encoder: Encoder, seed: number, radius: number, from = 0) {
  const random = seeded(seed);
  const d = encoder.hiddenSize;
  const base = text(random, encoder, 4);
  const centers = activationsAfter(encoder, base, from);
  const radii = Float64Array.from(base, () => (random() < 0.25 ? 0 : radius * (0.3 + random())));
  const steps = encoderSteps(boundedEncoder(encoder), from, { d, centers, radii });
  const f = (x: Float64Array) => {
    const logits = onward(encoder, from, x);
    return Float64Array.of(logits[0]! - logits[1]!);
  };
  return { ...marginChange(steps, 0, 1), worst: worstMove({ d, centers, radii, f }, random, 2, 4) };
}

test("every cut by itself holds against attacks on the balls", () => {
  for (let seed = 1; seed <= 4; seed++) {
    const { encoder } = randomEncoder(seeded(seed), { gain: [0.3, 1][seed % 2]!, layers: 1 + (seed % 2) });
    for (const radius of [0, 1e-14, 1e-3, 0.3]) {
      const { cuts, worst } = attacked(encoder, seed, radius);
      for (const cut of cuts) expect(cut.radius).toBeGreaterThanOrEqual(worst);
    }
  }
});

test("at small radii the gradient's cut is what the attack reaches, within a few percent", () => {
  for (const placement of ["post", "pre"] as const)
    for (const pooling of ["first", "mean"] as const)
      for (let seed = 1; seed <= 3; seed++) {
        const encoder = initialisedEncoder(seed, {
          d: 8,
          inner: 16,
          heads: 2,
          layers: 2,
          placement,
          pooling,
        });
        const { cuts, worst } = attacked(encoder, seed, 1e-6);
        expect(cuts[cuts.length - 1]!.before).toBe("block 1 attention");
        expect(cuts[cuts.length - 1]!.radius).toBeLessThan(1.05 * worst);
      }
});

test("what is computed exactly is exact", () => {
  const encoder = initialisedEncoder(1, { layers: 2 });
  const base = randomText(1, 8, 30);
  const ids = Int32Array.from(base);
  ids[3] = (ids[3]! + 1) % 30;
  const origins = Int32Array.from(base, (_, i) => (i === 3 ? -1 : i));
  const logits = referenceLogits(encoder, ids);
  // Embeddings of kept tokens don't change at all: nothing is left to bound but rounding.
  const [pair] = encoderChain(boundedEncoder(encoder), base, { ids, origins }, { exactBlocks: 0 }).pairs;
  expect(pair!.upper - pair!.lower).toBeLessThan(1e-6);
  expect(pair!.lower).toBeLessThanOrEqual(logits[0]! - logits[1]!);
  expect(pair!.upper).toBeGreaterThanOrEqual(logits[0]! - logits[1]!);
});

test("trap 7: an insertion moves every later token by its position, and the chain charges for it", () => {
  const encoder = initialisedEncoder(2, { layers: 2 });
  const base = randomText(2, 6, 30);
  const ids = Int32Array.of(base[0]!, 5, ...base.slice(1));
  const origins = Int32Array.of(0, -1, 1, 2, 3, 4, 5);
  const { ledger } = encoderChain(boundedEncoder(encoder), base, { ids, origins }, { exactBlocks: 0 });
  const [first] = ledger;
  const d = encoder.hiddenSize;
  const [x, y] = [activationsAfter(encoder, base, 0), activationsAfter(encoder, ids, 0)];
  let total = 0;
  for (let i = 1; i < 6; i++) {
    const moved = Math.hypot(...x.slice(i * d, (i + 1) * d).map((value, c) => value - y[(i + 1) * d + c]!));
    expect(moved).toBeGreaterThan(0.1);
    total += moved;
  }
  expect(first!.step).toBe("block 1 attention");
  expect(first!.entering.total).toBeGreaterThanOrEqual(total);
  expect(first!.entering.total).toBeLessThan(1.0001 * total);
});

test("the ledger follows the radii from step to step", () => {
  const encoder = initialisedEncoder(3, { layers: 3 });
  const base = randomText(3, 6, 30);
  const ids = Int32Array.from(base);
  ids[2] = (ids[2]! + 7) % 30;
  const origins = Int32Array.from(base, (_, i) => (i === 2 ? -1 : i));
  const { ledger } = encoderChain(boundedEncoder(encoder), base, { ids, origins }, { exactBlocks: 1 });
  expect(ledger.map(({ step }) => step)).toEqual([
    ...[2, 3].flatMap((l) =>
      ["attention", "attention norm", "feed-forward", "feed-forward norm"].map(
        (name) => `block ${l} ${name}`,
      ),
    ),
    "final norm",
    "pooling",
    "head 1",
  ]);
  for (let s = 1; s < ledger.length; s++) expect(ledger[s]!.entering).toEqual(ledger[s - 1]!.leaving);
  for (const { entering, leaving, factor } of ledger) expect(factor).toBe(leaving.total / entering.total);
});

test("two layers: the bound is within ten times the truth", () => {
  const encoder = initialisedEncoder(1, { layers: 2, d: 8, inner: 32, heads: 2 });
  const bounded = boundedEncoder(encoder);
  const base = randomText(1001, 8, 30);
  const [a, b] = referenceLogits(encoder, base);
  let truth = 0;
  let bound = 0;
  for (let word = 0; word < 30; word += 6) {
    if (word === base[3]) continue;
    const ids = Int32Array.from(base);
    ids[3] = word;
    const origins = Int32Array.from(base, (_, i) => (i === 3 ? -1 : i));
    const [x, y] = referenceLogits(encoder, ids);
    truth = Math.max(truth, Math.abs(x! - y! - (a! - b!)));
    bound = Math.max(
      bound,
      encoderChain(bounded, base, { ids, origins }, { exactBlocks: 1 }).pairs[0]!.change,
    );
  }
  expect(bound).toBeGreaterThanOrEqual(truth);
  expect(bound).toBeLessThanOrEqual(10 * truth);
});

test("options and alignments that don't fit are refused in one line", () => {
  const encoder = initialisedEncoder(1, { layers: 1, d: 8, inner: 8, heads: 2 });
  const bounded = boundedEncoder(encoder);
  const ids = Int32Array.of(1, 2);
  const changed = { ids, origins: Int32Array.of(0, 1) };
  expect(() => encoderChain(bounded, ids, changed, { exactBlocks: 2 })).toThrow(
    "exactBlocks is 2; the encoder has 0 to 1",
  );
  expect(() => encoderChain(bounded, ids, changed, { exactBlocks: 0, parts: 0 })).toThrow(
    "parts is 0; it must be a positive integer",
  );
  expect(() => encoderChain(bounded, ids, { ids, origins: Int32Array.of(0) }, { exactBlocks: 0 })).toThrow(
    "1 origins were given for 2 tokens",
  );
  expect(() => encoderChain(bounded, ids, { ids, origins: Int32Array.of(0, 2) }, { exactBlocks: 0 })).toThrow(
    "token 1 comes from base token 2",
  );
});

test("random directions reach the spheres they are meant to reach", () => {
  const random = seeded(4);
  const target = { d: 2, centers: new Float64Array(2), radii: Float64Array.of(2), f: (x: Float64Array) => x };
  expect(Math.hypot(...pointIn(target, randomDirection(random, 2)))).toBeCloseTo(2, 10);
});
