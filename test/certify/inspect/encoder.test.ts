/**
 * `inspect` of encoders: its bound is that of the method `lipschitz`, and what it says would have to change is enough when it is changed.
 */

import { activationsAfter } from "../../../src/bounds/encoder-chain.js";
import { boundedEncoder, encoderSteps } from "../../../src/bounds/encoder-steps.js";
import { activationsByStep, stepsOf } from "../../../src/certify/inspect/encoder-cuts.js";
import { inspect } from "../../../src/certify/inspect/inspect.js";
import { boundedSequences, encoderLipschitz } from "../../../src/certify/lipschitz/encoder.js";
import type { Encoder } from "../../../src/model/encoder.js";
import { referenceBackend, referenceLogits } from "../../../src/model/reference.js";
import { SequenceModel } from "../../../src/model/sequence.js";
import { encoderModel } from "../../oracle/encoder-model.js";
import { randomString, seeded } from "../../oracle/random-model.js";
import { ab } from "../lipschitz-encoder-held.js";
import { expectConsistent } from "./held.js";

const textOf = (seed: number) => randomString(seeded(seed), ["a", "b", " "], 6);
const withEncoder = (model: SequenceModel, encoder: Encoder) =>
  new SequenceModel({
    identity: model.identity,
    labels: model.labels,
    tokenizer: model.tokenizer,
    backend: referenceBackend(encoder),
    encoder,
  });

test("the bound is the method's, with every choice of exact blocks", async () => {
  const seen = { certified: 0, open: 0, layers: 0 };
  for (let seed = 0; seed < 12; seed++) {
    const model = encoderModel(seed);
    const text = textOf(seed);
    for (let exactBlocks = 0; exactBlocks <= model.encoder!.blocks.length; exactBlocks++) {
      const found = await inspect(model, text, { alphabet: ab, exactBlocks });
      expectConsistent(found);
      const method = encoderLipschitz(model, text, ab, 1, { exactBlocks, tight: true });
      expect(found.kind).toBe("encoder");
      expect(found.bound).toBe(method.margins[1]!.lower);
      expect(found.margin).toBe(method.margins[0]!.lower);
      expect(found.certified).toBe(method.verdict.certified === 1);
      seen[found.certified ? "certified" : "open"]++;
      if (found.layers.length > 0) seen.layers++;
    }
  }
  expect(Math.min(seen.certified, seen.open, seen.layers)).toBeGreaterThan(5);
});

test("steps computed one by one are the reference", () => {
  for (let seed = 0; seed < 12; seed++) {
    const { encoder, tokenizer } = encoderModel(seed);
    const ids = tokenizer.encode(textOf(seed));
    for (let from = 0; from <= encoder!.blocks.length; from++) {
      const all = activationsByStep(encoder!, ids, from);
      expect(all[all.length - 1]).toEqual(referenceLogits(encoder!, ids));
      expect(all[0]).toEqual(activationsAfter(encoder!, ids, from));
    }
  }
});

test("steps taken up behind any of them end as they did", () => {
  for (let seed = 0; seed < 12; seed++) {
    const model = encoderModel(seed);
    const bounded = boundedEncoder(model.encoder!);
    const base = model.tokenizer.encode("ab a");
    for (const found of boundedSequences(model, "ab a", ab, 0, { exactBlocks: 0 })) {
      const steps = stepsOf(bounded, activationsAfter(model.encoder!, base, 0), found, 0);
      const last = steps[steps.length - 1]!.output;
      for (let s = 1; s < steps.length; s++) {
        const rest = encoderSteps(bounded, 0, steps[s - 1]!.output, s);
        expect(rest.map(({ name }) => name)).toEqual(steps.slice(s).map(({ name }) => name));
        expect(rest[rest.length - 1]!.output.radii).toEqual(last.radii);
      }
      break;
    }
  }
});

test("the loss with all steps computed is what the worst edit really takes", async () => {
  for (let seed = 0; seed < 7; seed++) {
    const model = encoderModel(seed);
    const text = textOf(seed);
    const found = await inspect(model, text, { alphabet: ab, exactBlocks: 0 });
    if (found.worst === null) continue;
    const { scores, index } = await model.predict(found.worst.text);
    const winner = found.prediction.index;
    const rival = model.labels.indexOf(found.rival.label);
    expect(found.worst.margin).toBe(scores[winner]! - scores[rival]!);
    expect(found.worst.flips).toBe(index !== winner);
    expect(found.layers[0]).toMatchObject({ name: "the edit itself", computed: true });
    expect(found.layers[0]!.loss).toBeCloseTo(found.rival.margin - found.worst.margin, 9);
  }
});

test("the margin that is asked for is the least that certifies", async () => {
  let tried = 0;
  for (let seed = 0; seed < 13; seed++) {
    const model = encoderModel(seed);
    const text = textOf(seed);
    const found = await inspect(model, text, { alphabet: ab });
    const change = found.changes.find(({ what }) => what === "margin");
    if (change?.what !== "margin" || !Number.isFinite(change.needed)) continue;
    const short = change.needed - change.now;
    // The bias of the label's logit moves all margins alike, if the last stage has no activation.
    const stages = model.encoder!.head;
    const last = stages[stages.length - 1]!;
    if (last.activation !== "identity" || last.linear.bias === null) continue;
    for (const [slack, certified] of [
      [1e-6, true],
      [-1e-6, false],
    ] as const) {
      const bias = last.linear.bias.map((value, y) =>
        y === found.prediction.index ? value + short + slack * (1 + Math.abs(short)) : value,
      );
      const moved = withEncoder(model, {
        ...model.encoder!,
        head: [...stages.slice(0, -1), { ...last, linear: { ...last.linear, bias } }],
      });
      const answer = encoderLipschitz(moved, text, ab, 1);
      // With less margin another label may come out.
      if (answer.prediction.index !== found.prediction.index) continue;
      expect(answer.verdict.certified === 1).toBe(certified);
      tried++;
    }
  }
  expect(tried).toBeGreaterThan(10);
});

test("limits leave the bound open and say so", async () => {
  const model = encoderModel(4);
  const few = await inspect(model, "ab a", { alphabet: ab, queries: 2 });
  expect(few).toMatchObject({ bound: null, certified: false });
  expect(few.notes.join()).toMatch(
    /Only 2 sequences of one edit were bounded: the limit of 2 sequences was reached/,
  );
  const stopped = await inspect(model, "ab a", { alphabet: ab, signal: { aborted: true } });
  expect(stopped).toMatchObject({ bound: null, certified: false, layers: [] });
  await expect(inspect(model, "ab a", { alphabet: ab, exactBlocks: 9 })).rejects.toThrow("exactBlocks is 9");
});
