/** Help is part of what users rely on, so it is tested word for word. */
import { typoproof } from "./harness.js";

const TOP = `Usage: typoproof [options] [command]

Proves that a text classifier keeps its answer under every change of at most k characters.

Options:
  -V, --version                 print the version
  -h, --help                    show this help

Commands:
  certify [options] [texts...]  prove how many character edits predictions withstand
  attack [options] [texts...]   look for the shortest change that breaks a prediction
  reach [options] [texts...]    show which token changes edits can cause
  inspect [options] [texts...]  show what each layer contributes to the bound of one edit
  predict [options] [texts...]  label texts, without proof
  evaluate [options]            measure clean, certified and attacked accuracy
  train [options]               train a classifier that can be certified
  verify [options] <file>       check saved certificates again
  export [options]              write a model for ONNX Runtime and transformers.js
  models                        list the shipped models
  datasets                      list the known data sets, check local copies
  demo [options]                show the page that certifies as you type

Examples:
  typoproof certify "Free entry in 2 a wkly comp to win FA Cup final tkts"
  typoproof certify --edits 3 --input messages.csv --text-column body --output results.jsonl
  typoproof evaluate --dataset sms-spam:test --data path/to/data
  typoproof verify results.jsonl

Exit status: 0 fine, 1 error, 2 wrong usage, 3 a --min-radius or --min-certified-accuracy gate not met.
`;

const CERTIFY = `Usage: typoproof certify [options] [texts...]

Prove how many character edits the prediction for each text withstands, and show the shortest change
that breaks it.

Arguments:
  texts                             the texts; - reads them from standard input, one per line

Options:
  -m, --model <name or folder>      shipped model or model folder (default: "sms-spam")

Proof:
  -k, --edits <n>                   largest number of character edits to try (default: 2)
  --method <id>                     how to prove (choices: "auto", "exact", "lipschitz",
                                    "enumerate", "attack", default: "auto")
  --alphabet <name or file>         what may be typed: unicode, ascii, model, or a file (default:
                                    unicode for native models, ascii for others)
  --time-limit <seconds>            give up on a text after this long (verdict: unknown)
  --queries <n>                     most token sequences to run the model on per text (default: 2000
                                    for attack, else no limit)
  --seed <n>                        for attack, which draws at random

Input:
  -i, --input <file>                read texts from a csv, tsv, jsonl or txt file; - reads standard
                                    input
  --input-format <format>           format of the input (default: by its name; txt for -) (choices:
                                    "csv", "tsv", "jsonl", "txt")
  --dataset <name[:split]>          read a data set with a card (see \`typoproof datasets\`)
  --data <folder>                   where the data sets' files are (default: $TYPOPROOF_DATA, else
                                    data)
  --text-column <column>            name or number from 1; 2,3 joins columns with a space
  --label-column <column>           name or number from 1
  --no-header                       the first row is data, not column names
  --labels <map>                    what the labels in the input mean, as in 0=ham,1=spam
  --offset <n>                      skip the first n rows
  --limit <n>                       read at most n rows

Output:
  -f, --format <format>             output format (choices: "words", "table", "jsonl", "json",
                                    "csv", "markdown", "lipslev-csv")
  -o, --output <file>               write to a file instead of standard output
  --resume                          continue the interrupted run that wrote --output (jsonl)

Run:
  -j, --jobs <n>                    worker threads (default: 1 for few texts, else one per core)
  --no-progress                     no progress bar

Gates:
  --min-radius <n>                  exit with 3 unless every text is certified for n edits
  --min-certified-accuracy <share>  exit with 3 unless certified accuracy at --edits is at least
                                    this, 0 to 1

Other:
  --debug                           show the stack trace of an error
  -h, --help                        show this help
`;

