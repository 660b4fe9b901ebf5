/**
 * Judges a saved result line about a sequence model (check.ts does native ones).
 *
 * Promise: as in check.ts. The claim "every text within one edit has this label" is computed again the plain way: every
 * neighbour as a whole string (edits/neighbours.ts) through the whole tokenizer, and every different token sequence
 * through the model. Nothing of reach, locality or the order of `enumerate` is used. More than one edit isn't
 * re-checked. Scores and margins are compared within what float32 loses, where the line or the model at hand is float32.
 */
import type { Alphabet } from "../edits/alphabet.js";
import { neighbourCount, neighbours } from "../edits/neighbours.js";
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
import type { ResultRecord, Row } from "./result.js";

/** Strings beyond which a line counts as not checked. */
const MOST_STRINGS = 2_000_000;
/** Token sequences run together. */
const RUN = 256;
/** Characters of all keys of sequences that are remembered; then they are forgotten, and some are run again. */
const MOST_KEPT = 2 ** 26;
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
  const [unedited, single] = record.margins;
  if (unedited !== undefined && !near(unedited.lower, margin, logits))
    problems.push(`the margin at 0 edits is said to be ${unedited.lower}, but computed is ${margin}`);
  const certified = record.certified ?? 0;
  if (certified > 1) return [...problems, "couldn't be re-checked: more than 1 edit"];
  if (certified === 1)
    problems.push(...(await singleProblems(model, near, record, alphabet, winner, single?.lower)));
  return problems;
}

/** That no neighbour has another label, and what the least margin is. */
async function singleProblems(
  model: SequenceModel,
  near: Near,
  { text, method }: Row,
  alphabet: Alphabet,
  winner: number,
  claimed: number | undefined,
): Promise<string[]> {
  const strings = neighbourCount(text, alphabet);
  if (strings > MOST_STRINGS) return [`couldn't be re-checked: ${strings} texts are within one edit`];
  const seen = new Set<string>();
  let kept = 0;
  let waiting: Int32Array[] = [];
  let least = marginOf(await logitsOf(model, text), winner);
  let lost = 0;
  let size: Float64Array = new Float64Array();
  const run = async (): Promise<void> => {
    for (const logits of await model.backend.logits(waiting)) {
      least = Math.min(least, marginOf(logits, winner));
      if (!keepsLabel(logits, winner)) lost++;
      size = logits;
    }
    waiting = [];
  };
  for (const changed of neighbours(text, alphabet)) {
    const ids = model.tokenizer.encode(changed);
    const key = ids.join(" ");
    if (seen.has(key)) continue;
    seen.add(key);
    kept += key.length;
    if (kept > MOST_KEPT) {
      seen.clear();
      kept = 0;
    }
    waiting.push(ids);
    if (waiting.length >= RUN) await run();
  }
  await run();
  const problems: string[] = [];
  if (lost > 0) problems.push(`certified is 1, but 1 edit can change the answer`);
  // What isn't found by trying everything is a bound, and may be lower.
  const bound = method === "lipschitz" && claimed !== undefined && claimed <= least;
  if (claimed !== undefined && !bound && !near(claimed, least, size))
    problems.push(`the margin at 1 edits is said to be ${claimed}, but computed is ${least}`);
  return problems;
}

async function logitsOf(model: SequenceModel, text: string): Promise<Float64Array> {
  const [logits] = await model.backend.logits([model.tokenizer.encode(text)]);
  return logits!;
}
