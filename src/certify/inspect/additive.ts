/**
 * `inspect` of an additive model: which word's worst edit takes how much of the margin. The sum of evidence is its only layer, and exact.
 *
 * Promise: `bound` is the least margin of all texts within one edit, exactly (exact/blocks.ts), and every site's `lower` that of the edits there.
 */
import { type Alphabet, foldedAlphabet } from "../../edits/alphabet.js";
import { replay } from "../../edits/replay.js";
import type { NativeModel } from "../../model/native.js";
import { fromCodePoints } from "../../text/code-points.js";
import { fold } from "../../text/fold.js";
import { type Budget, LimitReached } from "../exact/budget.js";
import { ExactContext } from "../exact/context.js";
import type { Findings, InspectedSite } from "./inspection.js";
import { marginChange, shared, siteChange } from "./inspection.js";
import { dearestFirst } from "./places.js";
import { lightestEdit, siteOf, type WordPlace, wordPlaces } from "./word-places.js";

interface Hit {
  readonly place: WordPlace;
  readonly rival: number;
  readonly lower: number;
}

export function inspectAdditive(
  model: NativeModel,
  text: string,
  alphabet: Alphabet,
  budget: Budget,
): Findings {
  const folded = fold(text);
  const logits = model.logits(folded.symbols);
  const prediction = model.prediction(logits);
  const winner = prediction.index;
  const rivals = [...logits.keys()].filter((y) => y !== winner).sort((a, b) => logits[b]! - logits[a]!);
  const over = (rival: number) => logits[winner]! - logits[rival]!;
  const writable = foldedAlphabet(alphabet);
  const tables = (rival: number) => ExactContext.of(model).margin(winner, rival, writable);
  const common = { kind: "additive" as const, prediction, margin: over(rivals[0]!) };
  // A tie goes to the lower index.
  const holds = (margin: number, rival: number) => margin > 0 || (margin === 0 && rival > winner);
  const hits = new Map<string, Hit>();
  let worst: Hit | null = null;
  let certified = true;
  try {
    for (const rival of rivals)
      for (const place of wordPlaces(folded, tables(rival), budget)) {
        const hit: Hit = { place, rival, lower: over(rival) - place.takes };
        const key = `${place.from} ${place.to}`;
        if (hit.lower < (hits.get(key)?.lower ?? Number.POSITIVE_INFINITY)) hits.set(key, hit);
        if (worst === null || hit.lower < worst.lower) worst = hit;
        if (!holds(hit.lower, rival)) certified = false;
      }
    if (worst === null) throw new Error("a folded text has at least one word");
    const { rival, lower: bound } = worst;
    const sites = dearestFirst(
      [...hits.values()].map(({ place, rival, lower }): InspectedSite => {
        const edits = lightestEdit(folded, place, tables(rival), budget);
        return { ...siteOf(folded, place, edits, writable.representative), lower, loss: place.takes };
      }),
    );
    const points = replay(
      folded,
      lightestEdit(folded, worst.place, tables(rival), budget),
      writable.representative,
    );
    const changed = fromCodePoints(points);
    return {
      ...common,
      rival: { label: model.labels[rival]!, margin: over(rival) },
      bound,
      least: bound,
      certified,
      loss: over(rival) - bound,
      worst: { text: changed, margin: bound, flips: model.predict(changed).index !== winner },
      layers: shared([
        {
          name: "sum of evidence",
          computed: true,
          entering: null,
          leaving: null,
          factor: null,
          measured: null,
          loss: over(rival) - bound,
        },
      ]),
      sites,
      changes: [marginChange(over(rival), bound), ...siteChange(sites)],
      notes: [
        "The bound is exact: the sum of evidence is the only layer, and the worst edit is searched for.",
      ],
    };
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
    return {
      ...common,
      rival: { label: model.labels[rivals[0]!]!, margin: common.margin },
      bound: null,
      least: null,
      certified: false,
      loss: null,
      worst: null,
      layers: [],
      sites: [],
      changes: [],
      notes: [`The search was stopped: ${error.message}.`],
    };
  }
}
