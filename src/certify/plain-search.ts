/**
 * The exact worst margins of a native additive model once more, by one plain shortest path over the whole text:
 * slow, short, and kept apart from the method `exact`, which is judged by it.
 *
 * Shared with `exact`: the fold, the vocabulary and the weights, and nothing else. Not shared: automata and their output
 * cells, tables by word, blocks, pruning by slack, and which symbols an alphabet can write.
 *
 * Theorem. Where `plainSearch` is done, `least[j][y]` is the minimum of logit(winner) - logit(y) over all folded strings
 * within j edits of fold(text) that write only symbols with a preimage in the alphabet. By contraction and lifting
 * (text/fold.ts) that is the minimum over all sequences of code points within j edits of the text.
 * Proof. States (i, e, q): i symbols read, e edits spent, q what the tokenizer remembers of the word being written.
 * From each state the next symbol is kept, or deleted, or replaced by any writable symbol, or a writable symbol is
 * put before it; a virtual separator, which can't be edited, closes the last word. Every edit sequence, taken from
 * left to right, is a path and the reverse, and a path adds up the weights of the tokens of the string it
 * writes (`Stepper`). Arcs go from i to i + 1 or from (i, e) to (i, e + 1), so taking i, then e, in order takes
 * every state after all that lead to it. Two states are never confused: keys are the strings themselves. Weights
 * lie on a grid where sums don't round (numeric/grid.ts). Two shortcuts, both exact: letters that lead from a
 * state to the same state with the same weights are tried once; and a state (i, e, q) that was reached with
 * fewer edits at no higher value is not gone on from, since whatever follows it can follow the other.
 */
import { clock } from "../clock.js";
import type { Alphabet } from "../edits/alphabet.js";
import type { NativeWeights } from "../model/native.js";
import { fold, foldCodePoint } from "../text/fold.js";
import { NOTHING, SEPARATOR, SYMBOL_CHARACTERS, SYMBOL_COUNT, WORD_SYMBOLS } from "../text/symbols.js";
import type { Vocabulary } from "../tokenizer/vocabulary.js";

export interface PlainLimits {
  /** Default 60. */
  readonly seconds?: number | undefined;
  /** States gone on from; default 50 million. */
  readonly states?: number | undefined;
}

export type PlainAnswer =
  | {
      readonly done: true;
      /** [edits + 1][labels] least margin of `winner` over each label with at most that many edits; Infinity over itself. */
      readonly least: readonly (readonly number[])[];
      readonly visits: number;
    }
  | { readonly done: false; readonly reason: string };

/** @param winner index of the label whose margins are wanted. */
export function plainSearch(
  model: NativeWeights,
  text: string,
  alphabet: Alphabet,
  winner: number,
  edits: number,
  limits: PlainLimits = {},
): PlainAnswer {
  const { symbols } = fold(text);
  const rivals = [...model.labels.keys()].filter((y) => y !== winner);
  const writable = writableSymbols(alphabet);
  const nodes = new Nodes(model, winner, rivals, writable);
  const until = clock() + (limits.seconds ?? 60) * 1000;
  const most = limits.states ?? 50_000_000;
  const writesSeparator = writable[SEPARATOR]!;
  const least = Array.from({ length: edits + 1 }, () => rivals.map(() => Number.POSITIVE_INFINITY));
  const none = rivals.map(() => 0);
  const fresh = () => Array.from({ length: edits + 1 }, () => new Map<Node, number[]>());
  let visits = 0;
  let here = fresh();
  here[0]!.set(nodes.start, [...none]);
  for (let i = 0; i <= symbols.length; i++) {
    const there = fresh();
    const atEnd = i === symbols.length;
    const symbol = atEnd ? SEPARATOR : symbols[i]!;
    for (let e = 0; e <= edits; e++) {
      for (const [node, value] of here[e]!) {
        if (reachedEarlier(here, e, node, value)) continue;
        if (++visits > most)
          return { done: false, reason: `the limit of ${most} states of the plain search was reached` };
        if ((visits & 1023) === 0 && clock() > until)
          return {
            done: false,
            reason: `the limit of ${limits.seconds ?? 60} s for the plain search was reached`,
          };
        const closing = nodes.end(node);
        if (atEnd) lower(least[e]!, value, closing);
        else if (symbol === SEPARATOR) offer(there[e]!, nodes.start, value, closing);
        else {
          const kept = nodes.step(node, symbol);
          offer(there[e]!, kept.to, value, kept.adds);
        }
        if (e === edits) continue;
        if (!atEnd) offer(there[e + 1]!, node, value, none);
        for (const { to, adds } of nodes.letters(node)) {
          offer(here[e + 1]!, to, value, adds);
          if (!atEnd) offer(there[e + 1]!, to, value, adds);
        }
        if (!writesSeparator) continue;
        offer(here[e + 1]!, nodes.start, value, closing);
        if (!atEnd) offer(there[e + 1]!, nodes.start, value, closing);
      }
    }
    here = there;
  }
  const answer: number[][] = [];
  let sofar = rivals.map(() => Number.POSITIVE_INFINITY);
  for (const values of least) {
    sofar = sofar.map((known, r) => Math.min(known, values[r]!));
    const margins = model.labels.map(() => Number.POSITIVE_INFINITY);
    for (const [r, y] of rivals.entries()) margins[y] = sofar[r]! + model.bias[winner]! - model.bias[y]!;
    answer.push(margins);
  }
  return { done: true, least: answer, visits };
}

