/**
 * Tokens of a text after one change, without tokenising all of it again.
 *
 * Promise: `spliced` gives what `tokenizer.ids` gives for the changed text. Proof: the stretch around the change ends at
 * places that are cuts (tokenizer.ts) of the text and of the changed text alike: a cut depends on the characters right
 * before and right after it, and those taken lie wholly outside the change. Where nothing is known, the stretch is all.
 */
import { isCut, type Tokenizer } from "../tokenizer/tokenizer.js";

/** Tokens [from, to) of the text become `ids`. */
export interface Splice {
  readonly from: number;
  readonly to: number;
  readonly ids: Int32Array;
}

/** What the same stretches gave before; shared by the texts of one search. */
export type Memory = Map<string, Int32Array>;

export class TokenisedText {
  readonly ids: Int32Array;
  /** Places of cuts in UTF-16, ascending: the start of the text first, its end last. */
  private readonly cuts: number[] = [0];
  /** Tokens before each cut. */
  private readonly before: number[] = [0];

  constructor(
    private readonly tokenizer: Tokenizer,
    readonly text: string,
    memory: Memory,
  ) {
    const parts: Int32Array[] = [];
    let length = 0;
    for (let begin = 0, at = 1; at <= text.length; at++) {
      if (!isCut(tokenizer.locality, text, at)) continue;
      const stretch = text.slice(begin, at);
      let ids = memory.get(stretch);
      if (ids === undefined) {
        ids = tokenizer.ids(stretch);
        memory.set(stretch, ids);
      }
      parts.push(ids);
      length += ids.length;
      this.cuts.push(at);
      this.before.push(length);
      begin = at;
    }
    if (text === "") {
      this.ids = tokenizer.ids("");
      return;
    }
    this.ids = new Int32Array(length);
    let at = 0;
    for (const ids of parts) {
      this.ids.set(ids, at);
      at += ids.length;
    }
  }

  /** After `written` has come in the place of [begin, end) of the text (UTF-16). */
  spliced(begin: number, end: number, written: string): Splice {
    const { text, cuts, before, tokenizer } = this;
    // The last cut before the change, and the first behind it, not counting those that touch it.
    const first = Math.max(0, this.cutsBelow(begin) - 1);
    const last = Math.min(cuts.length - 1, this.cutsBelow(end + 1));
    const ids = tokenizer.ids(text.slice(cuts[first]!, begin) + written + text.slice(end, cuts[last]!));
    return text === ""
      ? { from: 0, to: this.ids.length, ids }
      : { from: before[first]!, to: before[last]!, ids };
  }

  /** All tokens after this. */
  after({ from, to, ids }: Splice): Int32Array {
    const changed = new Int32Array(this.ids.length - (to - from) + ids.length);
    changed.set(this.ids.subarray(0, from));
    changed.set(ids, from);
    changed.set(this.ids.subarray(to), from + ids.length);
    return changed;
  }

  /** Whether it leaves the tokens as they are. */
  isIdle({ from, to, ids }: Splice): boolean {
    if (to - from !== ids.length) return false;
    for (let i = 0; i < ids.length; i++) if (this.ids[from + i] !== ids[i]) return false;
    return true;
  }

  /** How many cuts lie below a place. */
  private cutsBelow(place: number): number {
    let low = 0;
    let high = this.cuts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.cuts[middle]! < place) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
