/**
 * The package `typoproof/browser`: all of `typoproof`, models over HTTP, and certification in a worker.
 */

export type { RivalCurve } from "../certify/exact/curves.js";
export type { Ledger, WordEntry } from "../certify/exact/ledger.js";
export type { PlaceEdit, WorstAtPlace, WorstPlaces } from "../certify/exact/places.js";
export type { Inspection } from "../certify/inspect/inspection.js";
export * from "../index.js";
export { type CallOptions, type Certifier, type OpenCertifierOptions, openCertifier } from "./certifier.js";
export type { FolderFiles, ModelSource } from "./files.js";
export { type LoadModelFromOptions, loadAnyModel, loadModelFrom } from "./load-model.js";
export type {
  AlphabetChoice,
  Analysis,
  CertifySettings,
  ModelInfo,
  Progress,
  TableProgress,
} from "./protocol.js";
export type { RuntimeFiles } from "./session.js";
export type { TableChoice, TableShape } from "./table.js";
