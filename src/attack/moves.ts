/**
 * The changed texts one edit further, one by one, each with other tokens than those before it.
 *
 * Promise: no two that aren't `silent` have the tokens of the same stretch changed in the same way, and none of them
 * leaves the tokens as they are. Silent ones have the tokens of another, but other characters, from which a further edit
 * may lead elsewhere; a few are given. The order goes round the parts, giving the more important ones more room each time; every single edit of the given
 * characters comes at some time, unless the strings run out.
 */
import type { Random } from "../numeric/random.js";
import { type PartEdit, partEdits } from "./part-edits.js";
import { type State, withPart } from "./parts.js";
import type { TokenisedText } from "./spliced.js";

/** Edits of the most important part each time round. */
const ROOM = 16;

/** Silent changes for each change of the tokens. */
const SILENT = 8;

export interface Move {
  readonly state: State;
  readonly part: number;
  /** All tokens of the text, unframed. */
  readonly ids: () => Int32Array;
  readonly silent: boolean;
}

export interface Ground {
  readonly parts: readonly string[];
  readonly characters: readonly number[];
  /** Numbers of the parts, the most important first. */
  readonly order: readonly number[];
  readonly random: Random;
  /** Called for every string that is looked at; false ends it. */
  readonly mayGoOn: () => boolean;
}

/** Single edits of the text of `state`, whose tokens are `tokenised`. */
export function* moves(ground: Ground, state: State, tokenised: TokenisedText): Generator<Move, void> {
  const { parts, characters, order, random, mayGoOn } = ground;
  const now = parts.map((part, i) => state.changed.get(i) ?? part);
  const offsets = [0];
  for (const part of now) offsets.push(offsets.at(-1)! + part.length);
  const seen = new Map<string, number>();
  let open = order.map((part, rank) => ({
    part,
    room: Math.max(1, Math.round(ROOM / (rank + 1))),
    edits: null as Generator<PartEdit, void> | null,
  }));
  while (open.length > 0) {
    const left: typeof open = [];
    for (const entry of open) {
      const { part, room } = entry;
      entry.edits ??= partEdits(now[part]!, characters, random);
      let given = 0;
      let over = false;
      while (given < room) {
        const step = entry.edits.next();
        if (step.done) {
          over = true;
          break;
        }
        if (!mayGoOn()) return;
        const { begin, end, written } = step.value;
        const splice = tokenised.spliced(offsets[part]! + begin, offsets[part]! + end, written);
        const key = tokenised.isIdle(splice) ? "" : `${splice.from},${splice.to}:${splice.ids.join(",")}`;
        const times = seen.get(key) ?? 0;
        const silent = times > 0 || key === "";
        if (silent && times > SILENT) continue;
        seen.set(key, times + 1);
        if (!silent) given++;
        const text = now[part]!.slice(0, begin) + written + now[part]!.slice(end);
        yield { state: withPart(state, part, text, 1), part, ids: () => tokenised.after(splice), silent };
      }
      if (!over) left.push(entry);
    }
    open = left;
  }
}
