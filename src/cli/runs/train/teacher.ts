/**
 * What a teacher says of the training texts: the softmax of its logits over the labels at hand, so that what it says of a label that
 * isn't among them is left out.
 */
import { UserError } from "../../../failure.js";
import type { Classifier, ModelIdentity } from "../../../model/classifier.js";
import { loadModel } from "../../../node/load-model.js";
import type { Example } from "../../../train/corpus.js";

export interface Teacher {
  readonly identity: ModelIdentity;
  /** [texts * labels] adding up to 1 for each text. */
  targets(
    examples: readonly Example[],
    after: (done: number) => Promise<boolean>,
  ): Promise<Float64Array | null>;
}

/** @throws UserError if it doesn't know one of the labels */
export async function openTeacher(name: string, labels: readonly string[]): Promise<Teacher> {
  const model: Classifier = await loadModel(name);
  const columns = labels.map((label) => model.labels.indexOf(label));
  const missing = labels.filter((_, y) => columns[y]! < 0);
  if (missing.length > 0)
    throw new UserError(
      `the teacher ${name} has the labels ${model.labels.join(", ")}; it must have ${missing.join(", ")} too`,
    );
  return {
    identity: model.identity,
    async targets(examples, after) {
      const targets = new Float64Array(examples.length * labels.length);
      for (const [i, { text }] of examples.entries()) {
        const { scores } = await model.predict(text);
        targets.set(softmax(columns.map((column) => scores[column]!)), i * labels.length);
        if (!(await after(i + 1))) return null;
      }
      return targets;
    },
  };
}

function softmax(scores: readonly number[]): number[] {
  const most = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - most));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / total);
}
