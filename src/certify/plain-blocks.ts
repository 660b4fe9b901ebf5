/**
 * The least margins of a native Transformer within k edits by trying everything: every sequence of rows that the blocks can be
 * made to read, each once with the least that the additive model can have beside it.
 *
 * Shared with the method `lipschitz`: the fold, the vocabulary and the weights. Not shared: its bounds, its charges, its tables,
 * blocks and automata, and the forward (plain-transformer.ts).
 *
 * Theorem. Where it is done, `least[y]` is the minimum of logit(winner) - logit(y), by plain-transformer.ts, over all folded
 * strings within `edits` edits that write only symbols with a preimage in the alphabet. By contraction and lifting (text/fold.ts)
 * that is the minimum over all texts within as many edits. Proof. A folded string within k edits has an alignment with the
 * text's; its separators that are kept and not edited cut both into stretches, and the edits into those of each stretch, in
 * which every separator of the text is edited: words from..to with at least to - from edits. `stretch` goes through all
 * strings that so many edits make of one, as plain-search.ts does, but keeps states apart that differ in the rows that were
 * written; of those that agree in what is to come (tokenizer state, word so far, rows) the least value per rival is kept, which
 * is what counts, as the blocks' part depends on the rows alone. Words and rows of a string are those of its stretches one
 * after the other, so all ways to choose stretches and edits that add up to k give all sequences of rows, and with each the
 * least sum. Sums of evidence don't round (numeric/grid.ts); the blocks' part does, in the 12th digit.
 */
import { clock } from "../clock.js";
import type { Alphabet } from "../edits/alphabet.js";
import type { NativeTransformer } from "../model/native-transformer.js";
import { SEPARATOR, SYMBOL_CHARACTERS, WORD_SYMBOLS } from "../text/symbols.js";
import { plainStepper, type Stepper, writableSymbols } from "./plain-search.js";
import { plainBranches, plainRows, plainWords } from "./plain-transformer.js";

export interface PlainBlocksLimits {
  /** Default 60. */
  readonly seconds?: number | undefined;
  /** Sequences of rows that the blocks are run on; default 300,000. */
  readonly sequences?: number | undefined;
}

export type PlainBlocksAnswer =
  | {
      readonly done: true;
      /** [labels] least margin of `winner` over each label; Infinity over itself. */
      readonly least: readonly number[];
      readonly sequences: number;
    }
  | { readonly done: false; readonly reason: string };

/** What can be made of a stretch: rows, joined by spaces -> the least value per rival. */
type Outcomes = ReadonlyMap<string, readonly number[]>;

class TooMuch extends Error {}

const GAP = SYMBOL_CHARACTERS[SEPARATOR]!;
/** Stands for a word that no embedded word begins with. */
const LOST = "!";

/** Least margins within exactly so many edits and fewer. */
export function plainBlocks(
  model: NativeTransformer,
  text: string,
  alphabet: Alphabet,
  winner: number,
  edits: number,
  limits: PlainBlocksLimits = {},
): PlainBlocksAnswer {
  try {
    return new Trial(model, text, alphabet, winner, limits).answer(edits);
  } catch (error) {
    if (error instanceof TooMuch) return { done: false, reason: error.message };
    throw error;
  }
}

class Trial {
  private readonly words: readonly string[];
  private readonly rivals: readonly number[];
  private readonly rows: ReadonlyMap<string, number>;
  /** Every beginning of every embedded word. */
  private readonly beginnings = new Set<string>([""]);
  private readonly letters: readonly string[];
  private readonly writesGap: boolean;
  private readonly stepper: Stepper;
  private readonly until: number;
  private readonly most: number;
  private readonly stretches = new Map<string, Outcomes>();
  private readonly arcs = new Map<string, Arc>();
  private readonly options = new Map<string, readonly Arc[]>();
  private steps = 0;

