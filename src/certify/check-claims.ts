/**
 * What of a saved result line can be judged without running a model: whether its parts fit together, and whether its
 * counterexample is as near to the text as it says.
 *
 * Promise: distances are computed by the textbook table, cell by cell, and compared with what the search uses.
 */
import type { Alphabet } from "../edits/alphabet.js";
import { levenshteinWithin } from "../edits/distance.js";
import { threat as threatWith } from "../edits/threat.js";
import type { CertifiableModel } from "../model/views.js";
import { codePoints } from "../text/code-points.js";
import { modelClaim } from "./claim.js";
import type { Certification, Row } from "./result.js";

/** Cells of a distance table, beyond which it isn't computed. */
const MOST_CELLS = 50_000_000;

/** Of the threat, the arithmetic and the method. */
export function settingProblems(
  { threat, arithmetic, method }: Certification,
  allowed: { readonly arithmetic: readonly string[]; readonly methods: readonly string[] },
): string[] {
  const problems: string[] = [];
  const expect = (what: string, seen: string, ...wanted: readonly string[]) => {
    if (!wanted.includes(seen))
      problems.push(`${what} is ${shown(seen)}; only ${wanted.map(shown).join(" or ")} can be checked`);
  };
  expect("threat.distance", threat.distance, "levenshtein");
  expect("threat.unit", threat.unit, "code point");
  expect("arithmetic", arithmetic, ...allowed.arithmetic);
  expect("method", method, ...allowed.methods);
  return problems;
}

/** Whether this is the model, with its parts; the name may be another. */
export function modelProblems({ model: claimed }: Certification, model: CertifiableModel): string[] {
  const own = modelClaim(model);
  if (claimed.sha256 !== own.sha256)
    return [`the line is about a model with sha256 ${claimed.sha256}, but this model's is ${own.sha256}`];
  const problems: string[] = [];
  for (const part of ["tokenizer", "fold"] as const)
    if (claimed[part] !== own[part])
      problems.push(`model.${part} is ${shown(claimed[part])}, but this model's is ${shown(own[part])}`);
  return problems;
}

/** Whether this is the alphabet, by its name and by what it holds. */
export function alphabetProblems({ threat }: Certification, alphabet: Alphabet): string[] {
  const own = threatWith(alphabet);
  if (threat.alphabet !== own.alphabet)
    return [
      `the line is about the alphabet ${shown(threat.alphabet)}, but the one given is ${shown(own.alphabet)}`,
    ];
  if (threat.sha256 !== own.sha256 || threat.characters !== own.characters)
    return [
      `the alphabet ${shown(own.alphabet)} has ${own.characters} characters with sha256 ${own.sha256}, but the line is about ${threat.characters} with ${threat.sha256}`,
    ];
  return [];
}

/** Whether verdict, numbers and lists fit together, whatever the model says. */
export function shapeProblems(record: Certification): string[] {
  const { method, verdict, certified, broken, limit, counterexample, margins } = record;
  const problems: string[] = [];
  for (const [name, value] of Object.entries({ certified, broken, limit }))
    if (value !== null && !isCount(value)) problems.push(`${name} is ${value}, which is no number of edits`);
  if (certified !== null && certified > limit)
    problems.push(`certified is ${certified}, but the limit was ${limit}`);
  if (broken !== null && broken > limit) problems.push(`broken is ${broken}, but the limit was ${limit}`);
  if (broken !== null && certified !== null && broken <= certified)
    problems.push(`broken is ${broken}, but certified is ${certified}`);
  if ((broken === null) !== (counterexample === null))
    problems.push(`broken is ${broken}, but there is ${counterexample === null ? "no" : "a"} counterexample`);
  const fits = {
    certified: certified === limit && broken === null,
    refuted: certified !== null && broken === certified + 1,
    unknown: certified !== limit && (broken === null || broken !== (certified ?? -1) + 1),
  }[verdict];
  if (!fits)
    problems.push(
      `the verdict is ${shown(verdict)}, but certified is ${certified}, broken ${broken} and limit ${limit}`,
    );
  // `unknown` may have decided one margin more than it could find a counterexample for.
  const last = margins.length - 1;
  const decided = broken ?? certified ?? 0;
  // Other methods than `exact` stop at a change that breaks it, without the least margin for as many edits.
  const stopped = method !== "exact" && broken !== null && last === (certified ?? 0);
  const enough =
    last === decided || stopped || (verdict === "unknown" && (last === decided + 1 || certified === null));
  if (!enough || last > limit)
    problems.push(`margins are listed up to ${last} edits, but ${decided} were decided`);
  margins.forEach(({ edits }, i) => {
    if (edits !== i) problems.push(`margin ${i} is said to be at ${edits} edits; they go up from 0 by 1`);
  });
  return problems;
}

