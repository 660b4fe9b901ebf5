/**
 * Which rows of a file belong to a split, as data, so that a card can hold it.
 *
 * Promise: a row that couldn't be read is never dropped because of its text; only its number can exclude it.
 */
import { UserError } from "../../failure.js";
import type { RowFilter } from "./options.js";

export function checkFilter({ every, remainder = 0, first }: Omit<RowFilter, "notIn">): void {
  if (every !== undefined && (!Number.isSafeInteger(every) || every < 1)) {
    throw new UserError(`the filter's "every" is ${every}; an integer from 1 is allowed`);
  }
  if (!Number.isSafeInteger(remainder) || remainder < 0 || remainder >= (every ?? 1)) {
    throw new UserError(`the filter's "remainder" is ${remainder}; 0 to ${(every ?? 1) - 1} is allowed`);
  }
  if (first !== undefined && (!Number.isSafeInteger(first) || first < 0)) {
    throw new UserError(`the filter's "first" is ${first}; an integer from 0 is allowed`);
  }
}

/** Whether a row's number lets it in. */
export function keepsNumber({ every, remainder = 0, others = false }: RowFilter, id: number): boolean {
  return every === undefined || ((id + 1) % every === remainder) !== others;
}
