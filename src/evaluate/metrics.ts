/**
 * What a run over many texts adds up to: accuracies by number of edits, verdicts, radii, per label.
 *
 * Promise: memory doesn't grow with the number of texts (counts by radius are kept, never records), counts
 * add up to the texts attempted, and a text that failed counts as one that is not certified.
 *
 * Certified accuracy at k = (correct and certified >= k) / all texts, errors included.
 * Attacked accuracy at k = (correct and no counterexample within k edits in hand) / all texts.
 * True accuracy under k edits lies between the two.
 */
import type { ResultRecord } from "../certify/result.js";
import { type Rate, rate } from "./wilson.js";

export interface MetricsAtEdits {
  readonly edits: number;
  /** Texts whose prediction, right or wrong, is proven against this many edits. */
  readonly proven: Rate | null;
  /** Certified accuracy; null when no text has a label. */
  readonly certified: Rate | null;
  /** Attacked accuracy; null when no text has a label. */
  readonly attacked: Rate | null;
}

export interface LabelMetrics {
  readonly label: string;
  /** Texts that carry this label, those that failed included. */
  readonly texts: number;
  readonly recall: Rate | null;
  /** Certified accuracy among these texts, one entry per number of edits from 0 up. */
  readonly certified: readonly (Rate | null)[];
}

export interface Metrics {
  /** The largest number of edits that was asked for. */
  readonly limit: number;
  readonly texts: number;
  readonly errors: number;
  /** Texts that carry a label. */
  readonly labelled: number;
  readonly verdicts: { readonly certified: number; readonly refuted: number; readonly unknown: number };
  /** Texts with a counterexample in hand: those refuted, and those where fewer edits are undecided. */
  readonly broken: number;
  /** Accuracy on the texts as they are; null when no text has a label. */
  readonly clean: Rate | null;
  /** One entry per number of edits from 0 to `limit`. */
  readonly byEdits: readonly MetricsAtEdits[];
  /**
   * Lower median over all texts of `certified`, whatever the label; a text that failed or is undecided counts
   * as less than 0, and a median there is null. It can't exceed `limit`, so at `limit` it is a lower bound.
   */
  readonly medianRadius: number | null;
  /** The smallest `certified` of all texts; null if one of them failed or is undecided, or there are none. */
  readonly minRadius: number | null;
  readonly labels: readonly LabelMetrics[];
  /** Time spent on certifying, summed over texts, and the slowest text. */
  readonly seconds: { readonly total: number; readonly slowest: number };
}

export interface TallyOptions {
  /** The largest number of edits that is asked for. */
  readonly limit: number;
  /** Labels in the order in which they are to be listed; others follow as they appear. */
  readonly labels?: readonly string[];
}

/** Adds up records, one at a time. */
export interface Tally {
  add(record: ResultRecord): void;
  /** What has been added so far. */
  metrics(): Metrics;
}

interface LabelCounts {
  texts: number;
  correct: number;
  /** certified[r] = correct texts with certified = r. */
  readonly certified: number[];
}

/** Starts an empty tally. */
export function createTally(options: TallyOptions): Tally {
  const { limit } = options;
  const zeros = (): number[] => new Array<number>(limit + 1).fill(0);
  const labels = new Map<string, LabelCounts>();
  const countsOf = (label: string): LabelCounts => {
    let counts = labels.get(label);
    if (counts === undefined) {
      counts = { texts: 0, correct: 0, certified: zeros() };
      labels.set(label, counts);
    }
    return counts;
  };
  for (const label of options.labels ?? []) countsOf(label);

  let texts = 0;
  let errors = 0;
  let labelled = 0;
  let correct = 0;
  const verdicts = { certified: 0, refuted: 0, unknown: 0 };
  let withCounterexample = 0;
  const provenBy = zeros();
  const correctProvenBy = zeros();
  const correctBrokenBy = zeros();
  let total = 0;
  let slowest = 0;

  return {
    add(record) {
      texts++;
      const counts = record.label === null ? null : countsOf(record.label);
      if (counts !== null) {
        labelled++;
        counts.texts++;
      }
      if ("error" in record) {
        errors++;
        return;
      }
      verdicts[record.verdict]++;
      if (record.broken !== null) withCounterexample++;
      total += record.seconds;
      slowest = Math.max(slowest, record.seconds);
      const radius = record.certified === null ? null : Math.min(record.certified, limit);
      if (radius !== null) provenBy[radius]++;
      if (record.correct !== true) return;
      correct++;
      if (counts !== null) counts.correct++;
      if (radius !== null) {
        correctProvenBy[radius]++;
        if (counts !== null) counts.certified[radius]++;
      }
      if (record.broken !== null && record.broken <= limit) correctBrokenBy[record.broken]++;
    },
    metrics() {
      const share = (count: number, of = texts): Rate | null => (labelled === 0 ? null : rate(count, of));
      const proven = atLeast(provenBy);
      const correctProven = atLeast(correctProvenBy);
      let broken = 0;
      const byEdits = provenBy.map((_, edits): MetricsAtEdits => {
        broken += correctBrokenBy[edits];
        return {
          edits,
          proven: rate(proven[edits], texts),
          certified: share(correctProven[edits]),
          attacked: share(correct - broken),
        };
      });
      return {
        limit,
        texts,
        errors,
        labelled,
        verdicts: { ...verdicts },
        broken: withCounterexample,
        clean: share(correct),
        byEdits,
        medianRadius: lowerMedian(provenBy, texts),
        minRadius: proven[0] < texts || texts === 0 ? null : provenBy.findIndex((count) => count > 0),
        labels: [...labels].map(([label, counts]) => ({
          label,
          texts: counts.texts,
          recall: rate(counts.correct, counts.texts),
          certified: atLeast(counts.certified).map((count) => rate(count, counts.texts)),
        })),
        seconds: { total, slowest },
      };
    },
  };
}

/** From counts by radius to counts of "at least this radius". */
function atLeast(byRadius: readonly number[]): number[] {
  const sums = [...byRadius];
  for (let r = sums.length - 2; r >= 0; r--) sums[r] += sums[r + 1];
  return sums;
}

/** The lower median of `texts` values, of which those not in `byRadius` are smaller than all that are. */
function lowerMedian(byRadius: readonly number[], texts: number): number | null {
  if (texts === 0) return null;
  const known = byRadius.reduce((sum, count) => sum + count, 0);
  let below = texts - known;
  const rank = Math.ceil(texts / 2);
  if (below >= rank) return null;
  for (let r = 0; r < byRadius.length; r++) {
    below += byRadius[r];
    if (below >= rank) return r;
  }
  return null;
}
