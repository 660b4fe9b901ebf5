/** The formats of `typoproof inspect`, and its flags. */
import type { InputFlags } from "./options.js";

export const inspectFormats = ["table", "json", "jsonl", "markdown", "html"] as const;
export type InspectFormatName = (typeof inspectFormats)[number];

export interface InspectCommandFlags extends InputFlags {
  readonly model: string;
  readonly alphabet?: string;
  readonly timeLimit?: number;
  readonly queries?: number;
  readonly exactBlocks?: number;
  readonly format?: InspectFormatName;
  readonly output?: string;
}
