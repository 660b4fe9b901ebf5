/**
 * The search for a text that breaks the label with few edits.
 *
 * Level by level: the texts one edit from the most promising texts of the level before, the lowest margins first. What
 * deleting each part does to the margin says where to look first. Edits that did well alone are tried together, since
 * the parts of a text often add up. Then again, wider, below the best that was found, until the queries are used up or
 * nothing is left to try.
 *
 * Promise: `best` is what champion.ts says. Equal seeds, texts and models give equal results, unless time runs out.
 */
import type { Alphabet } from "../edits/alphabet.js";
import { codePoints } from "../text/code-points.js";
import { Champion, type Found } from "./champion.js";
import { bestTogether } from "./combine.js";
import { knownWords, shortWords } from "./known-words.js";
import type { Ground, Move } from "./moves.js";
import { moves } from "./moves.js";
import { hashOf, type Node, Nodes } from "./nodes.js";
import { type State, textOf, UNCHANGED, withPart } from "./parts.js";
import type { Queries } from "./queries.js";
import { type Memory, TokenisedText } from "./spliced.js";

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
/** Sequences in one run. */
const RUN = 128;
/** Texts of a level that are taken further, the first time. */
const WIDTH = 4;
export class Search {
  private others = 0;
  private readonly nodes: Nodes;
  private readonly champion: Champion;
  private readonly memory: Memory = new Map();
  /** Kept back for shortening and replaying. */
  private readonly reserve: number;
  private waiting = new Map<number, Candidate>();

  constructor(
    private readonly queries: Queries,
    text: string,
    private readonly alphabet: Alphabet,
    private readonly ground: Ground & { order: number[] },
    most: number,
    /** No fewer edits than this are looked for. */
    least: number,
  ) {
    const { parts } = ground;
    this.champion = new Champion(queries, text, parts, alphabet, most, least);
    this.nodes = new Nodes(text, parts, most);
    this.nodes.keep(this.keyOf(text), UNCHANGED, queries.margin, false);
    this.reserve = Math.min(48, Math.ceil(queries.left / 8));
  }

  get best(): Found | null {
    return this.champion.best;
  }

  /** Changed texts that were looked at other than by `moves`. */
  get strings(): number {
    return this.others + this.champion.looked;
  }

  private get most(): number {
    return this.champion.most;
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
    return this.nodes.sequences;
  }

  /** Queries that the search itself may still use; none once nothing less can be found. */
  private get room(): number {
    if (this.most < this.champion.least || this.queries.stopped) return 0;
    return Math.max(0, this.queries.left - this.reserve);
  }

  /** Takes the best texts of a level one edit further. Gives whether it took all that there are to their ends. */
  private async widen(cost: number, width: number, quota: number): Promise<boolean> {
    const open = this.nodes.levels[cost]!.filter(({ over, broken }) => !over && !broken);
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
      if (silent && !this.nodes.wantsSilent) continue;
      if (await this.offer(state, this.queries.model.tokenizer.frame(ids()))) given++;
    }
    return given;
  }

  private *movesOf(state: State, tokenised: TokenisedText): Generator<Move, void> {
    const fresh = moves(this.ground, state, tokenised);
    if (state.cost === 0) return yield* fresh;
    // Edits that did well alone come first, then by turns with new ones.
    const known = this.nodes.library().filter(({ part }) => !state.changed.has(part));
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

  /** Changes of different parts that were run alone, made together: the best guess for each number of edits. */
  private async together(): Promise<void> {
    const changes = this.nodes.changes(TOGETHER, this.queries.margin);
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
    const known = this.nodes.get(key);
    if (known !== undefined) return known;
    const [answer] = await this.queries.ask([framed]);
    const node = this.nodes.keep(key, state, answer!.margin, answer!.broken);
    if (node.broken) await this.champion.take(state);
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
    const known = this.nodes.get(key);
    if (known !== undefined) {
      if (known.state.cost <= state.cost) {
        if (!known.broken) this.nodes.keepSilent(state, known.margin);
        return false;
      }
      // The same tokens at less: what the model says of them is known.
      this.nodes.keep(key, state, known.margin, known.broken);
      if (known.broken) await this.champion.take(state);
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
      const node = this.nodes.keep(key, state, margin, broken);
      if (broken) flips.push(node);
    }
    flips.sort((a, b) => a.state.cost - b.state.cost || a.margin - b.margin);
    for (const { state } of flips) await this.champion.take(state);
  }

  private keyOf(text: string): number {
    return hashOf(this.queries.model.tokenizer.encode(text));
  }
}
