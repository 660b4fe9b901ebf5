/**
 * What two neighbouring symbols are joined to, in a hash table.
 */
export class PairTable {
  private first: Int32Array;
  private second: Int32Array;
  /** [slots] by the slot that `find` gives. */
  readonly rank: Int32Array;
  readonly joined: Int32Array;

  constructor(most: number) {
    let slots = 16;
    while (slots < 2 * most) slots *= 2;
    this.first = new Int32Array(slots).fill(-1);
    this.second = new Int32Array(slots);
    this.rank = new Int32Array(slots);
    this.joined = new Int32Array(slots);
  }

  /** The slot of this pair, -1 where there is none. */
  find(first: number, second: number): number {
    const slot = this.slot(first, second);
    return this.first[slot]! < 0 ? -1 : slot;
  }

  set(first: number, second: number, rank: number, joined: number): void {
    const slot = this.slot(first, second);
    this.first[slot] = first;
    this.second[slot] = second;
    this.rank[slot] = rank;
    this.joined[slot] = joined;
  }

  private slot(first: number, second: number): number {
    const mask = this.first.length - 1;
    let hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
    hash ^= hash >>> 15;
    let slot = hash & mask;
    while (this.first[slot]! >= 0 && (this.first[slot] !== first || this.second[slot] !== second))
      slot = (slot + 1) & mask;
    return slot;
  }
}
