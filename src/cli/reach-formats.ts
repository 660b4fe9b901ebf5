/** The formats of `typoproof reach`, and its flags. */
export const reachFormats = ["table", "json", "jsonl"] as const;

export interface ReachCommandFlags {
  readonly model: string;
  readonly edits: number;
  readonly alphabet?: string;
  readonly format: (typeof reachFormats)[number];
}
