/**
 * Judges a saved result line about a sequence model or a LipsLev model (check.ts and check-transformer.ts do native ones).
 *
 * Promise: as in check.ts. The claim "every text within k edits has this label" is computed again the plain way: every text as a
 * whole string through the whole tokenizer, and every different token sequence through the model (plain-strings.ts), as
 * long as they aren't too many. Nothing of reach, locality or the order of `enumerate` is used. Of LipsLev models one edit is
 * tried, and more are held to the constant of one edit, computed once more (plain-lipslev.ts).
 * Scores and margins are compared within what float32 loses, where the line or the model at hand is float32.
 */
import type { Alphabet } from "../edits/alphabet.js";
import { UserError } from "../failure.js";
import { LipslevModel } from "../model/lipslev.js";
import { keepsLabel, marginOf } from "../model/margins.js";
import type { SequenceModel } from "../model/sequence.js";
import { type CertifiableModel, viewOf } from "../model/views.js";
import type { Check } from "./check.js";
import {
  alphabetProblems,
  distanceProblems,
  modelProblems,
  settingProblems,
  shapeProblems,
  shown,
} from "./check-claims.js";
import { evidenceProblems } from "./check-evidence.js";
import { type Near, nearness, nearPredictionProblems } from "./check-prediction.js";
import { plainLipslevCost } from "./plain-lipslev.js";
import { plainStrings } from "./plain-strings.js";
import type { ResultRecord, Row } from "./result.js";

/** Of the size of the scores: what two runs may differ by, one of them in float32, and where both are in float64. */
const ROUNDING = { float32: 1e-3, float64: 1e-9 };

export async function checkSequenceRecord(
  of: CertifiableModel,
  record: ResultRecord,
  alphabet: Alphabet,
): Promise<Check> {
  const problems = "error" in record ? [] : await problemsOf(of, record, alphabet);
  return { holds: problems.length === 0, problems };
}

async function problemsOf(of: CertifiableModel, record: Row, alphabet: Alphabet): Promise<string[]> {
  const other = modelProblems(record, of);
  if (other.length > 0) return other;
  const model = viewOf(of);
  const allowed = {
    arithmetic: ["float64", "float32"],
    methods: ["enumerate", "attack", "lipschitz", "exact"],
  };
  const problems = [...settingProblems(record, allowed), ...shapeProblems(record)];
  const another = alphabetProblems(record, alphabet);
  if (another.length > 0) return [...problems, ...another];
  const float64 = record.arithmetic === "float64" && model.backend.arithmetic === "float64";
  const near = nearness(float64 ? ROUNDING.float64 : ROUNDING.float32);
  const logits = await logitsOf(model, record.text);
  const winner = model.prediction(logits).index;
  problems.push(...nearPredictionProblems(model, near, "prediction", record.prediction, logits));
  const correct = record.label === null ? null : record.label === model.labels[winner];
  if (record.correct !== correct) problems.push(`correct is ${record.correct}; it must be ${correct}`);
  const found = record.counterexample;
  if (found !== null) {
    const other = await logitsOf(model, found.text);
    problems.push(
      ...nearPredictionProblems(model, near, "counterexample.prediction", found.prediction, other),
    );
    if (keepsLabel(other, winner))
      problems.push(
        `the counterexample is ${shown(model.labels[winner])} like the text, so it shows nothing`,
      );
    problems.push(...distanceProblems(record, alphabet));
  }
  if (problems.length > 0) return problems;
  problems.push(...evidenceProblems(record, model));
  const margin = marginOf(logits, winner);
  const unedited = record.margins[0];
  if (unedited !== undefined && !near(unedited.lower, margin, logits))
    problems.push(`the margin at 0 edits is said to be ${unedited.lower}, but computed is ${margin}`);
  problems.push(...(await worstProblems(model, near, record, winner)));
  problems.push(...(await editProblems(of, model, near, record, alphabet, logits)));
  return problems;
}

