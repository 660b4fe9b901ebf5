/**
 * The two gates that a build can be failed on: a radius that every text must reach, and a certified accuracy.
 *
 * Promise: texts that failed or are undecided never let a gate pass, and no texts at all don't either.
 */
import type { Metrics } from "./metrics.js";

export interface Gates {
  /** Every text must have certified >= this. */
  readonly minRadius?: number;
  /** Certified accuracy at the largest number of edits must be >= this share. */
  readonly minCertifiedAccuracy?: number;
}

/** One line per gate that is not met; empty if all are. */
export function unmetGates(metrics: Metrics, gates: Gates): string[] {
  const unmet: string[] = [];
  if (gates.minRadius !== undefined) {
    const proven = metrics.byEdits[gates.minRadius]?.proven;
    const count = proven?.count ?? 0;
    if (metrics.texts === 0 || count < metrics.texts) {
      unmet.push(
        `--min-radius ${gates.minRadius} is not met: ${count} of ${metrics.texts} texts are certified that far`,
      );
    }
  }
  if (gates.minCertifiedAccuracy !== undefined) {
    const certified = metrics.byEdits[metrics.limit]?.certified;
    const value = certified?.value ?? 0;
    if (value < gates.minCertifiedAccuracy || metrics.texts === 0) {
      unmet.push(
        `--min-certified-accuracy ${gates.minCertifiedAccuracy} is not met: certified accuracy at ` +
          `${metrics.limit} edits is ${value.toFixed(4)} (${certified?.count ?? 0} of ${metrics.texts} texts)`,
      );
    }
  }
  return unmet;
}
