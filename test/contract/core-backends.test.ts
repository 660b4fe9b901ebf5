/** The backends of the core under their contract: the float64 reference, and native models seen as sequence models. */
import { NativeModel } from "../../src/model/native.js";
import { sequenceView } from "../../src/model/native-backend.js";
import { referenceBackend, referenceLogits } from "../../src/model/reference.js";
import { randomModel, seeded } from "../oracle/random-model.js";
import { smallEncoder } from "../oracle/small-encoder.js";
import { backendContract } from "./backend-contract.js";

const encoder = smallEncoder(3, { vocabulary: 13, labels: 3, hidden: 8, blocks: 2, mostTokens: 12 });
backendContract("the reference", {
  open: async () => referenceBackend(encoder),
  name: /^reference$/,
  arithmetic: "float64",
  vocabulary: 13,
  labels: 3,
  longest: 12,
  expected: (ids) => referenceLogits(encoder, ids),
  tolerance: 0,
});

const native = randomModel(seeded(4), "pieces", 3);
const tokens = native.vocabulary.tokens.length;
backendContract("a native model seen as a sequence model", {
  open: async () => sequenceView(new NativeModel(native, { name: "m", sha256: "" })).backend,
  name: /^native$/,
  arithmetic: "float64",
  vocabulary: tokens,
  labels: 3,
  longest: 30,
  expected: (ids) => {
    const sum = Array.from(native.bias);
    for (const id of ids) for (let y = 0; y < 3; y++) sum[y] = sum[y]! + native.evidence[id * 3 + y]!;
    return sum;
  },
  tolerance: 0,
  emptyAllowed: true,
});
