/** Method `lipschitz` where heads see windows, against brute force over every string within reach: never a margin above the true one. */

import { nativeLipschitz } from "../../src/certify/lipschitz/native.js";
import { plainBlocks } from "../../src/certify/plain-blocks.js";
import { listAlphabet } from "../../src/edits/alphabet.js";
import { compareLooking, looking, shortWords } from "./lipschitz-windows-held.js";

test.each([
  [1, 1, 11, 80],
  [1, 2, 6, 30],
  [2, 1, 8, 30],
  [2, 2, 5, 15],
])("blocks %d, %d edits: no margin above the true one", (blocks, edits, length, count) => {
  const ratios: number[] = [];
  for (let seed = 0; seed < count; seed++) {
    const { fell, bound } = compareLooking(seed, blocks, edits, length);
    if (fell > 0) ratios.push(bound / fell);
  }
  ratios.sort((a, b) => a - b);
  expect(ratios.length).toBeGreaterThan(count / 3);
  if (blocks === 1 && edits === 1) expect(ratios[ratios.length >> 1]!).toBeLessThan(4);
});

test("nor above the one that trying every sequence finds, in their order", () => {
  const alphabet = listAlphabet("ab", [97, 98, 32]);
  let held = 0;
  for (let seed = 300; seed < 330; seed++) {
    const model = looking(seed, 1);
    const text = shortWords(seed, 14);
    const { margins, prediction } = nativeLipschitz(model, text, alphabet, 1, { tight: true });
    const found = plainBlocks(model, text, alphabet, prediction.index, 1);
    if (!found.done || margins.length < 2) continue;
    held++;
    expect(margins[1]!.lower).toBeLessThanOrEqual(Math.min(...found.least) + 1e-9);
  }
  expect(held).toBeGreaterThan(20);
});
