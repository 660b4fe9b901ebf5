/**
 * How a piece of text is set off in output for people. The report folder knows no colours: a caller that has
 * a colour terminal hands in a `Mark` of its own.
 */
export interface Mark {
  /** Characters that an edit takes away. */
  removed(text: string): string;
  /** Characters that an edit puts in. */
  added(text: string): string;
  /** The name of a label or another word that answers the question. */
  strong(text: string): string;
  /** Details that most readers skip. */
  faint(text: string): string;
}

/** Marks that need no colour: [-removed-] and {+added+}, as in word diffs. */
export const plainMark: Mark = {
  removed: (text) => `[-${text}-]`,
  added: (text) => `{+${text}+}`,
  strong: (text) => text,
  faint: (text) => text,
};
