/**
 * A set of token sequences that is quick where most of those handed in are short or repeat the last one.
 */

/** Whole numbers up to here are exact. */
const EXACT = 2 ** 53;

export class IdSet {
  private readonly byLength: Set<number | string>[] = [];
  /** Sequences up to this length have a number as their key. */
  private readonly numbered: number;
  private last: Int32Array | null = null;

  /** `size`: ids are below it. */
  constructor(private readonly size: number) {
    let numbered = 0;
    for (let all = size; all < EXACT && numbered < 50; all *= size) numbered++;
    this.numbered = numbered;
  }

  /** Whether it is new. */
  add(ids: Int32Array): boolean {
    if (this.last !== null && sameIds(this.last, ids)) return false;
    this.last = ids;
    const { length } = ids;
    let set = this.byLength[length];
    if (set === undefined) {
      set = new Set();
      this.byLength[length] = set;
    }
    const before = set.size;
    set.add(length <= this.numbered ? this.number(ids) : ids.join(","));
    return set.size > before;
  }

  private number(ids: Int32Array): number {
    let key = 0;
    for (let i = 0; i < ids.length; i++) key = key * this.size + ids[i]!;
    return key;
  }
}

export function sameIds(a: Int32Array, b: Int32Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