  constructor(
    private readonly model: NativeTransformer,
    text: string,
    alphabet: Alphabet,
    private readonly winner: number,
    private readonly limits: PlainBlocksLimits,
  ) {
    this.words = plainWords(text);
    this.rivals = [...model.labels.keys()].filter((y) => y !== winner);
    this.rows = plainRows(model);
    for (const word of this.rows.keys())
      for (let to = 1; to <= word.length; to++) this.beginnings.add(word.slice(0, to));
    const writable = writableSymbols(alphabet);
    this.letters = SYMBOL_CHARACTERS.slice(0, WORD_SYMBOLS).filter((_, symbol) => writable[symbol]);
    this.writesGap = writable[SEPARATOR]!;
    this.stepper = plainStepper(model.additive.vocabulary);
    this.until = clock() + (limits.seconds ?? 60) * 1000;
    this.most = limits.sequences ?? 300_000;
  }

  answer(edits: number): PlainBlocksAnswer {
    const { model, rivals, winner } = this;
    const { bias } = model.additive;
    const all = this.everySequence(edits);
    const least = model.labels.map(() => Number.POSITIVE_INFINITY);
    for (const [key, values] of all) {
      this.tick(64);
      const more = plainBranches(model, key === "" ? [] : key.split(" ").map(Number));
      for (const [r, y] of rivals.entries()) {
        const margin = values[r]! + bias[winner]! - bias[y]! + (more[winner]! - more[y]!);
        // A margin that is no number is no margin at all.
        if (!(margin >= least[y]!)) least[y] = Number.isNaN(margin) ? Number.NEGATIVE_INFINITY : margin;
      }
    }
    return { done: true, least, sequences: all.size };
  }

  /** All sequences of rows within so many edits of the whole text, from the left. */
  private everySequence(edits: number): Map<string, number[]> {
    const { words } = this;
    // [words done][edits spent]
    const reached = Array.from({ length: words.length + 1 }, () =>
      Array.from({ length: edits + 1 }, () => new Map<string, number[]>()),
    );
    reached[0]![0]!.set("", this.zero());
    for (let from = 0; from < words.length; from++) {
      for (let spent = 0; spent <= edits; spent++)
        for (const [before, value] of reached[from]![spent]!)
          for (let to = from; to < words.length && to - from <= edits - spent; to++)
            for (let here = to - from; here <= edits - spent; here++)
              for (const [rows, adds] of this.stretch(words.slice(from, to + 1).join(GAP), here)) {
                this.tick(1);
                const key = before === "" ? rows : rows === "" ? before : `${before} ${rows}`;
                const known = offer(reached[to + 1]![spent + here]!, key, value, adds);
                if (known > this.most)
                  throw new TooMuch(
                    `${edits} edit${edits === 1 ? " gives" : "s give"} more than ${this.most} sequences of words`,
                  );
              }
      reached[from] = [];
    }
    const all = new Map<string, number[]>();
    for (const front of reached[words.length]!)
      for (const [key, value] of front) offer(all, key, value, this.zero());
    return all;
  }

  /** What at most `edits` edits make of words that were joined by separators. */
  private stretch(symbols: string, edits: number): Outcomes {
    const name = `${edits} ${symbols}`;
    let outcomes = this.stretches.get(name);
    if (outcomes === undefined) {
      outcomes = this.search(symbols, edits);
      this.stretches.set(name, outcomes);
    }
    return outcomes;
  }

  private search(symbols: string, edits: number): Outcomes {
    const fresh = () => Array.from({ length: edits + 1 }, () => new Map<string, Reached>());
    const ends = new Map<string, number[]>();
    let here = fresh();
    reach(here[0]!, { state: this.stepper.start, word: "", rows: "", value: this.zero() });
    for (let i = 0; i <= symbols.length; i++) {
      const there = fresh();
      const symbol = symbols[i];
      for (let e = 0; e <= edits; e++)
        for (const at of here[e]!.values()) {
          this.tick(1);
          if (symbol === undefined) {
            const { rows, value } = this.gap(at);
            offer(ends, rows, value, this.zero());
          } else reach(there[e]!, symbol === GAP ? this.gap(at) : this.letter(at, this.arc(at, symbol)));
          if (e === edits) continue;
          if (symbol !== undefined) reach(there[e + 1]!, at);
          const written = this.written(at).map((arc) => this.letter(at, arc));
          if (this.writesGap) written.push(this.gap(at));
          for (const next of written) {
            reach(here[e + 1]!, next);
            if (symbol !== undefined) reach(there[e + 1]!, next);
          }
        }
      here = there;
    }
    return ends;
  }

