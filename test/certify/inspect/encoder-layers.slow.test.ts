/** `inspect` of encoders: where a layer lets through as little as it is asked to, everything keeps its label. */

import { activationsAfter } from "../../../src/bounds/encoder-chain.js";
import { boundedEncoder } from "../../../src/bounds/encoder-steps.js";
import { scaledLower, stepsOf } from "../../../src/certify/inspect/encoder-cuts.js";
import { inspect } from "../../../src/certify/inspect/inspect.js";
import { boundedSequences } from "../../../src/certify/lipschitz/encoder.js";
import { attention } from "../../../src/layers/attention.js";
import { feedForward, feedForwardStep } from "../../../src/layers/feed-forward.js";
import { head } from "../../../src/layers/head.js";
import { normalize } from "../../../src/layers/norm.js";
import { pool } from "../../../src/layers/pooling.js";
import type { Encoder } from "../../../src/model/encoder.js";
import { encoderModel } from "../../oracle/encoder-model.js";
import { randomString, seeded } from "../../oracle/random-model.js";
import { ab } from "../lipschitz-encoder-held.js";

const textOf = (seed: number) => randomString(seeded(seed), ["a", "b", " "], 6);

const plus = (a: Float64Array, b: Float64Array) => a.map((value, i) => value + b[i]!);

test("a layer that lets through as little as is asked for certifies every open sequence", async () => {
  let some = 0;
  for (let seed = 0; seed < 12; seed++) {
    const model = encoderModel(seed);
    const text = textOf(seed + 50);
    const found = await inspect(model, text, { alphabet: ab, exactBlocks: 0 });
    if (found.certified) continue;
    const bounded = boundedEncoder(model.encoder!);
    const winner = found.prediction.index;
    const base = activationsAfter(model.encoder!, model.tokenizer.encode(text), 0);
    const open = [...boundedSequences(model, text, ab, winner, { exactBlocks: 0 })].filter(
      ({ lower }) => !(lower > 0),
    );
    const random = seeded(seed);
    const names = stepsOf(bounded, base, open[0]!, 0).map(({ name }) => name);
    for (const change of found.changes) {
      if (change.what !== "layer") continue;
      const s = names.indexOf(change.layer);
      if (change.scale === null) continue;
      some++;
      for (const sequence of open) {
        const steps = stepsOf(bounded, base, sequence, 0);
        expect(steps[s]!.name).toBe(change.layer);
        expect(scaledLower(bounded, 0, steps, s, change.scale, winner)).toBeGreaterThan(0);
        // Whatever lies in the narrower balls keeps the label in the real network's rest.
        const { centers, radii, d } = steps[s]!.output;
        const at = Float64Array.from(centers);
        radii.forEach((radius, i) => {
          const way = Float64Array.from({ length: d }, () => random() - 0.5);
          const length = Math.hypot(...way);
          for (let c = 0; c < d; c++) at[i * d + c]! += (way[c]! / length) * radius * change.scale! * 0.999;
        });
        const logits = restOf(model.encoder!, at, s);
        for (let y = 0; y < logits.length; y++)
          if (y !== winner) expect(logits[winner]!).toBeGreaterThan(logits[y]!);
      }
    }
  }
  expect(some).toBeGreaterThan(20);
}, 120_000);

/** The network behind step s, written apart from the library's steps: post- and pre-norm blocks unrolled. */
function restOf(encoder: Encoder, x: Float64Array, s: number): Float64Array {
  const d = encoder.hiddenSize;
  const norm = (kind: Encoder["finalNorm"], v: Float64Array) => normalize(kind, v, d);
  const todo: ((v: Float64Array) => Float64Array)[] = [];
  for (const {
    normPlacement,
    attention: att,
    attentionNorm,
    feedForward: ff,
    feedForwardNorm,
  } of encoder.blocks)
    if (normPlacement === "pre")
      todo.push(
        (v) => plus(v, attention(att, norm(attentionNorm, v))),
        (v) => plus(v, feedForward(ff, norm(feedForwardNorm, v))),
      );
    else
      todo.push(
        (v) => plus(v, attention(att, v)),
        (v) => norm(attentionNorm, v),
        (v) => feedForwardStep(ff, v),
        (v) => norm(feedForwardNorm, v),
      );
  todo.push(
    (v) => norm(encoder.finalNorm, v),
    (v) => pool(encoder.pooling, v, d),
  );
  for (const stage of encoder.head) todo.push((v) => head([stage], v));
  return todo.slice(s + 1).reduce((v, step) => step(v), x);
}
