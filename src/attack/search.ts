/**
 * The search for a text that breaks the label with few edits.
 *
 * Level by level: the texts one edit from the most promising texts of the level before, the lowest margins first. What
 * deleting each part does to the margin says where to look first. Edits that did well alone are tried together, since
 * the parts of a text often add up. Then again, wider, below the best that was found, until the queries are used up or
 * nothing is left to try.
 *
 * Promise: `best` has been run whole and alone, has surely another label and is as many edits away as it says. Equal
 * seeds, texts and models give equal results, unless time runs out.
 */
import type { Alphabet } from "../edits/alphabet.js";
import { levenshteinWithin } from "../edits/distance.js";
import type { Prediction } from "../model/classifier.js";
import { codePoints } from "../text/code-points.js";
import { bestTogether, type PartChange } from "./combine.js";
import { knownWords, shortWords } from "./known-words.js";
import type { Ground, Move } from "./moves.js";
import { moves } from "./moves.js";
import { type State, textOf, UNCHANGED, withPart } from "./parts.js";
import type { Queries } from "./queries.js";
import { unitEdits, withEdits } from "./shorten.js";
import { type Memory, TokenisedText } from "./spliced.js";

// Looking up a global for every token is slow in a sandbox, such as a test runner's.
const { imul } = Math;

export interface Found {
  /** As many edits that write characters of the alphabet lead there. */
  readonly broken: number;
  readonly counterexample: {
    readonly text: string;
    /** Levenshtein distance from the original in code points. */
    readonly edits: number;
    readonly prediction: Prediction;
  };
}

/** A text that was run. */
interface Node {
  readonly state: State;
  readonly margin: number;
  readonly broken: boolean;
  /** Has the tokens of another node at no greater cost. */
  readonly silent: boolean;
  /** The texts one edit further, as far as they have been taken; null until the first is. */
  further: Generator<Move, void> | null;
  over: boolean;
}

interface Candidate {
  readonly state: State;
  readonly framed: Int32Array;
}

/** Words that are turned into others, and how far these may be. */
const WORDS = 12;
const WORD_EDITS = 3;
/** Edits up to which changes of parts are combined. */
const TOGETHER = 32;
/** Letters of a word that is put before the text. */
const FRONT_LETTERS = 4;
/** A part that one edit has changed. */
interface Single {
  readonly part: number;
  readonly written: string;
}

/** Sequences in one run. */
const RUN = 128;
/** Texts of a level that are taken further, the first time. */
const WIDTH = 4;
/** UTF-16 units of all texts together that are kept though they have the tokens of others. */
const SILENT_LENGTH = 40_000;
/** Edits that did well alone, tried with others. */
const LIBRARY = 64;

export class Search {
  best: Found | null = null;
  /** Changed texts that were looked at other than by `moves`. */
  others = 0;
  private readonly seen = new Map<number, Node>();
  private readonly levels: Node[][] = [];
  private readonly memory: Memory = new Map();
  /** Kept back for shortening and replaying. */
  private readonly reserve: number;
  private singles: { readonly known: number; readonly best: readonly Single[] } | null = null;
  private readonly silentMost: number;
  private readonly silentTexts = new Set<string>();
  private waiting = new Map<number, Candidate>();

  constructor(
    private readonly queries: Queries,
    private readonly text: string,
    private readonly alphabet: Alphabet,
    private readonly ground: Ground & { order: number[] },
    private most: number,
    /** No fewer edits than this are looked for. */
    private readonly least: number,
  ) {
    this.silentMost = Math.floor(SILENT_LENGTH / (text.length + 10));
    this.reserve = Math.min(48, Math.ceil(queries.left / 8));
    for (let cost = 0; cost <= most; cost++) this.levels.push([]);
    this.keep(this.keyOf(text), {
      state: UNCHANGED,
      margin: queries.margin,
      broken: false,
      silent: false,
      further: null,
      over: false,
    });
  }

  async run(): Promise<void> {
    await this.probe();
    await this.wordsNearby();
    await this.wordsInFront();
    for (let width = WIDTH; this.room > 0; width *= 2) {
      const before = this.queries.used;
      const turn = Math.max(64, Math.ceil(this.room / 4));
      let unspent = 0;
      let wide = true;
      for (let cost = 0; cost < this.most && this.room > 0; cost++) {
        const share = cost === 0 ? turn / 2 : turn / 2 / Math.max(1, this.most - 1);
        const quota = Math.max(8, Math.ceil(share)) + unspent;
        const used = this.queries.used;
        wide = (await this.widen(cost, width, quota)) && wide;
        unspent = Math.max(0, quota - (this.queries.used - used));
        if (cost === 0) await this.together();
      }
      if (this.queries.used === before && wide) break;
    }
  }