/** `certified` and the margins against every text there is, and beyond that, for LipsLev models, against their constant. */
async function editProblems(
  of: CertifiableModel,
  model: SequenceModel,
  near: Near,
  record: Row,
  alphabet: Alphabet,
  logits: Float64Array,
): Promise<string[]> {
  const { text, method, margins } = record;
  const certified = record.certified ?? 0;
  const winner = model.prediction(logits).index;
  const problems: string[] = [];
  let single: readonly number[] | null = null;
  for (let edits = 1; edits <= certified; edits++) {
    const claimed = margins[edits]?.lower;
    let least: number;
    if (of instanceof LipslevModel && edits > 1) {
      const cut = of.read(text).ids.length + edits > of.maxCharacters;
      least = Math.min(...chained(of, logits, single!, winner, edits, cut));
      if (!(least > 0))
        return [
          ...problems,
          `couldn't be re-checked: by the constant ${edits} edits leave ${least}, not above 0`,
        ];
    } else {
      const answer = await plainStrings(model, text, alphabet, winner, edits);
      if (!answer.done) return [...problems, `couldn't be re-checked: ${answer.reason}`];
      single = answer.least;
      least = Math.min(...answer.least);
      if (answer.lost > 0)
        problems.push(
          `certified is ${certified}, but ${edits} edit${edits === 1 ? "" : "s"} can change the answer`,
        );
    }
    // What isn't found by trying everything is a bound, and may be lower.
    const bound = (method === "lipschitz" || edits > 1) && claimed !== undefined && claimed <= least;
    if (claimed !== undefined && !bound && !near(claimed, least, logits))
      problems.push(`the margin at ${edits} edits is said to be ${claimed}, but computed is ${least}`);
  }
  return [...problems, ...lipslevProblems(of, near, record, logits, winner, single)];
}

/** What the evidence of a LipsLev model says of it and of one edit, against what was computed; `single`: after one edit, or null. */
function lipslevProblems(
  of: CertifiableModel,
  near: Near,
  { text, evidence, limit }: Row,
  logits: Float64Array,
  winner: number,
  single: readonly number[] | null,
): string[] {
  if (!(of instanceof LipslevModel) || evidence?.kind !== "lipslev") return [];
  const problems: string[] = [];
  const cut = of.read(text).ids.length + limit > of.maxCharacters;
  if (evidence.cut !== cut) problems.push(`evidence.cut is ${evidence.cut}; it must be ${cut}`);
  for (const { rival, margin, single: claimed, substitute, insert, delete: deleted } of evidence.rivals) {
    const cost = Math.max(substitute, Math.max(insert, deleted) + (cut ? substitute : 0));
    const plain = plainLipslevCost(of, winner, rival, cut);
    if (cost * (1 + 1e-5) < plain)
      problems.push(`one edit is said to cost ${cost} over label ${rival}, but computed is ${plain}`);
    const least = single?.[rival];
    if (claimed !== null && least !== undefined && !near(Math.min(claimed, margin), least, logits))
      problems.push(`one edit is said to leave ${claimed} over label ${rival}, but computed is ${least}`);
  }
  return problems;
}

/** [labels] The margins that k edits leave at least: from the text's own, or from those after one edit, whichever says more. */
function chained(
  model: LipslevModel,
  logits: Float64Array,
  single: readonly number[],
  winner: number,
  edits: number,
  cut: boolean,
): number[] {
  return model.labels.map((_, y) => {
    if (y === winner) return Number.POSITIVE_INFINITY;
    const cost = plainLipslevCost(model, winner, y, cut);
    return Math.max(logits[winner]! - logits[y]! - edits * cost, single[y]! - (edits - 1) * cost);
  });
}

/** What the evidence says of the changed sequence with the least bound, against what the model says to it. */
async function worstProblems(
  model: SequenceModel,
  near: Near,
  { text, evidence }: Row,
  winner: number,
): Promise<string[]> {
  if (evidence?.kind !== "encoder-bounds" || evidence.worst === null) return [];
  const { from, put, kept, lower } = evidence.worst;
  const base = Array.from(model.tokenizer.encode(text));
  if (from + kept > base.length)
    return [`evidence.worst keeps ${from} and ${kept} tokens, but the text has ${base.length}`];
  const unknown = put.find((id) => id >= model.tokenizer.size);
  if (unknown !== undefined) return [`evidence.worst puts the token ${unknown}, which there isn't`];
  const ids = Int32Array.from([...base.slice(0, from), ...put, ...base.slice(base.length - kept)]);
  let logits: Float64Array | undefined;
  try {
    [logits] = await model.backend.logits([ids]);
  } catch (error) {
    if (error instanceof UserError) return [`evidence.worst can't be read: ${error.message}`];
    throw error;
  }
  const margin = marginOf(logits!, winner);
  return lower <= margin || near(lower, margin, logits!)
    ? []
    : [`evidence.worst is said to keep a margin of ${lower}, but computed is ${margin}`];
}

async function logitsOf(model: SequenceModel, text: string): Promise<Float64Array> {
  const [logits] = await model.backend.logits([model.tokenizer.encode(text)]);
  return logits!;
}
