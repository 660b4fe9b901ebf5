import fc from "fast-check";
import type { ResultRecord } from "../../src/certify/result.js";
import { createTally } from "../../src/evaluate/metrics.js";
import { summaryText } from "../../src/report/summary.js";
import { certification, certified, ham, record, refuted, unknown } from "./examples.js";

test("a text that is broken, with fewer edits undecided, counts as broken", () => {
  const tally = createTally({ limit: 9 });
  const gap = { text: "x", edits: 4, prediction: ham };
  tally.add(
    record(
      0,
      "a",
      certification(
        { verdict: "unknown", certified: 1, broken: 4, counterexample: gap, reason: "time" },
        { limit: 9 },
      ),
    ),
  );
  tally.add(record(1, "b", refuted(1, "x", { limit: 9 })));
  tally.add(record(2, "c", unknown(1, "time", { limit: 9 })));
  const metrics = tally.metrics();
  expect([metrics.verdicts.unknown, metrics.broken]).toEqual([2, 2]);
  expect(summaryText(metrics)).toMatch(/^3 texts: 0 certified for 9 edits, 2 broken, 1 undecided /);
});

const failed = (id: number, label: string | null): ResultRecord => ({
  id,
  text: "?",
  label,
  correct: null,
  error: "no",
});

test("numbers worked out by hand", () => {
  const tally = createTally({ limit: 2, labels: ["ham", "spam"] });
  const records = [
    record(0, "a", certified(2, { seconds: 1 }), "spam"), // right, certified 2
    record(1, "b", refuted(0, "x", { limit: 2, seconds: 2 }), "spam"), // right, broken by 1
    record(2, "c", refuted(1, "x", { limit: 2, seconds: 4 }), "spam"), // right, certified 1, broken by 2
    record(3, "d", certified(2, { seconds: 8 }), "ham"), // wrong
    record(4, "e", unknown(null, "time", { limit: 2, prediction: ham, seconds: 16 }), "ham"), // right, undecided
    failed(5, "ham"),
    record(6, "f", unknown(1, "time", { limit: 2, prediction: ham, seconds: 32 }), "ham"), // right, certified 1
    failed(7, "spam"),
  ];
  for (const r of records) tally.add(r);
  const m = tally.metrics();
  expect([m.texts, m.errors, m.labelled, m.limit]).toEqual([8, 2, 8, 2]);
  expect(m.verdicts).toEqual({ certified: 2, refuted: 2, unknown: 2 });
  expect(m.broken).toBe(2);
  expect(m.clean).toMatchObject({ count: 5, of: 8, value: 0.625 });
  expect(m.byEdits.map((at) => at.proven!.count)).toEqual([5, 4, 2]);
  expect(m.byEdits.map((at) => at.certified!.count)).toEqual([4, 3, 1]);
  expect(m.byEdits.map((at) => at.attacked!.count)).toEqual([5, 4, 3]);
  // certified sorted: none none none 0 1 1 2 2; the 4th of 8 is 0
  expect(m.medianRadius).toBe(0);
  expect(m.minRadius).toBeNull();
  expect(m.seconds).toEqual({ total: 63, slowest: 32 });
  expect(m.labels).toEqual([
    {
      label: "ham",
      texts: 4,
      recall: expect.objectContaining({ count: 2, of: 4 }),
      certified: [1, 1, 0].map((count) => expect.objectContaining({ count, of: 4 })),
    },
    {
      label: "spam",
      texts: 4,
      recall: expect.objectContaining({ count: 3, of: 4 }),
      certified: [3, 2, 1].map((count) => expect.objectContaining({ count, of: 4 })),
    },
  ]);
});

test("without labels there is no accuracy, but there are proofs", () => {
  const tally = createTally({ limit: 1 });
  tally.add(record(0, "a", certified(1)));
  tally.add(record(1, "b", certified(1)));
  const m = tally.metrics();
  expect(m.clean).toBeNull();
  expect(m.byEdits[1]).toMatchObject({ certified: null, attacked: null, proven: { count: 2, of: 2 } });
  expect(m).toMatchObject({ medianRadius: 1, minRadius: 1, labels: [] });
});

test("no texts", () => {
  expect(createTally({ limit: 0 }).metrics()).toMatchObject({
    texts: 0,
    clean: null,
    byEdits: [{ edits: 0, proven: null, certified: null, attacked: null }],
    medianRadius: null,
    minRadius: null,
  });
});

const limit = 4;
const anyRecord: fc.Arbitrary<ResultRecord> = fc
  .record({
    label: fc.constantFrom("ham", "spam"),
    kind: fc.constantFrom("certified", "refuted", "unknown", "error"),
    k: fc.integer({ min: 0, max: limit - 1 }),
    decided: fc.boolean(),
    prediction: fc.constantFrom(ham, { label: "spam", index: 1, scores: [0, 1] }),
  })
  .map(({ label, kind, k, decided, prediction }) => {
    if (kind === "error") return failed(0, label);
    if (kind === "certified") return record(0, "t", certified(limit, { prediction }), label);
    if (kind === "refuted") return record(0, "t", refuted(k, "x", { limit, prediction }), label);
    return record(0, "t", unknown(decided ? k : null, "why", { limit, prediction }), label);
  });

test("the same as counting over all records at once", () => {
  fc.assert(
    fc.property(fc.array(anyRecord, { maxLength: 60 }), (records) => {
      const tally = createTally({ limit });
      for (const r of records) tally.add(r);
      const m = tally.metrics();
      const radius = (r: ResultRecord): number => ("error" in r || r.certified === null ? -1 : r.certified);
      const brokenBy = (r: ResultRecord): number =>
        "error" in r || r.broken === null ? Number.POSITIVE_INFINITY : r.broken;
      const counted = (of: (r: ResultRecord) => boolean): number => records.filter(of).length;
      expect(m.texts).toBe(records.length);
      expect(m.errors + m.verdicts.certified + m.verdicts.refuted + m.verdicts.unknown).toBe(m.texts);
      for (const { edits, proven, certified, attacked } of m.byEdits) {
        expect(proven?.count ?? 0).toBe(counted((r) => radius(r) >= edits));
        expect(certified?.count ?? 0).toBe(counted((r) => r.correct === true && radius(r) >= edits));
        expect(attacked?.count ?? 0).toBe(counted((r) => r.correct === true && brokenBy(r) > edits));
        for (const label of m.labels) {
          expect(label.certified[edits]?.count).toBe(
            counted((r) => r.label === label.label && r.correct === true && radius(r) >= edits),
          );
        }
      }
      const sorted = records.map(radius).sort((a, b) => a - b);
      const median = sorted[Math.ceil(sorted.length / 2) - 1] ?? -1;
      expect(m.medianRadius).toBe(median < 0 ? null : median);
      expect(m.minRadius).toBe((sorted[0] ?? -1) < 0 ? null : sorted[0]);
    }),
    { numRuns: 200 },
  );
});
