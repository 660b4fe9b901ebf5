/** The self-test of backends lets through what computes the encoder in float32, and nothing that computes another. */
import type { Backend } from "../../src/model/backend.js";
import type { Encoder } from "../../src/model/encoder.js";
import { referenceBackend } from "../../src/model/reference.js";
import { selfTest, TOLERANCE, trialSequences } from "../../src/model/self-test.js";
import { smallEncoder } from "../oracle/small-encoder.js";

const SIZES = { vocabulary: 50, labels: 2, hidden: 16, blocks: 2, mostTokens: 20 };
const encoder = smallEncoder(1, SIZES);
/** A backend that computes `encoder`, its logits changed. */
const changed = (change: (logits: Float64Array, ids: Int32Array) => Float64Array, of = encoder): Backend => {
  const reference = referenceBackend(of);
  return {
    ...reference,
    logits: async (sequences) =>
      (await reference.logits(sequences)).map((logits, i) => change(logits, sequences[i]!)),
  };
};

test("what rounds to float32 passes", async () => {
  expect(await selfTest(referenceBackend(encoder), encoder)).toBeNull();
  expect(
    await selfTest(
      changed((logits) => logits.map(Math.fround)),
      encoder,
    ),
  ).toBeNull();
});

test("a difference in one logit of one length is found, with both numbers", async () => {
  const [, first] = trialSequences(encoder);
  for (const length of new Set(trialSequences(encoder).map((ids) => ids.length))) {
    const off = changed((logits, ids) => {
      if (ids.length === length) logits[1]! += 3 * TOLERANCE * Math.max(1, ...logits.map(Math.abs));
      return logits;
    });
    const difference = await selfTest(off, encoder);
    expect(difference?.tokens).toBe(length);
    expect(difference!.found - difference!.expected).toBeGreaterThan(difference!.allowed);
  }
  expect(first).toHaveLength(1);
});

test("NaN is a difference, and so are logits that are swapped between sequences", async () => {
  const nan = changed((logits) => logits.fill(Number.NaN));
  expect(await selfTest(nan, encoder)).toMatchObject({ found: Number.NaN });
  const reference = referenceBackend(encoder);
  const swapped = {
    ...reference,
    logits: async (s: readonly Int32Array[]) => [...(await reference.logits(s))].reverse(),
  };
  expect(await selfTest(swapped, encoder)).not.toBeNull();
});

const block = encoder.blocks[1]!;
test.each<[string, Partial<Encoder>]>([
  [
    "another activation",
    {
      blocks: [
        encoder.blocks[0]!,
        {
          ...block,
          feedForward: { ...block.feedForward, activation: "silu" } as typeof block.feedForward,
        },
      ],
    },
  ],
  [
    "another scale",
    {
      blocks: [
        encoder.blocks[0]!,
        { ...block, attention: { ...block.attention, scale: 0.4 } as typeof block.attention },
      ],
    },
  ],
  ["a block less", { blocks: [block] }],
  ["another pooling", { pooling: "mean" }],
  ["no segment", { embedding: { ...encoder.embedding, segment: null } }],
  ["no positions", { embedding: { ...encoder.embedding, positions: { kind: "none" } } }],
])("%s is found", async (_, change) => {
  const other = { ...encoder, ...change };
  expect(
    await selfTest(
      changed((logits) => logits, other),
      encoder,
    ),
  ).not.toBeNull();
});

test("sequences are of all lengths up to the limit, the same every time, and of all the vocabulary", () => {
  const sequences = trialSequences(encoder);
  expect(sequences.map((ids) => ids.length)).toEqual([1, 1, 2, 2, 3, 3, 5, 5, 8, 8, 13, 13, 20, 20]);
  expect(trialSequences(encoder)).toEqual(sequences);
  const ids = sequences.flatMap((sequence) => Array.from(sequence));
  expect([Math.min(...ids) < 5, Math.max(...ids) >= 45, Math.max(...ids) < 50]).toEqual([true, true, true]);
  expect(new Set(ids).size).toBeGreaterThan(30);
});

test("a large encoder is tried on few short sequences, one that reads a single token on that", () => {
  const large = { ...encoder, hiddenSize: 1e7, mostTokens: 512 };
  expect(trialSequences(large).map((ids) => ids.length)).toEqual([1, 1, 2, 2]);
  expect(trialSequences({ ...encoder, mostTokens: 1 }).map((ids) => ids.length)).toEqual([1, 1]);
  const endless = trialSequences({ ...encoder, mostTokens: Number.POSITIVE_INFINITY });
  expect(Math.max(...endless.map((ids) => ids.length))).toBe(512);
});
