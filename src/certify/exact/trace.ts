/**
 * The edits behind the least value of a block (one word or a join): the same search as block.ts, kept small and with
 * its steps recorded.
 *
 * Promise: returns edits, at most `edits` of them, that reach a value of at most `target`, or null if there are
 * none. It is run only for the blocks that a counterexample edits, so it is written for clarity, not speed. It
 * drops states that are reached again at no lower value, and those from which `target` is out of reach.
 */
import type { FoldedEdit } from "../../edits/replay.js";
import { SEPARATOR, WORD_SYMBOLS } from "../../text/symbols.js";
import type { Budget } from "./budget.js";
import { blockBounds } from "./joins.js";
import type { Block } from "./nodes.js";
import type { Tables } from "./tables.js";

interface Step {
  readonly from: Step | null;
  readonly edit: FoldedEdit | null;
}
interface Reached {
  value: number;
  step: Step;
}

export function traceBlock(
  tables: Tables,
  block: Block,
  edits: number,
  target: number,
  budget: Budget,
): FoldedEdit[] | null {
  const { automaton, weights, moves } = tables.search;
  const { next, start, stepBy } = automaton;
  const { step, close } = weights;
  const lower = weights.slack?.lower;
  const { symbols } = block;
  const rest = blockBounds(tables, block, edits, budget);
  const separatorAllowed = moves.allowed[SEPARATOR] === 1;
  const fresh = () => Array.from({ length: edits + 1 }, () => new Map<number, Reached>());
  const offer = (
    front: Map<number, Reached>,
    q: number,
    value: number,
    from: Step,
    edit: FoldedEdit | null,
  ) => {
    const known = front.get(q);
    if (known !== undefined && known.value <= value) return;
    const made = { value, step: edit === null ? from : { from, edit } };
    if (known === undefined) front.set(q, made);
    else Object.assign(known, made);
  };
  let here = fresh();
  here[0]!.set(start, { value: 0, step: { from: null, edit: null } });
  for (let at = 0; at <= symbols.length; at++) {
    const there = fresh();
    const atEnd = at === symbols.length;
    const symbol = atEnd ? SEPARATOR : symbols[at]!;
    for (let j = 0; j <= edits; j++) {
      const front = here[j]!;
      budget.spend(front.size);
      for (const [q, reached] of front) {
        const { value, step: from } = reached;
        if (rest !== null && value + lower![q]! + rest[at]![edits - j]! > target) continue;
        if (atEnd && value + close[q]! <= target) return unwind(from);
        const added = (letter: number, to: number) =>
          stepBy === "never" ? 0 : step[stepBy === "state" ? to : q * WORD_SYMBOLS + letter]!;
        if (symbol !== SEPARATOR) {
          const to = next[q * WORD_SYMBOLS + symbol]!;
          offer(there[j]!, to, value + added(symbol, to), from, null);
        }
        if (j === edits) continue;
        if (!atEnd) offer(there[j + 1]!, q, value, from, { kind: "delete", at });
        moves.ensure(q);
        for (let m = moves.begin[q]!; m < moves.end[q]!; m++) {
          const letter = moves.symbol[m]!;
          const to = next[q * WORD_SYMBOLS + letter]!;
          const total = value + added(letter, to);
          offer(here[j + 1]!, to, total, from, { kind: "insert", at, symbol: letter });
          if (!atEnd) offer(there[j + 1]!, to, total, from, { kind: "substitute", at, symbol: letter });
        }
        if (separatorAllowed) {
          const total = value + close[q]!;
          offer(here[j + 1]!, start, total, from, { kind: "insert", at, symbol: SEPARATOR });
          if (symbol !== SEPARATOR)
            offer(there[j + 1]!, start, total, from, { kind: "substitute", at, symbol: SEPARATOR });
        }
      }
    }
    here = there;
  }
  return null;
}

function unwind(last: Step): FoldedEdit[] {
  const edits: FoldedEdit[] = [];
  for (let step: Step | null = last; step !== null; step = step.from)
    if (step.edit !== null) edits.push(step.edit);
  return edits.reverse();
}
