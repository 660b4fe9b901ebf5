/**
 * A growing trie over word symbols, in one flat array: the raw material of the three automata.
 * Promise: nodes are numbered in the order they were made, so a parent's number is below its children's.
 */
import { WORD_SYMBOLS } from "../text/symbols.js";

export class Trie {
  /** [nodes * WORD_SYMBOLS] child or -1. */
  child: Int32Array;
  parent: Int32Array;
  nodes = 0;

  constructor(capacity = 1024) {
    this.child = new Int32Array(capacity * WORD_SYMBOLS).fill(-1);
    this.parent = new Int32Array(capacity);
  }

  node(parent: number): number {
    if (this.nodes === this.parent.length) this.grow();
    this.parent[this.nodes] = parent;
    return this.nodes++;
  }

  /** The node reached from `root` by `symbols`, made where it is missing. */
  insert(root: number, symbols: ArrayLike<number>): number {
    let node = root;
    for (let i = 0; i < symbols.length; i++) {
      const arc = node * WORD_SYMBOLS + symbols[i]!;
      let next = this.child[arc]!;
      if (next < 0) {
        next = this.node(node);
        this.child[arc] = next;
      }
      node = next;
    }
    return node;
  }

  private grow(): void {
    const child = new Int32Array(this.child.length * 2).fill(-1);
    child.set(this.child);
    this.child = child;
    const parent = new Int32Array(this.parent.length * 2);
    parent.set(this.parent);
    this.parent = parent;
  }
}
