/**
 * Does work in parallel and gives the results back in order.
 *
 * Promise: at most `inFlight` batches are held, whatever the number of items; results come in the order of
 * the items; the first failure ends the run.
 */
export interface OrderedOptions {
  /** Largest number of items handed over at once. */
  readonly batch: number;
  /** A batch also ends when its items weigh this much together. */
  readonly batchWeight: number;
  /** Batches that may be under way or waiting to be given out. */
  readonly inFlight: number;
  readonly signal?: { readonly aborted: boolean };
}

export async function* inOrder<A, B>(
  items: AsyncIterable<A> | Iterable<A>,
  work: (batch: A[]) => Promise<readonly B[]>,
  weight: (item: A) => number,
  options: OrderedOptions,
): AsyncGenerator<B, void> {
  const waiting: Promise<readonly B[]>[] = [];
  const aborted = (): boolean => options.signal?.aborted === true;
  for await (const batch of batches(items, weight, options)) {
    if (aborted()) return;
    const result = work(batch);
    // A failure is seen when its turn comes; until then it must not count as unhandled.
    result.catch(() => {});
    waiting.push(result);
    if (waiting.length >= options.inFlight) yield* await waiting.shift()!;
    if (aborted()) return;
  }
  while (waiting.length > 0 && !aborted()) yield* await waiting.shift()!;
}

async function* batches<A>(
  items: AsyncIterable<A> | Iterable<A>,
  weight: (item: A) => number,
  options: OrderedOptions,
): AsyncGenerator<A[], void> {
  let batch: A[] = [];
  let weighs = 0;
  for await (const item of items) {
    batch.push(item);
    weighs += weight(item);
    if (batch.length >= options.batch || weighs >= options.batchWeight) {
      yield batch;
      batch = [];
      weighs = 0;
    }
  }
  if (batch.length > 0) yield batch;
}
