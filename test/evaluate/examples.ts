/** Records made by hand, for the tests of counting and of formats. */
import type { Certification, ResultRecord, Verdict } from "../../src/certify/result.js";

export const model = { name: "tiny", sha256: "ab".repeat(32) };
export const threat = {
  distance: "levenshtein",
  unit: "code point",
  alphabet: "unicode",
  characters: 1112064,
  sha256: "cd".repeat(32),
} as const;

export const spam = { label: "spam", index: 1, scores: [-3.1, 3.1] };
export const ham = { label: "ham", index: 0, scores: [0.25, -0.25] };

export function certification(verdict: Verdict, more: Partial<Certification> = {}): Certification {
  return {
    ...verdict,
    prediction: spam,
    limit: 2,
    margins: [
      { edits: 0, lower: 6.2 },
      { edits: 1, lower: 4.4 },
      { edits: 2, lower: 2.9 },
    ],
    method: "exact",
    threat,
    model,
    arithmetic: "float64",
    seconds: 0.0009,
    ...more,
  } as Certification;
}

export const certified = (k: number, more: Partial<Certification> = {}): Certification =>
  certification(
    { verdict: "certified", certified: k, broken: null, counterexample: null },
    { limit: k, ...more },
  );

export const refuted = (k: number, text: string, more: Partial<Certification> = {}): Certification =>
  certification(
    {
      verdict: "refuted",
      certified: k,
      broken: k + 1,
      counterexample: { text, edits: k + 1, prediction: ham },
    },
    { limit: k + 1, ...more },
  );

export const unknown = (k: number | null, reason: string, more: Partial<Certification> = {}): Certification =>
  certification(
    { verdict: "unknown", certified: k, broken: null, counterexample: null, reason },
    { limit: 3, ...more },
  );

export function record(
  id: number,
  text: string,
  result: Certification,
  label: string | null = null,
): ResultRecord {
  return { id, text, label, correct: label === null ? null : label === result.prediction.label, ...result };
}
