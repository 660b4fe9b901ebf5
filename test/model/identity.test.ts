import { IDENTITY_FORMAT, identityBytes } from "../../src/model/identity.js";
import type { NativeWeights } from "../../src/model/native.js";
import { FOLD_VERSION } from "../../src/text/fold-table.js";
import { vocabulary } from "../../src/tokenizer/vocabulary.js";

const weights: NativeWeights = {
  labels: ["ham", "spam"],
  vocabulary: vocabulary("words", ["[UNK]", "free", "\uFFFD"]),
  evidence: Float64Array.of(0, 0, -1, 1, 0.5, -0.5),
  bias: Float64Array.of(0.25, -0.25),
};

test("the layout is JSON, then evidence, then bias, all numbers float64 little-endian", () => {
  const json = `{"format":"typoproof-additive/1","fold":"${FOLD_VERSION}","kind":"words","labels":["ham","spam"],"tokens":["[UNK]","free","\uFFFD"]}`;
  const head = new TextEncoder().encode(json);
  const expected = new Uint8Array(head.length + 8 * 8);
  expected.set(head);
  const view = new DataView(expected.buffer, head.length);
  for (const [i, value] of [0, 0, -1, 1, 0.5, -0.5, 0.25, -0.25].entries())
    view.setFloat64(8 * i, value, true);
  expect(identityBytes(weights)).toEqual(expected);
  expect(IDENTITY_FORMAT).toBe("typoproof-additive/1");
});

test("every bit of every weight, each token, each label and the kind change the bytes; all differ", () => {
  const variants: NativeWeights[] = [weights];
  for (const part of ["evidence", "bias"] as const)
    for (let bit = 0; bit < weights[part].length * 64; bit++) {
      const changed = weights[part].slice();
      new Uint8Array(changed.buffer)[bit >> 3]! ^= 1 << (bit & 7);
      variants.push({ ...weights, [part]: changed });
    }
  for (const [at, token] of [
    [1, "freed"],
    [2, "f"],
  ] as const) {
    const tokens = [...weights.vocabulary.tokens];
    tokens[at] = token;
    variants.push({ ...weights, vocabulary: vocabulary("words", tokens) });
  }
  variants.push({ ...weights, vocabulary: vocabulary("words", ["[UNK]", "\uFFFD", "free"]) });
  variants.push({ ...weights, vocabulary: { ...weights.vocabulary, kind: "patterns" } });
  for (const labels of [["spam", "ham"], ["ham", "spam "], ["ham,spam"], ['ham","spam'], ["\uD800", "spam"]])
    variants.push({ ...weights, labels });
  const keys = variants.map((variant) => identityBytes(variant).join());
  expect(new Set(keys).size).toBe(variants.length);
});

test("bytes depend on values, not on where they lie in memory", () => {
  const larger = Float64Array.of(9, ...weights.evidence, 9);
  expect(identityBytes({ ...weights, evidence: larger.subarray(1, 7) })).toEqual(identityBytes(weights));
});
