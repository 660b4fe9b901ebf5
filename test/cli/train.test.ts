/** `train` from the command line: what it reads, writes, refuses and takes up again. */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { run } from "../../src/cli/run.js";
import { type Outcome, records, typoproof } from "./harness.js";

let folder: string;
const path = (name: string): string => join(folder, name);
const TEXTS = [
  ["free prize win cash now", "spam"],
  ["win free cash", "spam"],
  ["claim the free prize", "spam"],
  ["cash prize, call now", "spam"],
  ["hello, see you at lunch", "ham"],
  ["lunch at home today", "ham"],
  ["are you at home", "ham"],
  ["see you later at the club", "ham"],
] as const;
const table = (separator: string, rows: readonly (readonly string[])[]): string =>
  rows
    .map((row) => `${row.map((cell) => (cell.includes(separator) ? `"${cell}"` : cell)).join(separator)}\n`)
    .join("");

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "typoproof-train-"));
  await writeFile(path("a.csv"), table(",", [["text", "label"], ...TEXTS]));
});
afterAll(() => rm(folder, { recursive: true }));

const SHORT = ["--epochs", "3", "--min-pattern-texts", "2", "--min-word-texts", "1"];
let made = 0;
/** Trains on a few texts into a new folder, or one that is named. */
async function train(
  args: readonly string[],
  output = `model-${++made}`,
): Promise<Outcome & { model: string }> {
  const model = path(output);
  return { ...(await typoproof(["train", ...SHORT, ...args, "-o", model])), model };
}
const onTexts = (...args: string[]) => train(["-i", path("a.csv"), "--validation", "0.25", ...args]);
const weights = (model: string): Promise<Buffer> => readFile(join(model, "model.safetensors"));

/** Trains until standard error says `when`, and interrupts then; null: as soon as it listens. */
async function interrupted(args: readonly string[], when: string | null): Promise<Outcome> {
  let interrupt = () => {};
  let stderr = "";
  let handlers = 0;
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
  const code = await run(args, {
    stdin: Object.assign(Readable.from([]), { isTTY: false }),
    stdout: sink(() => {}),
    stderr: sink((text) => {
      stderr += text;
      if (when !== null && stderr.includes(when)) {
        const stop = interrupt;
        interrupt = () => {};
        stop();
      }
    }),
    env: {},
    onInterrupt(callback) {
      interrupt = callback;
      if (when === null) queueMicrotask(callback);
      handlers++;
      return () => handlers--;
    },
  });
  expect(handlers).toBe(0);
  return { code, stdout: "", stderr };
}

