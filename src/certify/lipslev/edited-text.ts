/**
 * Edits of ids, carried out on the ids and on the text itself (the lifting theorem in model/lipslev-characters.ts).
 */
import type { ReadText } from "../../model/lipslev-characters.js";
import { fromCodePoints } from "../../text/code-points.js";
import type { IdEdit } from "./single-edits.js";

/** The ids with this edit. */
export function editedIds(ids: Int32Array, edit: IdEdit): Int32Array {
  const written = edit.kind === "delete" ? 0 : 1;
  const rest = ids.subarray(edit.kind === "insert" ? edit.at : edit.at + 1);
  const edited = new Int32Array(edit.at + written + rest.length);
  edited.set(ids.subarray(0, edit.at));
  if (edit.kind !== "delete") edited[edit.at] = edit.id;
  edited.set(rest, edit.at + written);
  return edited;
}

/**
 * The text with this edit. `codePointOf` gives a code point that may be written for an id.
 * (If all that stands between two lone surrogates goes, they become one character; so the result has to be judged as a string.)
 */
export function editedText(
  { source, points }: ReadText,
  edit: IdEdit,
  codePointOf: ReadonlyMap<number, number>,
): string {
  const at = edit.at < source.length ? source[edit.at]! : points.length;
  const written = edit.kind === "delete" ? "" : String.fromCodePoint(codePointOf.get(edit.id)!);
  return (
    fromCodePoints(points.subarray(0, at)) +
    written +
    fromCodePoints(points.subarray(edit.kind === "insert" ? at : at + 1))
  );
}
