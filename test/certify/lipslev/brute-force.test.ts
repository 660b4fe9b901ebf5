/**
 * Certificates of LipsLev models against ALL strings within k edits of short texts over small alphabets, by the whole model.
 */

import { normCosts, signCosts } from "../../../src/certify/lipslev/constants.js";
import { editedIds } from "../../../src/certify/lipslev/edited-text.js";
import { certifyLipslev } from "../../../src/certify/lipslev/lipslev.js";
import { roundingAllowance } from "../../../src/certify/lipslev/rounding.js";
import { SingleEdits } from "../../../src/certify/lipslev/single-edits.js";
import { listAlphabet } from "../../../src/edits/alphabet.js";
import { neighbours } from "../../../src/edits/neighbours.js";
import type { LipslevModel } from "../../../src/model/lipslev.js";
import { characterAlphabet, writable } from "../../../src/model/lipslev-characters.js";
import { allWithin } from "../../oracle/all-within.js";
import { seeded } from "../../oracle/random-model.js";
import { marginOf, plainLogits, type RandomOptions, randomLipslev } from "./random-model.js";

const ORDERS = [1, 2, Number.POSITIVE_INFINITY] as const;

function options(random: () => number, n: number): RandomOptions {
  return {
    kernelSize: 1 + Math.floor(random() * 4),
    maxCharacters: n % 3 === 0 ? 2 + Math.floor(random() * 4) : 30,
    labels: 2 + (n % 3),
    p: ORDERS[n % 3]!,
    lean: [0, 0, 8][n % 3]!,
  };
}

function randomText(random: () => number, letters: string, most: number): string {
  const all = [...letters];
  return Array.from(
    { length: Math.floor(random() * (most + 1)) },
    () => all[Math.floor(random() * all.length)]!,
  ).join("");
}

/** Of some random texts the one with the widest or the narrowest margin, so that both verdicts occur. */
function chosenText(random: () => number, model: LipslevModel, letters: string, most: number, wide: boolean) {
  const texts = Array.from({ length: 8 }, () => randomText(random, letters, most));
  const margin = (text: string) => {
    const { index, scores } = model.predict(text);
    return marginOf(scores, index) * (wide ? 1 : -1);
  };
  return texts.reduce((best, text) => (margin(text) > margin(best) ? text : best));
}

/** Least margin and number of label changes at each distance up to k. */
function truth(model: LipslevModel, text: string, letters: string, k: number) {
  const winner = model.predict(text).index;
  let least = Number.POSITIVE_INFINITY;
  let flips = 0;
  return allWithin(text, [...letters], k).map((layer) => {
    for (const s of layer) {
      const { index, scores } = model.predict(s);
      least = Math.min(least, marginOf(scores, winner));
      if (index !== winner) flips++;
    }
    return { least, flips };
  });
}

test("the forward agrees with a plain convolution", () => {
  const random = seeded(1);
  for (let n = 0; n < 60; n++) {
    const model = randomLipslev(random, options(random, n));
    const text = randomText(random, "abcABx-\u0130", 12);
    const plain = plainLogits(model, text);
    for (const [y, score] of model.predict(text).scores.entries()) expect(score).toBeCloseTo(plain[y]!, 9);
  }
});

test("the margins of single edits are those of the whole model, for every edit, cut or not", () => {
  const random = seeded(2);
  const wrong: unknown[] = [];
  let seen = 0;
  for (let n = 0; n < 80; n++) {
    const model = randomLipslev(random, { ...options(random, n), labels: 2 + (n % 6) });
    const { ids } = model.read(randomText(random, "abc", 9));
    const winner = Math.floor(random() * model.labels.length);
    const rivals = model.labels.map((_, y) => y).filter((y) => y !== winner);
    new SingleEdits(model, ids, winner, rivals, [1, 2, 3]).run((kind, at, id, margins) => {
      const edit = kind === "delete" ? ({ kind, at } as const) : ({ kind, at, id } as const);
      const logits = model.logits(editedIds(ids, edit));
      for (const [r, rival] of rivals.entries()) {
        const allowed = 2 * roundingAllowance(model, winner, rival, ids.length + 1);
        const off = Math.abs(margins[r]! - (logits[winner]! - logits[rival]!));
        if (!(off <= allowed && allowed < 1e-10)) wrong.push({ edit, off, allowed });
      }
      seen++;
      return true;
    });
  }
  expect(wrong).toEqual([]);
  expect(seen).toBeGreaterThan(1000);
});

