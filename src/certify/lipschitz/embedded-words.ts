/**
 * The words of a native Transformer that have a row in its embedding, as a tree of their letters.
 *
 * Nodes are numbers, 0 the empty beginning, -1 one that no embedded word has. Children are kept as a chain of siblings:
 * few nodes have many, and a table of all letters would be large.
 */
import { type NativeTransformer, wholeWords } from "../../model/native-transformer.js";

/** Rows that come in place of others. */
export type Added = readonly number[];

export class EmbeddedWords {
  /** [nodes] first child or -1; next node with the same parent or -1; UTF-16 unit; row or -1. */
  private readonly firstChild: number[] = [-1];
  private readonly nextSibling: number[] = [-1];
  private readonly letters: number[] = [0];
  private readonly rows: number[] = [-1];
  /** Letters of the longest word that has a row. */
  longest = 0;

  constructor({ additive, rows }: NativeTransformer) {
    wholeWords(additive.vocabulary).forEach((word, token) => {
      const row = rows[token]!;
      if (row >= 0 && word !== null) this.rows[this.added(word)] = row;
    });
  }

  private added(word: string): number {
    this.longest = Math.max(this.longest, word.length);
    let node = 0;
    for (let i = 0; i < word.length; i++) {
      const letter = word.charCodeAt(i);
      let next = this.child(node, letter);
      if (next < 0) {
        next = this.rows.length;
        this.letters.push(letter);
        this.rows.push(-1);
        this.firstChild.push(-1);
        this.nextSibling.push(this.firstChild[node]!);
        this.firstChild[node] = next;
      }
      node = next;
    }
    return node;
  }

  child(node: number, letter: number): number {
    let next = this.firstChild[node]!;
    while (next >= 0 && this.letters[next] !== letter) next = this.nextSibling[next]!;
    return next;
  }

  /** Where the letters of `word` from `at` on lead, or -1. */
  follow(node: number, word: string, at: number): number {
    let here = node;
    for (let i = at; i < word.length && here >= 0; i++) here = this.child(here, word.charCodeAt(i));
    return here;
  }

  /** Row of the word that ends at a node; -1 for none, or node -1. */
  rowAt(node: number): number {
    return node < 0 ? -1 : this.rows[node]!;
  }

  first(node: number): number {
    return this.firstChild[node]!;
  }

  next(child: number): number {
    return this.nextSibling[child]!;
  }

  letter(node: number): number {
    return this.letters[node]!;
  }
}