  /** The state behind a separator, or behind the end: the word is over. */
  private gap({ state, word, rows, value }: Reached): Reached {
    const row = word === LOST || word === "" ? undefined : this.rows.get(word);
    const more = this.weigh(this.stepper.end(state));
    return {
      state: this.stepper.start,
      word: "",
      rows: row === undefined ? rows : rows === "" ? `${row}` : `${rows} ${row}`,
      value: value.map((v, r) => v + more[r]!),
    };
  }

  private letter({ rows, value }: Reached, { state, word, adds }: Arc): Reached {
    return { state, word, rows, value: value.map((v, r) => v + adds[r]!) };
  }

  private arc({ state, word }: Reached, symbol: string): Arc {
    const name = `${state}\n${word}\n${symbol}`;
    let arc = this.arcs.get(name);
    if (arc === undefined) {
      const next = this.stepper.step(state, symbol);
      const longer = word === LOST || !this.beginnings.has(word + symbol) ? LOST : word + symbol;
      arc = { state: next.state, word: longer, adds: this.weigh(next.tokens) };
      this.arcs.set(name, arc);
    }
    return arc;
  }

  /** The letters that may be written in a state, those with one outcome once. */
  private written(at: Reached): readonly Arc[] {
    const name = `${at.state}\n${at.word}`;
    let arcs = this.options.get(name);
    if (arcs === undefined) {
      const different = new Map<string, Arc>();
      for (const symbol of this.letters) {
        const arc = this.arc(at, symbol);
        different.set(`${arc.state}\n${arc.word}\n${arc.adds.join(" ")}`, arc);
      }
      arcs = [...different.values()];
      this.options.set(name, arcs);
    }
    return arcs;
  }

  private weigh(tokens: readonly number[]): number[] {
    const { evidence, labels } = this.model.additive;
    return this.rivals.map((rival) => {
      let sum = 0;
      for (const token of tokens)
        sum += evidence[token * labels.length + this.winner]! - evidence[token * labels.length + rival]!;
      return sum;
    });
  }

  private zero(): number[] {
    return this.rivals.map(() => 0);
  }

  private tick(steps: number): void {
    this.steps += steps;
    if (this.steps < 4096) return;
    this.steps = 0;
    if (clock() > this.until)
      throw new TooMuch(`the limit of ${this.limits.seconds ?? 60} s for trying every sequence was reached`);
  }
}

interface Arc {
  readonly state: string;
  readonly word: string;
  /** Per rival. */
  readonly adds: readonly number[];
}

interface Reached {
  /** Of the tokenizer. */
  readonly state: string;
  /** The word being written, or LOST. */
  readonly word: string;
  /** Of the words that are over. */
  readonly rows: string;
  /** Per rival. */
  readonly value: readonly number[];
}

/** Keeps the least value of each rival among those that agree in all else. */
function reach(front: Map<string, Reached>, next: Reached): void {
  const key = `${next.state}\n${next.word}\n${next.rows}`;
  const known = front.get(key);
  if (known === undefined) front.set(key, next);
  else if (known.value.some((v, r) => next.value[r]! < v))
    front.set(key, { ...known, value: known.value.map((v, r) => Math.min(v, next.value[r]!)) });
}

/** front[key] = min(front[key], value + adds), rival by rival; gives how many keys there are. */
function offer(
  front: Map<string, number[]>,
  key: string,
  value: readonly number[],
  adds: readonly number[],
): number {
  const known = front.get(key);
  if (known === undefined)
    front.set(
      key,
      value.map((v, r) => v + adds[r]!),
    );
  else for (let r = 0; r < known.length; r++) known[r] = Math.min(known[r]!, value[r]! + adds[r]!);
  return front.size;
}
