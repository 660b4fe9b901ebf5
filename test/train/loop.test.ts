/** The training loop: it repeats itself, can be taken up again anywhere, and chooses as it says. */
import { UserError } from "../../src/failure.js";
import type { NativeWeights } from "../../src/model/native.js";
import { toGrid } from "../../src/numeric/grid.js";
import { VOCABULARY_KINDS } from "../../src/tokenizer/vocabulary.js";
import { readCheckpoint, writeCheckpoint } from "../../src/train/checkpoint.js";
import {
  type Checkpoint,
  type EpochReport,
  type TrainingData,
  train,
  validate,
} from "../../src/train/loop.js";
import { checkTrainOptions, TRAIN_DEFAULTS, type TrainOptions } from "../../src/train/options.js";
import { examples, tiny } from "./examples.js";

const data = (seed = 1, validation = 12): TrainingData => ({
  labels: ["ham", "spam"],
  train: examples(seed, 40, 2),
  validation: examples(seed + 100, validation, 2),
});

interface Run {
  readonly weights: NativeWeights;
  readonly reports: readonly EpochReport[];
  /** The checkpoint after each epoch, as bytes. */
  readonly saved: readonly Uint8Array[];
  /** [epochs] theta after each epoch. */
  readonly theta: readonly Float64Array[];
}

function finish(what: TrainingData, options: TrainOptions, resume?: Checkpoint<NativeWeights>): Run {
  const run = train(what, options, resume);
  let reports = resume?.reports ?? [];
  const saved: Uint8Array[] = [];
  const theta: Float64Array[] = [];
  for (;;) {
    const next = run.next();
    if (next.done) return { weights: next.value, reports, saved, theta };
    if (next.value.kind === "progress") continue;
    reports = next.value.checkpoint.reports;
    saved.push(writeCheckpoint(next.value.checkpoint, "key"));
    theta.push((next.value.checkpoint.arrays.get("theta") as Float64Array).slice());
  }
}

describe("the same again", () => {
  test.each(VOCABULARY_KINDS)(
    "%s: equal seeds give equal weights, bit for bit; other seeds others",
    (kind) => {
      const options = tiny({ kind, dropout: 0.2, worstEdits: 2, balance: 0.5 });
      const first = finish(data(), options);
      const second = finish(data(), options);
      expect(second.weights).toEqual(first.weights);
      expect(second.reports).toEqual(first.reports);
      expect(finish(data(), { ...options, seed: 2 }).weights.evidence).not.toEqual(first.weights.evidence);
      expect(first.weights.evidence.some((value) => value !== 0)).toBe(true);
    },
  );

  test.each<[string, Partial<TrainOptions>]>([
    ["one model", { epochs: 4, dropout: 0.2, worstEdits: 2 }],
    ["two models averaged", { epochs: 2, average: 2, dropout: 0.1 }],
    ["no held-out texts", { epochs: 3, kind: "pieces" }],
  ])("%s: a run taken up after any epoch ends as if it had not been stopped", async (name, changes) => {
    const what = data(3, name === "no held-out texts" ? 0 : 12);
    const options = tiny(changes);
    const whole = finish(what, options);
    expect(whole.saved).toHaveLength(options.epochs * options.average);
    for (const [epoch, bytes] of whole.saved.entries()) {
      const again = finish(what, options, await readCheckpoint<NativeWeights>(bytes, "key", "the file"));
      expect(again.weights).toEqual(whole.weights);
      expect(again.reports).toEqual(whole.reports);
      expect(again.saved).toEqual(whole.saved.slice(epoch + 1));
    }
  });

  test("progress counts the steps of all epochs", () => {
    const options = tiny({ epochs: 2, average: 2, batch: 7 });
    const done: number[] = [];
    for (const event of train(data(), options))
      if (event.kind === "progress") {
        expect(event.total).toBe(24);
        expect(Number.isFinite(event.loss)).toBe(true);
        done.push(event.done);
      }
    expect(done).toEqual([1, 7, 13, 19]);
  });
});

