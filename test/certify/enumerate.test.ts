/**
 * Method `enumerate` against the exact method, and against every string within reach, on small models; its limits, and
 * the line of arguments that float32 needs.
 */
import { certify } from "../../src/certify/certify.js";
import { certifyExactly } from "../../src/certify/certify-exactly.js";
import { enumerate } from "../../src/certify/enumerate/enumerate.js";
import { asciiAlphabet, listAlphabet } from "../../src/edits/alphabet.js";
import { levenshtein } from "../../src/edits/distance.js";
import { neighbourCount } from "../../src/edits/neighbours.js";
import { keepsLabel, marginOf } from "../../src/model/margins.js";
import { sequenceView } from "../../src/model/native-backend.js";
import { SequenceModel, type SequenceParts } from "../../src/model/sequence.js";
import { loadModel } from "../../src/node/load-model.js";
import { allWithin } from "../oracle/all-within.js";
import { randomModel, randomString, seeded } from "../oracle/random-model.js";

const ab = listAlphabet(
  "ab",
  [..."ab "].map((c) => c.codePointAt(0)!),
);
const view = (seed: number, kind: "words" | "pieces" | "patterns") => {
  const random = seeded(seed);
  const model = randomModel(random, kind, 2 + (seed % 2));
  return { model, view: sequenceView(model), text: randomString(random, ["a", "b", " "], 6) };
};

describe.each(["words", "pieces", "patterns"] as const)("models over %s", (kind) => {
  test("verdict, margins and distance are those of the exact method at 1 and 2 edits", async () => {
    let broken = 0;
    for (let seed = 0; seed < 150; seed++) {
      const { model, view: sequence, text } = view(seed, kind);
      const limit = seed % 5 === 0 ? 2 : 1;
      const answer = await enumerate(sequence, text, ab, limit);
      const exact = certifyExactly(model, text, { edits: limit, alphabet: ab });
      expect(answer.prediction).toEqual(exact.prediction);
      expect([answer.verdict.verdict, answer.verdict.certified, answer.verdict.broken]).toEqual([
        exact.verdict,
        exact.certified,
        exact.broken,
      ]);
      for (const margin of answer.margins) expect(exact.margins).toContainEqual(margin);
      expect(answer.margins.length - 1).toBe(answer.verdict.certified);
      if (answer.verdict.counterexample === null) continue;
      broken++;
      const { text: changed, edits } = answer.verdict.counterexample;
      expect(levenshtein(text, changed)).toBe(edits);
      expect(edits).toBe(answer.verdict.broken);
      expect(model.predict(changed).index).not.toBe(exact.prediction.index);
    }
    expect(broken).toBeGreaterThan(20);
  });

  test("certified means that no string within reach has another label", async () => {
    let certified = 0;
    for (let seed = 1000; seed < 1060; seed++) {
      const { model, view: sequence, text } = view(seed, kind);
      const { verdict, prediction } = await enumerate(sequence, text, ab, 1);
      const others = allWithin(text, [..."ab "], 1)
        .flat()
        .filter((string) => model.predict(string).index !== prediction.index);
      expect(verdict.verdict).toBe(others.length === 0 ? "certified" : "refuted");
      if (others.length === 0) certified++;
    }
    expect(certified).toBeGreaterThan(5);
    expect(certified).toBeLessThan(55);
  });
});

describe("limits give unknown, and say how far it got", () => {
  const { view: sequence } = view(3, "words");
  test("strings", async () => {
    const { verdict } = await enumerate(sequence, "a b", ab, 1, { strings: 5 });
    expect(verdict).toMatchObject({ verdict: "unknown", certified: 0, broken: null });
    expect("reason" in verdict && verdict.reason).toMatch(/^about \d+ strings are more than the 5 allowed/);
  });
  test("a signal", async () => {
    const { verdict } = await enumerate(sequence, "a b", ab, 1, { signal: { aborted: true } });
    expect(verdict).toMatchObject({ verdict: "unknown", certified: 0 });
  });
  test("time", async () => {
    const { verdict } = await enumerate(sequence, "a b a b a b", ab, 1, { seconds: 0 });
    expect(verdict.verdict).not.toBe("certified");
  });
  test("forward passes", async () => {
    const model = await loadModel("sst2");
    if (model.kind !== "native") throw new Error("sst2 is native");
    const { verdict, work } = await enumerate(sequenceView(model), "a fine film", asciiAlphabet(), 1, {
      sequences: 10,
    });
    expect(verdict.verdict).toBe("unknown");
    expect(work?.passes).toBeLessThan(200);
  });
});

