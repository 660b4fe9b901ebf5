/**
 * Method `lipschitz` for native Transformers: the skip path exactly, the blocks by bounds at the text's own activations.
 *
 * Theorem. Let a be the label of text s. `certified >= k` is given only if every text within k edits of s (code points of the
 * alphabet written) has label a, whatever lies within: margins are lower bounds of those of all these texts.
 * Proof. The margin of a over a rival is A(s') + G(s'), A the additive model's and G the blocks' part. Edits part the words of the folded text
 * into blocks, each with its own edits (exact/blocks.ts). There A(s') is the sum of the blocks' contributions, at least their exact
 * minima for as many edits; and G(s') >= G(s) - sum of the charges of the blocks that are edited, by charges.ts or window-charges.ts, where
 * - one edit in one word, or on the separator of two, and two edits of up to three words: the dearest of all changes of rows that
 *   they can make (word-changes.ts, many-changes.ts);
 * - more edits e of m neighbouring words: all their tokens are taken, and what comes in their place are at most e - m + 2 words
 *   (m - 1 edits go to the separators between them, each further one makes at most one more; of an empty word, e edits make at
 *   most e words), each as dear as the dearest of the rows that may be among so many (many-changes.ts), or as any newcomer where
 *   that wasn't looked at. Terms below 0 count as 0, so tokens that stay do no harm.
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
import type { BlocksStep } from "../evidence.js";
import { type BlockChoice, Blocks, type WordSpans, wordSpans } from "../exact/blocks.js";
import { Budget, LimitReached, type Limits } from "../exact/budget.js";
import { ExactContext } from "../exact/context.js";
import type { MethodAnswer } from "../method.js";
import type { MarginBound, Verdict } from "../result.js";
import type { Charges } from "./charges.js";
import { laterLoss } from "./later-blocks.js";
import { Levy } from "./levy.js";
import { forwardRounding, SLACK } from "./rounding.js";
import { RowTables } from "./row-tables.js";
import { TextState } from "./text-state.js";
import { chargesOf } from "./window-charges.js";
import { WordChanges } from "./word-changes.js";

interface Prepared {
  readonly rows: RowTables | null;
  readonly changes: Map<string, WordChanges>;
}

/** Attention weights of the first block that are kept: 2^24 take 128 MiB, and as much again for distances. */
const MOST_WEIGHTS = 2 ** 24;

