/** What a page can know of a model that was loaded. */
import { type CertifiableModel, defaultAlphabet, type MethodName } from "../certify/certify.js";
import { LipslevModel } from "../model/lipslev.js";
import { NativeModel } from "../model/native.js";
import { SequenceModel } from "../model/sequence.js";
import type { ModelInfo } from "./protocol.js";
import { type RuntimeOptions, threadsOf } from "./session.js";

export function modelInfo(model: CertifiableModel, options: RuntimeOptions): ModelInfo {
  const { name, sha256 } = model.identity;
  const sequence = model instanceof SequenceModel ? model : null;
  return {
    name,
    sha256,
    kind: model instanceof LipslevModel ? "lipslev" : model.kind,
    labels: model.labels,
    methods: methodsOf(model),
    alphabet: defaultAlphabet(model).name,
    backend: sequence?.backend.name ?? "JavaScript",
    arithmetic: sequence?.backend.arithmetic ?? "float64",
    threads: sequence === null ? 1 : threadsOf(options),
    isolated: globalThis.crossOriginIsolated === true,
    notes: sequence?.notes ?? [],
  };
}

function methodsOf(model: CertifiableModel): MethodName[] {
  if (model instanceof NativeModel) return ["auto", "exact", "enumerate", "attack"];
  if (model instanceof LipslevModel) return ["auto", "exact", "lipschitz", "enumerate", "attack"];
  if (model instanceof SequenceModel && model.encoder === null) return ["auto", "enumerate", "attack"];
  return ["auto", "lipschitz", "enumerate", "attack"];
}
