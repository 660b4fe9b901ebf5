/** `train` with blocks, teachers and a file of options, from the command line. */
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { run } from "../../src/cli/run.js";
import { loadModel } from "../../src/node/load-model.js";
import { type Outcome, records, typoproof, writeTinyModel } from "./harness.js";

let folder: string;
const path = (name: string): string => join(folder, name);
const HAM = [
  "hello, see you at lunch",
  "lunch at home today",
  "are you at home",
  "see you later at the club",
];
const SPAM = ["free prize win cash now", "win free cash", "claim the free prize", "cash prize, call now"];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "typoproof-train-blocks-"));
  const rows = [...HAM.map((text) => `"${text}",ham`), ...SPAM.map((text) => `"${text}",spam`)];
  await writeFile(path("a.csv"), `text,label\n${rows.join("\n")}\n`);
});
afterAll(() => rm(folder, { recursive: true }));

const SHORT = ["--epochs", "2", "--min-pattern-texts", "2", "--min-word-texts", "1"];
const BLOCKS = [
  ...["--blocks", "1", "--width", "4", "--heads", "2", "--head-width", "2", "--inner", "3"],
  ...["--min-embedded-texts", "1"],
];
let made = 0;
async function train(
  args: readonly string[],
  output = `model-${++made}`,
): Promise<Outcome & { model: string }> {
  const model = path(output);
  return {
    ...(await typoproof(["train", "-i", path("a.csv"), ...args, "-o", model])),
    model,
  };
}
const weights = (model: string): Promise<Buffer> => readFile(join(model, "model.safetensors"));
const card = (model: string): Promise<string> => readFile(join(model, "README.md"), "utf8");
const training = async (model: string) =>
  JSON.parse(await readFile(join(model, "config.json"), "utf8")).typoproof.training;