  /** Different token sequences that were run on the way, the unchanged one included. */
  get sequences(): number {
    return this.seen.size;
  }

  /** Queries that the search itself may still use; none once nothing less can be found. */
  private get room(): number {
    if (this.most < this.least || this.queries.stopped) return 0;
    return Math.max(0, this.queries.left - this.reserve);
  }

  /** Takes the best texts of a level one edit further. Gives whether it took all that there are to their ends. */
  private async widen(cost: number, width: number, quota: number): Promise<boolean> {
    const open = this.levels[cost]!.filter(({ over, broken }) => !over && !broken);
    open.sort((a, b) => Number(a.silent) - Number(b.silent) || a.margin - b.margin);
    let left = quota;
    for (const [i, node] of open.slice(0, width).entries()) {
      if (this.most <= cost || this.room === 0) return false;
      const many = Math.ceil(left / (Math.min(width, open.length) - i));
      left -= await this.further(node, many);
    }
    await this.flush();
    return open.length <= width && open.every(({ over }) => over);
  }

  /** Hands in up to `many` new texts one edit from this one; gives how many. */
  private async further(node: Node, many: number): Promise<number> {
    if (node.further === null) {
      const tokenised = new TokenisedText(
        this.queries.model.tokenizer,
        textOf(this.ground.parts, node.state),
        this.memory,
      );
      node.further = this.movesOf(node.state, tokenised);
    }
    let given = 0;
    while (given < many && this.room > 0 && this.most > node.state.cost) {
      const step = node.further.next();
      if (step.done) {
        node.over = true;
        break;
      }
      const { state, ids, silent } = step.value;
      if (silent && this.silentTexts.size >= this.silentMost) continue;
      if (await this.offer(state, this.queries.model.tokenizer.frame(ids()))) given++;
    }
    return given;
  }

  private *movesOf(state: State, tokenised: TokenisedText): Generator<Move, void> {
    const fresh = moves(this.ground, state, tokenised);
    if (state.cost === 0) return yield* fresh;
    // Edits that did well alone come first, then by turns with new ones.
    const known = this.library().filter(({ part }) => !state.changed.has(part));
    const tokenizer = this.queries.model.tokenizer;
    for (const [i, { part, written }] of known.entries()) {
      const next = withPart(state, part, written, 1);
      const changed = new TokenisedText(tokenizer, textOf(this.ground.parts, next), this.memory);
      yield { state: next, part, ids: () => changed.ids, silent: false };
      if (i < 8) continue;
      const step = fresh.next();
      if (!step.done) yield step.value;
    }
    yield* fresh;
  }

  /** The best single edits, one way of changing each part at most twice. */
  private library(): readonly Single[] {
    const known = this.levels[1]!.length;
    if (this.singles === null || this.singles.known !== known)
      this.singles = { known, best: this.bestSingles() };
    return this.singles.best;
  }

  private bestSingles(): Single[] {
    const singles = this.levels[1]!.filter(({ state }) => state.changed.size === 1);
    singles.sort((a, b) => a.margin - b.margin);
    const times = new Map<number, number>();
    const best: Single[] = [];
    for (const { state } of singles) {
      const [[part, written]] = state.changed as unknown as Iterable<[number, string]> as [[number, string]];
      const n = times.get(part) ?? 0;
      if (n >= 2) continue;
      times.set(part, n + 1);
      best.push({ part, written });
      if (best.length === LIBRARY) break;
    }
    return best;
  }

  /** Changes of different parts that were run alone, made together: the best guess for each number of edits. */
  private async together(): Promise<void> {
    const changes: PartChange[] = [];
    for (const level of this.levels.slice(1, TOGETHER + 1))
      for (const { state, margin, silent } of level)
        if (!silent && state.changed.size === 1)
          for (const [part, written] of state.changed)
            changes.push({ part, written, cost: state.cost, gain: this.queries.margin - margin });
    for (const choice of bestTogether(changes, Math.min(this.most, TOGETHER))) {
      if (choice === null || choice.length < 2 || this.room === 0) continue;
      let state = UNCHANGED;
      for (const { part, written, cost } of choice) state = withPart(state, part, written, cost);
      if (state.cost <= this.most) await this.offerText(state);
    }
    await this.flush();
  }

