/**
 * Certification of LipsLev models: how many character edits does the PREDICTION withstand?
 *
 * Methods
 * - `constant`: margin > k C for each rival, C the cost of one edit (certify/lipslev/constants.ts). Microseconds.
 * - `exact`: k = 0 and 1, decided by looking at every single edit (single.ts).
 * - `lipschitz`: both, and for k >= 2: worst margin after one edit > (k - 1) C.
 *
 * THEOREM. What is certified for k holds: every text within k edits (code points of the alphabet written) has the label of the text
 * by the float64 model. Proof. Levenshtein distance is a path metric: a text at distance j <= k ends a path s = s_0, s_1, .., s_j of single
 * edits, all of them within k of s. By contraction (model/lipslev-characters.ts) their ids are, step by step, within one edit. C
 * bounds what any edit of any ids lowers the real margin m over a rival by, so m(s_j) >= m(s) - j C, and m(s_j) >= m(s_1) - (j - 1) C with
 * m(s_1) at least the worst over ALL single edits. C of cut texts is used unless s has at most L - k ids, whence no text on
 * the path is cut. Computed margins are within an allowance of real ones, and so are the model's logits (rounding.ts); both
 * are taken off: a margin over 0 then means that the winner's logit is the greater in float64. k = 1 needs no constant.
 * A constant valid only near s would not do here, since it says nothing of edits around s_1.
 */
import type { Alphabet } from "../../edits/alphabet.js";
import type { LipslevModel } from "../../model/lipslev.js";
import { writable } from "../../model/lipslev-characters.js";
import { multiplyUp, subtractDown } from "../../numeric/rounding.js";
import type { MethodAnswer, MethodLimits } from "../method.js";
import type { Counterexample, MarginBound, Verdict } from "../result.js";
import { type EditCosts, editCosts, worstCost } from "./constants.js";
import { greedy } from "./greedy.js";
import { roundingAllowance } from "./rounding.js";
import { decideSingle, type Question, type SingleAnswer } from "./single.js";

export const LIPSLEV_METHODS = ["lipschitz", "exact", "constant"] as const;
export type LipslevMethod = (typeof LIPSLEV_METHODS)[number];

export interface LipslevOptions extends MethodLimits {
  /** Default: `lipschitz`. */
  readonly method?: LipslevMethod;
  /** The cost of one edit, class a over b; default: the least that is proven (`editCosts`). */
  readonly costs?: (model: LipslevModel, a: number, b: number) => EditCosts;
  /** Go on from the worst edit to find a counterexample of up to `limit` edits; default true. */
  readonly attack?: boolean;
}

/**
 * The largest k <= limit that is proven, and the smallest that is broken.
 * @param alphabet what may be written
 * @param limit the largest k to try, an integer >= 0
 */
export function certifyLipslev(
  model: LipslevModel,
  text: string,
  alphabet: Alphabet,
  limit: number,
  options: LipslevOptions = {},
): MethodAnswer {
  return new Run(model, text, alphabet, limit, options).answer();
}

class Run {
  private readonly question: Question;
  private readonly logits: Float64Array;
  private readonly perRival: readonly EditCosts[];
  private readonly margins: MarginBound[] = [];
  private single: SingleAnswer | null = null;

  constructor(
    private readonly model: LipslevModel,
    text: string,
    alphabet: Alphabet,
    private readonly limit: number,
    private readonly options: LipslevOptions,
  ) {
    const read = model.read(text);
    this.logits = model.logits(read.ids);
    const winner = model.prediction(this.logits).index;
    const rivals = model.labels.map((_, y) => y).filter((y) => y !== winner);
    this.question = {
      model,
      text,
      read,
      winner,
      rivals,
      allowances: rivals.map((rival) => roundingAllowance(model, winner, rival, read.ids.length + limit + 1)),
      codePointOf: writable(model.characters, alphabet),
    };
    this.perRival = rivals.map((rival) => (options.costs ?? editCosts)(model, winner, rival));
  }

