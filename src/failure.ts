/**
 * The one error type that a user is meant to read.
 *
 * Promise: a `UserError` carries a single line saying what was wrong, the value seen and what is allowed.
 * Anything else that is thrown is a defect of this program. `code` is the exit status that the command
 * line gives it: 1 (an error) or 2 (wrong usage).
 */
export class UserError extends Error {
  readonly code: 1 | 2;
  constructor(message: string, code: 1 | 2 = 1) {
    super(message);
    this.name = "UserError";
    this.code = code;
  }
}
