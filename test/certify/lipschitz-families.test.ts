/**
 * Method `lipschitz` for encoders at two and three edits against brute force: every string within k edits, tokenised whole and run. Families
 * hold every sequence; nothing is certified that brute force refutes; no margin is put above the least that is there.
 */
import { encoderLipschitz } from "../../src/certify/lipschitz/encoder.js";
import { type Family, families } from "../../src/certify/lipschitz/families.js";
import { neighbours } from "../../src/edits/neighbours.js";
import type { SequenceModel } from "../../src/model/sequence.js";
import { reach } from "../../src/tokenizer/reach.js";
import { encoderModel } from "../oracle/encoder-model.js";
import { randomString, seeded } from "../oracle/random-model.js";
import { truthOf } from "../oracle/whole-neighbours.js";
import { ab } from "./lipschitz-encoder-held.js";

/** Framed sequences of all strings within k edits, the text's own first. */
function bruteForce({ tokenizer }: SequenceModel, text: string, k: number): Int32Array[] {
  const texts = new Set([text]);
  let layer = [text];
  for (let edits = 0; edits < k; edits++) {
    const next: string[] = [];
    for (const one of layer)
      for (const neighbour of neighbours(one, ab))
        if (!texts.has(neighbour)) {
          texts.add(neighbour);
          next.push(neighbour);
        }
    layer = next;
  }
  const sequences = new Map<string, Int32Array>();
  for (const one of texts) {
    const ids = tokenizer.encode(one);
    sequences.set(ids.join(), ids);
  }
  return [...sequences.values()];
}

const holds = (family: Family, ids: Int32Array): boolean =>
  family.length === ids.length && family.every((own, i) => own.includes(ids[i]!));

test.each([0, 1, 2])("families hold every sequence of k edits, vocabulary %d", (kind) => {
  for (let seed = kind; seed < 24; seed += 3) {
    const model = encoderModel(seed);
    const random = seeded(seed);
    const text = randomString(random, ["a", "b", " "], 1 + (seed % 4));
    for (const strings of [0, 20, 100_000])
      for (const k of [1, 2]) {
        const found = reach(model.tokenizer, text, ab, k, { strings });
        const known = found.sites.every(({ levels }) =>
          levels.every((level) => level.exact || level.most < Number.POSITIVE_INFINITY),
        );
        const all = () => [...families(model.tokenizer, found)];
        if (!known) expect(all).toThrow("nothing is known");
        else {
          const own = all();
          for (const ids of bruteForce(model, text, k))
            expect(own.some((family) => holds(family, ids))).toBe(true);
        }
      }
  }
});

test("two and three edits of weak encoders: certified, and never wrongly", async () => {
  const certified = [0, 0, 0, 0];
  const broken = [0, 0, 0, 0];
  let open = 0;
  for (let seed = 0; seed < 24; seed++) {
    const model = encoderModel(seed, { gain: [0.1, 0.5, 2][seed % 3]!, layers: 1 + (seed % 2) });
    const text = randomString(seeded(seed), ["a", "b", " "], 2 + (seed % 2));
    const limit = seed % 4 === 0 ? 3 : 2;
    const answer = encoderLipschitz(model, text, ab, limit, { parts: 64 });
    const { verdict } = answer;
    if (verdict.verdict === "unknown") {
      open++;
      expect(verdict.reason).toMatch(/not above 0|at \d edits|the model gives no number/);
    } else expect(verdict).toMatchObject({ verdict: "certified", certified: limit });
    for (let k = 2; k <= limit; k++) {
      const truth = await truthOf(model.backend, bruteForce(model, text, k));
      expect(truth.label).toBe(answer.prediction.index);
      if (truth.flips > 0) broken[k]!++;
      const bound = answer.margins[k];
      if (bound === undefined) continue;
      expect(bound.lower).toBeLessThanOrEqual(truth.least);
      if (!((verdict.certified ?? -1) >= k)) continue;
      expect(truth.flips).toBe(0);
      certified[k]!++;
    }
  }
  expect(certified[2]).toBeGreaterThan(3);
  expect(certified[3]).toBeGreaterThan(0);
  expect(broken[2]).toBeGreaterThan(0);
  expect(open).toBeGreaterThan(3);
});

test("limits are reached as everywhere, and the layer that loses most is named", () => {
  let [named, limited] = [0, 0];
  for (let seed = 0; seed < 10; seed++) {
    const { verdict } = encoderLipschitz(encoderModel(seed), "ab a", ab, 2, { parts: 1 });
    if (verdict.verdict === "unknown" && verdict.certified === 1)
      if (/^the bound for 2 edits is .*; .* \(what enters it grows .*\) loses most$/.test(verdict.reason))
        named++;
    const enough = encoderLipschitz(encoderModel(seed, { gain: 0.1 }), "ab a", ab, 2);
    if (enough.verdict.verdict !== "certified") continue;
    const { sequences } = enough.work!;
    const stopped = encoderLipschitz(encoderModel(seed, { gain: 0.1 }), "ab a", ab, 2, { sequences });
    expect(stopped.verdict).toMatchObject({ verdict: "unknown", certified: 1, broken: null });
    if (
      "reason" in stopped.verdict &&
      /^the limit of \d+ sequences was reached at 2 edits$/.test(stopped.verdict.reason)
    )
      limited++;
  }
  expect(named).toBeGreaterThan(0);
  expect(limited).toBeGreaterThan(0);
});
