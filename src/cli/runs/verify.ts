/** `typoproof verify`: computes saved result lines again and says which don't hold. */
import { createReadStream } from "node:fs";
import type { CertifiableModel } from "../../certify/certify.js";
import { checkRecord } from "../../certify/check.js";
import { checkSequenceRecord } from "../../certify/check-sequence.js";
import type { Alphabet } from "../../edits/alphabet.js";
import { UserError } from "../../failure.js";
import { NativeModel } from "../../model/native.js";
import { viewOf } from "../../model/views.js";
import { loadAlphabet } from "../../node/jobs/alphabet.js";
import { listModels, loadModel } from "../../node/load-model.js";
import { wholeLines } from "../../node/output/lines.js";
import { streamSink } from "../../node/output/sinks.js";
import { parseResult } from "../../report/parse.js";
import { visible } from "../../report/visible.js";
import type { Io } from "../io.js";

export interface VerifyFlags {
  readonly model?: string;
  readonly alphabet?: string;
  readonly quiet?: boolean;
}

/** Exit status 0 if every line holds; a line that tells of a failed text claims nothing and doesn't count. */
export async function runVerify(file: string, flags: VerifyFlags, io: Io): Promise<number> {
  const sink = streamSink(io.stdout);
  const models = new Map<string, Promise<CertifiableModel>>();
  const modelNamed = (name: string): Promise<CertifiableModel> => {
    const key = flags.model ?? name;
    let model = models.get(key);
    if (model === undefined) {
      model = flags.model === undefined ? shippedModel(name) : loadModel(flags.model);
      models.set(key, model);
    }
    return model;
  };
  const alphabets = new Map<string, Promise<Alphabet>>();
  const alphabetNamed = (name: string, model: CertifiableModel): Promise<Alphabet> => {
    const key = `${name} ${model.identity.sha256}`;
    let alphabet = alphabets.get(key);
    if (alphabet === undefined) {
      alphabet = alphabetFor(name, flags.alphabet, model);
      alphabets.set(key, alphabet);
    }
    return alphabet;
  };

  let holding = 0;
  let failing = 0;
  let claimless = 0;
  for await (const { text, number } of everyLine(file, io)) {
    const record = parseResult(text);
    let problems: readonly string[];
    let id = "";
    if ("problem" in record) problems = [`not a result line: ${record.problem}`];
    else {
      id = ` (id ${record.id})`;
      if ("error" in record) {
        claimless++;
        if (!flags.quiet) await sink.write(`line ${number}${id}: claims nothing, its text failed\n`);
        continue;
      }
      const model = await modelNamed(record.model.name);
      const alphabet = await alphabetNamed(record.threat.alphabet, model);
      const check =
        model instanceof NativeModel
          ? checkRecord(model, record, { alphabet })
          : await checkSequenceRecord(viewOf(model), record, alphabet);
      problems = check.problems;
    }
    if (problems.length === 0) holding++;
    else {
      failing++;
      await sink.write(`line ${number}${id}: does not hold: ${visible(problems.join("; "))}\n`);
    }
  }
  if (holding + failing + claimless === 0)
    throw new UserError(`${file} has no lines; allowed are lines that certify wrote`);
  if (!flags.quiet || failing > 0) await sink.write(`${summary(holding, failing, claimless)}\n`);
  await sink.close();
  return failing === 0 ? 0 : 1;
}

function summary(holding: number, failing: number, claimless: number): string {
  const parts = [holding === 1 ? "1 line holds" : `${holding} lines hold`];
  if (failing > 0) parts.push(failing === 1 ? "1 doesn't" : `${failing} don't`);
  if (claimless > 0) parts.push(claimless === 1 ? "1 claims nothing" : `${claimless} claim nothing`);
  return `${parts.join(", ")}.`;
}

/** Whole lines, and a last one without line feed. */
async function* everyLine(file: string, io: Io): AsyncGenerator<{ text: string; number: number }, void> {
  const lines = wholeLines(file === "-" ? io.stdin : createReadStream(file));
  let number = 0;
  try {
    for (;;) {
      const step = await lines.next();
      if (!step.done) {
        number = step.value.number;
        yield step.value;
        continue;
      }
      if (step.value.length > 0) yield { text: step.value.toString("utf8"), number: number + 1 };
      return;
    }
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    const why =
      code === "ENOENT" ? "no such file" : code === "EISDIR" ? "it is a folder" : (error as Error).message;
    throw new UserError(`can't read ${file}: ${why}`);
  }
}

/** A name in a file is only ever taken for a shipped model, never for a folder. */
async function shippedModel(name: string): Promise<CertifiableModel> {
  const names = (await listModels()).map((model) => model.name);
  if (names.includes(name)) return loadModel(name);
  throw new UserError(
    `the lines name the model ${JSON.stringify(name)}, which doesn't ship (${names.join(", ")} do); give --model <folder>`,
  );
}

async function alphabetFor(
  name: string,
  file: string | undefined,
  model: CertifiableModel,
): Promise<Alphabet> {
  if (["unicode", "ascii", "model"].includes(name)) return loadAlphabet(name, model);
  if (file === undefined) {
    throw new UserError(
      `the lines were made with the alphabet ${JSON.stringify(name)}; give it with --alphabet <file>`,
    );
  }
  const alphabet = await loadAlphabet(file, model);
  if (alphabet.name !== name) {
    throw new UserError(`--alphabet ${file} is ${alphabet.name}; the lines were made with ${name}`);
  }
  return alphabet;
}
