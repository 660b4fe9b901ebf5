/** The names of the output formats, part of the command line's contract. Apart, so that `--help` loads nothing else. */
export const formats = ["words", "table", "jsonl", "json", "csv", "markdown"] as const;
export type Format = (typeof formats)[number];

/** Those of `certify`. */
export const resultFormats = [...formats, "lipslev-csv"] as const;
export type ResultFormat = (typeof resultFormats)[number];

export const evaluationFormats = ["table", "json", "markdown", "csv"] as const;
export type EvaluationFormat = (typeof evaluationFormats)[number];
