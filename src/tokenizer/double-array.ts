/**
 * A trie over small symbols as two arrays (Aoe, IEEE TSE 15(9), 1989), compact enough to be the first layer of a network.
 *
 * The child of node s by symbol c is t = base[s] + c if check[t] = s, else there is none and it is node 0, which has no
 * children. Any c from 0 to `symbols`, which no node has a child by, may be asked for.
 *
 * Promise: walking a key from `root` leads to its own node, with `value` its value; walking anything else that isn't the beginning
 * of a key leads to node 0. Proof. Node numbers are given out once (`check` is written only where it is -1), so check[t] names the one
 * parent of t, and t - base[s] the one symbol; entries that no node has stay -1, and nodes without children have base 0, where
 * check[c] = s would make s the parent of c. No node has parent 0, so node 0 stays there.
 */

export interface DoubleArray {
  readonly root: number;
  /** [size] */
  readonly base: Int32Array;
  /** [size] the parent, or -1. */
  readonly check: Int32Array;
  /** [size] value of the key that ends here, or -1. */
  readonly value: Int32Array;
  /** Symbols of the longest key. */
  readonly longest: number;
}

const ROOT = 1;

/** Keys are different, not empty, of symbols below `symbols`; key i has the value i. A null is no key. */
export function doubleArray(keys: readonly (Uint8Array | null)[], symbols: number): DoubleArray {
  const trie = new Plain(keys);
  const room = new Room(symbols);
  /** By plain node. */
  const place = new Int32Array(trie.nodes);
  place[0] = ROOT;
  let longest = 0;
  // Parents come before their children; those with many children are placed while there is much room.
  for (let node = 0; node < trie.nodes; node++) {
    longest = Math.max(longest, trie.depth[node]!);
    const children = trie.children(node);
    if (children.length === 0) continue;
    const base = room.fit(children.map((child) => trie.symbol[child]!));
    room.base[place[node]!] = base;
    for (const child of children) {
      const at = base + trie.symbol[child]!;
      place[child] = at;
      room.take(at, place[node]!);
    }
  }
  const size = room.size();
  const value = new Int32Array(size).fill(-1);
  for (let node = 0; node < trie.nodes; node++) value[place[node]!] = trie.value[node]!;
  return { root: ROOT, base: room.base.slice(0, size), check: room.check.slice(0, size), value, longest };
}

/** A trie with lists of children; nodes in the order of their depth. */
class Plain {
  nodes = 0;
  readonly symbol: number[] = [];
  readonly depth: number[] = [];
  readonly value: number[] = [];
  private readonly first: number[] = [];
  private readonly next: number[] = [];

  constructor(keys: readonly (Uint8Array | null)[]) {
    let level: { readonly node: number; readonly ids: readonly number[] }[] = [
      { node: this.add(-1, 0), ids: keys.flatMap((key, i) => (key === null ? [] : [i])) },
    ];
    for (let depth = 0; level.length > 0; depth++) {
      const below: typeof level = [];
      for (const { node, ids } of level) {
        const groups = new Map<number, number[]>();
        for (const id of ids) {
          const key = keys[id]!;
          if (key.length === depth) this.value[node] = id;
          else {
            const group = groups.get(key[depth]!);
            if (group === undefined) groups.set(key[depth]!, [id]);
            else group.push(id);
          }
        }
        for (const [symbol, group] of groups) {
          const child = this.add(symbol, depth + 1);
          this.next[child] = this.first[node]!;
          this.first[node] = child;
          below.push({ node: child, ids: group });
        }
      }
      level = below;
    }
  }

  children(node: number): number[] {
    const found: number[] = [];
    for (let child = this.first[node]!; child >= 0; child = this.next[child]!) found.push(child);
    return found;
  }

  private add(symbol: number, depth: number): number {
    this.symbol.push(symbol);
    this.depth.push(depth);
    this.value.push(-1);
    this.first.push(-1);
    this.next.push(-1);
    return this.nodes++;
  }
}

/** Where nodes can still be put. */
class Room {
  base = new Int32Array(1 << 12);
  check = new Int32Array(1 << 12).fill(-1);
  /** No place below is free, or few are. */
  private from = ROOT + 1;
  private highestBase = 0;
  private highest = ROOT;

  constructor(private readonly symbols: number) {}

  /** A base at which these symbols' places are free. */
  fit(symbols: readonly number[]): number {
    const least = Math.min(...symbols);
    let tried = 0;
    for (let at = Math.max(this.from, ROOT + 1 + least); ; at++) {
      this.reach(at + this.symbols + 1);
      if (this.check[at] !== -1) continue;
      const base = at - least;
      if (symbols.every((symbol) => this.check[base + symbol] === -1)) {
        // Where it was hard to find room, the next ones begin their search further up.
        if (tried > 64) this.from = Math.max(this.from, at - 4 * this.symbols);
        this.highestBase = Math.max(this.highestBase, base);
        return base;
      }
      tried++;
    }
  }

  take(at: number, parent: number): void {
    this.check[at] = parent;
    this.highest = Math.max(this.highest, at);
    while (this.check[this.from] !== -1 && this.from < this.check.length) this.from++;
  }

  /** So large that every symbol, and the one beyond, can be asked for at every node. */
  size(): number {
    return Math.max(this.highest, this.highestBase + this.symbols) + 1;
  }

  private reach(size: number): void {
    if (size <= this.check.length) return;
    const base = new Int32Array(2 * size);
    const check = new Int32Array(2 * size).fill(-1);
    base.set(this.base);
    check.set(this.check);
    this.base = base;
    this.check = check;
  }
}
