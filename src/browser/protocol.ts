/**
 * What a page and its worker say to each other. All of it is plain data that can be cloned.
 *
 * Every ask has an id and gets exactly one `done` or `failed`, with any number of `progress` before it. An id is cancelled by
 * `cancel`, and at once, even in the middle of a search, where both share `flag`: it holds the id that is cancelled.
 */
import type { MethodName } from "../certify/certify.js";
import type { RivalCurve } from "../certify/exact/curves.js";
import type { Ledger } from "../certify/exact/ledger.js";
import type { WorstPlaces } from "../certify/exact/places.js";
import type { Inspection } from "../certify/inspect/inspection.js";
import type { Certification, MarginBound } from "../certify/result.js";
import type { Metrics } from "../evaluate/metrics.js";
import type { Prediction } from "../model/classifier.js";
import type { ModelSource } from "./files.js";
import type { RuntimeFiles } from "./session.js";
import type { TableChoice, TableShape } from "./table.js";

/** `unicode`, `ascii`, `model`, or the characters themselves. */
export type AlphabetChoice = "unicode" | "ascii" | "model" | { readonly characters: string };

/** The options of `certify` that can be sent. */
export interface CertifySettings {
  /** The largest number of edits to try, 0..1000; default 2. */
  readonly edits?: number;
  readonly method?: MethodName;
  /** What may be written; by default what suits the model. */
  readonly alphabet?: AlphabetChoice;
  /** Seconds per text; none by default. */
  readonly timeLimit?: number;
  readonly queries?: number;
  readonly seed?: number;
}

export interface OpenSettings {
  readonly name?: string;
  readonly runtime?: RuntimeFiles;
  readonly threads?: number;
}

export type ModelKind = "native" | "native-transformer" | "lipslev" | "sequence";

/** What a page can know of a model. */
export interface ModelInfo {
  readonly name: string;
  readonly sha256: string;
  readonly kind: ModelKind;
  readonly labels: readonly string[];
  /** Those that can do this model. */
  readonly methods: readonly MethodName[];
  /** The alphabet where none is asked for. */
  readonly alphabet: string;
  /** What runs it: `onnxruntime-web 1.30.0`, or JavaScript. */
  readonly backend: string;
  readonly arithmetic: "float64" | "float32";
  readonly threads: number;
  /** Whether the page is isolated from other origins, which several threads need. */
  readonly isolated: boolean;
  /** What a user should know of how it was loaded; one line each. */
  readonly notes: readonly string[];
}

/** How far a certification has come. */
export interface Progress {
  readonly seconds: number;
  /** What is proven so far, where levels are decided one by one. */
  readonly certified?: number;
  readonly margins?: readonly MarginBound[];
  /** Token sequences that the model was run on so far. */
  readonly passes?: number;
}

/** A certified text, taken apart for looking at. Only native models without blocks have all of it. */
export interface Analysis {
  readonly places: WorstPlaces | null;
  readonly curves: readonly RivalCurve[] | null;
  readonly ledger: Ledger | null;
  /** Why something is missing; null if nothing is. */
  readonly missing: string | null;
}

/** How far a table has come: the records since the last one, as JSON lines, and what they add up to so far. */
export interface TableProgress {
  readonly done: number;
  readonly of: number;
  readonly lines: string;
  readonly metrics: Metrics;
}

interface Asks {
  open: {
    source: ModelSource;
    settings: OpenSettings;
    flag: Int32Array<SharedArrayBuffer> | null;
    gives: ModelInfo;
  };
  predict: { text: string; gives: Prediction };
  certify: { text: string; settings: CertifySettings; gives: Certification };
  analyse: { text: string; settings: CertifySettings; gives: Analysis };
  inspect: { text: string; settings: CertifySettings; gives: Inspection };
  readTable: { source: Blob | string; name: string; gives: TableShape };
  runTable: { choice: TableChoice; settings: CertifySettings; gives: Metrics };
}

export type AskName = keyof Asks;
export type AskOf<N extends AskName> = Omit<Asks[N], "gives">;
export type GivenBy<N extends AskName> = Asks[N]["gives"];

export type Ask = { [N in AskName]: { readonly id: number; readonly ask: N } & AskOf<N> }[AskName];
export type Message = Ask | { readonly ask: "cancel"; readonly id: number };

export type Reply =
  | { readonly id: number; readonly reply: "progress"; readonly value: Progress | TableProgress }
  | { readonly id: number; readonly reply: "done"; readonly value: unknown }
  /** `user`: the message is for users (a `UserError`). */
  | { readonly id: number; readonly reply: "failed"; readonly message: string; readonly user: boolean };
