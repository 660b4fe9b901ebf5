/**
 * One JSON array of all records, written piece by piece, so that its length is not limited by what a single
 * string can hold.
 */
import type { Reporter } from "./reporter.js";

export function jsonReporter<R>(fields: (record: R) => Record<string, unknown>): Reporter<R, unknown> {
  let first = true;
  return {
    begin: () => "[",
    record(record) {
      const gap = first ? "\n" : ",\n";
      first = false;
      return gap + JSON.stringify(fields(record));
    },
    end: () => (first ? "]\n" : "\n]\n"),
  };
}