/** Whether the counterexample is as near as it says, written with the alphabet. */
export function distanceProblems({ text, counterexample, broken }: Row, alphabet: Alphabet): string[] {
  if (counterexample === null) return [];
  const { text: changed, edits } = counterexample;
  const problems: string[] = [];
  if (!isCount(edits)) return [`counterexample.edits is ${edits}, which is no number of edits`];
  if (broken === null || !isCount(broken)) return problems;
  if (edits > broken) problems.push(`the counterexample has ${edits} edits, but broken is ${broken}`);
  const from = codePoints(text);
  const to = codePoints(changed);
  // Short texts are compared cell by cell; in long ones cells further than this from the diagonal can't matter.
  const most = Math.max(edits, broken);
  const longest = Math.max(from.length, to.length);
  const band = longest <= 1000 ? longest : most;
  if (from.length * band > MOST_CELLS)
    return [...problems, `couldn't be re-checked: the distance of the counterexample takes too long`];
  const distance = plainDistance(from, to, () => true, band);
  const far = (d: number) => (d > most ? `more than ${most}` : `${d}`);
  if (distance !== edits || levenshteinWithin(text, changed, most) !== edits)
    problems.push(`counterexample.edits is ${edits}, but its distance from the text is ${far(distance)}`);
  const written = plainDistance(from, to, (point) => alphabet.has(point), band);
  if (distance <= broken && written > broken)
    problems.push(
      `the counterexample needs ${written === Number.POSITIVE_INFINITY ? "characters outside" : `${far(written)} edits within`} the alphabet ${alphabet.name}, but broken is ${broken}`,
    );
  return problems;
}

/**
 * The fewest insertions, deletions and substitutions from `a` to `b` that write only what `mayWrite` allows, by the
 * textbook table; Infinity if there are none. Cells further than `band` from the diagonal count as unreachable, so
 * results above `band` may be too large.
 */
function plainDistance(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  mayWrite: (point: number) => boolean,
  band: number,
): number {
  const far = Number.POSITIVE_INFINITY;
  let above: number[] = [];
  for (let i = 0; i <= a.length; i++) {
    // row[j - i + band]; the cell above is one place further on in its own row.
    const row: number[] = new Array(2 * band + 1).fill(far);
    for (let j = Math.max(0, i - band); j <= Math.min(b.length, i + band); j++) {
      const at = j - i + band;
      let least = i === 0 && j === 0 ? 0 : far;
      if (i > 0) least = Math.min(least, (above[at + 1] ?? far) + 1);
      if (j > 0) {
        const allowed = mayWrite(b[j - 1]!);
        if (allowed) least = Math.min(least, (row[at - 1] ?? far) + 1);
        if (i > 0) {
          if (a[i - 1] === b[j - 1]) least = Math.min(least, above[at]!);
          else if (allowed) least = Math.min(least, above[at]! + 1);
        }
      }
      row[at] = least;
    }
    above = row;
  }
  return above[b.length - a.length + band] ?? far;
}

export function highest(logits: readonly number[]): number {
  return logits.indexOf(Math.max(...logits));
}

export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

export function shown(value: string | null | undefined): string {
  return JSON.stringify(value ?? null);
}
