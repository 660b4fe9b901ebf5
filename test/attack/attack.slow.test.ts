/** Attacks on a text of 100,000 characters: a few queries take seconds, and a time limit is kept. */
import { attack } from "../../src/attack/attack.js";
import { unicodeAlphabet } from "../../src/edits/alphabet.js";
import { loadModel } from "../../src/node/load-model.js";

const text = "free entry to win a prize, see you at lunch ".repeat(2300);

test("queries", async () => {
  const model = await loadModel("sms-spam");
  const { queries } = await attack(model, text, unicodeAlphabet(), { edits: 3, queries: 60 });
  expect(queries).toBeGreaterThan(20);
  expect(queries).toBeLessThanOrEqual(60);
}, 60_000);

test("time", async () => {
  const model = await loadModel("sms-spam");
  const began = performance.now();
  await attack(model, text, unicodeAlphabet(), { edits: 3, queries: 1_000_000, seconds: 1 });
  expect(performance.now() - began).toBeLessThan(20_000);
}, 60_000);
