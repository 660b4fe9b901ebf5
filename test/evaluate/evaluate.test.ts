import type { InputRow, ResultRecord } from "../../src/certify/result.js";
import { drain, evaluate } from "../../src/evaluate/evaluate.js";
import { memoryInUse } from "../garbage.js";
import { certified } from "./examples.js";

const rows = (n: number): InputRow[] =>
  Array.from({ length: n }, (_, id) => ({ id, text: `text ${id}`, label: "spam" }));
const alwaysSpam = () => certified(1, { margins: [] });

test("one record per row, in order, failures included", async () => {
  const input: InputRow[] = [
    { id: 3, text: "a", label: "spam" },
    { id: 4, text: "b", label: null, error: "label 'x' is not a label of this model" },
    { id: 5, text: "boom", label: "ham" },
    { id: 6, text: "c", label: null },
  ];
  const out: ResultRecord[] = [];
  const certify = (text: string) => {
    if (text === "boom") throw new Error("can't\nread this");
    return alwaysSpam();
  };
  const metrics = await drain(evaluate(input, certify, { edits: 1 }), (r) => out.push(r));
  expect(out.map((r) => [r.id, "error" in r ? r.error : r.correct])).toEqual([
    [3, true],
    [4, "label 'x' is not a label of this model"],
    [5, "can't"],
    [6, null],
  ]);
  expect([metrics.texts, metrics.errors]).toEqual([4, 2]);
});

test("an abort ends the run between two texts, and the metrics count what was done", async () => {
  const signal = { aborted: false };
  const done: number[] = [];
  const metrics = await drain(
    evaluate(rows(10), alwaysSpam, {
      edits: 1,
      signal,
      progress: (n) => done.push(n),
      pause: async () => {
        if (done.length === 3) signal.aborted = true;
      },
    }),
  );
  expect(done).toEqual([1, 2, 3]);
  expect(metrics.texts).toBe(3);
});

test("memory doesn't grow with the number of rows", async () => {
  async function* many(): AsyncGenerator<InputRow> {
    for (let id = 0; id < 20_000; id++)
      yield { id, text: Buffer.alloc(5_000, "x").toString("latin1"), label: "spam" };
  }
  let early = 0;
  const progress = (n: number): void => {
    if (n === 2_000) early = memoryInUse().heapUsed;
  };
  const metrics = await drain(evaluate(many(), alwaysSpam, { edits: 1, progress }));
  expect(metrics.texts).toBe(20_000);
  // Held, the texts alone would be 90 MB.
  expect(memoryInUse().heapUsed - early).toBeLessThan(20e6);
});
