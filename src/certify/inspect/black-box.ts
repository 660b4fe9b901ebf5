/**
 * `inspect` of a model of which only the graph is known: no layer can be named, but what edits make of the margin can be seen by running them.
 *
 * Promise: `least` is the least margin over every token sequence of one edit, as the backend computes it. It is a measurement: in float32 a margin
 * near 0 may have the wrong sign, which is why nothing is called certified here (`enumerate` decides that).
 */
import type { Alphabet } from "../../edits/alphabet.js";
import { keepsLabel, marginOf } from "../../model/margins.js";
import type { SequenceModel } from "../../model/sequence.js";
import { type Budget, LimitReached } from "../exact/budget.js";
import { type SingleSequence, singleSequences } from "../lipschitz/single-sequences.js";
import type { Findings } from "./inspection.js";
import { siteChange } from "./inspection.js";
import { Places, SiteTable } from "./places.js";

/** Sequences that are run at once. */
const BATCH = 32;

export async function inspectBlackBox(
  model: SequenceModel,
  text: string,
  alphabet: Alphabet,
  budget: Budget,
  most = Number.POSITIVE_INFINITY,
): Promise<Findings> {
  const { backend, tokenizer, labels } = model;
  const [logits] = await backend.logits([tokenizer.encode(text)]);
  const prediction = model.prediction(logits!);
  const winner = prediction.index;
  const margin = marginOf(logits!, winner);
  const sites = new SiteTable(new Places(text));
  let worst: { sequence: SingleSequence; logits: Float64Array; margin: number } | null = null;
  let seen = 0;
  let stopped: string | null = null;
  const run = async (batch: readonly SingleSequence[]): Promise<void> => {
    const found = await backend.logits(batch.map(({ ids }) => ids));
    found.forEach((scores, i) => {
      const lower = marginOf(scores, winner);
      sites.add(batch[i]!.edit, lower, margin - lower);
      if (worst === null || lower < worst.margin)
        worst = { sequence: batch[i]!, logits: scores, margin: lower };
    });
    seen += batch.length;
  };
  try {
    let batch: SingleSequence[] = [];
    for (const sequence of singleSequences(tokenizer, text, alphabet, () => budget.check())) {
      if (seen + batch.length >= most) {
        stopped = `the limit of ${most} sequences was reached`;
        break;
      }
      batch.push(sequence);
      if (batch.length < BATCH) continue;
      await run(batch);
      batch = [];
      budget.check();
    }
    if (batch.length > 0) await run(batch);
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
    stopped = error.message;
  }
  const last = worst as { sequence: SingleSequence; logits: Float64Array; margin: number } | null;
  const found = sites.sites();
  const scores = last?.logits ?? logits!;
  const rival = scores.reduce(
    (best, score, y) => (y !== winner && (best < 0 || score > scores[best]!) ? y : best),
    -1,
  );
  const how = `in ${backend.arithmetic} by ${backend.name}`;
  return {
    kind: "black box",
    prediction,
    margin,
    rival: { label: labels[rival]!, margin: logits![winner]! - logits![rival]! },
    bound: null,
    least: stopped === null ? Math.min(margin, last?.margin ?? margin) : null,
    certified: false,
    loss: null,
    worst:
      last === null
        ? null
        : {
            text: sites.places.edited(last.sequence.edit),
            margin: logits![winner] === undefined ? margin : last.logits[winner]! - last.logits[rival]!,
            flips: !keepsLabel(last.logits, winner),
          },
    layers: [],
    sites: found,
    changes: siteChange(found),
    notes: [
      "Only this model's graph is known, not its layers, so there is no bound to take apart.",
      stopped === null
        ? `Every one of the ${seen} token sequences of one edit was run ${how}; that is a measurement, and certify with the method enumerate makes it a proof.`
        : `${seen} token sequences of one edit were run ${how}, not all: ${stopped}.`,
    ],
  };
}
