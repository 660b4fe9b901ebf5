/** `typoproof verify`: computes saved certificates again and says which hold. */
import { createReadStream } from "node:fs";
import type { CertifiableModel } from "../../certify/certify.js";
import { checkCertificate } from "../../certify/check-certificate.js";
import type { ResultRecord } from "../../certify/result.js";
import type { Alphabet } from "../../edits/alphabet.js";
import { UserError } from "../../failure.js";
import { loadAlphabet } from "../../node/jobs/alphabet.js";
import { listModels, loadModel } from "../../node/load-model.js";
import { type CertificateText, readCertificates } from "../../node/output/certificates.js";
import { streamSink } from "../../node/output/sinks.js";
import { readCertificate } from "../../report/certificate.js";
import { visible } from "../../report/visible.js";
import type { Io } from "../io.js";

export interface VerifyFlags {
  readonly model?: string;
  readonly alphabet?: string;
  readonly timeLimit?: number;
  readonly quiet?: boolean;
}

/** Exit status 0 if every certificate holds; one that tells of a failed text claims nothing and doesn't count. */
export async function runVerify(file: string, flags: VerifyFlags, io: Io): Promise<number> {
  const sink = streamSink(io.stdout);
  const check = checker(flags);
  const counts = { holding: 0, failing: 0, claimless: 0 };
  for await (const found of certificatesOf(file, io)) {
    const { record, problems } = await judged(found, check);
    const id = record === null ? "" : ` (id ${record.id})`;
    const line = (says: string) => sink.write(`line ${found.line}${id}: ${says}\n`);
    if (problems.length > 0) {
      counts.failing++;
      await line(`does not hold: ${visible(problems.join("; "))}`);
    } else if (record === null) continue;
    else if ("error" in record) {
      counts.claimless++;
      if (!flags.quiet) await line("claims nothing, its text failed");
    } else {
      counts.holding++;
      if (!flags.quiet) await line(`holds: ${visible(claimOf(record))}`);
    }
  }
  if (counts.holding + counts.failing + counts.claimless === 0)
    throw new UserError(`${file} has no certificates; allowed is what certify wrote as json or jsonl`);
  if (!flags.quiet || counts.failing > 0) await sink.write(`${summary(counts)}\n`);
  await sink.close();
  return counts.failing === 0 ? 0 : 1;
}

type CheckRecord = (record: ResultRecord) => Promise<readonly string[]>;

async function judged(
  { text, problems: around }: CertificateText,
  check: CheckRecord,
): Promise<{ readonly record: ResultRecord | null; readonly problems: readonly string[] }> {
  if (text === null) return { record: null, problems: around };
  const { record, problems: own } = readCertificate(text);
  const problems = [...around, ...own];
  if (record === null) return { record, problems };
  try {
    return { record, problems: [...problems, ...(await check(record))] };
  } catch (error) {
    // A changed line may name a model or an alphabet that isn't there; what is known already says enough.
    if (!(error instanceof UserError) || problems.length === 0) throw error;
    return { record, problems: [...problems, error.message] };
  }
}

/** Opens models and alphabets once each. */
function checker(flags: VerifyFlags): CheckRecord {
  const models = new Map<string, Promise<CertifiableModel>>();
  const alphabets = new Map<string, Promise<Alphabet>>();
  return async (record) => {
    if ("error" in record) return [];
    const { name } = record.model;
    const { alphabet: written } = record.threat;
    const model = await once(models, flags.model ?? name, () =>
      flags.model === undefined ? shippedModel(name) : loadModel(flags.model),
    );
    const alphabet = await once(alphabets, `${written} ${model.identity.sha256}`, () =>
      alphabetFor(written, flags.alphabet, model),
    );
    const seconds = flags.timeLimit === undefined ? {} : { seconds: flags.timeLimit };
    const { problems } = await checkCertificate(model, record, { alphabet, ...seconds });
    return problems;
  };
}

function once<T>(known: Map<string, Promise<T>>, key: string, open: () => Promise<T>): Promise<T> {
  let found = known.get(key);
  if (found === undefined) {
    found = open();
    known.set(key, found);
  }
  return found;
}

/** What a certificate that holds says, in a few words. */
function claimOf({ prediction, certified, broken }: Exclude<ResultRecord, { error: string }>): string {
  const label = `'${prediction.label}'`;
  const proven =
    certified === null
      ? "nothing is proven"
      : certified === 0
        ? `${label} as it stands`
        : `any ${certified === 1 ? "1 edit leaves" : `${certified} edits leave`} it ${label}`;
  return broken === null ? proven : `${proven}, ${broken} can break it`;
}

function summary({ holding, failing, claimless }: Readonly<Record<string, number>>): string {
  const parts = [holding === 1 ? "1 certificate holds" : `${holding} certificates hold`];
  if (failing! > 0) parts.push(failing === 1 ? "1 doesn't" : `${failing} don't`);
  if (claimless! > 0) parts.push(claimless === 1 ? "1 claims nothing" : `${claimless} claim nothing`);
  return `${parts.join(", ")}.`;
}

async function* certificatesOf(file: string, io: Io): AsyncGenerator<CertificateText, void> {
  try {
    yield* readCertificates(file === "-" ? io.stdin : createReadStream(file));
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
