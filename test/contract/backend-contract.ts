/**
 * What every backend promises (src/model/backend.ts), as one suite that each of them runs.
 */
import type { Backend } from "../../src/model/backend.js";
import { BATCH_SEQUENCES } from "../../src/model/backend.js";
import { seeded } from "../oracle/random-model.js";

export interface BackendSubject {
  open(): Promise<Backend>;
  /** `onnxruntime-node` or the like; the version may follow. */
  readonly name: RegExp;
  readonly arithmetic: "float64" | "float32";
  /** Token ids are below this. */
  readonly vocabulary: number;
  readonly labels: number;
  /** Longest sequence that is tried. */
  readonly longest: number;
  /** What the backend must give, by other means, and how far it may be off. */
  readonly expected: (ids: Int32Array) => ArrayLike<number>;
  readonly tolerance: number;
  /** A text may have no tokens at all: only for models without special tokens. */
  readonly emptyAllowed?: boolean;
}

export function backendContract(what: string, subject: BackendSubject): void {
  describe(`the backend contract: ${what}`, () => {
    const { vocabulary, labels, longest, tolerance } = subject;
    let backend: Backend;
    beforeAll(async () => {
      backend = await subject.open();
    });
    afterAll(() => backend?.close());

    const sequences = (seed: number, count: number): Int32Array[] => {
      const random = seeded(seed);
      return Array.from({ length: count }, () =>
        Int32Array.from({ length: 1 + Math.floor(random() * longest) }, () =>
          Math.floor(random() * vocabulary),
        ),
      );
    };
    const close = (a: ArrayLike<number>, b: ArrayLike<number>) => {
      expect(a.length).toBe(b.length);
      const off = Math.max(...Array.from(a, (value, y) => Math.abs(value - b[y]!)));
      expect(off).toBeLessThanOrEqual(tolerance);
    };

    test("says what it is", () => {
      expect(backend.name).toMatch(subject.name);
      expect(backend.arithmetic).toBe(subject.arithmetic);
    });

    test("gives each sequence its logits, in order, whatever their lengths", async () => {
      const given = sequences(1, 40);
      const found = await backend.logits(given);
      expect(found).toHaveLength(given.length);
      found.forEach((logits, i) => {
        expect(logits).toBeInstanceOf(Float64Array);
        expect(logits).toHaveLength(labels);
        close(logits, subject.expected(given[i]!));
      });
    });

    test("more sequences of one length than a run holds", async () => {
      const length = Math.min(3, longest);
      const given = sequences(2, 2 * BATCH_SEQUENCES + 3).map((ids) =>
        Int32Array.from({ length }, (_, i) => ids[i % ids.length]!),
      );
      const found = await backend.logits(given);
      found.forEach((logits, i) => void close(logits, subject.expected(given[i]!)));
    });

    test("the longest and the first and last token", async () => {
      const given = [
        new Int32Array(longest),
        new Int32Array(longest).fill(vocabulary - 1),
        Int32Array.of(0),
        Int32Array.of(vocabulary - 1),
      ];
      const found = await backend.logits(given);
      found.forEach((logits, i) => void close(logits, subject.expected(given[i]!)));
    });

    test("a sequence alone gives what it gives in company", async () => {
      const given = sequences(3, 24);
      const together = await backend.logits(given);
      for (const [i, ids] of given.entries()) close((await backend.logits([ids]))[0]!, together[i]!);
    });

    test("calls at the same time don't mix", async () => {
      const given = [sequences(4, 9), sequences(5, 5), sequences(6, 7)];
      const found = await Promise.all(given.map((some) => backend.logits(some)));
      found.forEach((some, i) => {
        expect(some).toHaveLength(given[i]!.length);
        some.forEach((logits, j) => void close(logits, subject.expected(given[i]![j]!)));
      });
    });

    test("what is given isn't changed, what comes back is the caller's", async () => {
      const given = sequences(7, 6);
      const copy = given.map((ids) => ids.slice());
      const first = await backend.logits(given);
      const values = first.map((logits) => Array.from(logits));
      first.forEach((logits) => void logits.fill(Number.NaN));
      expect((await backend.logits(given)).map((logits) => Array.from(logits))).toEqual(values);
      expect(given).toEqual(copy);
    });

    test("nothing gives nothing", async () => {
      expect(await backend.logits([])).toEqual([]);
    });

    test.each([-1, subject.vocabulary, 2 ** 31 - 1, -(2 ** 31)])(
      "the token id %d is an error",
      async (id) => {
        const message = await failed(backend.logits([Int32Array.of(0), Int32Array.of(0, id)]));
        expect(message).toContain(String(id));
        expect(message).toContain(String(vocabulary - 1));
        // And the next call is none the worse for it.
        close((await backend.logits([Int32Array.of(0)]))[0]!, subject.expected(Int32Array.of(0)));
      },
    );

    if (!subject.emptyAllowed)
      test("an empty sequence is an error", async () => {
        expect(await failed(backend.logits([Int32Array.of(0), new Int32Array(0)]))).toMatch(/ 0 tokens/);
      });

    test("closing twice is as closing once", async () => {
      const other = await subject.open();
      const [logits] = await other.logits([Int32Array.of(0)]);
      close(logits!, subject.expected(Int32Array.of(0)));
      await other.close();
      await other.close();
      // The others go on.
      close((await backend.logits([Int32Array.of(0)]))[0]!, subject.expected(Int32Array.of(0)));
    });
  });
}

/** The one line of the UserError that it fails with. */
async function failed(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => new Error("it didn't fail"),
    (reason: Error) => reason,
  );
  // By name: backends may be loaded in a way that makes the class another one.
  expect([error.name, error.message.includes("\n")]).toEqual(["UserError", false]);
  return error.message;
}
