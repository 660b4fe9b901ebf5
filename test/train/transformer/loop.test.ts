/** Training with blocks: it repeats itself, can be taken up again anywhere, and learns what a sum over words can't. */
import { UserError } from "../../../src/failure.js";
import type { TransformerFolderWeights } from "../../../src/model/folder.js";
import { writeModelFolder } from "../../../src/model/folder.js";
import { openProgram } from "../../../src/node/backends/program.js";
import { Random } from "../../../src/numeric/random.js";
import { readCheckpoint } from "../../../src/train/checkpoint.js";
import type { Example } from "../../../src/train/corpus.js";
import { train, validate } from "../../../src/train/loop.js";
import {
  type TransformerTrainOptions,
  validate as validateTransformer,
} from "../../../src/train/transformer/loop.js";
import type { Runtime } from "../../../src/train/transformer/programs.js";
import { examples, tiny } from "../examples.js";
import { accuracy, dataOf, finish, native, small } from "./tiny-blocks.js";

/** Says 1 where exactly one of two words is there: no sum over words can tell. */
function exclusive(count: number, seed: number): Example[] {
  const random = new Random(seed);
  const pick = (words: readonly string[]) => words[Math.floor(random.next() * words.length)]!;
  return Array.from({ length: count }, (_, n) => {
    const [left, right] = [n & 1, (n >> 1) & 1];
    const words = [left ? "anchor" : "branch", right ? "candle" : "dragon", pick(["lamp", "moon", "nest"])];
    random.shuffle(words as never);
    return { text: words.join(" "), label: left ^ right };
  });
}

describe("the same again", () => {
  const what = dataOf(examples(3, 24, 2, 5), { validation: examples(103, 8, 2, 5) });

  test.each<[string, Partial<TransformerTrainOptions>]>([
    ["Adam and dropout", { epochs: 3, dropout: 0.2 }],
    [
      "Muon, a constraint, and penalties that draw at random",
      {
        epochs: 3,
        optimiser: "muon",
        constraint: "soft-normalise",
        grokAlign: 0.1,
        radiusFrom: 1,
        certifiedRadius: 1,
      },
    ],
    [
      "CHAIN and an orthogonal feed-forward",
      { epochs: 3, norm: "chain", feedForward: "orthogonal", blocks: 2 },
    ],
  ])("%s: a run taken up after any epoch ends as if it had not been stopped", async (_, changes) => {
    const options = small(changes);
    const whole = await finish(what, options);
    expect(whole.saved).toHaveLength(3);
    for (const [epoch, bytes] of whole.saved.entries()) {
      const kept = await readCheckpoint<TransformerFolderWeights>(bytes, "key", "the file");
      const again = await finish(what, options, native, kept);
      expect(writeModelFolder(again.weights)).toEqual(writeModelFolder(whole.weights));
      expect(again.reports).toEqual(whole.reports);
      expect(again.saved).toEqual(whole.saved.slice(epoch + 1));
    }
    const other = await finish(what, { ...options, seed: 2 });
    expect(other.weights.embedding).not.toEqual(whole.weights.embedding);
  });

  test("the WebAssembly runtime trains too, to nearly the same model", async () => {
    const options = small({ epochs: 1 });
    const wasm: Runtime = { open: openProgram("wasm"), threads: 1 };
    const [a, b] = [await finish(what, options), await finish(what, options, wasm)];
    expect(b.reports[0]!.loss).toBeCloseTo(a.reports[0]!.loss, 4);
    expect(b.weights.embedding.rows).toBe(a.weights.embedding.rows);
  });
});

