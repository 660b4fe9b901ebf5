/** ONNX Runtime as a backend, on graphs that are computed by hand (test/oracle/tiny-graph.ts). */
import { UserError } from "../../../src/failure.js";
import { openBackend } from "../../../src/node/backends/open.js";
import { backendContract } from "../../contract/backend-contract.js";
import { installedRuntimes } from "../../contract/installed.js";
import { seeded } from "../../oracle/random-model.js";
import { type TinyGraph, tinyGraph, tinyLogits } from "../../oracle/tiny-graph.js";

const random = seeded(5);
const tiny: TinyGraph = {
  vocabulary: 11,
  labels: 3,
  table: Float32Array.from({ length: 33 }, () => 4 * random() - 2),
};
const limits = { vocabulary: 11, labels: 3, mostTokens: 40 };
const NAMES = { native: /^onnxruntime-node \d+\.\d+\.\d+$/, wasm: /^onnxruntime-web \d+\.\d+\.\d+$/ };

/** onnxruntime-node is an optional dependency: it may not have been installed. */
const there = installedRuntimes();
if (!there.includes("native")) test.skip("onnxruntime-node isn't installed: native isn't tested", () => {});

for (const runtime of there)
  backendContract(`a table of tokens in ONNX Runtime ${runtime}`, {
    open: () => openBackend(tinyGraph(tiny), limits, { runtime }),
    name: NAMES[runtime],
    arithmetic: "float32",
    vocabulary: 11,
    labels: 3,
    longest: 40,
    expected: (ids) => tinyLogits(tiny, ids),
    tolerance: 1e-5,
  });

const ids = Int32Array.of(3, 1, 4);
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error("didn't fail");
    },
    (error: unknown) => {
      expect(error).toBeInstanceOf(UserError);
      expect((error as Error).message).not.toContain("\n");
      return (error as Error).message;
    },
  );

(there.includes("native") ? test : test.skip)("native comes first", async () => {
  const backend = await openBackend(tinyGraph(tiny), limits);
  expect(backend.name).toMatch(NAMES.native);
  await backend.close();
  await expect(backend.logits([ids])).rejects.toThrow("is closed");
});

describe.each(there)("%s", (runtime) => {
  const run = async (graph: Partial<TinyGraph>, sequences: readonly Int32Array[], more = {}) => {
    const backend = await openBackend(tinyGraph({ ...tiny, ...graph }), { ...limits, ...more }, { runtime });
    try {
      return await backend.logits(sequences);
    } finally {
      await backend.close();
    }
  };
  const close = (found: ArrayLike<number>, wanted: readonly number[]) =>
    wanted.forEach((value, y) => void expect(found[y]).toBeCloseTo(value, 5));

  test("the mask is 1 and the token types are 0", async () => {
    const inputs = ["token_type_ids", "attention_mask"];
    for (const type of ["int64", "int32"] as const)
      close((await run({ inputs, type }, [ids]))[0]!, tinyLogits(tiny, ids, 1));
  });

  test("a graph that reads one sequence at a time gets one at a time", async () => {
    const found = await run({ batch: 1 }, [ids, Int32Array.of(7, 7, 2)]);
    close(found[0]!, tinyLogits(tiny, ids));
    close(found[1]!, tinyLogits(tiny, Int32Array.of(7, 7, 2)));
  });

  test("a graph that mixes the sequences of a run gets one at a time if told", async () => {
    const [together] = await run({ last: "mix" }, [ids, Int32Array.of(7, 7, 2)]);
    const twice = tinyLogits(tiny, ids).map((value) => 2 * value);
    expect(Math.abs(together![0]! - twice[0]!)).toBeGreaterThan(0.01);
    const [alone] = await run({ last: "mix" }, [ids, Int32Array.of(7, 7, 2)], { alone: true });
    close(alone!, twice);
  });

  test("the only output counts, whatever its name", async () => {
    close((await run({ output: "scores" }, [ids]))[0]!, tinyLogits(tiny, ids));
  });

  test.each<[string, Partial<TinyGraph>, object, string]>([
    [
      "an input that isn't known",
      { inputs: ["position_ids"] },
      {},
      "the graph asks for the input position_ids; allowed are input_ids, attention_mask, token_type_ids",
    ],
    [
      "a fixed number of tokens",
      { tokens: 8 },
      {},
      "the graph's input input_ids has the shape [batch, 8]; it must be [batch, tokens] with any number of tokens",
    ],
    [
      "another number of labels",
      {},
      { labels: 2 },
      "the graph's output logits has the shape [batch, 3]; it must be [batch, 2]",
    ],
  ])("%s is an error", async (_, graph, more, message) => {
    expect(await failure(run(graph, [ids], more))).toBe(message);
  });

  test("logits that are no numbers, too long a sequence, and bytes that are no graph are errors", async () => {
    expect(await failure(run({ last: "log" }, [Int32Array.of(0), Int32Array.of(1), ids]))).toMatch(
      /^onnxruntime-(node|web) \S+ gave the logit NaN; it must be finite$/,
    );
    expect(await failure(run({}, [new Int32Array(41)]))).toBe(
      "the model was given a sequence of 41 tokens; it reads at most 40",
    );
    expect(await failure(openBackend(Uint8Array.of(1, 2, 3), limits, { runtime }))).toMatch(
      /^onnxruntime-(node|web) can't read the model: /,
    );
  });
});

test.each([0, -1, 1.5, Number.NaN, 100_000])("%d threads are an error", async (threads) => {
  expect(await failure(openBackend(tinyGraph(tiny), limits, { threads }))).toMatch(
    new RegExp(`^threads is ${threads}; allowed are 1 to \\d+$`),
  );
});
