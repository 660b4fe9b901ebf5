import { setTimeout } from "node:timers/promises";
import { inOrder } from "../../../src/node/jobs/ordered.js";

const options = { batch: 3, batchWeight: 1000, inFlight: 4 };
const one = () => 1;

test("results come in order, however long each takes", async () => {
  const work = async (batch: number[]) => {
    await setTimeout((batch[0]! * 7) % 5);
    return batch.map((n) => n * n);
  };
  const items = Array.from({ length: 50 }, (_, i) => i);
  const results: number[] = [];
  for await (const n of inOrder(items, work, one, options)) results.push(n);
  expect(results).toEqual(items.map((n) => n * n));
});

test("no more is read ahead than allowed", async () => {
  let read = 0;
  async function* endless(): AsyncGenerator<number> {
    for (;;) yield read++;
  }
  let taken = 0;
  for await (const _ of inOrder(endless(), async (batch) => batch, one, options)) {
    taken++;
    expect(read - taken).toBeLessThanOrEqual(options.batch * options.inFlight + 1);
    if (taken === 1000) break;
  }
});

test("a heavy item ends its batch", async () => {
  const sizes: number[] = [];
  const work = async (batch: number[]) => {
    sizes.push(batch.length);
    return batch;
  };
  for await (const _ of inOrder([1, 1, 1, 5000, 1, 5000, 1], work, (n) => n, options)) {
    // Taken only to run it.
  }
  expect(sizes).toEqual([3, 1, 2, 1]);
});

test("a failure ends the run where it happened, after what came before it", async () => {
  const work = async (batch: number[]) => {
    if (batch.includes(7)) throw new Error("seven");
    return batch;
  };
  const seen: number[] = [];
  const run = async (): Promise<void> => {
    for await (const n of inOrder([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], work, one, options)) seen.push(n);
  };
  await expect(run()).rejects.toThrow("seven");
  expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
});

test("an abort ends the run after the batch at hand", async () => {
  const signal = { aborted: false };
  const seen: number[] = [];
  const items = Array.from({ length: 100 }, (_, i) => i);
  for await (const n of inOrder(items, async (batch) => batch, one, { ...options, signal })) {
    seen.push(n);
    if (n === 4) signal.aborted = true;
  }
  expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
});
