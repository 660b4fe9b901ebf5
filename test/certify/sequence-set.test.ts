/** A set of sequences by their differences from one: against plain strings, and with little room. */
import fc from "fast-check";
import { SequenceSet } from "../../src/certify/enumerate/sequence-set.js";

const ids = fc.array(fc.constantFrom(0, 1, 2, 0x7fff, 0x8000, 250_000), { maxLength: 7 });
const sequences = fc.array(ids, { maxLength: 60 });

test("new or not as plain strings say", () => {
  fc.assert(
    fc.property(ids, sequences, (base, all) => {
      const set = new SequenceSet(Int32Array.from(base));
      const plain = new Set([base.join()]);
      for (const one of all) {
        expect(set.add(Int32Array.from(one))).toBe(!plain.has(one.join()));
        plain.add(one.join());
      }
    }),
    { numRuns: 500 },
  );
});

test("long sequences, far from the base", () => {
  const long = (first: number) => Int32Array.from({ length: 20_000 }, (_, i) => first + (i % 7));
  const set = new SequenceSet(new Int32Array(0));
  expect([set.add(long(0)), set.add(long(1)), set.add(long(0)), set.add(long(1))]).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test("without room everything is new, and nothing new is taken for old", () => {
  fc.assert(
    fc.property(ids, sequences, fc.nat(60), (base, all, room) => {
      const set = new SequenceSet(Int32Array.from(base), room);
      const plain = new Set([base.join()]);
      for (const one of all) {
        if (!plain.has(one.join())) expect(set.add(Int32Array.from(one))).toBe(true);
        plain.add(one.join());
      }
      if (room === 0) expect(set.add(Int32Array.from(base))).toBe(true);
    }),
    { numRuns: 200 },
  );
});
