/**
 * The package `typoproof`: certifying, editing, training and evaluating, as plain functions over plain data.
 *
 * Promise: nothing here touches a platform: no files, no network, no process. It runs in Node, in browsers and in
 * workers alike. Loading models is what `typoproof/node` and `typoproof/browser` add.
 */

export { type AttackAnswer, type AttackOptions, attack } from "./attack/attack.js";
export {
  type CertifiableModel,
  type CertifyOptions,
  certify,
  defaultAlphabet,
  METHODS,
  type MethodName,
} from "./certify/certify.js";
export { certifyExactly, type ExactOptions, MOST_EDITS } from "./certify/certify-exactly.js";
export { type Check, type CheckOptions, checkRecord } from "./certify/check.js";
export { type CheckCertificateOptions, checkCertificate } from "./certify/check-certificate.js";
export type { ModelClaim } from "./certify/claim.js";
export type { Evidence } from "./certify/evidence.js";
export { type InspectOptions, inspect } from "./certify/inspect/inspect.js";
export type {
  InspectedLayer,
  InspectedSite,
  Inspection,
  NeededChange,
  WorstEdit,
} from "./certify/inspect/inspection.js";
export type {
  Certification,
  Counterexample,
  FailedRecord,
  InputRow,
  MarginBound,
  ResultRecord,
  Verdict,
  Work,
} from "./certify/result.js";
export {
  type Alphabet,
  alphabetDigestInput,
  alphabetSha256,
  asciiAlphabet,
  listAlphabet,
  parseAlphabetFile,
  symbolAlphabet,
  unicodeAlphabet,
} from "./edits/alphabet.js";
export { levenshtein, levenshteinWithin } from "./edits/distance.js";
export { neighbourCount, neighbours } from "./edits/neighbours.js";
export { editScript, type Segment, type SegmentKind } from "./edits/script.js";
export type { Threat } from "./edits/threat.js";
export { drain, type EvaluateOptions, evaluate } from "./evaluate/evaluate.js";
export {
  createTally,
  type LabelMetrics,
  type Metrics,
  type MetricsAtEdits,
  type Tally,
  type TallyOptions,
} from "./evaluate/metrics.js";
export { type CertifyText, certifyRow } from "./evaluate/record.js";
export type { Rate } from "./evaluate/wilson.js";
export { UserError } from "./failure.js";
export type { Classifier, ModelIdentity, Prediction } from "./model/classifier.js";
export {
  type FolderModel,
  type FolderWeights,
  type ModelFolderMeta,
  readModelFolder,
  writeModelFolder,
} from "./model/folder.js";
export { identityBytes, transformerIdentityBytes } from "./model/identity.js";
export { NativeModel, type NativeWeights } from "./model/native.js";
export { NativeTransformer, type TransformerWeights } from "./model/native-transformer.js";
export { SequenceModel } from "./model/sequence.js";
export { viewOf } from "./model/views.js";
export { type ReadCertificate, readCertificate, writeCertificate } from "./report/certificate.js";
export { resultFields } from "./report/jsonl.js";
export { parseResult } from "./report/parse.js";
export { explain, type Sentences, sentence, sentences } from "./report/words.js";
export { codePoints, fromCodePoints } from "./text/code-points.js";
export { type Folded, fold, foldCodePoint } from "./text/fold.js";
export { symbolText } from "./text/symbols.js";
export { wordTokens } from "./tokenizer/automaton.js";
export { reach } from "./tokenizer/reach.js";
export type { Tokenizer } from "./tokenizer/tokenizer.js";
export { tokenizerJson } from "./tokenizer/tokenizer-json.js";
export { type Vocabulary, type VocabularyKind, vocabulary } from "./tokenizer/vocabulary.js";
export type { Example } from "./train/corpus.js";
export {
  type Checkpoint,
  type EpochReport,
  type TrainEvent,
  type TrainingData,
  train,
  type Validation,
} from "./train/loop.js";
export { TRAIN_DEFAULTS, type TrainOptions } from "./train/options.js";
export { type Split, split } from "./train/split.js";
