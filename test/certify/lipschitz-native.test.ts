/**
 * Method `lipschitz` for native Transformers against brute force over every string within reach, with no slack: never a margin
 * above the true one; and how near it comes.
 */
import { compare } from "./lipschitz-native-held.js";

test.each([
  [1, 1, 9],
  [1, 2, 5],
  [2, 1, 8],
  [2, 2, 5],
])("blocks %d, %d edits: no margin above the true one", (blocks, edits, length) => {
  const ratios: number[] = [];
  for (let seed = 0; seed < 100; seed++) {
    const { fell, bound } = compare(seed, blocks, edits, length);
    if (fell > 0) ratios.push(bound / fell);
  }
  ratios.sort((a, b) => a - b);
  expect(ratios.length).toBeGreaterThan(35);
  // One edit and one block: what is taken and brought is computed, so half of the bounds are the truth or nearly so.
  if (blocks === 1 && edits === 1) expect(ratios[ratios.length >> 1]!).toBeLessThan(1.3);
});
