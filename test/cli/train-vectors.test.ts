/** `train` with word vectors, and with several teachers, from the command line. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { run } from "../../src/cli/run.js";
import { openTeacher } from "../../src/cli/runs/train/teacher.js";
import { loadModel } from "../../src/node/load-model.js";
import { type Outcome, records, typoproof, writeTinyModel } from "./harness.js";

let folder: string;
const path = (name: string): string => join(folder, name);
const TEXTS = [
  "see you at lunch,ham",
  "lunch at home,ham",
  "win free cash,spam",
  "claim the free prize,spam",
];
/** Two directions: of spam, of ham. Words that no text has are like ones that texts have. */
const LINES = [
  "7 3",
  "free 1 0.1 0",
  "cash 0.9 -0.1 0.1",
  "lunch -1 0.1 0",
  "home -0.9 -0.1 0.1",
  "gratis 1 0 0.1",
  "supper -1 0 0.1",
  "zzz 0.1 0 0",
];
const VECTORS = `${LINES.join("\n")}\n`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "typoproof-train-vectors-"));
  const rows = TEXTS.flatMap((row) =>
    [..."abcdefghijkl"].map((letter, n) => row.replace(",", ` ${letter}${n},`)),
  );
  await writeFile(path("a.csv"), `text,label\n${rows.join("\n")}\n`);
  await writeFile(path("tiny.txt"), VECTORS);
  await writeFile(path("other.txt"), VECTORS.replace("gratis 1", "gratis 0.5"));
});
afterAll(() => rm(folder, { recursive: true }));

const SHORT = [
  "--kind",
  "words",
  "--min-word-texts",
  "3",
  "--epochs",
  "4",
  "--batch",
  "4",
  "--validation",
  "0",
];
const BLOCKS = ["--blocks", "1", "--width", "4", "--heads", "1", "--head-width", "2", "--inner", "3"];
let made = 0;
async function train(
  args: readonly string[],
  output = `model-${++made}`,
): Promise<Outcome & { model: string }> {
  const model = path(output);
  const outcome = await typoproof(["train", "-i", path("a.csv"), ...SHORT, ...args, "-o", model]);
  return { ...outcome, model };
}
const weights = (model: string): Promise<Buffer> => readFile(join(model, "model.safetensors"));
const card = (model: string): Promise<string> => readFile(join(model, "README.md"), "utf8");
const training = async (model: string) =>
  JSON.parse(await readFile(join(model, "config.json"), "utf8")).typoproof.training;
const words = async (model: string) => (await readFile(join(model, "vocab.txt"), "utf8")).split("\n");
const says = async (model: string, ...texts: string[]) =>
  records((await typoproof(["predict", "-m", model, "-f", "jsonl", ...texts])).stdout).map(
    ({ prediction }) => (prediction as { label: string }).label,
  );

