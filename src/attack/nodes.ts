/**
 * The texts that were run, by number of edits and by their tokens.
 *
 * Promise: of texts with the same tokens the one with the fewest edits counts; a few of the others are kept as places to
 * go on from, marked silent.
 */
import type { PartChange } from "./combine.js";
import type { Move } from "./moves.js";
import { type State, textOf } from "./parts.js";

// Looking up a global for every token is slow in a sandbox, such as a test runner's.
const { imul } = Math;

/** A text that was run. */
export interface Node {
  readonly state: State;
  readonly margin: number;
  readonly broken: boolean;
  /** Has the tokens of another node at no greater cost. */
  readonly silent: boolean;
  /** The texts one edit further, as far as they have been taken; null until the first is. */
  further: Generator<Move, void> | null;
  over: boolean;
}

/** UTF-16 units of all texts together that are kept though they have the tokens of others. */
const SILENT_LENGTH = 40_000;
/** Edits that did well alone, tried with others. */
const LIBRARY = 64;

/** A part that one edit has changed. */
interface Single {
  readonly part: number;
  readonly written: string;
}

export class Nodes {
  /** By number of edits. */
  readonly levels: Node[][] = [];
  private readonly seen = new Map<number, Node>();
  private singles: { readonly known: number; readonly best: readonly Single[] } | null = null;
  private readonly silentMost: number;
  private readonly silentTexts = new Set<string>();

  constructor(
    private readonly text: string,
    private readonly parts: readonly string[],
    most: number,
  ) {
    this.silentMost = Math.floor(SILENT_LENGTH / (text.length + 10));
    for (let cost = 0; cost <= most; cost++) this.levels.push([]);
  }

  /** Different token sequences. */
  get sequences(): number {
    return this.seen.size;
  }

  get(key: number): Node | undefined {
    return this.seen.get(key);
  }

  /** A text that was run, or one with the tokens of such a text at less. */
  keep(key: number, state: State, margin: number, broken: boolean): Node {
    const node: Node = { state, margin, broken, silent: false, further: null, over: false };
    this.seen.set(key, node);
    this.levels[state.cost]?.push(node);
    return node;
  }

  get wantsSilent(): boolean {
    return this.silentTexts.size < this.silentMost;
  }

  /** A text whose tokens have been run, as a place to go on from. */
  keepSilent(state: State, margin: number): void {
    if (!this.wantsSilent) return;
    const text = textOf(this.parts, state);
    if (text === this.text || this.silentTexts.has(text)) return;
    this.silentTexts.add(text);
    this.levels[state.cost]?.push({ state, margin, broken: false, silent: true, further: null, over: false });
  }

  /** The best single edits, one way of changing each part at most twice. */
  library(): readonly Single[] {
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

  /** Changes of single parts, at most so many edits each; gains against `margin`. */
  changes(most: number, margin: number): PartChange[] {
    const changes: PartChange[] = [];
    for (const level of this.levels.slice(1, most + 1))
      for (const node of level)
        if (!node.silent && node.state.changed.size === 1)
          for (const [part, written] of node.state.changed)
            changes.push({ part, written, cost: node.state.cost, gain: margin - node.margin });
    return changes;
  }
}

/** 53 bits of a sequence. Two that met would cost a candidate, and never make one: what is found is run again. */
export function hashOf(ids: Int32Array): number {
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
