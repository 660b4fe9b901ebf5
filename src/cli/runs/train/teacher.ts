/**
 * What teachers say of the training texts: the mean of their softmaxes of scaled logits over the labels at hand, so that what one says
 * of a label that isn't among them is left out.
 */
import { UserError } from "../../../failure.js";
import type { Classifier, ModelIdentity } from "../../../model/classifier.js";
import { loadModel } from "../../../node/load-model.js";
import type { Example } from "../../../train/corpus.js";

export interface Teacher {
  readonly identities: readonly ModelIdentity[];
  /** [texts * labels] adding up to 1 for each text. */
  targets(
    examples: readonly Example[],
    after: (done: number) => Promise<boolean>,
  ): Promise<Float64Array | null>;
}

/**
 * @param scale what logits are multiplied by
 * @throws UserError if one of them doesn't know one of the labels
 */
export async function openTeacher(
  names: readonly string[],
  scale: number,
  labels: readonly string[],
): Promise<Teacher> {
  const members: Member[] = [];
  for (const name of names) members.push(await openMember(name, labels));
  return {
    identities: members.map(({ model }) => model.identity),
    async targets(examples, after) {
      const targets = new Float64Array(examples.length * labels.length);
      for (const [i, { text }] of examples.entries()) {
        for (const { model, columns } of members) {
          const { scores } = await model.predict(text);
          softmax(columns.map((column) => scale * scores[column]!)).forEach((part, y) => {
            const at = i * labels.length + y;
            targets[at] = targets[at]! + part / members.length;
          });
        }
        if (!(await after(i + 1))) return null;
      }
      return targets;
    },
  };
}

interface Member {
  readonly model: Classifier;
  /** [labels] where it has each. */
  readonly columns: readonly number[];
}

async function openMember(name: string, labels: readonly string[]): Promise<Member> {
  const model: Classifier = await loadModel(name);
  const columns = labels.map((label) => model.labels.indexOf(label));
  const missing = labels.filter((_, y) => columns[y]! < 0);
  if (missing.length > 0)
    throw new UserError(
      `the teacher ${name} has the labels ${model.labels.join(", ")}; it must have ${missing.join(", ")} too`,
    );
  return { model, columns };
}

function softmax(scores: readonly number[]): number[] {
  const most = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - most));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / total);
}
