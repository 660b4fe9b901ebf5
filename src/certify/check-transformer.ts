/**
 * Judges a saved result line about a native Transformer (check.ts does additive models, check-sequence.ts all others).
 *
 * Promise: as in check.ts. The forward is another one (plain-transformer.ts), and the claim "every text within k edits has this
 * label" is computed again by trying everything that the edits can make of the words (plain-blocks.ts), with none of the bounds that the
 * method `lipschitz` rests on. What is too much to be tried is a problem that says up to where the claim was computed again. Numbers
 * of the blocks are compared within what another order of summation changes, a margin counts only beyond that.
 * Bounds of margins beyond `certified` are tried as far as that is cheap, and are held to their evidence otherwise.
 */
import type { Alphabet } from "../edits/alphabet.js";
import type { NativeTransformer } from "../model/native-transformer.js";
import { viewOf } from "../model/views.js";
import type { Check } from "./check.js";
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
import { nearness, nearPredictionProblems } from "./check-prediction.js";
import { type PlainBlocksLimits, plainBlocks } from "./plain-blocks.js";
import { plainBranches, plainRows, plainTransformerLogits, plainWords } from "./plain-transformer.js";
import type { ResultRecord, Row } from "./result.js";

/** Of the size of the scores: what another order of summation may change. */
const ROUNDING = 1e-9;
/** Sequences that are tried for what isn't certified. */
const FEW_SEQUENCES = 5_000;

export function checkTransformerRecord(
  model: NativeTransformer,
  record: ResultRecord,
  alphabet: Alphabet,
  limits: PlainBlocksLimits = {},
): Check {
  const problems = "error" in record ? [] : problemsOf(model, record, alphabet, limits);
  return { holds: problems.length === 0, problems };
}

function problemsOf(
  model: NativeTransformer,
  record: Row,
  alphabet: Alphabet,
  limits: PlainBlocksLimits,
): string[] {
  const other = modelProblems(record, model);
  if (other.length > 0) return other;
  const allowed = { arithmetic: ["float64"], methods: ["lipschitz", "enumerate", "attack"] };
  const problems = [...settingProblems(record, allowed), ...shapeProblems(record)];
  problems.push(...evidenceProblems(record, viewOf(model)));
  const another = alphabetProblems(record, alphabet);
  if (another.length > 0) return [...problems, ...another];

  const near = nearness(ROUNDING);
  const logits = plainTransformerLogits(model, record.text);
  const winner = highest(logits);
  problems.push(...nearPredictionProblems(model, near, "prediction", record.prediction, logits));
  const correct = record.label === null ? null : record.label === model.labels[winner];
  if (record.correct !== correct) problems.push(`correct is ${record.correct}; it must be ${correct}`);
  const found = record.counterexample;
  if (found !== null) {
    const changed = plainTransformerLogits(model, found.text);
    problems.push(
      ...nearPredictionProblems(model, near, "counterexample.prediction", found.prediction, changed),
    );
    if (highest(changed) === winner)
      problems.push(
        `the counterexample is ${shown(model.labels[winner])} like the text, so it shows nothing`,
      );
    problems.push(...distanceProblems(record, alphabet));
  }
  const margin = least(
    logits.map((logit, y) => (y === winner ? Number.POSITIVE_INFINITY : logits[winner]! - logit)),
  );
  const unedited = record.margins[0];
  if (unedited !== undefined && !near(unedited.lower, margin, logits))
    problems.push(`the margin at 0 edits is said to be ${unedited.lower}, but computed is ${margin}`);
  problems.push(...blocksProblems(model, record, winner, logits));
  if (problems.length > 0) return problems;
  return editProblems(model, record, alphabet, winner, logits, limits);
}

/** What the blocks add to the text as it stands, as the evidence says it. */
function blocksProblems(
  model: NativeTransformer,
  { text, evidence }: Row,
  winner: number,
  logits: readonly number[],
): string[] {
  if (evidence?.kind !== "native-blocks") return [];
  const known = plainRows(model);
  const rows = plainWords(text).flatMap((word) => known.get(word) ?? []);
  const problems: string[] = [];
  if (evidence.tokens !== rows.length)
    problems.push(`evidence.tokens is ${evidence.tokens}, but the text has ${rows.length} embedded words`);
  if (model.blocks.length === 0) return problems;
  const adds = plainBranches(model, rows);
  for (const [i, { rival, first, later, bias }] of evidence.steps.entries()) {
    const own = adds[winner]! - adds[rival]!;
    if (!nearness(ROUNDING)(first + later, own, logits))
      problems.push(`evidence.steps[${i}] has blocks that add ${first + later}, but computed is ${own}`);
    const prior = model.additive.bias[winner]! - model.additive.bias[rival]!;
    if (bias !== prior) problems.push(`evidence.steps[${i}].bias is ${bias}, but the model's is ${prior}`);
  }
  return problems;
}

/** `certified` and the margins against everything that edits can make. */
function editProblems(
  model: NativeTransformer,
  { certified, margins, text, method }: Row,
  alphabet: Alphabet,
  winner: number,
  logits: readonly number[],
  limits: PlainBlocksLimits,
): string[] {
  const near = nearness(ROUNDING);
  const problems: string[] = [];
  for (let edits = 1; edits <= Math.max(certified ?? 0, margins.length - 1); edits++) {
    const claimed = edits <= (certified ?? 0);
    const few = { ...limits, sequences: Math.min(limits.sequences ?? FEW_SEQUENCES, FEW_SEQUENCES) };
    const answer = plainBlocks(model, text, alphabet, winner, edits, claimed ? limits : few);
    if (!answer.done) {
      if (claimed)
        problems.push(
          `couldn't be re-checked in full: ${answer.reason}; computed again up to ${edits - 1} edit${edits === 2 ? "" : "s"}`,
        );
      break;
    }
    const margin = least(answer.least);
    if (claimed && !(margin > 0))
      problems.push(`certified is ${certified}, but ${edits} can change the answer`);
    else if (claimed && near(margin, 0, logits))
      problems.push(`couldn't be re-checked: ${edits} edits come too near to a tie`);
    const lower = margins[edits]?.lower;
    if (lower === undefined) continue;
    // What isn't found by trying everything is a bound, and may be lower.
    if (lower > margin && !near(lower, margin, logits))
      problems.push(
        `the margin at ${edits} edits is said to be ${lower} at least, but computed is ${margin}`,
      );
    else if (method === "enumerate" && !near(lower, margin, logits))
      problems.push(`the margin at ${edits} edits is said to be ${lower}, but computed is ${margin}`);
  }
  return problems;
}

function least(margins: readonly number[]): number {
  return Math.min(...margins);
}