test("a Transformer with its card, which certify takes", async () => {
  const args = [
    ...SHORT,
    ...BLOCKS,
    "--seed",
    "4",
    "--batch",
    "4",
    "--validation",
    "0.25",
    "--block-rate",
    "0.02",
  ];
  const log = path("blocks.jsonl");
  const { code, stderr, model } = await train([...args, "--test", path("a.csv"), "--log", log]);
  expect([code, stderr]).toEqual([
    0,
    expect.stringMatching(/^6 texts to train on, 2 held out, .*\nepoch 1 of 2: .*/),
  ]);
  expect(await loadModel(model)).toMatchObject({ kind: "native-transformer", labels: ["ham", "spam"] });
  expect(await training(model)).toMatchObject({
    blocks: 1,
    blockRate: 0.02,
    batch: 4,
    threads: 1,
    minWordTexts: 1,
  });
  const lines = records(await readFile(log, "utf8")) as unknown as Record<string, unknown>[];
  expect(lines.map(({ epoch }) => epoch)).toEqual([1, 2]);
  for (const line of lines) {
    expect(Object.keys(line)).toEqual(["epoch", "loss", "validation", "best", "constants", "seconds"]);
    const names = "query key value output inner attentionGain outer feedForwardGain".split(" ");
    expect(Object.keys(line.constants as object)).toEqual(["readout", ...names.map((name) => `0.${name}`)]);
    for (const value of Object.values(line.constants as object)) expect(value).toBeGreaterThan(0);
  }
  const text = await card(model);
  expect(text).not.toMatch(/undefined|NaN|null|\[object/);
  for (const fact of [
    "A text Transformer with the labels `ham`, `spam`",
    "one block of attention (2 heads) and\nfeed-forward (3 hidden numbers) over 15 words of 4 numbers each adds to it",
    `On ${path("a.csv")}, certified by the method \`lipschitz\`:`,
    "The same model with its branches switched off, which leaves the sum over words, certified exactly:",
    "Options that aren't the defaults: minWordTexts 1, minPatternTexts 2, epochs 2, batch 4, seed 4, blocks 1, width 4, heads 2, headWidth 2, inner 3, minEmbeddedTexts 1, blockRate 0.02.",
    "Equal data, options, version and runtime give the same model.",
  ])
    expect(text).toContain(fact);
  expect(text.match(/\| all 8 \|/g)).toHaveLength(2);
  const answer = await typoproof(["certify", "-m", model, "-f", "jsonl", "-k", "1", HAM[0]!]);
  expect(records(answer.stdout)[0]).toMatchObject({ method: "lipschitz", limit: 1 });
  // The card's command gives the same bytes.
  const command = /typoproof (train .*)\n/.exec(text)![1]!.replace(model, path("again"));
  expect((await typoproof(command.split(" "))).code).toBe(0);
  expect(await weights(path("again"))).toEqual(await weights(model));
});

test.each([
  ["dot", { scale: 1 / Math.sqrt(2) }],
  ["cosine", { similarity: "cosine", epsilon: 1 }],
  ["distance", { similarity: "distance", scale: 1 / (2 * Math.sqrt(2)) }],
])(
  "--similarity %s: the model says how it compares, and its certificates verify",
  async (similarity, wanted) => {
    const { code, model } = await train([
      ...SHORT,
      ...BLOCKS,
      "--validation",
      "0",
      "--similarity",
      similarity,
    ]);
    expect(code).toBe(0);
    const config = JSON.parse(await readFile(join(model, "config.json"), "utf8"));
    expect(config.typoproof.blocks[0].attention).toEqual({
      kind: "null-mass",
      heads: 2,
      limit: 2,
      nullMass: 4,
      ...wanted,
    });
    const answer = await typoproof(["certify", "-m", model, "-f", "jsonl", "-k", "1", HAM[0]!]);
    expect(records(answer.stdout)[0]).toMatchObject({ method: "lipschitz", limit: 1 });
    await writeFile(path("answer.jsonl"), answer.stdout);
    const verified = await typoproof(["verify", path("answer.jsonl"), "-m", model]);
    expect([verified.code, verified.stderr]).toEqual([0, ""]);
  },
);

test("--window 1: heads look back and ahead in turn, and certificates verify", async () => {
  const { code, model } = await train([...SHORT, ...BLOCKS, "--validation", "0", "--window", "1"]);
  expect(code).toBe(0);
  const config = JSON.parse(await readFile(join(model, "config.json"), "utf8"));
  expect(config.typoproof.blocks[0].attention.windows).toEqual([
    { before: 1, after: 0 },
    { before: 0, after: 1 },
  ]);
  const answer = await typoproof(["certify", "-m", model, "-f", "jsonl", "-k", "1", HAM[0]!]);
  expect(records(answer.stdout)[0]).toMatchObject({ method: "lipschitz", limit: 1 });
  await writeFile(path("windows.jsonl"), answer.stdout);
  const verified = await typoproof(["verify", path("windows.jsonl"), "-m", model]);
  expect([verified.code, verified.stderr]).toEqual([0, ""]);
});

/** Trains until standard error says `when`, and interrupts then. */
async function interrupted(args: readonly string[], when: string): Promise<number> {
  let interrupt = () => {};
  const sink = () =>
    Object.assign(new Writable({ write: (_, __, done) => done() }), { isTTY: false, columns: 100 });
  const stderr = new Writable({
    write(chunk, _, done) {
      if (String(chunk).includes(when)) interrupt();
      done();
    },
  });
  return run(args, {
    stdin: Object.assign(Readable.from([]), { isTTY: false }),
    stdout: sink(),
    stderr: Object.assign(stderr, { isTTY: false, columns: 100 }),
    env: {},
    onInterrupt(callback) {
      interrupt = callback;
      return () => {};
    },
  });
}

test("interrupted and resumed, it is byte for byte the model of one run", async () => {
  const args = [
    ...SHORT,
    ...BLOCKS,
    "--epochs",
    "3",
    "--batch",
    "1",
    "--dropout",
    "0.1",
    "--validation",
    "0",
  ];
  // Between two epochs there is a word with the run only after ten steps.
  const twice = ["-i", path("twice.csv")];
  const rows = Array.from(
    { length: 24 },
    (_, n) =>
      `${["alpha", "bravo", "carol", "delta"][n % 4]} ${"abcdefghijklmnopqrstuvwx"[n]}${n} ${["lunch", "prize"][n % 2]},${n % 2 ? "spam" : "ham"}`,
  );
  await writeFile(path("twice.csv"), `text,label\n${rows.join("\n")}\n`);
  const whole = ["train", ...twice, ...args, "-o", path("whole")];
  const parts = ["train", ...twice, ...args, "-o", path("parts")];
  expect((await typoproof(whole)).code).toBe(0);
  expect(await interrupted(parts, "epoch 1 of")).toBe(130);
  expect(existsSync(`${path("parts")}.checkpoint`)).toBe(true);
  const other = await typoproof([...parts, "--resume", "--kappa", "1"]);
  expect(other.stderr).toMatch(/error: .* it belongs to a run with other texts, options or version; .*\n$/);
  const rest = await typoproof([...parts, "--resume"]);
  expect([rest.code, rest.stderr]).toEqual([
    0,
    expect.stringContaining("continuing after epoch 1 of 3\nepoch 2 of 3"),
  ]);
  expect(await weights(path("parts"))).toEqual(await weights(path("whole")));
});

describe("a teacher", () => {
  test("is learned from, with or without blocks, and is in the card", async () => {
    // It knows a word that the texts to learn from label otherwise.
    const teacher = await writeTinyModel(path("teacher"));
    const rows = ["free,ham", "prize,ham", "hello,spam", "lunch,spam"].flatMap((row, n) => [
      row,
      row.replace(",", ` ${"abcd"[n]},`),
    ]);
    await writeFile(path("wrong.csv"), `text,label\n${rows.join("\n")}\n`);
    const args = [
      "-i",
      path("wrong.csv"),
      "--kind",
      "words",
      ...SHORT,
      "--validation",
      "0",
      "--epochs",
      "20",
      "--batch",
      "4",
      "--worst-edits",
      "0",
      "--learning-rate",
      "0.1",
    ];
    const says = async (model: string) =>
      records((await typoproof(["predict", "-m", model, "-f", "jsonl", "free", "lunch"])).stdout).map(
        ({ prediction }) => (prediction as { label: string }).label,
      );
    const fit = async (more: readonly string[], output: string) => {
      const { code, stderr } = await typoproof(["train", ...args, ...more, "-o", path(output)]);
      expect([code, stderr.replace(/^(?!error).*\n/gm, "")]).toEqual([0, ""]);
      return path(output);
    };
    expect(await says(await fit([], "untaught"))).toEqual(["ham", "spam"]);
    for (const [blocks, kind] of [
      [[], "native"],
      [BLOCKS, "native-transformer"],
    ] as const) {
      const model = await fit([...blocks, "--teacher", teacher, "--distil", "1"], `taught ${kind}`);
      expect(await says(model)).toEqual(["spam", "ham"]);
      expect(await loadModel(model)).toMatchObject({ kind });
      const { sha256 } = (await loadModel(teacher)).identity;
      expect(await card(model)).toContain(
        `A share of 1 of the loss is what the model \`teacher\` (SHA-256 ${sha256}) says of the training texts.`,
      );
      expect(await training(model)).toMatchObject({ teacher: [{ name: "teacher", sha256 }], distil: 1 });
    }
  });

  test("must know the labels", async () => {
    const { code, stderr } = await typoproof([
      "train",
      "--dataset",
      "tickets:train",
      ...SHORT,
      "--teacher",
      "sms-spam",
      "-o",
      path("strange"),
    ]);
    expect([code, stderr]).toEqual([
      1,
      "error: the teacher sms-spam has the labels ham, spam; it must have billing, technical, account, delivery too\n",
    ]);
    expect(existsSync(path("strange"))).toBe(false);
  });
});

test("--start begins with a model of a sum over words and keeps its vocabulary", async () => {
  const first = await train([...SHORT, "--validation", "0", "--epochs", "6"]);
  const args = [
    ...SHORT,
    ...BLOCKS,
    "--validation",
    "0",
    "--start",
    first.model,
    "--learning-rate",
    "0.000001",
  ];
  const { code, model } = await train([...args, "--min-word-texts", "4"]);
  expect(code).toBe(0);
  expect(await readFile(join(model, "vocab.txt"))).toEqual(await readFile(join(first.model, "vocab.txt")));
  expect(await card(model)).toMatch(/Training began with the model `model-\d+` \(SHA-256 [0-9a-f]{64}\)\./);
  const refused = await train([...SHORT, "--start", model]);
  expect(refused.stderr).toMatch(
    /^error: .* is a model with blocks; allowed here are native models without\n$/,
  );
});

describe("options from a file", () => {
  const options = {
    epochs: 2,
    "min-pattern-texts": 2,
    minWordTexts: 1,
    seed: 7,
    validation: 0.25,
    progress: false,
  };

  test("are those of the flags, and flags win", async () => {
    await writeFile(path("options.json"), JSON.stringify(options));
    const flags = await train([...SHORT, "--seed", "7", "--validation", "0.25"]);
    const file = await train(["--config", path("options.json")]);
    expect([file.code, file.stderr.replace(/saved .*/, "")]).toEqual([
      0,
      flags.stderr.replace(/saved .*/, ""),
    ]);
    expect(await weights(file.model)).toEqual(await weights(flags.model));
    const other = await train([...SHORT, "--seed", "8", "--validation", "0.25"]);
    for (const order of [
      ["--config", path("options.json"), "--seed", "8"],
      ["--seed", "8", "--config", path("options.json")],
    ])
      expect(await weights((await train(order)).model)).toEqual(await weights(other.model));
    // The card's command does without the file.
    expect(await card(file.model)).toContain(
      `typoproof train -i ${path("a.csv")} -o ${file.model} --epochs 2 --min-pattern-texts 2 --min-word-texts 1 --seed 7 --validation 0.25\n`,
    );
  });

  test("may be lists, and the output", async () => {
    await writeFile(path("x.csv"), `text\n"${HAM[0]}"\n`);
    await writeFile(path("y.csv"), `text\n${HAM[1]}\n${SPAM[0]}\n`);
    const lists = {
      ...options,
      exclude: [path("x.csv")],
      input: path("a.csv"),
      output: path("listed"),
      overwrite: true,
    };
    await writeFile(path("lists.json"), JSON.stringify(lists));
    expect((await typoproof(["train", "--config", path("lists.json")])).stderr).toContain(", 1 left out");
    const over = await typoproof(["train", "--config", path("lists.json"), "--exclude", path("y.csv")]);
    expect([over.code, over.stderr]).toEqual([0, expect.stringContaining(", 2 left out")]);
    expect(existsSync(path("listed"))).toBe(true);
  });

  test.each<[string, string, RegExp]>([
    [
      "an unknown name",
      '{"epoch": 2}',
      /no option is called "epoch"; allowed are the flags of `train --help` without their dashes$/,
    ],
    ["a file in a file", '{"config": "x"}', /no option is called "config"; /],
    ["a number out of range", '{"dropout": 2}', /: dropout is 2; allowed is a number from 0 to 1$/],
    ["a wrong type", '{"epochs": [2]}', /: epochs is \[2\]; allowed is a number or a string$/],
    ["a text for a switch", '{"overwrite": "yes"}', /: overwrite is "yes"; allowed is true or false$/],
    ["one for several", '{"test": "a.csv"}', /: test is "a\.csv"; allowed is a list of strings$/],
    [
      "a choice that isn't",
      '{"kind": "letters"}',
      /: kind is "letters"; allowed choices are words, pieces, patterns$/,
    ],
    ["a list", "[1]", /must hold an object of options, as in \{"epochs": 4\}$/],
    ["no JSON", "epochs: 2", /is no JSON: /],
  ])("%s is refused", async (_, text, said) => {
    await writeFile(path("bad.json"), text);
    const { code, stdout, stderr } = await train(["--config", path("bad.json")], "bad");
    expect([code > 0, stdout, stderr.split("\n")]).toEqual([true, "", [expect.stringMatching(said), ""]]);
    expect(stderr).toContain(`error: `);
    expect(existsSync(path("bad"))).toBe(false);
  });

  test("a missing file", async () => {
    expect(await train(["--config", path("none.json")], "bad")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: can't read the config .*none\.json: ENOENT.*\n$/),
    });
  });
});

