/**
 * Method `lipschitz` for encoders against brute force: every string within one edit, tokenised whole and run. Nothing is
 * certified that brute force refutes, and the margin's bound is never above the least margin found, without any slack.
 */
import { certify } from "../../src/certify/certify.js";
import {
  checkedBlocks,
  dearest,
  encoderLipschitz,
  lowerMargin,
} from "../../src/certify/lipschitz/encoder.js";
import { alignment, singleSequences } from "../../src/certify/lipschitz/single-sequences.js";
import { SequenceModel } from "../../src/model/sequence.js";
import { encoderModel } from "../oracle/encoder-model.js";
import { randomEncoder } from "../oracle/random-encoder.js";
import { randomString, seeded } from "../oracle/random-model.js";
import { wholeNeighbours } from "../oracle/whole-neighbours.js";
import { ab, held } from "./lipschitz-encoder-held.js";

test("small encoders over native vocabularies, cut at their length", async () => {
  let [certified, robust, broken] = [0, 0, 0];
  for (let seed = 0; seed < 24; seed++) {
    const model = encoderModel(seed);
    const found = await held(model, randomString(seeded(seed), ["a", "b", " "], 6));
    certified += found.certified;
    if (found.robust) robust++;
    else broken++;
  }
  expect(certified).toBeGreaterThan(3);
  expect(robust).toBeGreaterThan(3);
  expect(broken).toBeGreaterThan(3);
});

describe("what it says", () => {
  const model = encoderModel(4);
  const text = "ab a";
  test("two edits: the least that is proven, and why no more", () => {
    for (let seed = 0; seed < 12; seed++) {
      const found = encoderLipschitz(encoderModel(seed), text, ab, 2, { parts: 2 });
      const { verdict } = found;
      if (!("reason" in verdict)) {
        expect(found.margins).toHaveLength(3);
        continue;
      }
      expect(verdict.verdict).toBe("unknown");
      if (verdict.certified === 1) {
        expect(verdict.reason).toMatch(/^the bound for 2 edits is .*, not above 0| at 2 edits$/);
        expect(found.margins).toHaveLength(2);
      } else expect(verdict.reason).toMatch(/^the bound for 1 edit is .*, not above 0/);
    }
  });
  test("no edits are always proven", () => {
    expect(encoderLipschitz(model, text, ab, 0).verdict).toMatchObject({
      verdict: "certified",
      certified: 0,
    });
  });
  test.each([
    [{ sequences: 0 }, /^the limit of 0 sequences was reached after 0 sequences of 1 edit$/],
    [{ strings: 0 }, /^the limit of 0 strings was reached/],
    [{ signal: { aborted: true } }, /^the search was stopped/],
    [{ seconds: 0 }, /^the time limit of 0 s was reached/],
  ])("limit %j", (limits, reason) => {
    const { verdict } = encoderLipschitz(model, text, ab, 1, limits);
    expect(verdict).toMatchObject({ verdict: "unknown", certified: 0 });
    expect("reason" in verdict && verdict.reason).toMatch(reason);
  });
  test("a black box is refused", () => {
    const { identity, labels, tokenizer, backend } = model;
    const box = new SequenceModel({ identity, labels, tokenizer, backend, encoder: null });
    expect(() => encoderLipschitz(box, text, ab, 1)).toThrow(
      "the method lipschitz needs a model's weights, and of encoder 4 only the graph is known; allowed: auto, enumerate, attack",
    );
  });
  test.each([-1, 0.5, 9, Number.NaN])("%d exact blocks", (exactBlocks) => {
    expect(() => encoderLipschitz(model, text, ab, 1, { exactBlocks })).toThrow(
      `exactBlocks is ${exactBlocks}; the encoder has 0 to ${model.encoder!.blocks.length}`,
    );
  });
  test("the default is all but the last block, and none without positions", () => {
    for (const kind of ["none", "absolute"] as const) {
      const of = (layers: number): number => {
        const { encoder } = randomEncoder(seeded(1), { layers });
        const positions = { kind, table: encoder.embedding.tokens, offset: 0 };
        return checkedBlocks({ ...encoder, embedding: { ...encoder.embedding, positions } });
      };
      expect([0, 1, 2, 3].map(of)).toEqual(kind === "none" ? [0, 0, 0, 0] : [0, 0, 1, 2]);
    }
  });
});

test("sequences are those of brute force, each once", () => {
  for (let seed = 0; seed < 60; seed++) {
    const { tokenizer } = encoderModel(seed);
    const text = randomString(seeded(seed), ["a", "b", " "], 9);
    const whole = wholeNeighbours(text, ab, (s) => tokenizer.encode(s)).sequences.slice(1);
    const found = [...singleSequences(tokenizer, text, ab)].map(({ ids }) => ids.join());
    expect(found.sort()).toEqual(whole.map((ids) => ids.join()).sort());
  }
});

test("tokens are kept in order, and only where they are the same", () => {
  const random = seeded(7);
  const draw = () => Int32Array.from({ length: Math.floor(random() * 6) }, () => Math.floor(random() * 3));
  for (let i = 0; i < 2000; i++) {
    const [base, ids] = [draw(), draw()];
    const origins = alignment(base, ids);
    let last = -1;
    origins.forEach((origin, at) => {
      if (origin === -1) return;
      expect(origin).toBeGreaterThan(last);
      expect(base[origin]).toBe(ids[at]);
      last = origin;
    });
    expect(origins).toHaveLength(ids.length);
  }
  expect([...alignment(Int32Array.of(1, 2, 3), Int32Array.of(1, 2, 2, 3))]).toEqual([0, 1, -1, 2]);
});

test("the margin over the worst rival, from either side of a pair; unknown is no margin", () => {
  const pair = (a: number, b: number, lower: number, upper: number) => ({
    a,
    b,
    base: 0,
    lower,
    upper,
    change: 0,
  });
  const ledger = [] as never[];
  const pairs = [pair(0, 1, -3, -2), pair(0, 2, -9, 9), pair(1, 2, 5, 6)];
  expect(lowerMargin({ pairs, ledger }, 1)).toBe(2);
  expect(lowerMargin({ pairs: [pair(0, 1, Number.NaN, 1), pair(0, 2, 4, 5)], ledger }, 0)).toBe(-Infinity);
});

test("the step that loses most is named", () => {
  const size = { largest: 1, total: 1 };
  const line = (step: string, factor: number | null) => ({ step, entering: size, leaving: size, factor });
  expect(
    dearest([line("block 1 attention", 2), line("block 2 attention", 7.25), line("pooling", null)]),
  ).toBe("block 2 attention (what enters it grows 7.25 times)");
  expect(dearest([line("pooling", null)])).toBeNull();
});

test("certify answers an edit that the bound settles as enumerate does", async () => {
  let both = 0;
  for (let seed = 0; seed < 30; seed++) {
    const model = encoderModel(seed);
    const text = randomString(seeded(seed + 100), ["a", "b", " "], 7);
    const bound = encoderLipschitz(model, text, ab, 1);
    const full = await certify(model, text, { edits: 1, method: "enumerate", alphabet: ab });
    if (bound.verdict.verdict !== "certified") continue;
    expect(full.verdict).toBe("certified");
    expect(bound.margins[1]!.lower).toBeLessThanOrEqual(full.margins[1]!.lower);
    both++;
  }
  expect(both).toBeGreaterThan(5);
});
