/** Batches: every text once in an epoch, like lengths together, long texts by a stretch. */
import fc from "fast-check";
import { Random } from "../../../src/numeric/random.js";
import type { Corpus } from "../../../src/train/corpus.js";
import { epochBatches } from "../../../src/train/transformer/batches.js";

/** Texts of words that tell where they stand: word 1000 t + i is word i of text t. */
function corpusOf(lengths: readonly number[]): Corpus {
  return {
    words: [],
    documents: new Int32Array(),
    labels: Int32Array.from(lengths, (_, t) => t % 3),
    texts: lengths.map((length, t) => Int32Array.from({ length }, (_, i) => 1000 * t + i)),
  };
}

const lengths = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 80 });
const settings = fc.record({
  batch: fc.integer({ min: 1, max: 9 }),
  maxWords: fc.integer({ min: 2, max: 40 }),
  dropout: fc.constantFrom(0, 0, 0.3),
});

test("every text is in exactly one batch, with its label and words of its own in order", () => {
  fc.assert(
    fc.property(lengths, settings, fc.nat(), (given, options, seed) => {
      const corpus = corpusOf(given);
      const random = new Random(seed);
      const order = Int32Array.from(given, (_, t) => t);
      random.shuffle(order);
      const batches = [...epochBatches(corpus, order, options, random)];
      const seen = batches.flatMap(({ texts }) => texts.map(({ index }) => index));
      expect(seen.sort((a, b) => a - b)).toEqual(given.map((_, t) => t));
      expect(batches).toHaveLength(Math.ceil(given.length / options.batch));
      for (const { texts, words: room } of batches) {
        expect(texts.length).toBeLessThanOrEqual(options.batch);
        expect(room % 8).toBe(0);
        const longest = Math.max(...texts.map(({ words }) => words.length));
        expect(longest).toBeLessThanOrEqual(Math.min(room, options.maxWords));
        expect(room - longest).toBeLessThan(longest === 0 ? 9 : 8);
        for (const { index, words, label } of texts) {
          expect(label).toBe(index % 3);
          const own = Array.from(words, (word) => word - 1000 * index);
          expect(own).toEqual(own.filter((i) => i >= 0 && i < given[index]!).sort((a, b) => a - b));
          if (options.dropout > 0) continue;
          expect(own).toHaveLength(Math.min(given[index]!, options.maxWords));
          // One stretch.
          expect(own).toEqual(own.map((_, n) => own[0]! + n));
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("little is padding, though the order is another in each epoch", () => {
  const random = new Random(1);
  const given = Array.from({ length: 640 }, () => 1 + Math.floor(64 * random.next() ** 2));
  const corpus = corpusOf(given);
  const options = { batch: 16, dropout: 0, maxWords: 64 };
  const order = Int32Array.from(given, (_, t) => t);
  const epoch = () => {
    random.shuffle(order);
    return [...epochBatches(corpus, order, options, random)];
  };
  const [first, second] = [epoch(), epoch()];
  const places = first.reduce((sum, { texts, words }) => sum + texts.length * words, 0);
  const words = given.reduce((a, b) => a + b, 0);
  expect(places / words).toBeLessThan(1.35);
  expect(second.map(({ texts }) => texts[0]!.index)).not.toEqual(first.map(({ texts }) => texts[0]!.index));
  // Long and short ones take turns.
  const rooms = first.slice(0, 16).map((batch) => batch.words);
  expect(rooms).not.toEqual([...rooms].sort((a, b) => a - b));
});

test("a long text's stretch is anywhere in it, from its beginning to its end", () => {
  const corpus = corpusOf([30]);
  const random = new Random(2);
  const order = Int32Array.of(0);
  const begins = new Set<number>();
  for (let n = 0; n < 300; n++) {
    const [batch] = [...epochBatches(corpus, order, { batch: 1, dropout: 0, maxWords: 25 }, random)];
    begins.add(batch!.texts[0]!.words[0]!);
  }
  expect([...begins].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
});

test("dropout leaves out about that part of the words", () => {
  const corpus = corpusOf(Array.from({ length: 200 }, () => 40));
  const order = Int32Array.from({ length: 200 }, (_, t) => t);
  const batches = [...epochBatches(corpus, order, { batch: 8, dropout: 0.25, maxWords: 100 }, new Random(3))];
  const kept = batches.flatMap(({ texts }) => texts).reduce((sum, { words }) => sum + words.length, 0);
  expect(kept / 8000).toBeGreaterThan(0.72);
  expect(kept / 8000).toBeLessThan(0.78);
});