  answer(): MethodAnswer {
    const { limit, options, question } = this;
    const method = options.method ?? "lipschitz";
    const own = question.rivals.map((rival) => this.logits[question.winner]! - this.logits[rival]!);
    const lower = Math.min(...own);
    this.margins.push({ edits: 0, lower });
    if (question.read.ids.length === 0 && question.codePointOf.size === 0) {
      // Nothing can be taken away and nothing written: every text that edits give reads as this one.
      for (let edits = 1; edits <= limit; edits++) this.margins.push({ edits, lower });
      return this.done(limit, null, "");
    }
    let certified = 0;
    if (method !== "exact") {
      while (certified < limit && this.keeps(own, 0, certified + 1)) certified++;
      if (certified === limit) return this.done(certified, null, "");
      if (method === "constant") return this.done(certified, null, `one edit may cost ${this.dearest()}`);
    }
    if (limit > 0) {
      const single = decideSingle(question, options);
      this.single = single;
      if (single.flip !== null) return this.done(0, single.flip, "");
      if (single.reason !== null) return this.done(certified, null, single.reason);
      const worst = own.map((margin, r) => Math.min(margin, single.worst[r]!));
      const lower = Math.min(...worst.map((margin, r) => margin - 2 * question.allowances[r]!));
      this.margins.splice(1, 1, { edits: 1, lower });
      certified = Math.max(certified, 1);
      while (method === "lipschitz" && certified < limit && this.keeps(worst, 1, certified + 1)) certified++;
    }
    if (certified === limit) return this.done(certified, null, "");
    const found =
      options.attack === false ? null : greedy(question, this.single?.edit ?? null, limit, options);
    return this.done(
      certified,
      found,
      method === "exact" ? "exact decides 1 edit and no more" : `one more edit may cost ${this.dearest()}`,
    );
  }

  /** Whether margins after `from` edits leave enough for `edits`; notes the bound if so. */
  private keeps(margins: readonly number[], from: number, edits: number): boolean {
    const { question } = this;
    const cost = this.costs(edits);
    let lower = Number.POSITIVE_INFINITY;
    for (const [r, margin] of margins.entries()) {
      const taken = multiplyUp(edits - from, cost[r]!);
      lower = Math.min(lower, subtractDown(subtractDown(margin, taken), 2 * question.allowances[r]!));
    }
    if (!(lower > 0)) return false;
    const known = this.margins[edits];
    if (known === undefined) this.margins.push({ edits, lower });
    else if (known.lower < lower) this.margins[edits] = { edits, lower };
    return true;
  }

  /** Cost of one edit over each rival, on texts within `edits` of this one. */
  private costs(edits: number): number[] {
    const { model, question } = this;
    const cut = question.read.ids.length + edits > model.maxCharacters;
    return this.perRival.map((costs) => worstCost(costs, cut));
  }

  private dearest(): string {
    return Math.max(...this.costs(this.limit)).toPrecision(4);
  }

  private done(certified: number, found: Counterexample | null, reason: string): MethodAnswer {
    const { limit, model, question, single } = this;
    const broken = found?.edits ?? null;
    let verdict: Verdict;
    if (found !== null && broken === certified + 1)
      verdict = { verdict: "refuted", certified, broken, counterexample: found };
    else if (certified === limit)
      verdict = { verdict: "certified", certified, broken: null, counterexample: null };
    else verdict = { verdict: "unknown", certified, broken, counterexample: found, reason };
    if (broken !== null && broken <= certified)
      throw new Error(`${broken} edits break what was proven for ${certified}`);
    return {
      verdict,
      prediction: model.prediction(this.logits),
      margins: this.margins,
      evidence: {
        kind: "lipslev",
        cut: question.read.ids.length + limit > model.maxCharacters,
        rivals: question.rivals.map((rival, r) => ({
          rival,
          margin: this.logits[question.winner]! - this.logits[rival]!,
          single: single === null || !Number.isFinite(single.worst[r]!) ? null : single.worst[r]!,
          allowance: question.allowances[r]!,
          ...this.perRival[r]!,
        })),
      },
      work: {
        backend: "reference",
        strings: single?.edits ?? 0,
        sequences: single?.edits ?? 0,
        passes: 1,
        guard: 2 * Math.max(...question.allowances),
      },
    };
  }
}