describe("--vectors", () => {
  test.each<[string, string[], string]>([
    ["a sum over words", [], "native"],
    ["blocks", [...BLOCKS, "--min-embedded-texts", "1"], "native-transformer"],
  ])(
    "%s: words without texts are told by words like them; card and config name the file",
    async (_, more, kind) => {
      const args = [...more, "--learning-rate", "0.1", "--worst-edits", "0", "--epochs", "40"];
      const { code, stderr, model } = await train([...args, "--vectors", path("tiny.txt")]);
      expect([code, stderr.split("\n")[0]]).toEqual([0, "7 words with vectors of 3 numbers"]);
      expect(await loadModel(model)).toMatchObject({ kind });
      expect(await says(model, "gratis", "supper")).toEqual(["spam", "ham"]);
      const sha256 = createHash("sha256").update(VECTORS).digest("hex");
      expect(await card(model)).toContain(
        `Words were learned with vectors of 3 numbers from \`tiny.txt\` (SHA-256 ${sha256}).`,
      );
      expect(await card(model)).toContain(`--vectors ${path("tiny.txt")}`);
      expect(await training(model)).toMatchObject({
        vectors: { name: "tiny.txt", sha256 },
        vectorWords: 10000,
      });
      expect(await words(model)).toEqual(expect.arrayContaining(["gratis", "supper", "zzz"]));
      // The model is whole without the file, and it is another without.
      const without = await train(args);
      expect(await words(without.model)).not.toContain("gratis");
      expect(await training(without.model)).not.toHaveProperty("vectors");
      expect(await card(without.model)).not.toContain("vectors of");
    },
  );

  test("--vector-words are the first of the file", async () => {
    const { model } = await train(["--vectors", path("tiny.txt"), "--vector-words", "5", "--epochs", "1"]);
    expect(await words(model)).toContain("gratis");
    expect(await words(model)).not.toContain("supper");
    expect(await training(model)).toMatchObject({ vectorWords: 5 });
  });

  test("a run goes on with the same file alone, and ends with the same model", async () => {
    const args = ["-i", path("a.csv"), ...SHORT, "--average", "2", "--vectors"];
    const whole = await train([...args, path("tiny.txt")]);
    const model = await stopped([...args, path("tiny.txt")]);
    const command = ["train", ...args, path("tiny.txt"), "-o", model, "--resume"];
    const other = await typoproof(command.map((arg) => (arg === path("tiny.txt") ? path("other.txt") : arg)));
    expect([other.code, other.stderr]).toEqual([
      1,
      expect.stringMatching(/\nerror: .* it belongs to a run with other texts, options or version; .*\n$/),
    ]);
    const rest = await typoproof(command);
    expect([rest.code, rest.stderr]).toEqual([0, expect.stringContaining("continuing after epoch 3 of 8")]);
    expect(await weights(model)).toEqual(await weights(whole.model));
  });

  /** Where a run would have saved its model that was stopped after the third epoch. */
  async function stopped(args: readonly string[]): Promise<string> {
    const model = path("stopped");
    let interrupt = () => {};
    const sink = (take: (text: string) => void) =>
      Object.assign(
        new Writable({
          write(chunk, _, done) {
            take(String(chunk));
            done();
          },
        }),
        { isTTY: false, columns: 100 },
      );
    const code = await run(["train", ...args, "-o", model], {
      stdin: Object.assign(Readable.from([]), { isTTY: false }),
      stdout: sink(() => {}),
      stderr: sink((text) => {
        if (text.includes("epoch 3 of")) interrupt();
      }),
      env: {},
      onInterrupt(callback) {
        interrupt = callback;
        return () => {};
      },
    });
    expect(code).toBe(130);
    return model;
  }

  test.each<[string, string[], number, RegExp]>([
    [
      "words of no file",
      ["--vector-words", "5"],
      2,
      /^--vector-words is about --vectors, which isn't given; leave it out$/,
    ],
    [
      "a sum that keeps its words",
      ["--vectors", "FOLDER/tiny.txt", "--start", "sms-spam"],
      2,
      /^--vectors has no effect with --start and no blocks: .*; leave one of them out$/,
    ],
    [
      "words beside a vocabulary that is kept",
      ["--vectors", "FOLDER/tiny.txt", "--vector-words", "5", "--start", "sms-spam", ...BLOCKS],
      2,
      /^--vector-words has no effect with --start, which keeps its vocabulary; leave one of them out$/,
    ],
    [
      "pieces of words",
      ["--vectors", "FOLDER/tiny.txt", "--kind", "pieces"],
      2,
      /^--vectors is about whole words, of which there are none with --kind pieces; allowed with it: words, patterns$/,
    ],
    [
      "too many words",
      ["--vectors", "FOLDER/tiny.txt", "--vector-words", "2000000"],
      2,
      /^vectorWords is 2000000; allowed: /,
    ],
    ["a missing file", ["--vectors", "FOLDER/none.txt"], 1, /^no such file: FOLDER\/none\.txt$/],
    [
      "a file of something else",
      ["--vectors", "FOLDER/a.csv"],
      1,
      /^word vectors FOLDER\/a\.csv: line 1 has 0 numbers; .*$/,
    ],
    [
      "vectors of other words",
      ["--vectors", "FOLDER/foreign.txt", "--vector-words", "0"],
      1,
      /^no word of the model has a vector in foreign\.txt$/,
    ],
  ])("%s: refused in one line", async (_, args, code, said) => {
    await writeFile(path("foreign.txt"), "hund 1 2\nkatze 2 3\n");
    const here = args.map((arg) => arg.replace("FOLDER", folder));
    const answer = await train(here, "refused");
    expect(answer.code).toBe(code);
    const last = answer.stderr.replaceAll(folder, "FOLDER").split("\n").at(-2)!;
    expect(last.replace(/^error: /, "")).toMatch(said);
    expect(existsSync(path("refused"))).toBe(false);
  });
});

