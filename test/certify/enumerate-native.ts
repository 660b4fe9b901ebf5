/** The two exact methods on the models that ship: `enumerate` runs every token sequence, `exact` searches paths. */
import { certify } from "../../src/certify/certify.js";
import type { Alphabet } from "../../src/edits/alphabet.js";
import { neighbourCount } from "../../src/edits/neighbours.js";
import { datasetInput } from "../../src/node/datasets/input.js";
import { readRows } from "../../src/node/input/rows.js";
import { loadNativeModel } from "../../src/node/load-model.js";

/** `count` texts of a data set, spread over all of it. */
export async function spreadTexts(dataset: string, count: number, data?: string): Promise<string[]> {
  const all: string[] = [];
  for await (const { text, error } of readRows(await datasetInput(dataset, data)))
    if (error === undefined) all.push(text);
  const stride = Math.max(1, Math.floor(all.length / count));
  return all.filter((_, n) => n % stride === 0).slice(0, count);
}

/** Throws unless both say the same of one edit on all texts; how many are certified and how many refuted. */
export async function bothMethodsAgree(
  name: string,
  texts: readonly string[],
  alphabet: Alphabet,
): Promise<{ readonly certified: number; readonly refuted: number }> {
  const model = await loadNativeModel(name);
  let [certified, refuted] = [0, 0];
  for (const text of texts) {
    const options = { edits: 1, alphabet };
    const exact = await certify(model, text, { ...options, method: "exact" });
    const all = await certify(model, text, { ...options, method: "enumerate" });
    const claims = ({ prediction, verdict, certified, broken }: typeof exact) => [
      text,
      prediction,
      verdict,
      certified,
      broken,
    ];
    expect(claims(all)).toEqual(claims(exact));
    if (all.counterexample === null) {
      certified++;
      expect(all.margins).toEqual(exact.margins);
      expect(all.work!.strings).toBe(neighbourCount(text, alphabet));
    } else {
      refuted++;
      expect(model.predict(all.counterexample.text).index).not.toBe(exact.prediction.index);
    }
  }
  return { certified, refuted };
}
