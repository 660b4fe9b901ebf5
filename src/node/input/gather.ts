/**
 * Collects the bytes of one record that may be spread over several pieces.
 *
 * Promise: each byte is copied at most once, so a long record costs linear time; a record above the limit is
 * an error instead of an exhausted memory (in CSV that is nearly always a quote that is never closed).
 */
import { UserError } from "../../failure.js";

/** Longest record in bytes. Far above any text that can be certified. */
export const MAX_RECORD_BYTES = 64 * 2 ** 20;

export class Gather {
  #parts: Uint8Array[] = [];
  #length = 0;
  #start = 0;

  get length(): number {
    return this.#length;
  }

  /** Offset in the input of the first byte that was added since the last `take`. */
  get start(): number {
    return this.#start;
  }

  add(bytes: Uint8Array, offset: number): void {
    if (this.#parts.length === 0) this.#start = offset;
    this.#length += bytes.length;
    if (this.#length > MAX_RECORD_BYTES) {
      throw new UserError(
        `the record at byte ${this.#start} is longer than ${MAX_RECORD_BYTES} bytes; is a quote or a line end missing?`,
      );
    }
    this.#parts.push(bytes);
  }

  take(): Uint8Array {
    const bytes = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#length = 0;
    return bytes;
  }
}
