/**
 * Judges a saved result line: is everything that it claims true?
 *
 * Promise: `holds` is true only if each claim was computed again and found true, with code that the search which made
 * the line doesn't use (plain-search.ts). What couldn't be computed again is a problem, never a silent pass.
 *
 * Claims are: the model's hash; threat and arithmetic; the prediction and its scores; `correct`, given the label;
 * that all texts within `certified` edits have the predicted label; for the method `exact` each listed margin, to the
 * last bit; that the counterexample is within `broken` edits, written with the alphabet, and has another
 * label; and that verdict, certified, broken, limit and margins fit together.
 * No claims are: `id`, `label` and the text itself (they come from the input: a line with another text is a line
 * about that text), the model's name, `seconds`, `reason`, and how far `limit` lies beyond what broke the text or
 * stopped the search. A line that holds an error claims nothing: it holds, without problems.
 */
import { type Alphabet, asciiAlphabet, listAlphabet, unicodeAlphabet } from "../edits/alphabet.js";
import type { Classifier, Prediction } from "../model/classifier.js";
import { NativeModel } from "../model/native.js";
import { viewOf } from "../model/views.js";
import { SEPARATOR, SYMBOL_CHARACTERS } from "../text/symbols.js";
import {
  alphabetProblems,
  distanceProblems,
  highest,
  modelProblems,
  settingProblems,
  shapeProblems,
  shown,
} from "./check-claims.js";
import { evidenceProblems } from "./check-evidence.js";
import { type PlainLimits, plainLogits, plainSearch, stillWins } from "./plain-search.js";
import type { ResultRecord, Row } from "./result.js";

export interface CheckOptions {
  /** Needed for alphabets from a file; its name must be the record's. `unicode`, `ascii` and `model` are rebuilt. */
  readonly alphabet?: Alphabet;
  /** How far the plain search may go before the line counts as not checked. */
  readonly limits?: PlainLimits;
}

export interface Check {
  readonly holds: boolean;
  /** One plain sentence part per claim that isn't true or couldn't be checked. */
  readonly problems: readonly string[];
}

export function checkRecord(model: Classifier, record: ResultRecord, options: CheckOptions = {}): Check {
  const problems = "error" in record ? [] : problemsOf(model, record, options);
  return { holds: problems.length === 0, problems };
}

function problemsOf(model: Classifier, record: Row, options: CheckOptions): string[] {
  if (!(model instanceof NativeModel))
    return [`couldn't be re-checked: the model ${model.identity.name} is no native model`];
  const other = modelProblems(record, model);
  if (other.length > 0) return other;
  const allowed = { arithmetic: ["float64"], methods: ["exact", "enumerate", "attack"] };
  const problems = [...settingProblems(record, allowed), ...shapeProblems(record)];
  const alphabet = alphabetOf(record.threat.alphabet, model, options.alphabet);
  if (typeof alphabet === "string") problems.push(alphabet);
  else problems.push(...alphabetProblems(record, alphabet));
  problems.push(...evidenceProblems(record, viewOf(model)));
  const logits = plainLogits(model, record.text);
  const winner = highest(logits);
  problems.push(...predictionProblems(model, "prediction", record.prediction, logits));
  const correct = record.label === null ? null : record.label === model.labels[winner];
  if (record.correct !== correct)
    problems.push(
      `correct is ${record.correct}, but the label is ${shown(record.label)} and the prediction ${shown(model.labels[winner])}: it must be ${correct}`,
    );
  if (typeof alphabet === "string" || alphabetProblems(record, alphabet).length > 0) return problems;
  problems.push(...counterexampleProblems(model, record, winner, alphabet));
  // Numbers that aren't counts in order can't be searched for.
  if (shapeProblems(record).length > 0) return problems;
  problems.push(...searchProblems(model, record, winner, alphabet, options.limits));
  return problems;
}

