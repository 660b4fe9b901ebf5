/**
 * The limits of one search: states visited, time, and a caller's wish to stop. Reaching one throws
 * `LimitReached`, which a method turns into `unknown`; it never shortens a search silently.
 */
import { clock } from "../../clock.js";

export class LimitReached extends Error {}

export interface Limits {
  /** Search states to visit at most, per text. */
  readonly states?: number | undefined;
  /** Seconds per text. */
  readonly seconds?: number | undefined;
  readonly signal?: { readonly aborted: boolean } | undefined;
}

export const DEFAULT_STATES = 200_000_000;
const LOOK_EVERY = 1 << 14;

export class Budget {
  visits = 0;
  private readonly most: number;
  private readonly until: number;
  private readonly signal: { readonly aborted: boolean } | undefined;
  private look = LOOK_EVERY;

  constructor(limits: Limits, now: number) {
    this.most = limits.states ?? DEFAULT_STATES;
    this.until = limits.seconds === undefined ? Number.POSITIVE_INFINITY : now + limits.seconds * 1000;
    this.signal = limits.signal;
    this.limits = limits;
  }
  private readonly limits: Limits;

  /** Counts `visits` more states. @throws LimitReached */
  spend(visits: number): void {
    this.visits += visits;
    if (this.visits > this.most)
      throw new LimitReached(`the limit of ${this.most} search states was reached`);
    this.look -= visits;
    if (this.look > 0) return;
    this.look = LOOK_EVERY;
    this.check();
  }

  /** Looks at the clock and the signal. @throws LimitReached */
  check(): void {
    if (this.signal?.aborted) throw new LimitReached("the search was stopped");
    if (clock() > this.until)
      throw new LimitReached(`the time limit of ${this.limits.seconds} s was reached`);
  }
}
