/** Checkpoints come back as they were, or not at all. */
import { UserError } from "../../src/failure.js";
import type { NativeWeights } from "../../src/model/native.js";
import { readSafetensors, writeSafetensors } from "../../src/model/safetensors.js";
import { Random } from "../../src/numeric/random.js";
import { readCheckpoint, writeCheckpoint } from "../../src/train/checkpoint.js";
import { type Checkpoint, train } from "../../src/train/loop.js";
import { examples, tiny } from "./examples.js";

function checkpoint(): Checkpoint<NativeWeights> {
  const data = { labels: ['é,"\n', "spam"], train: examples(1, 20, 2), validation: examples(2, 5, 2) };
  for (const event of train(data, tiny({ kind: "words", average: 2 })))
    if (event.kind === "epoch" && event.report.epoch === 2) return event.checkpoint;
  throw new Error("no second epoch");
}
const kept = checkpoint();
const bytes = writeCheckpoint(kept, "a key");

/** The message for bytes that are refused; null where they are read. */
async function refusal(damaged: Uint8Array, key = "a key"): Promise<string | null> {
  try {
    expect(await readCheckpoint(damaged, key, "x.checkpoint")).toEqual(kept);
    return null;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

test("it comes back as it was, bit for bit", async () => {
  expect(await refusal(bytes)).toBeNull();
  const values = Float64Array.of(-0, 1e-320, 1 / 3, Number.MAX_VALUE);
  const odd = { ...kept, arrays: new Map([["theta", values]]) };
  const back = await readCheckpoint(writeCheckpoint(odd, ""), "", "");
  expect(Object.is(back.arrays.get("theta")![0], -0)).toBe(true);
  expect(back.arrays.get("theta")).toEqual(values);
  // What is written depends on nothing else.
  expect(writeCheckpoint(await readCheckpoint(bytes, "a key", ""), "a key")).toEqual(bytes);
});

test("another run's is refused", async () => {
  expect(await refusal(bytes, "another key")).toBe(
    "x.checkpoint can't be resumed: it belongs to a run with other texts, options or version; leave out --resume to start anew",
  );
});

test("so is a file of another kind", async () => {
  const other = writeSafetensors(new Map([["header", { dtype: "U8", shape: [2], data: new Uint8Array(2) }]]));
  for (const file of [new Uint8Array(), new Uint8Array(100), Buffer.from("text,label\n"), other])
    expect(await refusal(file)).toMatch(/^x\.checkpoint can't be resumed: [^\n]+$/);
  const tensors = readSafetensors(bytes);
  for (const name of [
    "header",
    "order",
    "best.config.json",
    "best.vocab.txt",
    "best.model.safetensors",
    "checksum",
    "state.theta",
  ]) {
    const less = new Map(tensors);
    less.delete(name);
    expect(await refusal(writeSafetensors(less))).toMatch(/^x\.checkpoint can't be resumed: [^\n]+$/);
  }
});

test("a file that is cut or longer is refused", async () => {
  for (const size of [0, 7, 8, 9, 100, bytes.length / 2, bytes.length - 1])
    expect(await refusal(bytes.slice(0, size))).toMatch(/^x\.checkpoint can't be resumed: [^\n]+$/);
  expect(await refusal(Uint8Array.from([...bytes, 0]))).toMatch(/^x\.checkpoint can't be resumed: [^\n]+$/);
});

test("one changed byte, wherever it is, is refused or changes nothing", async () => {
  const random = new Random(1);
  const header = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
  let refused = 0;
  for (let n = 0; n < 600; n++) {
    const inHeader = n < 200;
    const at = Math.floor(
      inHeader ? random.next() * header : header + random.next() * (bytes.length - header),
    );
    const damaged = bytes.slice();
    damaged[at] = damaged[at]! ^ (1 << Math.floor(random.next() * 8));
    const message = await refusal(damaged);
    if (message === null) expect(inHeader).toBe(true);
    else {
      expect(message).toMatch(/^x\.checkpoint can't be resumed: [^\n]+$/);
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(550);
});
