/**
 * Method `exact`: the true certified radius of a native additive model, for any k, and the shortest change
 * that breaks it.
 *
 * Theorem. Let a be the label of text s. For every k decided: `certified >= k` if and only if every text within k edits
 * (code points of the alphabet written, s's own kept) has label a; and at the first k where that fails, the
 * counterexample is within k edits of s and has another label, so no change of fewer edits has.
 * Proof. Fold: texts within k edits of s fold to exactly the symbol strings within k edits of fold(s) that write only
 * symbols with a preimage in the alphabet (text/fold.ts, contraction and lifting). For those, blocks.ts gives
 * the minimum over all of them of each margin (logit of a minus a rival's), exactly: weights lie on a grid on
 * which sums don't round. The label is a exactly if, for every rival r, the margin is > 0, or = 0 with r > a (ties
 * go to the lowest index). The counterexample is replayed through the model and its distance measured before
 * it is reported; a replay that fails is a defect and throws. One case is left open: where the changed code points, as a
 * JavaScript string, would join two lone surrogates into one, the verdict is unknown (text/fold.ts).
 */
import { clock } from "../../clock.js";
import { type Alphabet, foldedAlphabet } from "../../edits/alphabet.js";
import { levenshteinWithin } from "../../edits/distance.js";
import { type FoldedEdit, replay } from "../../edits/replay.js";
import type { Prediction } from "../../model/classifier.js";
import type { NativeModel } from "../../model/native.js";
import { fromCodePoints, roundTrips } from "../../text/code-points.js";
import { type Folded, fold } from "../../text/fold.js";
import type { ExactEvidence } from "../evidence.js";
import type { Counterexample, MarginBound, Verdict } from "../result.js";
import { type BlockChoice, Blocks, type WordSpans, wordSpans } from "./blocks.js";
import { Budget, LimitReached, type Limits } from "./budget.js";
import { ExactContext } from "./context.js";
import { makeBlock, wordNodes } from "./joins.js";
import type { Tables } from "./tables.js";
import { traceBlock } from "./trace.js";

export interface ExactAnswer {
  readonly verdict: Verdict;
  readonly prediction: Prediction;
  readonly margins: readonly MarginBound[];
  /** Search states visited. */
  readonly visits: number;
  readonly evidence: ExactEvidence;
}

export function exact(
  model: NativeModel,
  text: string,
  alphabet: Alphabet,
  limit: number,
  limits: Limits = {},
): ExactAnswer {
  const budget = new Budget(limits, clock());
  const folded = fold(text);
  const logits = model.logits(folded.symbols);
  const prediction = model.prediction(logits);
  const winner = prediction.index;
  const rivals = [...logits.keys()].filter((y) => y !== winner).sort((a, b) => logits[b]! - logits[a]!);
  const margins: MarginBound[] = [{ edits: 0, lower: logits[winner]! - logits[rivals[0]!]! }];
  const least: (number | null)[][] = [];
  const answer = (verdict: Verdict): ExactAnswer => ({
    verdict,
    prediction,
    margins,
    visits: budget.visits,
    evidence: { kind: "exact", least },
  });

  const spans = wordSpans(folded.symbols);
  const context = ExactContext.of(model);
  const writable = foldedAlphabet(alphabet);
  let certified = 0;
  try {
    const blocks = new Map<number, { blocks: Blocks; tables: Tables }>();
    // One k at a time: most texts break early, and each further k costs several times the one before.
    while (certified < limit) {
      const edits = certified + 1;
      let lower = Number.POSITIVE_INFINITY;
      const perLabel: (number | null)[] = model.labels.map(() => null);
      let breaking: { choice: readonly BlockChoice[]; tables: Tables } | null = null;
      for (const rival of rivals) {
        budget.check();
        let at = blocks.get(rival);
        if (at === undefined) {
          const tables = context.margin(winner, rival, writable);
          at = { tables, blocks: new Blocks(spans, tables, budget) };
          blocks.set(rival, at);
        }
        // A rival that is surely no nearer than one looked at before changes nothing. (At a margin of 0, which rival it
        // is decides, so there all are looked at.)
        const bias = model.bias[winner]! - model.bias[rival]!;
        const enough = lower > 0 || breaking !== null ? lower - bias : Number.POSITIVE_INFINITY;
        const found = at.blocks.least(edits, enough);
        if (found === null) continue;
        const { value, choice } = found;
        const margin = value + bias;
        const holds = margin > 0 || (margin === 0 && rival > winner);
        if (!holds && (breaking === null || margin < lower)) breaking = { choice, tables: at.tables };
        if (margin < lower) lower = margin;
        perLabel[rival] = margin;
      }
      least.push(perLabel);
      margins.push({ edits, lower });
      if (breaking !== null) {
        const changes = witness(spans, breaking.choice, breaking.tables, budget);
        const counterexample = replayed(model, text, folded, changes, writable.representative, edits, winner);
        if (counterexample === null) {
          const reason = `the change that breaks it at ${edits} would make one character of two lone surrogates`;
          return answer({ verdict: "unknown", certified, broken: null, counterexample: null, reason });
        }
        return answer({ verdict: "refuted", certified, broken: edits, counterexample });
      }
      certified = edits;
    }
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
    const reason = `${error.message} while trying ${certified + 1} edit${certified === 0 ? "" : "s"}`;
    return answer({ verdict: "unknown", certified, broken: null, counterexample: null, reason });
  }
  return answer({ verdict: "certified", certified, broken: null, counterexample: null });
}

/** The edits of the whole folded text that reach the values of the chosen blocks. */
function witness(
  spans: WordSpans,
  choices: readonly BlockChoice[],
  tables: Tables,
  budget: Budget,
): FoldedEdit[] {
  const changes: FoldedEdit[] = [];
  for (const choice of choices) {
    if (choice.edits === 0) continue;
    const begin = spans.begin[choice.from]!;
    const symbols = spans.symbols.subarray(begin, spans.end[choice.to]);
    const block = makeBlock(wordNodes(tables, symbols), symbols);
    const traced = traceBlock(tables, block, choice.edits, choice.value, budget);
    if (traced === null) throw new Error("a block's least value has no edits that reach it");
    for (const edit of traced) changes.push({ ...edit, at: edit.at + begin });
  }
  return changes;
}

function replayed(
  model: NativeModel,
  text: string,
  folded: Folded,
  changes: readonly FoldedEdit[],
  representative: ArrayLike<number>,
  most: number,
  winner: number,
): Counterexample | null {
  const points = replay(folded, changes, representative);
  if (!roundTrips(points)) return null;
  const changed = fromCodePoints(points);
  const edits = levenshteinWithin(text, changed, most);
  const prediction = model.predict(changed);
  if (edits === null || prediction.index === winner)
    throw new Error(`the counterexample ${JSON.stringify(changed)} failed its replay`);
  return { text: changed, edits, prediction };
}
