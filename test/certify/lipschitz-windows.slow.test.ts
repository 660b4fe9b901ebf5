/** Method `lipschitz` where heads see windows against brute force, on many more models, and three edits. */
import { compareLooking } from "./lipschitz-windows-held.js";

test.each([
  [1, 1, 13, 1500],
  [1, 2, 7, 400],
  [1, 3, 4, 150],
  [2, 1, 10, 400],
  [2, 2, 5, 200],
  [2, 3, 3, 60],
  [3, 1, 7, 150],
])(
  "blocks %d, %d edits, texts of up to %d characters: no margin above the true one",
  (blocks, edits, length, seeds) => {
    let moved = 0;
    for (let seed = 0; seed < seeds; seed++)
      if (compareLooking(10_000 + seed, blocks, edits, length).fell > 0) moved++;
    expect(moved).toBeGreaterThan(seeds / 4);
  },
);