describe("several teachers", () => {
  test("what is learned from is the mean of their softmaxes of scaled scores, by the names of labels", async () => {
    const first = await loadModel(await writeTinyModel(path("first")));
    const second = await loadModel("sms-spam");
    const names = [path("first"), "sms-spam"];
    // The other way round than the models have them.
    const labels = ["spam", "ham"];
    const texts = ["free prize", "see you at lunch", ""];
    for (const scale of [1, 0.25, 3]) {
      const teacher = await openTeacher(names, scale, labels);
      expect(teacher.identities).toEqual([first.identity, second.identity]);
      const done: number[] = [];
      const targets = await teacher.targets(
        texts.map((text) => ({ text, label: 0 })),
        async (n) => {
          done.push(n);
          return true;
        },
      );
      expect(done).toEqual([1, 2, 3]);
      expect(targets).toHaveLength(6);
      for (const [n, text] of texts.entries()) {
        // Of two labels, softmax is the logistic function.
        let spam = 0;
        for (const model of [first, second]) {
          const { scores } = await model.predict(text);
          const [ham, spammy] = ["ham", "spam"].map((label) => scores[model.labels.indexOf(label)]!);
          spam += 0.5 / (1 + Math.exp(scale * (ham! - spammy!)));
        }
        expect(targets![2 * n]).toBeCloseTo(spam, 12);
        expect(targets![2 * n + 1]).toBeCloseTo(1 - spam, 12);
      }
    }
    const alone = await openTeacher(["sms-spam"], 1, labels);
    expect(await alone.targets([{ text: "free", label: 0 }], async () => false)).toBeNull();
  });

  test("are in the card and the config, and decide which model it is", async () => {
    const one = await writeTinyModel(path("one"));
    const { identity } = await loadModel(one);
    const shipped = (await loadModel("sms-spam")).identity;
    const both = await train(["--teacher", one, "sms-spam", "--teacher-scale", "0.5", "--epochs", "1"]);
    expect([both.code, both.stderr.replace(/^(?!error).*\n/gm, "")]).toEqual([0, ""]);
    expect(await card(both.model)).toContain(
      `A share of 0.5 of the loss is what the models \`one\` (SHA-256 ${identity.sha256}), \`sms-spam\` (SHA-256 ${shipped.sha256}) say on average of the training texts, scores times 0.5.`,
    );
    expect(await training(both.model)).toMatchObject({
      teacher: [
        { name: "one", sha256: identity.sha256 },
        { name: "sms-spam", sha256: shipped.sha256 },
      ],
      teacherScale: 0.5,
      distil: 0.5,
    });
    const alone = await train(["--teacher", one, "--epochs", "1"]);
    expect(await training(alone.model)).toMatchObject({ teacher: [{ name: "one" }], teacherScale: 1 });
    expect(await card(alone.model)).toContain(
      `is what the model \`one\` (SHA-256 ${identity.sha256}) says of the training texts.\n`,
    );
    expect(await weights(alone.model)).not.toEqual(await weights(both.model));
    // From a file of options, as a list.
    await writeFile(path("options.json"), JSON.stringify({ teacher: [one, "sms-spam"], teacherScale: 0.5 }));
    const file = await train(["--config", path("options.json"), "--epochs", "1"]);
    expect(await weights(file.model)).toEqual(await weights(both.model));
  });

  test.each<[string, string[], RegExp]>([
    [
      "a scale of no teacher",
      ["--teacher-scale", "2"],
      /^--teacher-scale is about --teacher, which isn't given; leave it out$/,
    ],
    [
      "a scale of nothing",
      ["--teacher", "sms-spam", "--teacher-scale", "0"],
      /^--teacher-scale is 0; allowed: a number above 0, at most 1000000$/,
    ],
    [
      "no teachers",
      ["--config", "FOLDER/none.json"],
      /^--teacher is an empty list; allowed is one model or more$/,
    ],
  ])("%s: refused in one line", async (_, args, said) => {
    await writeFile(path("none.json"), '{"teacher": []}');
    const { code, stderr } = await train(
      args.map((arg) => arg.replace("FOLDER", folder)),
      "refused",
    );
    expect([code, stderr.split("\n")]).toEqual([2, [expect.stringMatching(/^error: /), ""]]);
    expect(stderr.replace(/^error: /, "").trim()).toMatch(said);
    expect(existsSync(path("refused"))).toBe(false);
  });
});
