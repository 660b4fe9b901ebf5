/** `inspect` of black boxes: no layers, and every sequence run. */
import { inspect } from "../../../src/certify/inspect/inspect.js";
import { SequenceModel } from "../../../src/model/sequence.js";
import { encoderModel } from "../../oracle/encoder-model.js";
import { randomString, seeded } from "../../oracle/random-model.js";
import { truthOf, wholeNeighbours } from "../../oracle/whole-neighbours.js";
import { ab } from "../lipschitz-encoder-held.js";
import { expectConsistent } from "./held.js";

function blackBox(seed: number): SequenceModel {
  const { identity, labels, tokenizer, backend } = encoderModel(seed);
  return new SequenceModel({ identity, labels, tokenizer, backend, encoder: null });
}

test("the least margin is brute force's, and nothing is called certified", async () => {
  let open = 0;
  for (let seed = 0; seed < 24; seed++) {
    const model = blackBox(seed);
    const text = randomString(seeded(seed), ["a", "b", " "], 7);
    const found = await inspect(model, text, { alphabet: ab });
    expectConsistent(found);
    const { sequences } = wholeNeighbours(text, ab, (s) => model.tokenizer.encode(s));
    const truth = await truthOf(model.backend, sequences);
    expect(found).toMatchObject({ kind: "black box", bound: null, loss: null, certified: false, layers: [] });
    expect(found.least).toBe(truth.least);
    if (found.worst !== null) expect(found.worst.flips).toBe(truth.flips > 0);
    expect(found.notes[0]).toMatch(/^Only this model's graph is known, not its layers/);
    if (found.changes.some(({ what }) => what === "sites")) open++;
  }
  expect(open).toBeGreaterThan(3);
});

test("limits", async () => {
  const found = await inspect(blackBox(4), "ab a", { alphabet: ab, queries: 3 });
  expect(found.least).toBeNull();
  expect(found.notes[1]).toMatch(
    /^3 token sequences of one edit were run in float64 by reference, not all: the limit of 3/,
  );
  await expect(inspect(blackBox(4), "ab", { exactBlocks: 0 })).rejects.toThrow(
    /is no encoder with known weights/,
  );
});
