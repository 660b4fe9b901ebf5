/**
 * The same answers in Chromium as in Node: the shipped models on 300 texts, and a real Transformer as an ONNX file that this
 * project wrote, on 20 sentences, by every single edit. Sentences and Transformer are those of ../shared, where it is there;
 * without it the shipped models are tried on the texts that come with the package, damaged at random.
 */
import { cpSync, existsSync, readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { certify } from "../../src/certify/certify.js";
import type { Certification } from "../../src/certify/result.js";
import { encoderToOnnx } from "../../src/model/onnx/write.js";
import { SequenceModel } from "../../src/model/sequence.js";
import { loadModel } from "../../src/node/load-model.js";
import { seeded } from "../oracle/random-model.js";
import { built, inChromium, root, Stage } from "./page.js";

const shared = join(root, "..", "shared");
const PER_MODEL = 150;
const SENTENCES = 20;
const TRANSFORMERS = ["deept-sst2-1layer", "deept-sst2-3layer"] as const;

function linesOf(path: string, column: number): string[] {
  const lines = readFileSync(path, "utf8")
    .split(/\r?\n/)
    .slice(1)
    .filter((line) => line !== "");
  return lines.map((line) => line.split("\t")[column]!.trimEnd());
}

/** Every third text with characters changed, hostile ones among them. */
function damaged(texts: readonly string[]): string[] {
  const random = seeded(31);
  const odd = ["\u200b", "é", "Ⅸ", "ﬁ", "😀", "\ud83d", " ", "\n", "а", "$", "I\u0307"];
  return texts.map((text, i) => {
    if (i % 3 !== 0) return text;
    const points = [...text];
    for (let n = 0; n < 4; n++)
      points.splice(
        Math.floor(random() * (points.length + 1)),
        n % 2,
        odd[Math.floor(random() * odd.length)]!,
      );
    return points.join("");
  });
}

function textsFor(name: string): string[] {
  const path =
    name === "sst2"
      ? join(shared, "data", "sst2", "dev.tsv")
      : join(shared, "data", "sms-spam", "SMSSpamCollection.tsv");
  const own = readFileSync(join(root, "datasets", "tickets", "test.csv"), "utf8").split("\n");
  const all = existsSync(path) ? linesOf(path, name === "sst2" ? 0 : 1) : own;
  return damaged(Array.from({ length: PER_MODEL }, (_, i) => all[i % all.length]!));
}

/** What an answer says: all but the time, and how much of the search was known already. */
function said({ seconds: _, evidence: __, ...rest }: Certification): unknown {
  return JSON.parse(JSON.stringify(rest));
}

async function inPage(
  page: Page,
  model: string,
  texts: readonly string[],
  options: object,
): Promise<Certification[]> {
  return page.evaluate(
    async ([source, given, how]) => {
      const library = new URL("./typoproof.js", location.href).href;
      const { openCertifier } = await import(library);
      const certifier = await openCertifier(source);
      const results: Certification[] = [];
      for (const text of given) results.push(await certifier.certify(text, how));
      certifier.close();
      return results;
    },
    [model, texts, options] as const,
  );
}

inChromium("Chromium and Node give the same answers", () => {
  const stage = new Stage();
  let folder = "";
  let page: Page;
  beforeAll(async () => {
    await stage.start();
    folder = await mkdtemp(join(tmpdir(), "typoproof-agree-"));
    await cp(built, folder, { recursive: true });
    page = (await stage.open(await stage.serve(folder))).page;
  }, 60_000);
  afterAll(async () => {
    await stage.stop();
    await rm(folder, { recursive: true });
  });

  test.each(["sms-spam", "sst2"])(
    "%s: verdict, radius, margins and counterexample, to the last bit",
    async (name) => {
      const texts = textsFor(name);
      const found = await inPage(page, `models/${name}`, texts, { edits: 3 });
      const model = await loadModel(name);
      expect(found).toHaveLength(PER_MODEL);
      for (const [i, text] of texts.entries())
        expect([text, said(found[i]!)]).toEqual([text, said(await certify(model, text, { edits: 3 }))]);
      expect(found.filter(({ verdict }) => verdict === "refuted").length).toBeGreaterThan(0);
    },
    300_000,
  );

  for (const name of TRANSFORMERS) {
    const there = existsSync(join(shared, "models", name, "model.safetensors"));
    const what = `${name} as an ONNX file, ${SENTENCES} sentences, every single edit`;
    (there ? test : test.skip)(
      `${what}${there ? "" : " (left out: ../shared isn't there)"}`,
      async () => {
        const origin = join(shared, "models", name);
        const weights = await loadModel(origin, { backend: "reference" });
        if (!(weights instanceof SequenceModel) || weights.encoder === null)
          throw new Error(`${name} has no encoder`);
        const to = join(folder, "models", name);
        await mkdir(join(to, "onnx"), { recursive: true });
        for (const file of ["config.json", "tokenizer.json", "tokenizer_config.json"])
          cpSync(join(origin, file), join(to, file));
        await writeFile(join(to, "onnx", "model.onnx"), encoderToOnnx(weights.encoder, { mask: false }));
        const sentences = JSON.parse(readFileSync(join(origin, "expected-logits.json"), "utf8")) as {
          text: string;
        }[];
        const texts = sentences.slice(0, SENTENCES).map(({ text }) => text);
        const found = await inPage(page, `models/${name}`, texts, { edits: 1, method: "enumerate" });
        const model = await loadModel(to, { backend: "wasm" });
        const verdicts = new Set<string>();
        for (const [i, text] of texts.entries()) {
          const given = found[i]!;
          const expected = await certify(model, text, { edits: 1, method: "enumerate" });
          verdicts.add(expected.verdict);
          expect([text, given.verdict, given.certified, given.broken]).toEqual([
            text,
            expected.verdict,
            expected.certified,
            expected.broken,
          ]);
          expect([text, given.counterexample?.text]).toEqual([text, expected.counterexample?.text]);
          expect(given.model).toEqual(expected.model);
          for (const [j, { lower }] of expected.margins.entries())
            expect(given.margins[j]!.lower).toBeCloseTo(lower, 4);
        }
        expect(verdicts.size).toBeGreaterThan(1);
      },
      300_000,
    );
  }
});