describe("what has no effect, or can't be, is refused", () => {
  test.each<[string, string[], RegExp]>([
    [
      "a width of nothing",
      ["--width", "8"],
      /^--width is about blocks, and there are none; give --blocks 1, or leave it out$/,
    ],
    ["a penalty on nothing", ["--grok-align", "1"], /^--grok-align is about blocks, /],
    ["a constraint on nothing", ["--constraint", "soft-cap:1"], /^--constraint is about blocks, /],
    [
      "Muon without matrices",
      ["--certified-radius", "1", "--optimiser", "muon"],
      /^--optimiser is about blocks, /,
    ],
    ["a share of no teacher", ["--distil", "0.5"], /^distil is 0\.5 and there is no teacher; name one$/],
    [
      "a teacher without a share",
      ["--teacher", "sms-spam", "--distil", "0"],
      /^--distil is 0, so --teacher has no effect; leave out one of them$/,
    ],
    ["averaging blocks", ["--blocks", "1", "--average", "2"], /^average is 2; allowed is 1: /],
    ["too many blocks", ["--blocks", "99"], /^blocks is 99; allowed: a whole number from 0 to 8$/],
    [
      "an unknown constraint",
      ["--blocks", "1", "--constraint", "cap"],
      /^the constraint is "cap"; allowed: none, soft-cap:LIMIT, /,
    ],
    ["no threads", ["--threads", "0"], /'0' is invalid\. Allowed is an integer from 1 to 256\.$/],
  ])("%s", async (_, args, said) => {
    const { code, stderr } = await train([...SHORT, ...args], "refused");
    expect([code, stderr.split("\n")]).toEqual([2, [expect.stringMatching(/^error: /), ""]]);
    expect(stderr.replace(/^error: (option .* argument )?/, "").trim()).toMatch(said);
    expect(existsSync(path("refused"))).toBe(false);
  });

  test("a run that diverges ends in one line, and keeps nothing", async () => {
    const args = [
      ...SHORT,
      "--epochs",
      "40",
      "--validation",
      "0",
      "--blocks",
      "4",
      "--block-rate",
      "1",
      "--jacobian-squares",
      "1000000",
      "--charge",
      "0",
    ];
    const { code, stderr } = await train(
      [...args, "--min-embedded-texts", "1", "--ball", "1000"],
      "diverged",
    );
    expect(code).toBe(1);
    expect(stderr.split("\n").at(-2)).toMatch(/^error: training has diverged: .*; a lower .*rate may help$/);
    expect(existsSync(path("diverged"))).toBe(false);
  });
});

test("the progress bar has the loss in it", async () => {
  const out = await typoproof(["train", "-i", path("a.csv"), ...SHORT, "-o", path("seen")], { tty: true });
  expect(out.stderr).toMatch(/loss 0\.\d{4}, /);
});