const ATTACK = `Usage: typoproof attack [options] [texts...]

Look for the shortest change of each text that gets another label. What isn't found may still be
there: nothing is proven.

Arguments:
  texts                         the texts; - reads them from standard input, one per line

Options:
  -m, --model <name or folder>  shipped model or model folder (default: "sms-spam")

Attack:
  -k, --edits <n>               largest number of character edits to make (default: 10)
  --alphabet <name or file>     what may be typed: unicode, ascii, model, or a file (default:
                                unicode for native models, ascii for others)
  --time-limit <seconds>        stop looking after this long per text
  --queries <n>                 most token sequences to run the model on per text (default: 2000)
  --seed <n>                    what is drawn at random (default: 0)
`;

const REACH = `Usage: typoproof reach [options] [texts...]

Show, word by word, which tokens the model can come to see after some character edits. The model
isn't run.

Arguments:
  texts                         the texts; - reads them from standard input, one per line

Options:
  -m, --model <name or folder>  shipped model or model folder (default: "sms-spam")
  -k, --edits <n>               number of character edits (default: 1)
  --alphabet <name or file>     what may be typed: unicode, ascii, model, or a file (default:
                                unicode for native models, ascii for others)
  -f, --format <format>         output format (choices: "table", "json", "jsonl", default: "table")

Other:
  --debug                       show the stack trace of an error
  -h, --help                    show this help
`;

const EXPORT = `Usage: typoproof export [options]

Write a native model as a folder that ONNX Runtime, the tokenizers libraries and transformers.js
(text-classification) load. The files are tried before they are written.

Options:
  -m, --model <name or folder>  shipped model or model folder (default: "sms-spam")
  -o, --output <folder>         the folder to write
  --overwrite                   replace an exported model in the output folder

Other:
  --debug                       show the stack trace of an error
  -h, --help                    show this help
`;

const INSPECT = `Usage: typoproof inspect [options] [texts...]

Show, layer by layer and place by place, what one edit can take from the margin of a prediction, and
what would have to change for it to be certified.

Arguments:
  texts                         the texts; - reads them from standard input, one per line

Options:
  -m, --model <name or folder>  shipped model or model folder (default: "sms-spam")

Bound:
  --alphabet <name or file>     what may be typed: unicode, ascii, model, or a file (default:
                                unicode for native models, ascii for others)
  --exact-blocks <n>            encoders: compute the first n blocks on each changed text (default:
                                all but the last)
  --time-limit <seconds>        stop looking after this long per text
  --queries <n>                 most token sequences to bound or run per text (default: no limit)
`;

test.each<[string[], string]>([
  [["--help"], TOP],
  [["export", "--help"], EXPORT],
  [["-h"], TOP],
  [["certify", "--help"], CERTIFY],
  [["reach", "--help"], REACH],
])("%j", async (args, stdout) => {
  expect(await typoproof(args)).toEqual({ code: 0, stdout, stderr: "" });
});

test.each([
  "attack",
  "reach",
  "inspect",
  "predict",
  "evaluate",
  "train",
  "verify",
  "export",
  "models",
  "datasets",
  "demo",
])("%s has help", async (command) => {
  const { code, stdout, stderr } = await typoproof([command, "--help"]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(new RegExp(`^Usage: typoproof ${command} `));
});

test("attack: what isn't shared with certify", async () => {
  const { stdout } = await typoproof(["attack", "--help"]);
  expect(stdout.slice(0, stdout.indexOf("\nInput:"))).toBe(ATTACK);
  expect(stdout).not.toContain("Gates:");
});

test("the version", async () => {
  expect(await typoproof(["--version"])).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    stderr: "",
  });
});

test("no command is wrong usage, answered with help", async () => {
  expect(await typoproof([])).toEqual({ code: 2, stdout: "", stderr: TOP });
});

test("certify without texts at a terminal is answered with help", async () => {
  expect(await typoproof(["certify"], { tty: true })).toEqual({ code: 2, stdout: "", stderr: CERTIFY });
});

test("inspect: what isn't shared with certify", async () => {
  const { stdout } = await typoproof(["inspect", "--help"]);
  expect(stdout.slice(0, stdout.indexOf("\nInput:"))).toBe(INSPECT);
  expect(stdout).toContain('"table", "json", "jsonl", "markdown", "html")');
});