describe("learning", () => {
  test.each([0, 2])("with %i worst edits, the loss falls and the texts are learned", (worstEdits) => {
    const texts = examples(5, 200, 2, 9);
    const what: TrainingData = { labels: ["ham", "spam"], train: texts, validation: [] };
    const options = tiny({ worstEdits, epochs: 6, kind: "words", learningRate: 0.05 });
    const { reports, weights } = finish(what, options);
    expect(reports.at(-1)!.loss).toBeLessThan(reports[0]!.loss * 0.95);
    const { clean, certified } = validate(weights, texts, { chooseAt: 2 });
    expect(clean).toBeGreaterThan(0.8);
    expect(certified[0]).toBeGreaterThan(0.5);
    expect(certified[1]).toBeLessThanOrEqual(certified[0]!);
  });

  test("evidence of whole words is within 1, of parts within what the options say", () => {
    const { weights } = finish(data(), tiny({ learningRate: 5, epochs: 6, patternEvidence: 0.1 }));
    let large = 0;
    weights.vocabulary.tokens.forEach((token, id) => {
      const bound = /^\^.*\$$/.test(token) ? 1 : toGrid(0.1);
      for (const value of weights.evidence.subarray(2 * id, 2 * id + 2)) {
        expect(Math.abs(value)).toBeLessThanOrEqual(bound);
        if (Math.abs(value) > bound * 0.9) large++;
      }
    });
    expect(large).toBeGreaterThan(20);
  });

  test("balance 1 gives every label the same weight in the loss", async () => {
    const rare = examples(2, 60, 2).filter(({ label }, n) => label === 0 || n % 10 === 1);
    const what = { labels: ["ham", "spam"], train: rare, validation: [] };
    const still = { epochs: 1, learningRate: 1e-9, temperature: 1 };
    // Before anything is learned each text's loss is log 2, times its weight; weights have the mean 1.
    for (const balance of [0, 1])
      expect(finish(what, tiny({ ...still, balance })).reports[0]!.loss).toBeCloseTo(Math.log(2), 6);
    const bias = async (balance: number) => {
      const { saved } = finish(what, tiny({ ...still, epochs: 1, batch: 1000, balance, learningRate: 0.01 }));
      const { arrays } = await readCheckpoint(saved[0]!, "key", "");
      return (arrays.get("biasFirst") as Float64Array)[0]!;
    };
    expect(await bias(0)).toBeLessThan(-0.01);
    expect(await bias(1)).toBeCloseTo(0, 10);
  });
});

describe("the choice", () => {
  test("the epoch that certifies most held-out texts, the earliest among equals", () => {
    const chosenAt = new Set<string>();
    for (const chooseAt of [0, 1, 2])
      for (const seed of [1, 2, 3, 4]) {
        const what = data(seed);
        const options = tiny({ kind: "words", epochs: 5, learningRate: 0.5, seed, chooseAt });
        const { reports, weights, theta } = finish(what, options);
        const scores = reports.map(({ validation }) =>
          chooseAt === 0 ? validation!.clean : validation!.certified[chooseAt - 1]!,
        );
        const chosen = scores.indexOf(Math.max(...scores));
        expect(reports.map(({ best }) => best)).toEqual(scores.map((_, n) => n === chosen));
        expect(reports.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5]);
        expect(weights.evidence).toEqual(theta[chosen]!.map((value) => toGrid(Math.tanh(value))));
        expect(validate(weights, what.validation, options)).toEqual(reports[chosen]!.validation);
        expect(reports[chosen]!.validation).toMatchObject({ texts: 12 });
        expect(reports[chosen]!.validation!.certified).toHaveLength(chooseAt);
        chosenAt.add(chosen === 4 ? "last" : scores.lastIndexOf(scores[chosen]!) > chosen ? "tie" : "middle");
      }
    expect(chosenAt).toContain("tie");
    expect(chosenAt).toContain("middle");
  });

  test("without held-out texts it is the last one", () => {
    const { reports, weights, theta } = finish(data(1, 0), tiny({ kind: "words" }));
    expect(reports.map(({ best, validation }) => [best, validation])).toEqual([
      [false, null],
      [false, null],
      [true, null],
    ]);
    expect(weights.evidence).toEqual(theta[2]!.map((value) => toGrid(Math.tanh(value))));
  });
});

