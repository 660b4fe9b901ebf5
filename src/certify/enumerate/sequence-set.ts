/**
 * A set of token sequences most of which differ from one of them, the base, in a few places.
 *
 * Promise: `add` never takes a new sequence for an old one. Proof: the key says how many tokens at the beginning are
 * the base's, how long the sequence is, and all tokens between that beginning and the longest end that is the base's
 * end; together they give the sequence back. So it holds without trusting a hash.
 *
 * Memory is bounded: once the keys fill MOST_UNITS, nothing more is remembered, and sequences that aren't in the set
 * are new every time. That costs time only.
 */

/** UTF-16 units of all keys together: 256 MiB. */
const MOST_UNITS = 2 ** 27;
/** Arguments of one call. */
const PART = 4096;

export class SequenceSet {
  private readonly keys = new Set<string>();
  private room: number;

  constructor(
    private readonly base: Int32Array,
    most = MOST_UNITS,
  ) {
    this.room = most;
    this.add(base);
  }

  /** Whether it is new. */
  add(ids: Int32Array): boolean {
    const key = this.key(ids);
    if (this.keys.has(key)) return false;
    if (key.length <= this.room) {
      this.keys.add(key);
      this.room -= key.length;
    }
    return true;
  }

  private key(ids: Int32Array): string {
    const { base } = this;
    const most = Math.min(base.length, ids.length);
    let head = 0;
    while (head < most && base[head] === ids[head]) head++;
    let end = ids.length;
    const shift = base.length - ids.length;
    while (end > head && end + shift > head && base[end - 1 + shift] === ids[end - 1]) end--;
    const units = [head >>> 15, head & 0x7fff, ids.length >>> 15, ids.length & 0x7fff];
    for (let i = head; i < end; i++) units.push(ids[i]! >>> 15, ids[i]! & 0x7fff);
    let key = "";
    for (let i = 0; i < units.length; i += PART) key += String.fromCharCode(...units.slice(i, i + PART));
    return key;
  }
}