test("a data set gives a model folder with a card, which certify loads", async () => {
  const { code, stdout, stderr, model } = await train([
    ...["--dataset", "tickets:train", "--test", "tickets:test", "--title", "Tickets, tiny", "--seed", "5"],
  ]);
  expect([code, stdout]).toEqual([0, ""]);
  const said = stderr.trimEnd().split("\n");
  expect(said[0]).toMatch(
    /^1\d\d texts to train on, 18 held out, \d+ left out for overlap; labels billing, technical, account, delivery$/,
  );
  expect(said.slice(1, 4)).toEqual(
    [1, 2, 3].map((n) =>
      expect.stringMatching(
        new RegExp(
          `^epoch ${n} of 3: loss \\d\\.\\d{4}; held-out texts: .* % right, .* % certified at 1( \\(best so far\\))?$`,
        ),
      ),
    ),
  );
  expect(said.slice(4)).toEqual([
    "measuring on tickets:test ...",
    expect.stringMatching(/^saved .* after \d+ s$/),
  ]);
  expect((await readdir(model)).sort()).toEqual([
    "README.md",
    "config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.txt",
  ]);
  expect(existsSync(`${model}.checkpoint`)).toBe(false);
  const card = await readFile(join(model, "README.md"), "utf8");
  expect(card).toMatch(/^# Tickets, tiny\n/);
  expect(card).toContain(
    `\`\`\`sh\ntypoproof train ${SHORT.join(" ")} --dataset tickets:train --test tickets:test --title 'Tickets, tiny' --seed 5 -o ${model}\n\`\`\``,
  );
  expect(card).toContain("| all 60 |");
  expect(card).not.toMatch(/undefined|NaN|null/);
  expect(JSON.parse(await readFile(join(model, "config.json"), "utf8")).typoproof.training).toMatchObject({
    seed: 5,
    epochs: 3,
    minWordTexts: 1,
  });
  const answer = await typoproof(["certify", "-m", model, "-f", "jsonl", "the app crashes with an error"]);
  expect(answer.code).toBe(0);
  expect(records(answer.stdout)[0]).toMatchObject({ prediction: { label: "technical" } });
});

test("the formats and columns of the input make no difference to the model", async () => {
  await writeFile(
    path("b.tsv"),
    table(
      "\t",
      TEXTS.map(([text, label]) => ["x", label === "ham" ? "0" : "1", text]),
    ),
  );
  await writeFile(
    path("c.jsonl"),
    TEXTS.map(([body, kind]) => `${JSON.stringify({ kind, body })}\n`).join(""),
  );
  const csv = await onTexts("--seed", "3");
  expect(csv.stderr).toContain("labels ham, spam\n");
  const tsv = await train([
    ...[
      "-i",
      path("b.tsv"),
      "--no-header",
      "--text-column",
      "3",
      "--label-column",
      "2",
      "--labels",
      "0=ham,1=spam",
    ],
    ...["--validation", "0.25", "--seed", "3"],
  ]);
  const jsonl = await train([
    ...[
      "-i",
      path("c.jsonl"),
      "--text-column",
      "body",
      "--label-column",
      "kind",
      "--validation",
      "0.25",
      "--seed",
      "3",
    ],
  ]);
  expect([csv.code, tsv.code, jsonl.code]).toEqual([0, 0, 0]);
  expect(await weights(tsv.model)).toEqual(await weights(csv.model));
  expect(await weights(jsonl.model)).toEqual(await weights(csv.model));
  expect(await weights((await onTexts("--seed", "4")).model)).not.toEqual(await weights(csv.model));
});

test("standard input", async () => {
  const stdin = await readFile(path("a.csv"));
  const { code } = await typoproof(
    ["train", "-i", "-", "--input-format", "csv", ...SHORT, "--validation", "0", "-o", path("piped")],
    { stdin },
  );
  expect(code).toBe(0);
  const same = await train(["-i", path("a.csv"), "--validation", "0"]);
  expect(await weights(path("piped"))).toEqual(await weights(same.model));
});

test("an output that exists is kept, unless --overwrite is given", async () => {
  const first = await onTexts("--seed", "1");
  const before = await weights(first.model);
  const args = ["train", ...SHORT, "-i", path("a.csv"), "-o", first.model, "--seed", "2"];
  expect(await typoproof(args)).toEqual({
    code: 1,
    stdout: "",
    stderr: `error: ${first.model} exists; allowed is a new folder, or --overwrite\n`,
  });
  expect(await weights(first.model)).toEqual(before);
  expect((await typoproof([...args, "--overwrite"])).code).toBe(0);
  expect(await weights(first.model)).not.toEqual(before);
  expect(await readFile(join(first.model, "README.md"), "utf8")).not.toContain("--overwrite");
});

const cases: [string, string[], number, RegExp][] = [
  ["no texts", [], 2, /^error: no texts: give .*\n$/],
  ["two sources", ["-i", "FOLDER/a.csv", "--dataset", "tickets"], 2, /allowed is one of them\n$/],
  ["a missing file", ["-i", "FOLDER/none.csv"], 1, /^error: no such file: FOLDER\/none\.csv\n$/],
  [
    "a wrong column",
    ["-i", "FOLDER/a.csv", "--label-column", "kind"],
    1,
    /^error: .*no label column "kind" .*\n$/,
  ],
  ["no labels", ["-i", "FOLDER/a.csv", "--label-column", "", "--input-format", "txt"], 2, /^error: .*\n$/],
  [
    "texts without labels",
    ["-i", "FOLDER/plain.txt"],
    2,
    /^error: FOLDER\/plain\.txt has no labels, which train needs; .*\n$/,
  ],
  [
    "a row without a label",
    ["-i", "FOLDER/hole.csv"],
    1,
    /^error: FOLDER\/hole\.csv: row 1 has an empty label\n$/,
  ],
  [
    "a label that the map doesn't have",
    ["-i", "FOLDER/a.csv", "--labels", "ham=good"],
    1,
    /^error: FOLDER\/a\.csv: row 0 \(line 2\): .*"spam".*\n$/,
  ],
  ["one label", ["-i", "FOLDER/one.csv"], 1, /^error: training needs at least 2 labels, not 1\n$/],
  [
    "no rows of a label",
    ["--dataset", "tickets:train", "--limit", "3", "--validation", "0"],
    1,
    /^error: no training text has the label "(account|delivery)"\n$/,
  ],
  [
    "a large --validation",
    ["-i", "FOLDER/a.csv", "--validation", "0.9"],
    2,
    /^error: --validation is 0\.9; allowed is a share from 0 to 0\.5\n$/,
  ],
  [
    "a --validation over 1",
    ["-i", "FOLDER/a.csv", "--validation", "2"],
    2,
    /argument '2' is invalid\. Allowed is a number from 0 to 1\.\n$/,
  ],
  [
    "no epochs",
    ["-i", "FOLDER/a.csv", "--epochs", "0"],
    2,
    /^error: epochs is 0; allowed: a whole number from 1 to 10000\n$/,
  ],
  [
    "an unknown kind",
    ["-i", "FOLDER/a.csv", "--kind", "x"],
    2,
    /Allowed choices are words, pieces, patterns\.\n$/,
  ],
  [
    "nothing to resume",
    ["-i", "FOLDER/a.csv", "--resume"],
    1,
    /^error: there is nothing to resume: no FOLDER\/refused\.checkpoint; leave out --resume to start anew\n$/,
  ],
  [
    "a missing test file",
    ["-i", "FOLDER/a.csv", "--test", "FOLDER/none.csv"],
    1,
    /^error: no such file: FOLDER\/none\.csv\n$/,
  ],
  [
    "a missing file to exclude",
    ["-i", "FOLDER/a.csv", "--exclude", "FOLDER/none.csv"],
    1,
    /^error: no such file: FOLDER\/none\.csv\n$/,
  ],
  [
    "a log that can't be",
    ["-i", "FOLDER/a.csv", "--log", "FOLDER/none/log.jsonl"],
    1,
    /^error: can't write FOLDER\/none\/log\.jsonl: .*\n$/,
  ],
  [
    "an output within a file",
    ["-i", "FOLDER/a.csv", "-o", "FOLDER/a.csv/model"],
    1,
    /^error: can't write FOLDER\/a\.csv\/model: .*\n$/,
  ],
  ["texts as arguments", ["free prize", "-i", "FOLDER/a.csv"], 2, /^error: .*\n$/],
];
test.each(cases)("%s is refused in one line", async (_, args, code, stderr) => {
  await writeFile(path("plain.txt"), "free\nlunch\n");
  await writeFile(path("hole.csv"), "text,label\nfree,spam\nlunch,\nhome,ham\n");
  await writeFile(path("one.csv"), "text,label\nfree,spam\nwin,spam\n");
  const here = (text: string) => text.replaceAll("FOLDER", folder);
  const output = args.includes("-o") ? [] : ["-o", path("refused")];
  const answer = await typoproof(["train", ...SHORT, ...args.map(here), ...output]);
  const said = answer.stderr.replaceAll(folder, "FOLDER");
  const last = said.split("\n").slice(-2).join("\n");
  expect(last).toMatch(stderr);
  // Before it there may be the line that counts the texts.
  expect(said.replace(/^\d+ texts to train on, .*\n/, "")).toBe(last);
  expect([answer.code, answer.stdout]).toEqual([code, ""]);
  expect(existsSync(path("refused"))).toBe(false);
  expect(existsSync(path("refused.checkpoint"))).toBe(false);
});

test("--output is needed", async () => {
  expect(await typoproof(["train", "-i", path("a.csv")])).toMatchObject({
    code: 2,
    stderr: "error: required option '-o, --output <folder>' not specified\n",
  });
});

test.each([
  ["one model", ["--dropout", "0.2"], "epoch 2 of 3"],
  ["averaged models", ["--average", "2"], "epoch 4 of 6"],
])("%s: interrupted and resumed, it is byte for byte the model of one run", async (name, more, when) => {
  const args = ["-i", path("a.csv"), "--validation", "0.25", "--batch", "3", ...more];
  const whole = await train(args);
  const model = path(`resumed ${name}`);
  const command = ["train", ...SHORT, ...args, "-o", model];
  const log = ["--log", path(`${name}.log`)];
  const first = await interrupted([...command, ...log], when);
  const epoch = Number(when.split(" ")[1]);
  expect(first.code).toBe(130);
  expect(first.stderr.split("\n").slice(-2)).toEqual([
    `interrupted after epoch ${epoch}; run the same command with --resume to continue ${model}`,
    "",
  ]);
  expect(existsSync(model)).toBe(false);
  const rest = await typoproof([...command, ...log, "--resume"]);
  expect(rest.code).toBe(0);
  expect(rest.stderr).toContain(`continuing after ${when}\nepoch ${epoch + 1} of`);
  expect(await weights(model)).toEqual(await weights(whole.model));
  for (const file of ["vocab.txt", "config.json", "tokenizer.json"])
    expect(await readFile(join(model, file))).toEqual(await readFile(join(whole.model, file)));
  expect(existsSync(`${model}.checkpoint`)).toBe(false);
  const lines = records(await readFile(path(`${name}.log`), "utf8"));
  expect(lines.map((line) => line.epoch)).toEqual(lines.map((_, n) => n + 1));
  expect(lines).toHaveLength(Number(when.split(" ")[3]));
});

test("interrupted in the first epoch, it keeps nothing", async () => {
  const model = path("early");
  const answer = await interrupted(["train", ...SHORT, "-i", path("a.csv"), "-o", model], null);
  expect(answer.code).toBe(130);
  expect(answer.stderr).toMatch(/\ninterrupted before the end of the first epoch; nothing is kept\n$/);
  expect([existsSync(model), existsSync(`${model}.checkpoint`)]).toEqual([false, false]);
});

test("a checkpoint of other options, or a damaged one, is refused and kept", async () => {
  const model = path("other");
  const command = ["train", ...SHORT, "-i", path("a.csv"), "-o", model];
  await interrupted(command, "epoch 1 of");
  const saved = await readFile(`${model}.checkpoint`);
  const refused = async (args: readonly string[]) => {
    const { code, stderr } = await typoproof([...args, "--resume"]);
    expect(code).toBe(1);
    return stderr.split("\n").at(-2);
  };
  expect(await refused([...command, "--seed", "9"])).toBe(
    `error: ${model}.checkpoint can't be resumed: it belongs to a run with other texts, options or version; leave out --resume to start anew`,
  );
  await writeFile(`${model}.checkpoint`, saved.subarray(0, -1));
  expect(await refused(command)).toMatch(/^error: .*other\.checkpoint can't be resumed: /);
  await writeFile(`${model}.checkpoint`, saved);
  expect((await typoproof([...command, "--resume"])).code).toBe(0);
});

test("--time-limit ends a run after an epoch: the best model so far, and nothing to resume", async () => {
  const { code, stderr, model } = await onTexts("--time-limit", "0.000001");
  expect(code).toBe(0);
  expect(stderr).toContain("epoch 1 of 3");
  expect(stderr).not.toContain("epoch 2 of 3");
  expect(stderr).toContain("stopped after 0 s by --time-limit; the best epoch so far is kept\n");
  expect(existsSync(`${model}.checkpoint`)).toBe(false);
  expect((await typoproof(["predict", "-m", model, "hello"])).code).toBe(0);
  // A limit that isn't reached changes nothing.
  expect(await weights((await onTexts("--time-limit", "1000")).model)).toEqual(
    await weights((await onTexts()).model),
  );
});

test("--log has one JSON line per epoch, --progress or not", async () => {
  await onTexts("--log", path("log.jsonl"), "--no-progress", "-k", "2");
  const lines = records(await readFile(path("log.jsonl"), "utf8"));
  expect(lines.map((line) => line.epoch)).toEqual([1, 2, 3]);
  for (const line of lines)
    expect(line).toEqual({
      epoch: expect.any(Number),
      loss: expect.any(Number),
      validation: {
        texts: 2,
        clean: expect.any(Number),
        certified: [expect.any(Number), expect.any(Number)],
      },
      best: expect.any(Boolean),
      seconds: expect.any(Number),
    });
});

test("--exclude leaves out near duplicates of files and data sets", async () => {
  await writeFile(path("x.csv"), "text\nFREE prize   win cash now!\nnothing like it\n");
  const { stderr, code } = await onTexts("--exclude", path("x.csv"), "tickets:test", "--validation", "0");
  expect(code).toBe(0);
  expect(stderr).toContain("7 texts to train on, 0 held out, 1 left out for overlap");
  const all = await train(["--dataset", "tickets:test", "--exclude", "tickets:test", "--validation", "0"]);
  expect(all.code).toBe(1);
  expect(all.stderr).toMatch(/^error: no training text has the label "billing"\n$/m);
});

test("--validation-words holds out only longer texts", async () => {
  const { stderr } = await onTexts("--validation-words", "5", "--validation", "0.5");
  // Three of the eight have at least five words.
  expect(stderr).toContain("5 texts to train on, 3 held out, 0 left out");
  const none = await onTexts("--validation-words", "6", "--validation", "0.5");
  expect(none.stderr).toContain("7 texts to train on, 1 held out, 0 left out");
});

test("the output's folders are made", async () => {
  await mkdir(path("deep"));
  expect((await train(["-i", path("a.csv")], "deep/er/model")).code).toBe(0);
  expect(await readdir(path("deep/er"))).toEqual(["model"]);
});

test("help", async () => {
  const { code, stdout, stderr } = await typoproof(["train", "--help"]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatchInlineSnapshot(`
"Usage: typoproof train [options]

Train a classifier on labelled texts, made to withstand edits, and save it as a model folder with a
card.

Input:
  -i, --input <file>         read texts from a csv, tsv, jsonl or txt file; - reads standard input
  --input-format <format>    format of the input (default: by its name; txt for -) (choices: "csv",
                             "tsv", "jsonl", "txt")
  --dataset <name[:split]>   read a data set with a card (see \`typoproof datasets\`)
  --data <folder>            where the data sets' files are (default: $TYPOPROOF_DATA, else data)
  --text-column <column>     name or number from 1; 2,3 joins columns with a space
  --label-column <column>    name or number from 1
  --no-header                the first row is data, not column names
  --labels <map>             what the labels in the input mean, as in 0=ham,1=spam
  --offset <n>               skip the first n rows
  --limit <n>                read at most n rows

Held-out texts:
  --validation <share>       part of the texts to hold out, to choose the epoch by (default: 0.1)
  --validation-words <n>     hold out only texts of at least n words (default: 0)
  --exclude <input...>       leave out texts that nearly repeat one of these: files, or data sets as
                             name:split
  --test <input...>          measure accuracy on these when done, for the model card

Model:
  --kind <kind>              what a word's tokens are (choices: "words", "pieces", "patterns",
                             default: "patterns")
  --min-word-texts <n>       a word is a token if n texts have it (default: 2)
  --min-pattern-texts <n>    a part of words is a token if n texts have it (default: 5)
  --min-pattern <n>          shortest part of a word, in characters (default: 3)
  --max-pattern <n>          longest part of a word (default: 5)
  --pattern-evidence <x>     most weight of a part of a word; whole words: 1 (default: 0.3)
  --vectors <file>           word vectors made of more text (GloVe, word2vec, fastText as text, or
                             JSON): words learn from words like them
  --vector-words <n>         so many first words of --vectors are tokens in any case (default:
                             10000)

Blocks (attention and feed-forward over whole words):
  --blocks <n>               blocks over the words; 0: the sum over words alone (default: 0)
  --width <n>                numbers per word (default: 48)
  --heads <n>                heads of attention (default: 4)
  --head-width <n>           numbers per query, key and value of a head (default: 12)
  --inner <n>                hidden numbers of the feed-forward branch (default: 48)
  --feed-forward <kind>      mlp, or orthogonal: no input is stretched or shrunk by it (choices:
                             "mlp", "orthogonal", default: "mlp")
  --norm <kind>              in front of the branches; chain: channels scaled by running statistics
                             (choices: "none", "chain", default: "none")
  --chain-mixing <share>     channels left unscaled at first; falls to 0 (default: 0.1)
  --chain-mean <x>           weight of the channels' means in the loss (default: 0.1)
  --similarity <kind>        what attention scores are made of: q.k, the cosine of both, or |q -
                             k|^2 (choices: "dot", "cosine", "distance", default: "dot")
  --score-limit <x>          largest size of an attention score (default: 2)
  --null-mass <x>            attention that nothing gets; more: edits move less (default: 4)
  --window <n>               nearest words that a head sees; even heads look back, odd ahead; 0: all
                             (default: 0)
  --min-embedded-texts <n>   a word is seen by the blocks if n texts have it (default: 3)
  --max-words <n>            a longer text is trained on a stretch of n words, new each time
                             (default: 64)
  --ball <x>                 longest that a word's vector may be (default: 1)
  --embedding-scale <x>      size of the numbers of a fresh vector (default: 0.1)

Loss:
  --worst-edits <n>          edits that the adversary makes in the loss; 0: plain training (default:
                             1)
  --temperature <x>          scale of the margin in the loss (default: 0.5)
  --balance <share>          0: texts weigh the same; 1: labels do (default: 0)
  --charge <x>               weight of what edits can take from the blocks (default: 1)
  --kappa <x>                margin that is wanted beyond the adversary's edits (default: 0)
  --teacher <models...>      shipped models or model folders whose scores are learned from; of
                             several, the mean
  --teacher-scale <x>        what a teacher's scores are multiplied by; less: less certain (default:
                             1)
  --distil <share>           the teacher's part of the loss (default: 0.5 with a teacher, else 0)

Regularisers (published methods, see docs/training.md; 0: off):
  --jacobian-squares <x>     weight of the Jacobian's squares (default: 0)
  --jacobian-sizes <x>       weight of the sizes of the Jacobian's entries (default: 0)
  --selective-gradients <x>  weight of the loss's gradient by words that don't matter (default: 0)
  --salient-tokens <n>       words of a text that do matter (default: 3)
  --grok-align <x>           weight of the Jacobian along random directions (default: 0)
  --certified-radius <x>     weight of certified radius maximisation (default: 0)
  --radius-below <x>         only for texts with a smaller radius, in edits (default: 3)
  --radius-temperature <x>   how sharply the smallest radius counts (default: 5)
  --radius-from <n>          epochs before it begins (default: 1)

Training:
  --epochs <n>               passes over the texts (default: 6)
  --batch <n>                texts per step (default: 16; with blocks or a teacher 64)
  --learning-rate <x>        of the sum over words; falls to 0 by the last step (default: 0.02)
  --block-rate <x>           of the blocks; falls to 0 by the last step (default: 0.003)
  --optimiser <name>         what moves the blocks' matrices (choices: "adam", "muon", default:
                             "adam")
  --constraint <form>        what is done to the blocks' matrices after each step: none, soft-cap:1,
                             hard-cap:1, normalise:1, soft-normalise, hammer:1, spectral-decay:0.1
                             or orthogonal, with any numbers (default: "none")
  --start <model>            begin with this model of a sum over words, and keep its vocabulary
  --dropout <share>          part of a text's words left out at random (default: 0)
  --average <n>              models of different seeds, averaged into one (default: 1)
  --seed <n>                 equal seeds give equal models (default: 1)
  -k, --edits <n>            choose the epoch by certified accuracy at this many edits (default: 1)
  --threads <n>              threads of what runs the blocks; results may differ in the last bits
                             (default: 1)

Output:
  -o, --output <folder>      the model folder to write
  --overwrite                replace the model in the output folder
  --title <text>             first line of the model card
  --log <file>               one JSON line per epoch
  --resume                   continue the interrupted run with this output
  --time-limit <seconds>     stop after the epoch in which this much time has passed
  --no-progress              no progress bar

Other:
  --debug                    show the stack trace of an error
  --config <file>            options from a JSON file; flags given here win
  -h, --help                 show this help
"
`);
});