describe("learning", () => {
  test("one word or another but not both: with a block it is learned, and the sum over words can't", async () => {
    const [texts, held] = [exclusive(192, 1), exclusive(48, 2)];
    const plain = { worstEdits: 0, temperature: 1, epochs: 12, batch: 16 } as const;
    const run = train(
      { labels: ["ham", "spam"], train: texts, validation: [] },
      tiny({ ...plain, kind: "words" }),
    );
    let next = run.next();
    while (!next.done) next = run.next();
    expect(validate(next.value, held, { chooseAt: 0 }).clean).toBeLessThan(0.8);
    const { weights, reports } = await finish(
      dataOf(texts),
      small({ ...plain, charge: 0, width: 8, headWidth: 4, inner: 12, blockRate: 0.02, ball: 3 }),
    );
    expect(reports.at(-1)!.loss).toBeLessThan(reports[0]!.loss / 2);
    expect(accuracy(weights, held)).toBeGreaterThan(0.95);
    // With the branches switched off nothing of that is left.
    expect(accuracy({ ...weights, blocks: [] }, held)).toBeLessThan(0.8);
  });

  test("with worst edits in the loss it certifies held-out texts, as the log says", async () => {
    const held = examples(9, 20, 2, 9);
    const { reports, weights } = await finish(
      dataOf(examples(5, 160, 2, 9), { validation: held }),
      small({ epochs: 5, worstEdits: 1, batch: 16 }),
    );
    expect(reports.at(-1)!.loss).toBeLessThan(reports[0]!.loss * 0.95);
    const best = reports.find((report) => report.best)!;
    expect(best.validation).toEqual(validateTransformer(weights, held, { chooseAt: 1 }));
    expect(best.validation!.certified[0]).toBeGreaterThan(0.3);
  });

  test.each([0, 1])("with %i blocks, a teacher who knows better is followed", async (blocks) => {
    const texts = examples(6, 96, 2, 5);
    // It says the opposite of the labels.
    const teacher = Float64Array.from(texts.flatMap(({ label }) => (label === 0 ? [0.1, 0.9] : [0.9, 0.1])));
    const options = small({ blocks, epochs: 4, batch: 16, worstEdits: 0 });
    const own = await finish(dataOf(texts), options);
    const taught = await finish(dataOf(texts, { teacher }), { ...options, distil: 1 });
    expect(accuracy(own.weights, texts)).toBeGreaterThan(0.7);
    expect(accuracy(taught.weights, texts)).toBeLessThan(0.3);
  });
});

describe("what is refused", () => {
  const what = dataOf(examples(1, 10, 2));
  const message = async (
    options: TransformerTrainOptions,
    data = what,
    runtime = native,
  ): Promise<string> => {
    try {
      await finish(data, options, runtime);
    } catch (error) {
      if (error instanceof UserError) return `${error.code} ${error.message}`;
      throw error;
    }
    return "nothing";
  };

  test.each<[Partial<TransformerTrainOptions>, string]>([
    [{ blocks: 9 }, "2 blocks is 9; allowed: a whole number from 0 to 8"],
    [{ width: 0 }, "2 width is 0; allowed: a whole number from 1 to 1024"],
    [{ norm: "layer" as never }, '2 norm is "layer"; allowed: none, chain'],
    [{ feedForward: "glu" as never }, '2 feedForward is "glu"; allowed: mlp, orthogonal'],
    [
      { feedForward: "orthogonal", inner: 7 },
      "2 inner is 7; allowed with an orthogonal feed-forward: at most the width, 6",
    ],
    [{ similarity: "l2" as "dot" }, '2 similarity is "l2"; allowed: dot, cosine, distance'],
    [{ scoreLimit: 0 }, "2 scoreLimit is 0; allowed: a number from 0.001 to 20"],
    [{ average: 2 }, "2 average is 2; allowed is 1: models with blocks are no sums that could be averaged"],
    [{ distil: 0.5 }, "2 distil is 0.5 and there is no teacher; name one"],
    [{ optimiser: "sgd" as never }, '2 optimiser is "sgd"; allowed: adam, muon'],
    [{ grokAlign: -1 }, "2 grokAlign is -1; allowed: a number from 0 to 1000000"],
    [{ epochs: 0 }, "2 epochs is 0; allowed: a whole number from 1 to 10000"],
  ])("%o", async (changes, said) => expect(await message(small(changes))).toBe(said));

  test("a constraint that isn't one", async () => {
    expect(await message(small({ constraint: "cap" }))).toMatch(
      /^2 the constraint is "cap"; allowed: none, soft-cap:LIMIT, /,
    );
  });

  test("labels without texts", async () => {
    expect(await message(small(), dataOf(what.train, { labels: ["ham", "spam", "egg"] }))).toBe(
      '1 no training text has the label "egg"',
    );
  });

  test("a run that diverges ends in one line", async () => {
    const broken: Runtime = {
      threads: 1,
      async open(onnx, threads) {
        const program = await native.open(onnx, threads);
        const run: typeof program.run = async (feeds) => ({
          ...(await program.run(feeds)),
          loss: Float32Array.of(Number.NaN),
        });
        return { run, close: () => program.close() };
      },
    };
    expect(await message(small(), what, broken)).toBe(
      "1 training has diverged: the loss is NaN in epoch 1; a lower --block-rate may help",
    );
  });
});
