/**
 * Method `lipschitz` for native Transformers: the skip path exactly, the blocks by bounds at the text's own activations.
 *
 * Theorem. Let a be the label of text s. `certified >= k` is given only if every text within k edits of s (code points of the
 * alphabet written) has label a, whatever lies within: margins are lower bounds of those of all these texts.
 * Proof. The margin of a over a rival is A(s') + G(s'), A the additive model's and G the blocks' part. Edits part the words of the folded text
 * into blocks, each with its own edits (exact/blocks.ts). There A(s') is the sum of the blocks' contributions, at least their exact
 * minima for as many edits; and G(s') >= G(s) - sum of the charges of the blocks that are edited, by charges.ts, where
 * - one edit in one word, or on the separator of two: the dearest of all changes of rows that it can make (word-changes.ts);
 * - more edits e of m neighbouring words: all their tokens are taken, and what comes in their place are at most e - m + 2 words
 *   (m - 1 edits go to the separators between them, each further one makes at most one more; of an empty word, e edits make at
 *   most e words), each as dear as any newcomer. Terms below 0 count as 0, so tokens that stay do no harm.
 * The others' tokens (q of charges.ts): e edits take and bring at most 2e tokens, for a block of m <= e + 1 words has m <= 2e and
 * e - m + 2 <= 2e. So the minimum of contributions less charges over all ways to part the words and the edits, plus G(s), bounds
 * every margin from below. Charges are rounded up to the grid of the contributions, on which sums are exact.
 * What later blocks (L >= 2) can lose is bounded in later-blocks.ts for all edits together and taken off once.
 */
import { clock } from "../../clock.js";
import { type Alphabet, foldedAlphabet } from "../../edits/alphabet.js";
import type { NativeTransformer } from "../../model/native-transformer.js";
import { GRID } from "../../numeric/grid.js";
import { fold } from "../../text/fold.js";
import { SYMBOL_CHARACTERS } from "../../text/symbols.js";
import { Blocks, type WordSpans, wordSpans } from "../exact/blocks.js";
import { Budget, LimitReached, type Limits } from "../exact/budget.js";
import { ExactContext } from "../exact/context.js";
import type { MethodAnswer } from "../method.js";
import type { MarginBound, Verdict } from "../result.js";
import { Charges } from "./charges.js";
import { laterLoss } from "./later-blocks.js";
import { Levy } from "./levy.js";
import { forwardRounding } from "./rounding.js";
import { RowTables } from "./row-tables.js";
import { TextState } from "./text-state.js";
import { WordChanges } from "./word-changes.js";

interface Prepared {
  readonly rows: RowTables | null;
  readonly changes: Map<string, WordChanges>;
}

/** Attention weights of the first block that are kept: 2^24 take 128 MiB, and as much again for distances. */
const MOST_WEIGHTS = 2 ** 24;

const prepared = new WeakMap<NativeTransformer, Prepared>();

export interface NativeLimits extends Limits {
  /** Whether margins are made as large as they can be proven, beyond what the verdict needs. */
  readonly tight?: boolean;
  /** Attention weights kept per text; default 2^24. */
  readonly weights?: number;
}

export function nativeLipschitz(
  model: NativeTransformer,
  text: string,
  alphabet: Alphabet,
  limit: number,
  limits: NativeLimits = {},
): MethodAnswer {
  const budget = new Budget(limits, clock());
  const { symbols } = fold(text);
  const logits = model.logits(symbols);
  const prediction = model.prediction(logits);
  const winner = prediction.index;
  const rivals = [...logits.keys()].filter((y) => y !== winner).sort((a, b) => logits[b]! - logits[a]!);
  const margins: MarginBound[] = [{ edits: 0, lower: logits[winner]! - logits[rivals[0]!]! }];
  const answer = (verdict: Verdict): MethodAnswer => ({ verdict, prediction, margins });
  const open = (certified: number, reason: string): MethodAnswer =>
    answer({ verdict: "unknown", certified, broken: null, counterexample: null, reason });
  // A margin above 0 proves what is asked; making it larger is for those who want to see it (`tight`).
  const enough = limits.tight === true ? Number.POSITIVE_INFINITY : 0;
  let certified = 0;
  try {
    let searched: Searched | null = null;
    while (certified < limit) {
      searched ??= new Searched(model, wordSpans(symbols), alphabet, budget, limits.weights ?? MOST_WEIGHTS);
      const edits = certified + 1;
      let lower = Number.POSITIVE_INFINITY;
      for (const rival of rivals) lower = Math.min(lower, searched.least(winner, rival, edits, enough));
      margins.push({ edits, lower });
      if (!(lower > 0))
        return open(
          certified,
          `the bound for ${edits} edit${edits === 1 ? "" : "s"} is ${lower.toPrecision(3)}, not above 0`,
        );
      certified = edits;
    }
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
    return open(
      certified,
      `${error.message} while trying ${certified + 1} edit${certified === 0 ? "" : "s"}`,
    );
  }
  return answer({ verdict: "certified", certified, broken: null, counterexample: null });
}