test("one edit is decided exactly: refuted if and only if some neighbour has another label", () => {
  const random = seeded(3);
  const verdicts = { certified: 0, refuted: 0 };
  for (let n = 0; n < 150; n++) {
    const model = randomLipslev(random, options(random, n));
    // A dropped character in the text and in the alphabet, and capitals, change nothing.
    const text = chosenText(random, model, "abcA-", 8, n % 2 === 0);
    const alphabet = listAlphabet(
      "test",
      [..."abB-"].map((c) => c.codePointAt(0)!),
    );
    const { index } = model.predict(text);
    const flips = [...neighbours(text, alphabet)].filter((s) => model.predict(s).index !== index);
    for (const method of ["exact", "lipschitz"] as const) {
      const { verdict } = certifyLipslev(model, text, alphabet, 1, { method });
      expect(verdict.verdict).toBe(flips.length > 0 ? "refuted" : "certified");
      if (verdict.verdict === "refuted") expect(flips).toContain(verdict.counterexample.text);
      verdicts[verdict.verdict as "refuted"]++;
    }
  }
  expect(verdicts.certified).toBeGreaterThan(50);
  expect(verdicts.refuted).toBeGreaterThan(50);
});

test.each(["lipschitz", "constant"] as const)(
  "%s: nothing certified is broken within k = 3, and no margin is lower than said (no slack)",
  (method) => {
    const random = seeded(4);
    const certified = [0, 0, 0, 0];
    const broken = [0, 0, 0, 0];
    for (let n = 0; n < 90; n++) {
      const model = randomLipslev(random, { ...options(random, n), letters: "ab" });
      const text = chosenText(random, model, "ab", 7, n % 3 !== 0);
      const k = n % 5 === 0 ? 3 : 2;
      const layers = truth(model, text, "ab", k);
      const answer = certifyLipslev(model, text, characterAlphabet(model.characters), k, { method });
      const { verdict, margins } = answer;
      expect(layers[verdict.certified!]!.flips).toBe(0);
      for (const { edits, lower } of margins) expect(lower).toBeLessThanOrEqual(layers[edits]!.least);
      if (verdict.broken !== null) {
        expect(layers[verdict.broken]!.flips).toBeGreaterThan(0);
        expect(model.predict(verdict.counterexample!.text).index).not.toBe(answer.prediction.index);
        broken[verdict.broken]!++;
      }
      certified[verdict.certified!]!++;
    }
    expect(certified[2]! + certified[3]!).toBeGreaterThan(method === "lipschitz" ? 15 : 8);
    if (method === "lipschitz") expect(broken[1]!).toBeGreaterThan(15);
  },
);

test("constants hold for every single edit of random texts, each kind apart, and are met", () => {
  const random = seeded(5);
  const violations: unknown[] = [];
  let closestNorm = 0;
  let closestSign = 0;
  for (let n = 0; n < 150; n++) {
    const model = randomLipslev(random, {
      ...options(random, 1 + (n % 2)),
      maxCharacters: 40,
      p: ORDERS[n % 3]!,
    });
    const [norms, signs] = [normCosts(model, 0, 1), signCosts(model, 0, 1)];
    for (let m = 0; m < 4; m++) {
      const { ids } = model.read(randomText(random, "abc", 8));
      const logits = model.logits(ids);
      const rounding = 2 * roundingAllowance(model, 0, 1, ids.length + 1);
      new SingleEdits(model, ids, 0, [1], [1, 2, 3]).run((kind, at, id) => {
        const after = model.logits(editedIds(ids, kind === "delete" ? { kind, at } : { kind, at, id }));
        const drop = logits[0]! - logits[1]! - (after[0]! - after[1]!) - rounding;
        if (drop > norms[kind] || drop > signs[kind]) violations.push({ kind, at, id, drop, ids });
        closestNorm = Math.max(closestNorm, drop / norms[kind]);
        closestSign = Math.max(closestSign, drop / signs[kind]);
        return true;
      });
    }
  }
  expect(violations).toEqual([]);
  expect(closestNorm).toBeGreaterThan(0.8);
  expect(closestSign).toBeGreaterThan(0.95);
});

test("a certificate by signs is never below one by norms", () => {
  const random = seeded(6);
  for (let n = 0; n < 40; n++) {
    const model = randomLipslev(random, options(random, n));
    const [norms, signs] = [normCosts(model, 0, 1), signCosts(model, 0, 1)];
    for (const kind of ["substitute", "insert", "delete"] as const)
      expect(signs[kind]).toBeLessThanOrEqual(norms[kind] * (1 + 1e-12));
  }
});

test("the alphabet decides what can be written, and not what stands in the text", () => {
  const model = randomLipslev(seeded(7), { letters: "abc" });
  expect([...writable(model.characters, listAlphabet("test", [0x42, 0x2d, 0x43]))]).toEqual([
    [2, 0x42],
    [3, 0x43],
  ]);
});
