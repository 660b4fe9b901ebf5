/**
 * What every output format does: turn records into pieces of text, one after the other.
 *
 * Promise: a reporter prints nothing and holds no more than one record. The output is `begin()`, then one
 * `record()` per record in order, then `end()`; each piece ends with a line end or is empty.
 */
export interface Reporter<R, S> {
  begin(): string;
  record(record: R): string;
  end(summary: S): string;
}
