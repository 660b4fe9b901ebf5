/** Certificates about all kinds of models, files of them, and what reading says of those. */
import { Readable } from "node:stream";
import { type CertifiableModel, certify } from "../../src/certify/certify.js";
import type { ResultRecord } from "../../src/certify/result.js";
import { listAlphabet } from "../../src/edits/alphabet.js";
import { certifyRow } from "../../src/evaluate/record.js";
import { referenceBackend } from "../../src/model/reference.js";
import { SequenceModel } from "../../src/model/sequence.js";
import { readCertificates } from "../../src/node/output/certificates.js";
import { readCertificate } from "../../src/report/certificate.js";
import { resultReporter } from "../../src/report/formats.js";
import { huggingfaceTokenizer } from "../../src/tokenizer/huggingface.js";
import { randomLipslev } from "../certify/lipslev/random-model.js";
import { randomEncoder } from "../oracle/random-encoder.js";
import { seeded } from "../oracle/random-model.js";
import { randomTransformer } from "../oracle/random-transformer.js";
import { tinyWordPiece } from "../oracle/tiny-tokenizer-files.js";
import { wordedModel, wordedText } from "../oracle/worded-model.js";

const few = listAlphabet(
  "file:few",
  [..." aefilmrt.S"].map((c) => c.codePointAt(0)!),
);

function encoder(seed: number): SequenceModel {
  const tokenizer = huggingfaceTokenizer(tinyWordPiece, {}, { most: 16, where: "tiny" });
  const { encoder } = randomEncoder(seeded(seed), {
    layout: "bert",
    vocabulary: tokenizer.size,
    mostTokens: 16,
    labels: 2,
    gain: 0.5,
  });
  const identity = { name: "tiny", sha256: "12".repeat(32), tokenizer: "34".repeat(32) };
  return new SequenceModel({
    identity,
    labels: encoder.labels,
    tokenizer,
    backend: referenceBackend(encoder),
    encoder,
  });
}

/** Certificates about all kinds of models, by all kinds of evidence. */
export async function everyKind(): Promise<Record<string, ResultRecord>> {
  const random = seeded(3);
  const { model, words } = wordedModel(random, "words", 30, 2);
  const blocks = randomTransformer(random, model, { blocks: 2, gain: 0.01 });
  const text = wordedText(random, words, 4);
  const by = (of: CertifiableModel, said: string, options: object, label: string | null = null) =>
    certifyRow({ id: 0, text: said, label }, (each) => certify(of, each, { alphabet: few, ...options }));
  return {
    exact: await by(model, text, { edits: 3 }, model.labels[0]),
    "native-blocks": await by(blocks, text, { edits: 2 }),
    enumerate: await by(encoder(1), "the free film", { edits: 1 }),
    "encoder-bounds": await by(encoder(2), "a film.", { edits: 1, method: "lipschitz" }),
    lipslev: await by(randomLipslev(seeded(4), { letters: "aefil", lean: 2 }), "fail", { edits: 2 }),
    attack: await by(encoder(3), "unaffable", { edits: 2, method: "attack" }),
    failure: await by(model, text, { edits: -1 }),
    strange: await by(model, 'a\ud800 "\\\u0007 \u2028 é \u{1f600} \ufffd', { edits: 1 }),
  };
}

/** What is wrong with a file, certificates and all around them. */
export async function problemsOf(bytes: Uint8Array): Promise<string[]> {
  const problems: string[] = [];
  let count = 0;
  for await (const { text, problems: around } of readCertificates(Readable.from([Buffer.from(bytes)]))) {
    problems.push(...around);
    if (text === null) continue;
    count++;
    problems.push(...readCertificate(text).problems);
  }
  return count === 0 ? [...problems, "there are none"] : problems;
}

export function file(format: "json" | "jsonl", records: readonly ResultRecord[]): Buffer {
  const reporter = resultReporter(format);
  const pieces = [
    reporter.begin(),
    ...records.map((each) => reporter.record(each)),
    reporter.end({} as never),
  ];
  return Buffer.from(pieces.join(""));
}

export const flipped = (bytes: Buffer, bit: number): Buffer => {
  const changed = Buffer.from(bytes);
  changed[bit >> 3] = changed[bit >> 3]! ^ (1 << (bit & 7));
  return changed;
};

/** Flips every so manieth bit of a file that holds this certificate alone. */
export async function expectNoBitToFlip(certificate: ResultRecord, every: number): Promise<void> {
  const bytes = file("jsonl", [certificate]);
  expect(await problemsOf(bytes)).toEqual([]);
  for (let bit = 0; bit < 8 * bytes.length; bit += every)
    if ((await problemsOf(flipped(bytes, bit))).length === 0)
      throw new Error(`bit ${bit} of ${JSON.stringify(bytes.toString())}`);
}
