/**
 * The one thing that the core asks of the platform: what time it is.
 *
 * Promise: milliseconds that never run backwards. `performance` exists in Node, in every browser and in workers.
 */
declare const performance: { now(): number };

export function clock(): number {
  return performance.now();
}
