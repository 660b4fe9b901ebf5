/** Encoders known as data, run by ONNX Runtime: the contract, the self-test, and what happens when it fails. */
import { UserError } from "../../../src/failure.js";
import { encoderToOnnx } from "../../../src/model/onnx/write.js";
import { referenceLogits } from "../../../src/model/reference.js";
import { type BackendName, openEncoderBackend } from "../../../src/node/backends/open.js";
import { backendContract } from "../../contract/backend-contract.js";
import { installedRuntimes } from "../../contract/installed.js";
import { smallEncoder } from "../../oracle/small-encoder.js";

const sizes = { vocabulary: 60, labels: 3, hidden: 16, blocks: 2, mostTokens: 24 };
const encoder = smallEncoder(7, sizes);
const other = smallEncoder(8, sizes);
const write = (of: typeof encoder) => encoderToOnnx(of, { mask: false });
const there = installedRuntimes();
const NAMES = { native: /^onnxruntime-node \d/, wasm: /^onnxruntime-web \d/ };

for (const runtime of there)
  backendContract(`an encoder in ONNX Runtime ${runtime}`, {
    open: async () => (await openEncoderBackend(encoder, write, runtime)).backend,
    name: NAMES[runtime],
    arithmetic: "float32",
    vocabulary: 60,
    labels: 3,
    longest: 24,
    expected: (ids) => referenceLogits(encoder, ids),
    tolerance: 2e-5,
  });

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error("didn't fail");
    },
    (error: unknown) => {
      expect(error).toBeInstanceOf(UserError);
      return (error as Error).message;
    },
  );

test("auto takes the fastest that is there, and has nothing to tell", async () => {
  const { backend, notes } = await openEncoderBackend(encoder, write);
  expect(backend.name).toMatch(NAMES[there[0]!]);
  expect(notes).toEqual([]);
  await backend.close();
});

test("a backend that computes something else is refused by name, with both numbers", async () => {
  for (const runtime of there)
    expect(await failure(openEncoderBackend(encoder, () => write(other), runtime))).toMatch(
      /^onnxruntime-(node|web) \S+ failed its self-test: for 1 tokens it gives the logit -?[\d.]+ where the reference gives -?[\d.]+; [\d.e-]+ is allowed$/,
    );
});

test("auto passes over backends that fail, down to the reference, and tells", async () => {
  const { backend, notes } = await openEncoderBackend(encoder, () => write(other));
  expect(backend.name).toBe("reference");
  expect(notes.map((note) => note.replace(/ \d.*/, ""))).toEqual([
    ...there.map((runtime) => (runtime === "native" ? "onnxruntime-node" : "onnxruntime-web")),
    "the model runs on the float64 reference, which is slow",
  ]);
  const ids = Int32Array.of(1, 2, 3);
  expect(await backend.logits([ids])).toEqual([referenceLogits(encoder, ids)]);
});

test("the reference needs no graph", async () => {
  const { backend, notes } = await openEncoderBackend(
    encoder,
    () => {
      throw new Error("asked for a graph");
    },
    "reference",
  );
  expect([backend.name, notes]).toEqual(["reference", []]);
});

test("another backend is an error", async () => {
  expect(await failure(openEncoderBackend(encoder, write, "gpu" as BackendName))).toBe(
    'the backend is "gpu"; allowed: auto, native, wasm, reference',
  );
});