/** Whether margins of `winner`, one per label, leave it the answer; equal logits go to the lowest index. */
export function stillWins(margins: readonly number[], winner: number): boolean {
  return margins.every((margin, y) => y === winner || margin > 0 || (margin === 0 && winner < y));
}

/** Logits by the definitions in tokenizer/vocabulary.ts, word by word, without any automaton. */
export function plainLogits(model: NativeWeights, text: string): number[] {
  const listed = listedOf(model.vocabulary);
  const sum = Array.from(model.bias);
  const written = Array.from(fold(text).symbols, (symbol) => SYMBOL_CHARACTERS[symbol]!).join("");
  for (const word of written.split(SYMBOL_CHARACTERS[SEPARATOR]!)) {
    if (word === "") continue;
    for (const token of plainWordTokens(model.vocabulary, listed, word))
      for (let y = 0; y < sum.length; y++) sum[y] = sum[y]! + model.evidence[token * sum.length + y]!;
  }
  return sum;
}

/** [SYMBOL_COUNT] whether some code point of the alphabet folds to the symbol. */
export function writableSymbols(alphabet: Alphabet): boolean[] {
  const writable: boolean[] = new Array(SYMBOL_COUNT).fill(false);
  let missing = SYMBOL_COUNT;
  for (const point of alphabet.codePoints()) {
    const symbol = foldCodePoint(point);
    if (symbol === NOTHING || writable[symbol]) continue;
    writable[symbol] = true;
    if (--missing === 0) break;
  }
  return writable;
}

function reachedEarlier(
  fronts: readonly Map<Node, number[]>[],
  edits: number,
  node: Node,
  value: readonly number[],
): boolean {
  for (let e = 0; e < edits; e++) {
    const earlier = fronts[e]!.get(node);
    if (earlier?.every((v, r) => v <= value[r]!)) return true;
  }
  return false;
}

function offer(
  front: Map<Node, number[]>,
  to: Node,
  value: readonly number[],
  adds: readonly number[],
): void {
  const known = front.get(to);
  if (known !== undefined) lower(known, value, adds);
  else {
    const made = [...value];
    for (let r = 0; r < made.length; r++) made[r] = made[r]! + adds[r]!;
    front.set(to, made);
  }
}

/** known = min(known, value + adds), rival by rival. */
function lower(known: number[], value: readonly number[], adds: readonly number[]): void {
  for (let r = 0; r < known.length; r++) {
    const total = value[r]! + adds[r]!;
    if (total < known[r]!) known[r] = total;
  }
}

/** A tokenizer state with what was found out about it. */
interface Node {
  readonly key: string;
  readonly arcs: (Arc | undefined)[];
  letters: Arc[] | null;
  end: number[] | null;
}
interface Arc {
  readonly to: Node;
  /** Per rival. */
  readonly adds: readonly number[];
}

class Nodes {
  readonly start: Node;
  private readonly stepper: Stepper;
  private readonly known = new Map<string, Node>();

  constructor(
    private readonly model: NativeWeights,
    private readonly winner: number,
    private readonly rivals: readonly number[],
    private readonly writable: readonly boolean[],
  ) {
    this.stepper = plainStepper(model.vocabulary);
    this.start = this.node(this.stepper.start);
  }

  step(node: Node, symbol: number): Arc {
    let arc = node.arcs[symbol];
    if (arc === undefined) {
      const { state, tokens } = this.stepper.step(node.key, SYMBOL_CHARACTERS[symbol]!);
      arc = { to: this.node(state), adds: this.weigh(tokens) };
      node.arcs[symbol] = arc;
    }
    return arc;
  }

  /** The writable letters from a state, those with equal outcome once. */
  letters(node: Node): readonly Arc[] {
    if (node.letters === null) {
      const different = new Map<string, Arc>();
      for (let symbol = 0; symbol < WORD_SYMBOLS; symbol++) {
        if (!this.writable[symbol]) continue;
        const arc = this.step(node, symbol);
        different.set(`${arc.to.key} ${arc.adds.join(" ")}`, arc);
      }
      node.letters = [...different.values()];
    }
    return node.letters;
  }

  end(node: Node): readonly number[] {
    node.end ??= this.weigh(this.stepper.end(node.key));
    return node.end;
  }

  private node(key: string): Node {
    let node = this.known.get(key);
    if (node === undefined) {
      node = { key, arcs: new Array(WORD_SYMBOLS).fill(undefined), letters: null, end: null };
      this.known.set(key, node);
    }
    return node;
  }

  private weigh(tokens: readonly number[]): number[] {
    const { evidence, labels } = this.model;
    return this.rivals.map((rival) => {
      let sum = 0;
      for (const token of tokens)
        sum += evidence[token * labels.length + this.winner]! - evidence[token * labels.length + rival]!;
      return sum;
    });
  }
}

