/**
 * A counterexample shown against the text it came from: the changed characters marked, long unchanged
 * stretches left out.
 *
 * Promise: leaving out what is marked as added gives the original, leaving out what is marked as removed
 * gives the counterexample, apart from the stretches shown as "…".
 */
import { editScript } from "../edits/script.js";
import type { Mark } from "./mark.js";
import { explicit, visible } from "./visible.js";

/** Unchanged code points shown on each side of a change. */
const CONTEXT = 32;

/** One line that shows how `from` becomes `to`. */
export function changes(from: string, to: string, mark: Mark, context = CONTEXT): string {
  const segments = editScript(from, to);
  return segments
    .map((segment, i) => {
      if (segment.kind !== "same") {
        return (
          (segment.from === "" ? "" : mark.removed(explicit(segment.from))) +
          (segment.to === "" ? "" : mark.added(explicit(segment.to)))
        );
      }
      return around(
        segment.from,
        i > 0 || segments.length === 1 ? context : 0,
        i < segments.length - 1 ? context : 0,
      );
    })
    .join("");
}

/** An unchanged stretch: `head` code points after a change before it, `tail` before a change after it. */
function around(text: string, head: number, tail: number): string {
  // Only the ends are ever shown, so only they are split into code points (a code point has at most two units).
  if (text.length <= head + tail + 1) return visible(text);
  const first = [...text.slice(0, 2 * head + 2)].slice(0, head);
  const last = tail === 0 ? [] : [...text.slice(-(2 * tail + 2))].slice(-tail);
  return `${visible(first.join(""))}…${visible(last.join(""))}`;
}
