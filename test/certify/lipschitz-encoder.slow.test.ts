/** Method `lipschitz` for encoders behind tokenizer files, against brute force. */
import { referenceBackend } from "../../src/model/reference.js";
import { SequenceModel } from "../../src/model/sequence.js";
import { huggingfaceTokenizer } from "../../src/tokenizer/huggingface.js";
import { randomEncoder } from "../oracle/random-encoder.js";
import { seeded } from "../oracle/random-model.js";
import { tinyByteLevel, tinyUnigram, tinyWordLookup, tinyWordPiece } from "../oracle/tiny-tokenizer-files.js";
import { alphabetOf, held } from "./lipschitz-encoder-held.js";

const small = alphabetOf(" aehlmfi[<");

test.each([
  ["WordPiece", tinyWordPiece],
  ["word lookup", tinyWordLookup],
  ["byte-level BPE", tinyByteLevel],
  ["Unigram", tinyUnigram],
])(
  "small encoders behind a tokenizer file: %s",
  async (_, file) => {
    let certified = 0;
    for (let seed = 1; seed <= 2; seed++) {
      const random = seeded(seed);
      const most = 8;
      const own = huggingfaceTokenizer(file as never, null as never, {
        most,
        maxWords: Number.POSITIVE_INFINITY,
        where: "tiny",
      });
      const { encoder } = randomEncoder(random, {
        vocabulary: own.size,
        mostTokens: most,
        layers: 1 + (seed % 2),
        gain: seed % 3 === 0 ? 1 : 0.3,
      });
      const model = new SequenceModel({
        identity: { name: "tiny", sha256: "0".repeat(64) },
        labels: encoder.labels,
        tokenizer: own,
        backend: referenceBackend(encoder),
        encoder,
      });
      for (const text of ["[SEP]", "a"]) certified += (await held(model, text, small)).certified;
    }
    expect(certified).toBeGreaterThan(0);
  },
  60_000,
);