/** One text under all margins. */
class Searched {
  private readonly words: readonly string[];
  /** [words] index of the word's token, or -1. */
  private readonly tokenOf: Int32Array;
  private readonly tokens: readonly number[];
  private readonly text: TextState | null;
  private readonly changes: WordChanges;
  private readonly margins = new Map<number, { blocks: Blocks; charges: Charges | null }>();

  constructor(
    private readonly model: NativeTransformer,
    private readonly spans: WordSpans,
    private readonly alphabet: Alphabet,
    private readonly budget: Budget,
    mostWeights: number,
  ) {
    const { begin, end, symbols } = spans;
    this.words = Array.from(begin, (from, i) => {
      let word = "";
      for (let at = from; at < end[i]!; at++) word += SYMBOL_CHARACTERS[symbols[at]!]!;
      return word;
    });
    this.tokenOf = new Int32Array(begin.length).fill(-1);
    const tokens: number[] = [];
    this.tokens = tokens;
    this.words.forEach((word, i) => {
      const row = model.rowOf(word);
      if (row < 0) return;
      this.tokenOf[i] = tokens.length;
      tokens.push(row);
    });
    const heads = model.blocks[0]?.attention.heads ?? 0;
    if (heads * tokens.length ** 2 > mostWeights)
      throw new LimitReached(
        `${tokens.length} embedded words are more than the ${Math.floor(Math.sqrt(mostWeights / heads))} whose attention is kept`,
      );
    let known = prepared.get(model);
    if (known === undefined) {
      known = { rows: model.blocks.length === 0 ? null : new RowTables(model), changes: new Map() };
      prepared.set(model, known);
    }
    const { allowed } = foldedAlphabet(alphabet);
    const key = allowed.join("");
    let changes = known.changes.get(key);
    if (changes === undefined) {
      changes = new WordChanges(model, allowed);
      known.changes.set(key, changes);
    }
    this.changes = changes;
    this.text = known.rows === null ? null : new TextState(known.rows, tokens);
  }

  /** At most the margin of every text within `edits` edits; looked at closely only as long as it is `enough` or less. */
  least(winner: number, rival: number, edits: number, enough: number): number {
    const { model } = this;
    this.budget.check();
    let margin = this.margins.get(rival);
    if (margin === undefined) {
      const tables = ExactContext.of(model.additive).margin(winner, rival, foldedAlphabet(this.alphabet));
      const charges =
        this.text === null ? null : new Charges(this.text, this.text.tables.margin(winner, rival));
      margin = { blocks: new Blocks(this.spans, tables, this.budget), charges };
      this.margins.set(rival, margin);
    }
    const { blocks, charges } = margin;
    const bias = model.additive.bias[winner]! - model.additive.bias[rival]!;
    if (charges === null) return blocks.least(edits, Number.POSITIVE_INFINITY)!.value + bias;
    const rounding = forwardRounding(model, winner, rival, this.tokenOf.length + 2 * edits);
    if (rounding === Number.POSITIVE_INFINITY)
      throw new LimitReached("text or weights are too large to bound the rounding of the forward pass");
    let fixed = charges.total - 2 ** -30 * charges.size - rounding;
    if (model.blocks.length > 1) {
      const later = laterLoss(model, this.tokens, winner, rival, edits);
      fixed += later.total - 2 ** -30 * later.size - later.loss;
    }
    const rest = bias + Math.floor(fixed / GRID) * GRID;
    const levy = new Levy(charges, this.words, this.tokenOf, this.changes, edits, this.budget);
    // Few places are worth a close look: those on the least path, as long as it says too little.
    let found = blocks.least(edits, Number.POSITIVE_INFINITY, levy.charge)!;
    while (found.value + rest <= enough && levy.refine(found.choice))
      found = blocks.least(edits, Number.POSITIVE_INFINITY, levy.charge)!;
    return found.value + rest;
  }
}