  /** Orders the parts by what deleting them does to the margin, all of them or groups of them. */
  private async probe(): Promise<void> {
    const { parts, order } = this.ground;
    const budget = Math.min(this.room, Math.max(16, Math.ceil(this.queries.left / 8)));
    if (parts.length === 1 || budget === 0) return;
    const importance = new Float64Array(parts.length).fill(Number.NEGATIVE_INFINITY);
    const size = Math.ceil(parts.length / Math.ceil(parts.length <= budget ? budget : budget / 2));
    let groups = Array.from({ length: Math.ceil(parts.length / size) }, (_, g) => ({
      begin: g * size,
      end: Math.min(parts.length, (g + 1) * size),
    }));
    let left = budget;
    while (groups.length > 0 && left > 0 && this.room > 0) {
      const tried = groups.slice(0, left);
      left -= tried.length;
      const results: { begin: number; end: number; gain: number }[] = [];
      for (const { begin, end } of tried) {
        const node = await this.without(begin, end);
        const gain = node === null ? Number.NEGATIVE_INFINITY : this.queries.margin - node.margin;
        results.push({ begin, end, gain });
        for (let i = begin; i < end; i++) importance[i] = Math.max(importance[i]!, gain / (end - begin));
        if (this.room === 0) break;
      }
      results.sort((a, b) => b.gain - a.gain);
      groups = results
        .filter(({ begin, end }) => end - begin > 1)
        .flatMap(({ begin, end }) => {
          const middle = (begin + end) >> 1;
          return [
            { begin, end: middle },
            { begin: middle, end },
          ];
        });
    }
    order.sort((a, b) => importance[b]! - importance[a]! || a - b);
  }

  /** Other words that have tokens of their own in the place of words, the more important ones first. */
  private async wordsNearby(): Promise<void> {
    const { parts, order } = this.ground;
    const { tokenizer } = this.queries.model;
    let left = Math.min(this.room, Math.ceil(this.queries.left / 10));
    for (const [rank, part] of order.slice(0, WORDS).entries()) {
      const near = Math.min(WORD_EDITS, this.most);
      if (left === 0 || this.room === 0 || near === 0) break;
      let share = Math.min(left, Math.max(2, Math.ceil(left / (rank + 3))));
      for (const { written, edits } of knownWords(tokenizer, this.alphabet, parts[part]!, near)) {
        if (share === 0 || this.room === 0) break;
        if (!(await this.offerText(withPart(UNCHANGED, part, written, edits)))) continue;
        share--;
        left--;
      }
    }
    await this.flush();
  }

  /** Short words that have tokens of their own, put before the text. */
  private async wordsInFront(): Promise<void> {
    const { tokenizer } = this.queries.model;
    const first = this.ground.parts[0]!;
    const room = Math.min(this.room, Math.ceil(this.queries.left / 10));
    const longest = Math.min(FRONT_LETTERS, this.most - 1);
    if (longest < 2 || !this.alphabet.has(0x20)) return;
    let left = room;
    for (const word of shortWords(tokenizer, this.alphabet, longest, this.ground.random)) {
      if (left === 0 || this.room === 0) break;
      if (await this.offerText(withPart(UNCHANGED, 0, `${word} ${first}`, codePoints(word).length + 1)))
        left--;
    }
    await this.flush();
  }

  /** The text without some parts, run at once; null if there is no query left. */
  private async without(begin: number, end: number): Promise<Node | null> {
    const { parts } = this.ground;
    const changed = new Map<number, string>();
    for (let part = begin; part < end; part++) changed.set(part, "");
    const state = { changed, cost: codePoints(parts.slice(begin, end).join("")).length };
    const text = textOf(parts, state);
    this.others++;
    const key = this.keyOf(text);
    const framed = this.queries.model.tokenizer.encode(text);
    const known = this.seen.get(key);
    if (known !== undefined) return known;
    const [answer] = await this.queries.ask([framed]);
    const node: Node = {
      state,
      margin: answer!.margin,
      broken: answer!.broken,
      silent: false,
      further: null,
      over: false,
    };
    this.keep(key, node);
    if (node.broken) await this.take(state);
    return node;
  }

  private async offerText(state: State): Promise<boolean> {
    this.others++;
    const tokenised = new TokenisedText(
      this.queries.model.tokenizer,
      textOf(this.ground.parts, state),
      this.memory,
    );
    return this.offer(state, this.queries.model.tokenizer.frame(tokenised.ids));
  }

