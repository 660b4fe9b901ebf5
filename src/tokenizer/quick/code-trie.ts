/**
 * A trie over codes 0..255, in a hash table: a vocabulary of 100,000 nodes takes a few megabytes.
 *
 * Promise: `step(node, code)` is the node of the string of `node` with `code` behind it, -1 where no string that was
 * put in goes on like that; `value[node]` is what was put in last for exactly that string, -1 where nothing was.
 */
const CODES = 256;

export class CodeTrie {
  private keys: Int32Array;
  private nodes: Int32Array;
  private shift: number;
  private count = 1;
  value = new Int32Array(1024).fill(-1);
  readonly root = 0;

  constructor() {
    this.keys = new Int32Array(2048).fill(-1);
    this.nodes = new Int32Array(2048);
    this.shift = 32 - 11;
  }

  step(node: number, code: number): number {
    const { keys } = this;
    const key = node * CODES + code;
    const mask = keys.length - 1;
    let slot = Math.imul(key, 0x9e3779b1) >>> this.shift;
    for (;;) {
      const found = keys[slot]!;
      if (found === key) return this.nodes[slot]!;
      if (found < 0) return -1;
      slot = (slot + 1) & mask;
    }
  }

  /** The node of this string, made where it is missing. */
  insert(codes: ArrayLike<number>): number {
    let node = this.root;
    for (let i = 0; i < codes.length; i++) {
      const next = this.step(node, codes[i]!);
      node = next >= 0 ? next : this.add(node, codes[i]!);
    }
    return node;
  }

  put(codes: ArrayLike<number>, value: number): void {
    const node = this.insert(codes);
    this.value[node] = value;
  }

  private add(node: number, code: number): number {
    if (2 * this.count >= this.keys.length) this.grow();
    if (this.count === this.value.length) {
      const value = new Int32Array(2 * this.count).fill(-1);
      value.set(this.value);
      this.value = value;
    }
    const made = this.count++;
    this.place(node * CODES + code, made);
    return made;
  }

  private place(key: number, node: number): void {
    const mask = this.keys.length - 1;
    let slot = Math.imul(key, 0x9e3779b1) >>> this.shift;
    while (this.keys[slot]! >= 0) slot = (slot + 1) & mask;
    this.keys[slot] = key;
    this.nodes[slot] = node;
  }

  private grow(): void {
    const { keys, nodes } = this;
    this.keys = new Int32Array(2 * keys.length).fill(-1);
    this.nodes = new Int32Array(2 * keys.length);
    this.shift--;
    for (let slot = 0; slot < keys.length; slot++)
      if (keys[slot]! >= 0) this.place(keys[slot]!, nodes[slot]!);
  }
}
