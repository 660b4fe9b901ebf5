/**
 * From the label in a file to the name that the model knows.
 *
 * Promise: a label is mapped, then compared exactly; nothing is guessed (a number is never taken for an index).
 */
import { UserError } from "../../failure.js";

/** Reads `1=World,2=Sports`: value in the file, then the label's name. Spaces around both are dropped. */
export function parseLabelMap(text: string): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const part of text.split(",")) {
    const at = part.indexOf("=");
    const from = part.slice(0, Math.max(at, 0)).trim();
    const to = part.slice(at + 1).trim();
    if (at < 0 || from === "" || to === "") {
      throw new UserError(
        `--labels has ${JSON.stringify(part.trim())} where value=name is needed, as in 1=World,2=Sports`,
        2,
      );
    }
    if (map.has(from)) throw new UserError(`--labels gives ${JSON.stringify(from)} twice`, 2);
    map.set(from, to);
  }
  return map;
}

export type CheckedLabel =
  | { readonly label: string | null; readonly problem: null }
  | { readonly label: null; readonly problem: string };

/** At most this many allowed labels are listed in a message. */
const LISTED = 20;

/** With a map and no list, the names in the map are what is allowed; with neither, everything is. */
export function labelCheck(
  labels: ReadonlyMap<string, string> | undefined,
  allowedLabels: readonly string[] | undefined,
): (value: string | null) => CheckedLabel {
  const allowed = allowedLabels ?? (labels === undefined ? undefined : [...new Set(labels.values())]);
  const known = allowed === undefined ? null : new Set(allowed);
  return (value) => {
    if (value === null) return { label: null, problem: null };
    const label = labels?.get(value) ?? value;
    if (known === null || known.has(label)) return { label, problem: null };
    const shown = JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value);
    const mapped = label === value ? "" : ` (mapped to ${JSON.stringify(label)})`;
    const names = allowed!.slice(0, LISTED).map((name) => JSON.stringify(name));
    if (allowed!.length > LISTED) names.push(`... ${allowed!.length} in all`);
    const hint = /^-?\d+(\.\d+)?$/.test(label)
      ? `; say what the numbers mean with --labels ${value}=${allowed![0] ?? "name"},...`
      : "";
    return { label: null, problem: `label ${shown}${mapped} is none of ${names.join(", ")}${hint}` };
  };
}
