/**
 * Triples of a model, a text and a number of edits: a bound of the margin held to the least margin of every text within so many edits, which is
 * found by trying them all, without slack; and what is counted of them.
 */
import { nativeLipschitz } from "../../src/certify/lipschitz/native.js";
import { certifyLipslev } from "../../src/certify/lipslev/lipslev.js";
import { listAlphabet } from "../../src/edits/alphabet.js";
import { characterAlphabet } from "../../src/model/lipslev-characters.js";
import { allWithin } from "../oracle/all-within.js";
import { randomString, seeded } from "../oracle/random-model.js";
import { sure } from "./lipschitz-native-held.js";
import { randomLipslev } from "./lipslev/random-model.js";

interface Triple {
  /** What it is counted under, each by itself. */
  readonly kinds: readonly string[];
  readonly edits: number;
  /** Margin of the text itself. */
  readonly base: number;
  readonly bound: number;
  readonly truth: number;
  /** Says which it was. */
  readonly what: string;
}

/** Counts, violations, and how far bounds are from the truth. */
export class Tally {
  count = 0;
  readonly violations: Triple[] = [];
  private readonly kinds = new Map<string, { count: number; ratios: number[] }>();

  add(triple: Triple): void {
    const { kinds, edits, base, bound, truth } = triple;
    this.count++;
    if (!(bound <= truth)) this.violations.push(triple);
    for (const kind of [...kinds, `k = ${edits}`]) {
      let known = this.kinds.get(kind);
      if (known === undefined) {
        known = { count: 0, ratios: [] };
        this.kinds.set(kind, known);
      }
      known.count++;
      if (truth < base) known.ratios.push((base - bound) / (base - truth));
    }
  }

  countOf(kind: string): number {
    return this.kinds.get(kind)?.count ?? 0;
  }

  /** Median of bound drop over true drop, where there is a true one. */
  ratioOf(kind: string): number {
    const ratios = [...(this.kinds.get(kind)?.ratios ?? [])].sort((a, b) => a - b);
    return ratios[ratios.length >> 1] ?? Number.NaN;
  }

  /** Triples of each kind, and the median of bound drop over true drop. */
  summary(): string {
    const parts = [...this.kinds].map(
      ([kind, { count }]) => `${kind}: ${count} (${this.ratioOf(kind).toPrecision(3)})`,
    );
    return `${this.count} triples, median of bound drop over true drop in brackets: ${parts.join("; ")}`;
  }
}

/** The least margin of label `winner` at each distance, so far, over the texts of `layers`. */
export function leastSoFar(
  layers: readonly (readonly string[])[],
  margin: (text: string) => number,
): number[] {
  let least = Number.POSITIVE_INFINITY;
  return layers.map((layer) => {
    for (const text of layer) least = Math.min(least, margin(text));
    return least;
  });
}

export function marginOf(scores: ArrayLike<number>, winner: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let y = 0; y < scores.length; y++)
    if (y !== winner) least = Math.min(least, scores[winner]! - scores[y]!);
  return least;
}

const letters = [..."ab "];
const ab = listAlphabet(
  "ab",
  letters.map((c) => c.codePointAt(0)!),
);

/** A native Transformer of so many blocks, some texts, up to `most` edits of each. */
export function nativeTriples(
  tally: Tally,
  seed: number,
  blocks: number,
  most: number,
  length: number,
): void {
  const model = sure(seed, blocks);
  const random = seeded(seed + 7);
  for (let n = 0; n < 3; n++) {
    const text = randomString(random, letters, length);
    const { margins, prediction } = nativeLipschitz(model, text, ab, most, { tight: n !== 0 });
    const layers = allWithin(text, letters, margins.length - 1);
    const least = leastSoFar(layers, (s) => marginOf(model.predict(s).scores, prediction.index));
    for (const { edits, lower } of margins)
      if (edits > 0)
        tally.add({
          kinds: [`native Transformer of ${blocks} blocks`],
          edits,
          base: least[0]!,
          bound: lower,
          truth: least[edits]!,
          what: `seed ${seed}, ${JSON.stringify(text)}`,
        });
  }
}

/** A LipsLev model, some texts, up to `most` edits of each. */
export function lipslevTriples(tally: Tally, seed: number, most: number, length: number): void {
  const random = seeded(seed);
  const p = ([1, 2, Number.POSITIVE_INFINITY] as const)[seed % 3]!;
  const model = randomLipslev(random, {
    letters: "ab",
    kernelSize: 1 + (seed % 4),
    maxCharacters: seed % 4 === 0 ? 2 + (seed % 3) : 30,
    labels: 2 + (seed % 3),
    p,
    lean: [0, 8, 30][seed % 3]!,
  });
  for (let n = 0; n < 3; n++) {
    const text = randomString(random, ["a", "b"], length);
    const method = n === 0 ? "constant" : "lipschitz";
    const { margins, prediction } = certifyLipslev(model, text, characterAlphabet(model.characters), most, {
      method,
      attack: false,
    });
    const layers = allWithin(text, ["a", "b"], margins[margins.length - 1]!.edits);
    const least = leastSoFar(layers, (s) => marginOf(model.predict(s).scores, prediction.index));
    for (const { edits, lower } of margins)
      if (edits > 0)
        tally.add({
          kinds: [`LipsLev, ${method}`],
          edits,
          base: least[0]!,
          bound: lower,
          truth: least[edits]!,
          what: `seed ${seed}, ${JSON.stringify(text)}`,
        });
  }
}
