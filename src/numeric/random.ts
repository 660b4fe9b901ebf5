/**
 * Seeded randomness whose state is one number, so that it can be saved and taken up again.
 * mulberry32 (public domain, T. Ettinger): uniform in [0, 1), period 2^32; enough to shuffle and to split.
 */
export class Random {
  constructor(private state: number) {
    this.state = state >>> 0;
  }

  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), 1 | t);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** Fisher and Yates, in place. */
  shuffle(values: Int32Array): void {
    for (let i = values.length - 1; i > 0; i--) {
      const j = Math.floor(this.next() * (i + 1));
      const swap = values[i]!;
      values[i] = values[j]!;
      values[j] = swap;
    }
  }

  save(): number {
    return this.state;
  }
}