  /** Hands in a text; gives whether its tokens are new. */
  private async offer(state: State, framed: Int32Array): Promise<boolean> {
    const key = hashOf(framed);
    const known = this.seen.get(key);
    if (known !== undefined) {
      if (known.state.cost <= state.cost) {
        if (!known.broken) this.keepSilent(state, known.margin);
        return false;
      }
      // The same tokens at less: what the model says of them is known.
      this.keep(key, { ...known, state, further: null, over: false });
      if (known.broken) await this.take(state);
      return false;
    }
    const waits = this.waiting.get(key);
    if (waits !== undefined && waits.state.cost <= state.cost) return false;
    this.waiting.set(key, { state, framed });
    if (waits !== undefined) return false;
    if (this.waiting.size >= Math.min(RUN, this.room)) await this.flush();
    return true;
  }

  private async flush(): Promise<void> {
    const run = [...this.waiting].slice(0, this.room);
    this.waiting = new Map();
    const answers = await this.queries.ask(run.map(([, { framed }]) => framed));
    const flips: Node[] = [];
    for (const [i, [key, { state }]] of run.entries()) {
      const { margin, broken } = answers[i]!;
      const node: Node = { state, margin, broken, silent: false, further: null, over: false };
      this.keep(key, node);
      if (broken) flips.push(node);
    }
    flips.sort((a, b) => a.state.cost - b.state.cost || a.margin - b.margin);
    for (const { state } of flips) await this.take(state);
  }

  private keep(key: number, node: Node): void {
    this.seen.set(key, node);
    this.levels[node.state.cost]?.push(node);
  }

  /** A text whose tokens have been run, as a place to go on from. */
  private keepSilent(state: State, margin: number): void {
    if (this.silentTexts.size >= this.silentMost) return;
    const text = textOf(this.ground.parts, state);
    if (text === this.text || this.silentTexts.has(text)) return;
    this.silentTexts.add(text);
    this.levels[state.cost]?.push({ state, margin, broken: false, silent: true, further: null, over: false });
  }

  private keyOf(text: string): number {
    return hashOf(this.queries.model.tokenizer.encode(text));
  }

  /** A state that breaks the label, made shorter if that can be: the best from now on, if its replay agrees. */
  private async take(state: State): Promise<void> {
    const { queries } = this;
    const text = textOf(this.ground.parts, state);
    let edits = unitEdits(this.text, text);
    // The shortest way there may write what the alphabet doesn't have; then the one that was taken counts.
    const pure = edits.every(({ written }) => written.every((point) => this.alphabet.has(point)));
    if ((pure ? edits.length : state.cost) > this.most) return;
    this.better(await this.replayed(text, pure ? edits.length : state.cost));
    if (!pure) return;
    // Each edit but one, as long as that breaks it too.
    while (edits.length > this.least && edits.length < queries.left && !queries.stopped) {
      const fewer = edits.map((_, i) => edits.filter((__, j) => j !== i));
      const texts = fewer.map((some) => withEdits(this.text, some));
      this.others += texts.length;
      const answers = await queries.ask(texts.map((some) => queries.model.tokenizer.encode(some)));
      let next = -1;
      answers.forEach((answer, i) => {
        if (answer.broken && (next < 0 || answer.margin < answers[next]!.margin)) next = i;
      });
      if (next < 0) return;
      edits = fewer[next]!;
      this.better(await this.replayed(texts[next]!, edits.length));
    }
  }

  private better(found: Found | null): void {
    if (found === null || found.broken > this.most) return;
    this.best = found;
    this.most = found.broken - 1;
  }

  /** The text run alone, through the whole tokenizer; null if it doesn't break the label within the limit. */
  private async replayed(text: string, broken: number): Promise<Found | null> {
    const { queries } = this;
    const edits = levenshteinWithin(this.text, text, broken);
    if (edits === null || queries.left === 0) return null;
    const [answer] = await queries.ask([queries.model.tokenizer.encode(text)]);
    if (!answer!.broken) return null;
    return { broken, counterexample: { text, edits, prediction: queries.model.prediction(answer!.logits) } };
  }
}

/** 53 bits of a sequence. Two that met would cost a candidate, and never make one: what is found is run again. */
function hashOf(ids: Int32Array): number {
  let a = ids.length;
  let b = 0x9e3779b9;
  for (let i = 0; i < ids.length; i++) {
    a = imul(a ^ ids[i]!, 0x85ebca6b);
    a ^= a >>> 13;
    b = imul(b ^ ids[i]!, 0xc2b2ae35);
    b = (b << 7) | (b >>> 25);
  }
  return (a >>> 0) * 0x200000 + (b >>> 11);
}