describe("what was looked at", () => {
  const slow = (margin: (ids: Int32Array) => number, before: () => void) => {
    const model = toy(margin, "float64");
    const logits = (all: readonly Int32Array[]) => {
      before();
      return model.backend.logits(all);
    };
    return new SequenceModel({ ...model, backend: { ...model.backend, logits } });
  };
  const text = "ab ba aab b a";

  test("all strings, where all were tried", async () => {
    const { work } = await enumerate(
      toy(() => 1, "float64"),
      text,
      asciiAlphabet(),
      1,
    );
    expect(work!.strings).toBe(neighbourCount(text, asciiAlphabet()));
  });

  test("fewer, where one broke it before", async () => {
    const model = toy((ids) => (ids.length < 5 ? -1 : 1), "float64");
    const { verdict, work } = await enumerate(model, text, ab, 1);
    expect(verdict.verdict).toBe("refuted");
    expect(work!.strings).toBeGreaterThan(0);
    expect(work!.strings).toBeLessThan(neighbourCount(text, ab));
  });

  test("a signal that comes while the model runs ends it before the next run", async () => {
    const signal = { aborted: false };
    let runs = 0;
    const model = slow(
      () => 1,
      () => {
        runs++;
        if (runs === 2) signal.aborted = true;
      },
    );
    const { verdict, work } = await enumerate(model, text, asciiAlphabet(), 1, { signal });
    expect(verdict).toMatchObject({ verdict: "unknown", certified: 0 });
    expect("reason" in verdict && verdict.reason).toMatch(
      /^stopped after \d+ strings and \d+ forward passes/,
    );
    expect(runs).toBe(2);
    expect(work!.strings).toBeLessThan(neighbourCount(text, asciiAlphabet()));
  });

  test("a time limit ends a tokenizer that is slow and gives nothing new", async () => {
    const model = toy(() => 1, "float64");
    const wait = (ms: number) => {
      const until = performance.now() + ms;
      while (performance.now() < until);
    };
    const ids = (_: string) => {
      wait(0.2);
      return Int32Array.of(0);
    };
    const tokenizer = {
      ...model.tokenizer,
      ids,
      encode: ids,
      locality: { kind: "none", why: "test" } as const,
    };
    const began = performance.now();
    const { verdict } = await enumerate(
      new SequenceModel({ ...model, tokenizer }),
      "a".repeat(4000),
      listAlphabet(
        "many",
        [...Array(200).keys()].map((i) => 0x4e00 + i),
      ),
      1,
      { seconds: 0.3 },
    );
    expect(verdict).toMatchObject({ verdict: "unknown", certified: 0 });
    expect(performance.now() - began).toBeLessThan(3000);
  });
});

/** A model of two labels whose margin is `margin(ids)`, in float32 or float64, without weights. */
function toy(margin: (ids: Int32Array) => number, arithmetic: "float32" | "float64"): SequenceModel {
  const { view: sequence } = view(1, "words");
  const parts: SequenceParts = {
    identity: { name: "toy", sha256: "0".repeat(64) },
    labels: ["yes", "no"],
    tokenizer: sequence.tokenizer,
    encoder: null,
    backend: {
      name: "toy",
      arithmetic,
      logits: async (all) => all.map((ids) => Float64Array.of(margin(ids), 0)),
      close: async () => {},
    },
  };
  return new SequenceModel(parts);
}

describe("what float32 can't vouch for is left open", () => {
  const near = (ids: Int32Array) => (ids.length === 2 ? 1 : 1e-5);
  test("a margin near 0 certifies in float64 only", async () => {
    expect((await enumerate(toy(near, "float64"), "a b", ab, 1)).verdict.verdict).toBe("certified");
    const { verdict } = await enumerate(toy(near, "float32"), "a b", ab, 1);
    expect(verdict).toMatchObject({ verdict: "unknown", certified: 0, broken: null });
    expect("reason" in verdict && verdict.reason).toMatch(/too near to a tie for float32$/);
  });
  test("a flip by a hair breaks in float64 only", async () => {
    const hair = (ids: Int32Array) => (ids.length === 2 ? 1 : -1e-5);
    expect((await enumerate(toy(hair, "float64"), "a b", ab, 1)).verdict.verdict).toBe("refuted");
    expect((await enumerate(toy(hair, "float32"), "a b", ab, 1)).verdict.verdict).toBe("unknown");
  });
  test("a prediction by a hair is no prediction", async () => {
    const { verdict } = await enumerate(
      toy(() => 1e-6, "float32"),
      "a",
      ab,
      1,
    );
    expect(verdict).toMatchObject({ verdict: "unknown", certified: null });
  });
  test("NaN is never certified", async () => {
    const { verdict } = await enumerate(
      toy((ids) => (ids.length === 2 ? 1 : Number.NaN), "float64"),
      "a b",
      ab,
      1,
    );
    expect(verdict.verdict).not.toBe("certified");
  });
});

test("margins and labels, ties to the lowest index", () => {
  expect(marginOf(Float64Array.of(1, 3, 2), 1)).toBe(1);
  expect(marginOf(Float64Array.of(1, Number.NaN), 0)).toBe(Number.NEGATIVE_INFINITY);
  expect(keepsLabel(Float64Array.of(1, 1), 0)).toBe(true);
  expect(keepsLabel(Float64Array.of(1, 1), 1)).toBe(false);
  expect(keepsLabel(Float64Array.of(1, Number.NaN), 0)).toBe(false);
});

test("the door refuses the exact method for a model that isn't native", async () => {
  await expect(
    certify(
      toy(() => 1, "float64"),
      "a",
      { method: "exact" },
    ),
  ).rejects.toThrow(/^the method exact needs a native model.*, and toy is none; allowed: .*enumerate/);
});
