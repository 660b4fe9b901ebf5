/**
 * Exact answers at one edit for real Transformers (../shared/models/deept-*) on some of their 64 SST-2 sentences, by
 * every backend, against brute force through the tokenizers library. Four files share the sentences between them.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { certify } from "../../src/certify/certify.js";
import { asciiAlphabet } from "../../src/edits/alphabet.js";
import { levenshtein } from "../../src/edits/distance.js";
import { neighbourCount } from "../../src/edits/neighbours.js";
import { SequenceModel } from "../../src/model/sequence.js";
import { loadModel } from "../../src/node/load-model.js";
import { installedRuntimes } from "../contract/installed.js";
import { truthOf, type Whole, wholeNeighbours } from "../oracle/whole-neighbours.js";
import { libraryTokenizer, shared } from "../tokenizer/real-tokenizers.js";

const MODELS = ["deept-sst2-1layer", "deept-sst2-3layer"] as const;
const there = MODELS.every((name) => existsSync(join(shared, "models", name, "model.safetensors")));
const ascii = asciiAlphabet();
const MINUTES = 60_000;
/** Words that these models read. */
const WORDS = 30;

async function open(name: string, backend: "native" | "wasm" | "reference"): Promise<SequenceModel> {
  const model = await loadModel(join(shared, "models", name), { backend });
  if (!(model instanceof SequenceModel)) throw new Error(`${name} is no sequence model`);
  return model;
}

export function enumerateOnSst2(from: number, to: number): void {
  const what = `one edit on SST-2 sentences ${from} to ${to - 1} (skipped where ../shared is absent)`;
  (there ? describe : describe.skip)(what, () => {
    let texts: readonly string[] = [];
    let brute: readonly Whole[] = [];

    beforeAll(() => {
      const expected = readFileSync(join(shared, "models", MODELS[0], "expected-logits.json"), "utf8");
      texts = (JSON.parse(expected) as { text: string }[]).slice(from, to).map(({ text }) => text);
      const library = libraryTokenizer(`models/${MODELS[0]}`);
      const encode = (text: string): number[] => {
        const [first, ...others] = library.encode(text).ids;
        return [first!, ...others.slice(0, -1).slice(0, WORDS), others.at(-1)!];
      };
      brute = texts.map((text) => wholeNeighbours(text, ascii, encode));
    }, 10 * MINUTES);

    test("the sentences are all there, and there are tens of thousands of strings for each", () => {
      expect(texts).toHaveLength(to - from);
      expect(brute.map(({ strings }) => strings)).toEqual(texts.map((text) => neighbourCount(text, ascii)));
      expect(brute.reduce((sum, { strings }) => sum + strings, 0)).toBeGreaterThan(10_000 * texts.length);
    });

    test("both models read them alike", () => {
      const [one, other] = MODELS.map((name) => readFileSync(join(shared, "models", name, "tokenizer.json")));
      expect(one!.equals(other!)).toBe(true);
    });

    const cases = MODELS.flatMap((name) =>
      [...installedRuntimes(), "reference" as const].map((backend) => ({ name, backend })),
    );
    test.each(cases)(
      "$name by $backend: verdict, distance, margin and counts are those of brute force",
      async ({ name, backend }) => {
        const model = await open(name, backend);
        const quick = backend === "native" ? model : await open(name, installedRuntimes()[0]!);
        let [certified, refuted] = [0, 0];
        for (const [i, text] of texts.entries()) {
          const { strings, sequences } = brute[i]!;
          const truth = await truthOf(quick.backend, sequences);
          const answer = await certify(model, text, { edits: 1, method: "enumerate", alphabet: ascii });
          const { verdict, broken, counterexample, work } = answer;
          const where = JSON.stringify(text);
          expect([where, verdict, answer.certified, broken]).toEqual(
            truth.flips === 0 ? [where, "certified", 1, null] : [where, "refuted", 0, 1],
          );
          expect([where, answer.prediction.index]).toEqual([where, truth.label]);
          expect(work!.backend).toContain(backend === "reference" ? "reference" : "onnxruntime");
          if (counterexample === null) {
            certified++;
            // Nothing is left out and nothing is run twice.
            expect([where, work!.strings, work!.sequences, work!.passes]).toEqual([
              where,
              strings,
              sequences.length,
              sequences.length,
            ]);
            expect(Math.abs(answer.margins[1]!.lower - truth.least)).toBeLessThan(1e-4);
          } else {
            refuted++;
            expect(levenshtein(text, counterexample.text)).toBe(1);
            const own = Int32Array.from(model.tokenizer.encode(counterexample.text));
            expect(sequences.some((ids) => ids.join() === own.join())).toBe(true);
            expect((await quick.predict(counterexample.text)).index).not.toBe(truth.label);
            expect(work!.sequences).toBeLessThanOrEqual(sequences.length);
          }
        }
        // Each kind of answer has been put to the test; of the smaller model's, few are certified.
        expect(refuted).toBeGreaterThan(0);
        if (name === MODELS[1]) expect(certified).toBeGreaterThan(0);
        await model.backend.close();
        if (quick !== model) await quick.backend.close();
      },
      10 * MINUTES,
    );
  });
}
