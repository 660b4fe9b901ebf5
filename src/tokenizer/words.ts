/**
 * The automaton of a word list: a trie with one sink for "can't be a listed word any more".
 *
 * Theorem. `wordTokens` gives the word's own id where it is listed, else `[UNK]`; nothing for the empty word.
 * Proof. A trie node is reached by exactly its string; a missing arc leads to the sink, which only leads to
 * itself, and every string with that prefix is unlisted. All output is given at the end of the word.
 */
import { WORD_SYMBOLS } from "../text/symbols.js";
import type { WordAutomaton } from "./automaton.js";
import { Trie } from "./trie.js";
import { tokenShape, type Vocabulary } from "./vocabulary.js";

export function wordListAutomaton(vocabulary: Vocabulary): WordAutomaton {
  const trie = new Trie();
  const start = trie.node(-1);
  const sink = trie.node(-1);
  const ends = new Map<number, number>();
  for (let id = 1; id < vocabulary.tokens.length; id++)
    ends.set(trie.insert(start, tokenShape("words", vocabulary.tokens[id]!)!.symbols), id);
  const states = trie.nodes;
  const next = trie.child.slice(0, states * WORD_SYMBOLS);
  for (let arc = 0; arc < next.length; arc++) if (next[arc]! < 0) next[arc] = sink;
  // Cell t + 1 is the list of token t alone.
  const tokens = vocabulary.tokens.length;
  const cellToken = new Int32Array(tokens + 1);
  for (let t = 0; t < tokens; t++) cellToken[t + 1] = t;
  const closeCell = new Int32Array(states).fill(1);
  closeCell[start] = 0;
  for (const [node, id] of ends) closeCell[node] = id + 1;
  return {
    states,
    start,
    next,
    stepBy: "never",
    stepCell: new Int32Array(0),
    closeCell,
    cellToken,
    cellRest: new Int32Array(tokens + 1),
    futures: { kind: "tree", sink, parent: trie.parent.slice(0, states) },
  };
}
