/**
 * What a certificate says of the model that it is about, and of what else decides an answer.
 */
import type { ModelIdentity } from "../model/classifier.js";
import { NativeModel } from "../model/native.js";
import { NativeTransformer } from "../model/native-transformer.js";
import type { CertifiableModel } from "../model/views.js";
import { FOLD_VERSION } from "../text/fold-table.js";

export interface ModelClaim extends ModelIdentity {
  /** Version of the fold's table, for the models that fold what they read. */
  readonly fold?: string;
}

export function modelClaim(model: CertifiableModel): ModelClaim {
  const { name, sha256, tokenizer } = model.identity;
  const folds = model instanceof NativeModel || model instanceof NativeTransformer;
  return {
    name,
    sha256,
    ...(tokenizer === undefined ? {} : { tokenizer }),
    ...(folds ? { fold: FOLD_VERSION } : {}),
  };
}
