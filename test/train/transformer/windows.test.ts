/** Windows in training: an order of words is learned with them, and isn't without. */
import { Random } from "../../../src/numeric/random.js";
import type { Example } from "../../../src/train/corpus.js";
import { headWindows } from "../../../src/train/transformer/windows-graph.js";
import { accuracy, dataOf, finish, small } from "./tiny-blocks.js";

/** Which of two words comes first is the label; other words stand around them. */
function ordered(count: number, seed: number): Example[] {
  const random = new Random(seed);
  const others = "film plot cast scene music".split(" ");
  const some = () =>
    Array.from(
      { length: Math.floor(random.next() * 4) },
      () => others[Math.floor(random.next() * others.length)]!,
    );
  return Array.from({ length: count }, (_, n) => {
    const pair = n % 2 === 0 ? ["not", "good"] : ["good", "not"];
    return { text: [...some(), ...pair, ...some()].join(" "), label: n % 2 };
  });
}

test.each([
  [0, 2],
  [1, 2],
  [1, 1],
])("window %d, %d heads: which of two words comes first", async (window, heads) => {
  const [texts, held] = [ordered(128, 1), ordered(100, 2)];
  const plain = { worstEdits: 0, charge: 0, temperature: 1, epochs: 12, batch: 16 } as const;
  const blocks = { width: 8, heads, headWidth: 4, inner: 12, blockRate: 0.02, ball: 3, window };
  const { weights } = await finish(dataOf(texts), small({ ...plain, ...blocks }));
  expect(weights.blocks[0]!.attention.windows).toEqual(headWindows(heads, window) ?? undefined);
  const right = accuracy(weights, held);
  // One head that looks both ways alike knows its neighbours, but not which of them stands where.
  if (window > 0 && heads > 1) expect(right).toBeGreaterThan(0.95);
  else expect(right).toBeLessThan(0.8);
});

test("the windows of heads", () => {
  expect(headWindows(4, 0)).toBeNull();
  expect(headWindows(1, 3)).toEqual([{ before: 3, after: 3 }]);
  expect(headWindows(3, 2)).toEqual([
    { before: 2, after: 0 },
    { before: 0, after: 2 },
    { before: 2, after: 0 },
  ]);
});