function predictionProblems(
  model: NativeModel,
  name: string,
  prediction: Prediction,
  logits: readonly number[],
): string[] {
  const problems: string[] = [];
  const index = highest(logits);
  const label = model.labels[index]!;
  if (prediction.index !== index)
    problems.push(`${name}.index is ${prediction.index}, but computed is ${index}`);
  if (prediction.label !== label)
    problems.push(`${name}.label is ${shown(prediction.label)}, but computed is ${shown(label)}`);
  const { scores } = prediction;
  if (scores.length !== logits.length)
    problems.push(`${name}.scores has ${scores.length} numbers, but the model has ${logits.length} labels`);
  else
    for (const [y, logit] of logits.entries())
      if (scores[y] !== logit)
        problems.push(`${name}.scores[${y}] is ${scores[y]}, but computed is ${logit}`);
  return problems;
}

function counterexampleProblems(
  model: NativeModel,
  record: Row,
  winner: number,
  alphabet: Alphabet,
): string[] {
  if (record.counterexample === null) return [];
  const { text: changed, prediction } = record.counterexample;
  const logits = plainLogits(model, changed);
  const problems = predictionProblems(model, "counterexample.prediction", prediction, logits);
  if (highest(logits) === winner)
    problems.push(`the counterexample is ${shown(model.labels[winner])} like the text, so it shows nothing`);
  return [...problems, ...distanceProblems(record, alphabet)];
}

/** `certified` and the margins against the plain search. */
function searchProblems(
  model: NativeModel,
  record: Row,
  winner: number,
  alphabet: Alphabet,
  limits: PlainLimits | undefined,
): string[] {
  const { certified, margins, text, evidence } = record;
  const most = Math.max(certified ?? 0, margins.length - 1);
  const answer = plainSearch(model, text, alphabet, winner, most, limits);
  if (!answer.done) return [`couldn't be re-checked: ${answer.reason}`];
  const problems: string[] = [];
  for (const { edits, lower } of margins) {
    const least = Math.min(...answer.least[edits]!);
    if (lower !== least)
      problems.push(`the margin at ${edits} edits is said to be ${lower}, but computed is ${least}`);
  }
  if (evidence?.kind === "exact")
    for (const [i, row] of evidence.least.entries())
      for (const [y, margin] of row.entries()) {
        const least = answer.least[i + 1]?.[y];
        if (margin !== null && margin !== least)
          problems.push(
            `evidence.least[${i}][${y}] is ${margin}, but computed is ${least === Number.POSITIVE_INFINITY ? null : least}`,
          );
      }
  let proven = -1;
  while (proven < most && stillWins(answer.least[proven + 1]!, winner)) proven++;
  if (certified !== null && proven < certified)
    problems.push(`certified is ${certified}, but ${proven + 1} edits can change the answer`);
  const listed = Math.min(proven, margins.length - 1);
  if (listed > (certified ?? -1))
    problems.push(`certified is ${certified}, but the margins listed prove ${listed}`);
  return problems;
}

/** The alphabet of that name, or what is wrong with it. */
function alphabetOf(name: string, model: NativeModel, given: Alphabet | undefined): Alphabet | string {
  if (name === "unicode") return unicodeAlphabet();
  if (name === "ascii") return asciiAlphabet();
  if (name === "model") return modelAlphabet(model);
  if (given === undefined)
    return `couldn't be re-checked: the alphabet ${shown(name)} isn't built in and wasn't given`;
  if (given.name !== name)
    return `the line is about the alphabet ${shown(name)}, but the one given is ${shown(given.name)}`;
  return given;
}

/** The symbols that the tokens are written with, and the space. */
function modelAlphabet(model: NativeModel): Alphabet {
  const characters = new Set(model.vocabulary.tokens.flatMap((token) => [...token]));
  characters.add(SYMBOL_CHARACTERS[SEPARATOR]!);
  return listAlphabet(
    "model",
    SYMBOL_CHARACTERS.filter((c) => characters.has(c)).map((c) => c.codePointAt(0)!),
  );
}