/**
 * A word's tokens while it is being written: `start`, then `step` by each of its symbols, then `end`. Together
 * they give the tokens of the definition; the empty word gives none. States are strings.
 */
export interface Stepper {
  readonly start: string;
  step(state: string, symbol: string): { readonly state: string; readonly tokens: readonly number[] };
  end(state: string): readonly number[];
}

/** A vocabulary's tokens for looking up. */
interface Listed {
  /** Token as it is written -> id. */
  readonly ids: ReadonlyMap<string, number>;
  /** Every beginning of every token, the tokens themselves and the empty string included. */
  readonly beginnings: ReadonlySet<string>;
  /** Characters of the longest token. */
  readonly longest: number;
}

const listedOnce = new WeakMap<Vocabulary, Listed>();

function listedOf(vocabulary: Vocabulary): Listed {
  let listed = listedOnce.get(vocabulary);
  if (listed === undefined) {
    const ids = new Map<string, number>();
    const beginnings = new Set<string>([""]);
    let longest = 0;
    for (const [id, token] of vocabulary.tokens.entries()) {
      ids.set(token, id);
      longest = Math.max(longest, token.length);
      for (let length = 1; length <= token.length; length++) beginnings.add(token.slice(0, length));
    }
    listed = { ids, beginnings, longest };
    listedOnce.set(vocabulary, listed);
  }
  return listed;
}

export function plainStepper(vocabulary: Vocabulary): Stepper {
  const steppers = { words: wordStepper, pieces: pieceStepper, patterns: patternStepper };
  return steppers[vocabulary.kind](listedOf(vocabulary));
}

/** The state is the word so far, or "!" once no listed word begins like it. */
function wordStepper({ ids, beginnings }: Listed): Stepper {
  return {
    start: "",
    step: (state, symbol) => {
      const word = state === "!" ? "!" : state + symbol;
      return { state: beginnings.has(word) ? word : "!", tokens: [] };
    },
    end: (state) => (state === "" ? [] : [ids.get(state) ?? 0]),
  };
}

/**
 * The state is what was read since the last piece that is certain, "##" before it if there was one. While some
 * piece begins with it, nothing is decided; once none does, the longest piece that it begins with is certain,
 * because a longer one would begin with it, and what is left of it is judged again.
 */
function pieceStepper({ ids, beginnings }: Listed): Stepper {
  const cut = (state: string): { id: number; rest: string } => {
    const from = state.startsWith("##") ? 2 : 0;
    for (let to = state.length; to > from; to--) {
      const id = ids.get(state.slice(0, to));
      if (id !== undefined) return { id, rest: `##${state.slice(to)}` };
    }
    throw new Error(`no piece begins ${JSON.stringify(state)}`);
  };
  return {
    start: "",
    step: (state, symbol) => {
      const tokens: number[] = [];
      let left = state + symbol;
      while (!beginnings.has(left)) {
        const { id, rest } = cut(left);
        tokens.push(id);
        left = rest;
      }
      return { state: left, tokens };
    },
    end: (state) => {
      const tokens: number[] = [];
      for (let left = state; left !== "" && left !== "##"; ) {
        const { id, rest } = cut(left);
        tokens.push(id);
        left = rest;
      }
      return tokens;
    },
  };
}

/**
 * The state is the longest end of "^" + word so far that some pattern begins with (or "^" itself, for the empty word);
 * a pattern that ends later and began before it would begin with a longer end. A pattern that ends here without
 * "$" is an end of what was read that the pattern begins with, so it is an end of the state.
 */
function patternStepper({ ids, beginnings }: Listed): Stepper {
  const endings = (written: string): number[] => {
    const tokens: number[] = [];
    for (let from = 0; from < written.length; from++) {
      const id = ids.get(written.slice(from));
      if (id !== undefined) tokens.push(id);
    }
    return tokens;
  };
  return {
    start: "^",
    step: (state, symbol) => {
      let left = state + symbol;
      while (!beginnings.has(left)) left = left.slice(1);
      return { state: left, tokens: endings(left) };
    },
    end: (state) => (state === "^" ? [] : endings(`${state}$`)),
  };
}

function plainWordTokens({ kind }: Vocabulary, { ids, longest }: Listed, word: string): number[] {
  if (kind === "words") return [ids.get(word) ?? 0];
  const tokens: number[] = [];
  if (kind === "pieces") {
    for (let from = 0; from < word.length; ) {
      const mark = from === 0 ? "" : "##";
      let to = Math.min(word.length, from + longest);
      while (!ids.has(mark + word.slice(from, to))) to--;
      tokens.push(ids.get(mark + word.slice(from, to))!);
      from = to;
    }
    return tokens;
  }
  const written = `^${word}$`;
  for (let from = 0; from < written.length; from++)
    for (let to = from + 1; to <= written.length && to - from <= longest; to++) {
      const id = ids.get(written.slice(from, to));
      if (id !== undefined) tokens.push(id);
    }
  return tokens;
}