/** How often places that tell against a margin are looked at before all are. */
const GLANCES = 4;

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
  const words = textWords(model, wordSpans(symbols));
  const { tokens } = words;
  const most = limits.weights ?? MOST_WEIGHTS;
  const state = limit > 0 && attentionOf(model, tokens) <= most ? stateOf(model, tokens) : null;
  const branches = state !== null && model.blocks.length === 1 ? state.branches() : model.branches(tokens);
  const logits = model.logits(symbols, branches);
  const prediction = model.prediction(logits);
  const winner = prediction.index;
  const rivals = [...logits.keys()].filter((y) => y !== winner).sort((a, b) => logits[b]! - logits[a]!);
  const margins: MarginBound[] = [{ edits: 0, lower: logits[winner]! - logits[rivals[0]!]! }];
  const steps: BlocksStep[] = [];
  const answer = (verdict: Verdict): MethodAnswer => ({
    verdict,
    prediction,
    margins,
    evidence: { kind: "native-blocks", tokens: tokens.length, steps },
  });
  const open = (certified: number, reason: string): MethodAnswer =>
    answer({ verdict: "unknown", certified, broken: null, counterexample: null, reason });
  // A margin above 0 proves what is asked; making it larger is for those who want to see it (`tight`).
  const enough = limits.tight === true ? Number.POSITIVE_INFINITY : 0;
  let certified = 0;
  try {
    let searched: Searched | null = null;
    while (certified < limit) {
      if (attentionOf(model, tokens) > most)
        throw new LimitReached(
          `${tokens.length} embedded words are more than the ${Math.floor(Math.sqrt(most / model.blocks[0]!.attention.heads))} whose attention is kept`,
        );
      searched ??= new Searched(model, words, state, alphabet, budget);
      const edits = certified + 1;
      let nearest: BlocksStep | null = null;
      for (const rival of rivals) {
        const step = searched.least(winner, rival, edits, enough, nearest?.lower ?? Number.POSITIVE_INFINITY);
        if (nearest === null || !(step.lower >= nearest.lower)) nearest = step;
      }
      const { lower } = nearest!;
      steps.push(nearest!);
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

interface TextWords {
  readonly spans: WordSpans;
  readonly words: readonly string[];
  /** [words] index of the word's token, or -1. */
  readonly tokenOf: Int32Array;
  /** The rows of the words that have one. */
  readonly tokens: readonly number[];
}

function textWords(model: NativeTransformer, spans: WordSpans): TextWords {
  const { begin, end, symbols } = spans;
  const words: string[] = [];
  const tokenOf = new Int32Array(begin.length).fill(-1);
  const tokens: number[] = [];
  for (let i = 0; i < begin.length; i++) {
    let word = "";
    for (let at = begin[i]!; at < end[i]!; at++) word += SYMBOL_CHARACTERS[symbols[at]!]!;
    words.push(word);
    const row = model.rowOf(word);
    if (row < 0) continue;
    tokenOf[i] = tokens.length;
    tokens.push(row);
  }
  return { spans, words, tokenOf, tokens };
}

/** Attention weights of a block. */
function attentionOf(model: NativeTransformer, tokens: readonly number[]): number {
  return (model.blocks[0]?.attention.heads ?? 0) * tokens.length ** 2;
}

function preparedOf(model: NativeTransformer): Prepared {
  let known = prepared.get(model);
  if (known === undefined) {
    known = { rows: model.blocks.length === 0 ? null : new RowTables(model), changes: new Map() };
    prepared.set(model, known);
  }
  return known;
}

function stateOf(model: NativeTransformer, tokens: readonly number[]): TextState | null {
  const { rows } = preparedOf(model);
  return rows === null ? null : new TextState(rows, tokens);
}

/** One text under all margins. */
class Searched {
  private readonly changes: WordChanges;
  private readonly margins = new Map<number, { blocks: Blocks; charges: Charges | null }>();

  constructor(
    private readonly model: NativeTransformer,
    private readonly words: TextWords,
    private readonly text: TextState | null,
    private readonly alphabet: Alphabet,
    private readonly budget: Budget,
  ) {
    const known = preparedOf(model).changes;
    const { allowed } = foldedAlphabet(alphabet);
    const key = allowed.join("");
    let changes = known.get(key);
    if (changes === undefined) {
      changes = new WordChanges(model, allowed);
      known.set(key, changes);
    }
    this.changes = changes;
  }

  /**
   * At most the margin of every text within `edits` edits; looked at closely only as long as it is `enough` or less and may become more.
   * What isn't below `lowest`, the least for other rivals, changes nothing and needn't be any nearer.
   */
  least(winner: number, rival: number, edits: number, enough: number, lowest: number): BlocksStep {
    const { model } = this;
    this.budget.check();
    let margin = this.margins.get(rival);
    if (margin === undefined) {
      const tables = ExactContext.of(model.additive).margin(winner, rival, foldedAlphabet(this.alphabet));
      const charges =
        this.text === null ? null : chargesOf(this.text, this.text.tables.margin(winner, rival));
      margin = { blocks: new Blocks(this.words.spans, tables, this.budget), charges };
      this.margins.set(rival, margin);
    }
    const { blocks, charges } = margin;
    const bias = model.additive.bias[winner]! - model.additive.bias[rival]!;
    if (charges === null) {
      const { value } = blocks.least(edits, Number.POSITIVE_INFINITY)!;
      const none = { charges: [], first: 0, later: 0, laterLoss: 0, slack: 0, rounding: 0 };
      return { edits, rival, words: value, bias, ...none, lower: value + bias };
    }
    const { words, tokenOf, tokens } = this.words;
    const rounding = forwardRounding(model, winner, rival, tokenOf.length + 2 * edits);
    if (rounding === Number.POSITIVE_INFINITY)
      throw new LimitReached("text or weights are too large to bound the rounding of the forward pass");
    const later =
      model.blocks.length > 1
        ? laterLoss(model, tokens, winner, rival, edits)
        : { total: 0, size: 0, loss: 0 };
    const slack = SLACK * charges.size + SLACK * later.size;
    const fixed = charges.total - slack - rounding + later.total - later.loss;
    const rest = bias + Math.floor(fixed / GRID) * GRID;
    const levy = new Levy(charges, words, tokenOf, this.changes, edits, this.budget);
    const wanted = Math.min(enough, lowest) + GRID - rest;
    // At a glance first, which will do where the margin is large; then at the places that tell against it, then at all.
    blocks.levy(edits, levy.charge);
    let found = blocks.boundCharged(edits);
    for (
      let round = 0;
      round < GLANCES && found.value < wanted && refined(found.choice, levy, blocks);
      round++
    )
      found = blocks.boundCharged(edits);
    if (found.value < wanted) {
      if (edits > 1) levy.lookAtNewcomers();
      blocks.levy(edits, levy.guess);
      found = blocks.leastCharged(edits, wanted);
    }
    // Few places are worth a close look: those on the least path, as long as it says too little and may yet say enough.
    const tight = enough === Number.POSITIVE_INFINITY;
    while (
      found.value < wanted &&
      (tight || found.value + levy.excess(found.choice) >= wanted) &&
      refined(found.choice, levy, blocks)
    )
      found = blocks.leastCharged(edits, wanted);
    const taken = found.choice
      .filter((place) => place.edits > 0)
      .map(({ from, to, edits: e }) => ({ from, to, edits: e, charge: levy.charge(from, to, e) }));
    return {
      edits,
      rival,
      words: found.value + taken.reduce((sum, { charge }) => sum + charge, 0),
      charges: taken,
      bias,
      first: charges.total,
      later: later.total,
      laterLoss: later.loss,
      slack,
      rounding,
      lower: found.value + rest,
    };
  }
}

/** Looks closer at the places whose edits are on the least path; false if there is nothing more to see. */
function refined(choice: readonly BlockChoice[], levy: Levy, blocks: Blocks): boolean {
  let lowered = false;
  for (const { from, to, edits } of choice)
    if (edits > 0 && levy.refineOne(from, to, edits)) {
      blocks.recharge(from, to, edits, levy.charge(from, to, edits));
      lowered = true;
    }
  return lowered;
}