describe("averaging", () => {
  test("it is the mean of models trained alone, the second one going on with the first one's randomness", async () => {
    const what = data(4, 0);
    const options = tiny({ kind: "words", dropout: 0.2 });
    const both = finish(what, { ...options, average: 2 });
    const first = finish(what, options);
    const end = await readCheckpoint<NativeWeights>(first.saved.at(-1)!, "key", "");
    // Nothing learned yet, but the order of the texts and the random state as the first model left them.
    const arrays = new Map([...end.arrays].map(([name, values]) => [name, values.map(() => 0)]));
    const second = finish(what, options, { ...end, epoch: 0, step: 0, reports: [], arrays });
    expect(second.weights.evidence).not.toEqual(first.weights.evidence);
    const [a, b] = [first.theta.at(-1)!, second.theta.at(-1)!];
    expect(both.weights.evidence).toEqual(a.map((v, k) => toGrid((Math.tanh(v) + Math.tanh(b[k]!)) / 2)));
    expect(both.theta.slice(3)).toEqual(second.theta);
  });

  test("only finished models are candidates; until there is one, a run that stops has its latest epoch", async () => {
    const options = tiny({ kind: "words", average: 2 });
    const { reports, saved, theta } = finish(data(), options);
    expect(reports.map(({ validation }) => validation !== null)).toEqual([
      false,
      false,
      true,
      false,
      false,
      true,
    ]);
    expect(reports.slice(0, 2).some(({ best }) => best)).toBe(false);
    const best = async (epoch: number) =>
      (await readCheckpoint<NativeWeights>(saved[epoch]!, "key", "")).best;
    for (const epoch of [0, 1])
      expect((await best(epoch)).evidence).toEqual(theta[epoch]!.map((value) => toGrid(Math.tanh(value))));
    // In the midst of the second model, the first is the best.
    expect(await best(4)).toEqual(await best(2));
  });
});

describe("what is refused", () => {
  const message = (run: () => unknown): string => {
    try {
      run();
    } catch (error) {
      if (error instanceof UserError) return `${error.code} ${error.message}`;
      throw error;
    }
    return "nothing";
  };

  test("fewer than two labels, and a label without texts", () => {
    const { train: texts } = data();
    const started = (labels: string[]) =>
      message(() => train({ labels, train: texts, validation: [] }, tiny()).next());
    expect(started(["ham"])).toBe("1 training needs at least 2 labels, not 1");
    expect(started([])).toBe("1 training needs at least 2 labels, not 0");
    expect(started(["ham", "spam", "egg"])).toBe('1 no training text has the label "egg"');
    expect(started(["ham", "spam"])).toBe("nothing");
  });

  test.each<[keyof TrainOptions, number[], number[], string]>([
    ["minWordTexts", [0, 1.5, 1e9 + 1], [1, 1e9], "a whole number from 1 to 1000000000"],
    ["minPatternTexts", [0, Number.NaN], [1], "a whole number from 1 to 1000000000"],
    ["minPattern", [0, 33], [1, 5], "a whole number from 1 to 32"],
    ["maxPattern", [2, 33, 3.5], [3, 32], "a whole number from 3 to 32"],
    ["patternEvidence", [0, 1.01, -1], [1, 2 ** -20], `a number from ${2 ** -20} to 1`],
    ["epochs", [0, 10_001], [1, 10_000], "a whole number from 1 to 10000"],
    ["batch", [0, 2.5], [1], "a whole number from 1 to 100000"],
    ["learningRate", [0, 11, Number.POSITIVE_INFINITY], [10, 1e-9], "a number from 1e-9 to 10"],
    ["worstEdits", [-1, 101, 0.5], [0, 100], "a whole number from 0 to 100"],
    ["temperature", [0, 2e6], [1e-6, 1e6], "a number from 0.000001 to 1000000"],
    ["dropout", [-0.1, 0.91], [0, 0.9], "a number from 0 to 0.9"],
    ["balance", [-0.1, 1.1], [0, 1], "a number from 0 to 1"],
    ["average", [0, 101], [1, 100], "a whole number from 1 to 100"],
    ["seed", [-1, 2 ** 32, 0.5], [0, 2 ** 32 - 1], "a whole number from 0 to 4294967295"],
    ["chooseAt", [-1, 101], [0, 100], "a whole number from 0 to 100"],
  ])("%s", (name, refused, allowed, range) => {
    for (const value of refused) {
      const options = { ...TRAIN_DEFAULTS, [name]: value };
      expect(message(() => checkTrainOptions(options))).toBe(`2 ${name} is ${value}; allowed: ${range}`);
      expect(message(() => train(data(), options).next())).toBe(`2 ${name} is ${value}; allowed: ${range}`);
    }
    for (const value of allowed)
      expect(message(() => checkTrainOptions({ ...TRAIN_DEFAULTS, [name]: value }))).toBe("nothing");
  });

  test("kind", () => {
    expect(message(() => checkTrainOptions({ ...TRAIN_DEFAULTS, kind: "letters" as never }))).toBe(
      '2 kind is "letters"; allowed: words, pieces, patterns',
    );
  });
});
