/**
 * What of a certificate's evidence (evidence.ts) can be judged without a search: whether it is of the method's kind, adds up, and
 * says of the margins what stands among the margins.
 *
 * Promise: each number that decides how far a method got is held to the margins that rest on it, or computed again. Counts of
 * work (strings, sequences) can't be computed again without doing the work the same way: they only have to fit each other.
 */
import type { SequenceModel } from "../model/sequence.js";
import { GRID } from "../numeric/grid.js";
import { shown } from "./check-claims.js";
import type { BlocksEvidence, EnumerateEvidence, Evidence, LipslevEvidence } from "./evidence.js";
import type { Row } from "./result.js";

/** The kinds of evidence that a method gives. */
const KINDS: Readonly<Record<string, readonly Evidence["kind"][]>> = {
  exact: ["exact", "lipslev"],
  lipschitz: ["native-blocks", "encoder-bounds", "lipslev"],
  enumerate: ["enumerate"],
  attack: ["attack"],
};

/** `model`: the model's view (model/views.ts). */
export function evidenceProblems(record: Row, model: SequenceModel): string[] {
  const { evidence, method, margins, work } = record;
  if (evidence === undefined) return ["the evidence is missing"];
  if (!(KINDS[method] ?? []).includes(evidence.kind))
    return [
      `the evidence is of the kind ${shown(evidence.kind)}, which the method ${shown(method)} doesn't give`,
    ];
  const problems: string[] = [];
  const levels = (name: string, listed: number) => {
    if (listed !== margins.length - 1)
      problems.push(`${name} lists ${listed} numbers of edits, but margins ${margins.length - 1}`);
  };
  switch (evidence.kind) {
    case "exact":
      levels("evidence.least", evidence.least.length);
      for (const [i, row] of evidence.least.entries()) {
        if (row.length !== model.labels.length)
          problems.push(`evidence.least[${i}] has ${row.length} numbers for ${model.labels.length} labels`);
        const least = Math.min(...row.map((margin) => margin ?? Number.POSITIVE_INFINITY));
        if (least !== margins[i + 1]?.lower)
          problems.push(
            `evidence.least[${i}] is ${least} at least, but the margin ${margins[i + 1]?.lower ?? "is missing"}`,
          );
      }
      break;
    case "native-blocks":
      levels("evidence.steps", evidence.steps.length);
      problems.push(...stepProblems(record, evidence, model.labels.length));
      break;
    case "enumerate":
      levels("evidence.levels", evidence.levels.length);
      problems.push(...levelProblems(record, evidence, model));
      break;
    case "encoder-bounds": {
      const { blocks, exactBlocks, sequences, worst } = evidence;
      const own = model.encoder?.blocks.length;
      if (own !== blocks) problems.push(`evidence.blocks is ${blocks}, but the model has ${own}`);
      if (exactBlocks > blocks) problems.push(`evidence.exactBlocks is ${exactBlocks} of ${blocks} blocks`);
      if (sequences !== work?.sequences)
        problems.push(`evidence.sequences is ${sequences}, but work.sequences ${work?.sequences}`);
      const bound = Math.min(margins[0]?.lower ?? Number.NaN, worst?.lower ?? Number.POSITIVE_INFINITY);
      if (margins[1] !== undefined && margins[1].lower !== bound)
        problems.push(`the margin at 1 edits is ${margins[1].lower}, but the evidence gives ${bound}`);
      break;
    }
    case "lipslev":
      problems.push(...lipslevProblems(record, evidence, model));
      break;
    case "attack":
      if (evidence.queries !== work?.passes)
        problems.push(`evidence.queries is ${evidence.queries}, but work.passes ${work?.passes}`);
  }
  return problems;
}

/** The sum of each step, in the order in which it was made, so that it is met to the last bit. */
function stepProblems({ margins }: Row, { steps }: BlocksEvidence, labels: number): string[] {
  const problems: string[] = [];
  for (const [i, step] of steps.entries()) {
    const name = `evidence.steps[${i}]`;
    const { edits, rival, words, charges, bias, first, later, laterLoss, slack, rounding, lower } = step;
    if (edits !== i + 1) problems.push(`${name}.edits is ${edits}; they go up from 1 by 1`);
    if (rival >= labels) problems.push(`${name}.rival is ${rival}, but there are ${labels} labels`);
    if (lower !== margins[edits]?.lower)
      problems.push(`${name}.lower is ${lower}, but the margin ${margins[edits]?.lower ?? "is missing"}`);
    const taken = charges.reduce((sum, { charge }) => sum + charge, 0);
    const fixed = first - slack - rounding + later - laterLoss;
    const total = words - taken + (bias + Math.floor(fixed / GRID) * GRID);
    if (total !== lower) problems.push(`${name}.lower is ${lower}, but its parts add up to ${total}`);
    const spent = charges.reduce((sum, charge) => sum + charge.edits, 0);
    if (spent > edits) problems.push(`${name}.charges are for ${spent} edits of ${edits}`);
    for (const value of [laterLoss, slack, rounding, ...charges.map(({ charge }) => charge)])
      if (!(value >= 0)) problems.push(`${name} takes off ${value}, which is less than nothing`);
    for (const { from, to } of charges)
      if (from > to) problems.push(`${name}.charges has a place from word ${from} to ${to}`);
  }
  return problems;
}

function levelProblems(
  { text, margins, work }: Row,
  { tokens, levels }: EnumerateEvidence,
  model: SequenceModel,
): string[] {
  const problems: string[] = [];
  const own = model.tokenizer.encode(text).length;
  if (tokens !== own) problems.push(`evidence.tokens is ${tokens}, but the text has ${own}`);
  let before = { strings: 0, sequences: 1, passes: 1 };
  for (const [i, level] of levels.entries()) {
    const name = `evidence.levels[${i}]`;
    if (level.edits !== i + 1) problems.push(`${name}.edits is ${level.edits}; they go up from 1 by 1`);
    if (level.least !== margins[i + 1]?.lower)
      problems.push(
        `${name}.least is ${level.least}, but the margin ${margins[i + 1]?.lower ?? "is missing"}`,
      );
    for (const count of ["strings", "sequences", "passes"] as const)
      if (level[count] < before[count] || (work !== undefined && level[count] > work[count]))
        problems.push(
          `${name}.${count} is ${level[count]}; it lies between ${before[count]} and ${work?.[count]}`,
        );
    before = level;
  }
  return problems;
}

function lipslevProblems({ prediction }: Row, { rivals }: LipslevEvidence, model: SequenceModel): string[] {
  const problems: string[] = [];
  const others = model.labels.map((_, y) => y).filter((y) => y !== prediction.index);
  if (rivals.map(({ rival }) => rival).join() !== others.join())
    problems.push(`evidence.rivals are ${rivals.map(({ rival }) => rival).join()}, not ${others.join()}`);
  for (const { rival, margin, allowance, ...costs } of rivals) {
    const own = (prediction.scores[prediction.index] ?? 0) - (prediction.scores[rival] ?? 0);
    if (margin !== own)
      problems.push(`the margin over label ${rival} is ${margin}, but the scores give ${own}`);
    for (const [name, value] of Object.entries({
      allowance,
      substitute: costs.substitute,
      insert: costs.insert,
      delete: costs.delete,
    }))
      if (!(value >= 0)) problems.push(`${name} of label ${rival} is ${value}, which is less than nothing`);
  }
  return problems;
}
