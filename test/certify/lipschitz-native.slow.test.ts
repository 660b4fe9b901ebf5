/** Method `lipschitz` for native Transformers against brute force, on many more models, and three edits. */
import { compare } from "./lipschitz-native-held.js";

test.each([
  [1, 1, 12, 1500],
  [1, 2, 6, 800],
  [1, 3, 4, 200],
  [2, 1, 9, 500],
  [2, 2, 5, 300],
  [2, 3, 3, 100],
  [3, 1, 7, 150],
])(
  "blocks %d, %d edits, texts of up to %d characters: no margin above the true one",
  (blocks, edits, length, seeds) => {
    let moved = 0;
    for (let seed = 0; seed < seeds; seed++)
      if (compare(10_000 + seed, blocks, edits, length).fell > 0) moved++;
    expect(moved).toBeGreaterThan(seeds / 4);
  },
);

test.each(
  (["cosine", "distance"] as const).flatMap((similarity) => [
    [similarity, 1, 1, 10, 400] as const,
    [similarity, 1, 2, 5, 200] as const,
    [similarity, 2, 1, 8, 300] as const,
    [similarity, 2, 2, 4, 150] as const,
    [similarity, 3, 1, 6, 80] as const,
  ]),
)(
  "%s, blocks %d, %d edits, texts of up to %d characters: no margin above the true one",
  (similarity, blocks, edits, length, seeds) => {
    let moved = 0;
    for (let seed = 0; seed < seeds; seed++)
      if (compare(20_000 + seed, blocks, edits, length, similarity).fell > 0) moved++;
    expect(moved).toBeGreaterThan(seeds / 4);
  },
);
