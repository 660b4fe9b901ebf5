/** The exported tokenizer gives the model's tokens, or the fold's symbols, and never the padding of its own accord. */
import { Tokenizer } from "@huggingface/tokenizers";
import { exportFiles } from "../../../src/model/export-folder.js";
import { NativeModel } from "../../../src/model/native.js";
import { fold } from "../../../src/text/fold.js";
import { nativeTokenizer } from "../../../src/tokenizer/native.js";
import { VOCABULARY_KINDS } from "../../../src/tokenizer/vocabulary.js";
import { seeded } from "../../oracle/random-model.js";
import { goldenVocabulary, hostileText } from "../../tokenizer/golden.js";

test.each(VOCABULARY_KINDS)("of a %s vocabulary, on hostile texts", (kind) => {
  const vocabulary = goldenVocabulary(kind);
  const size = vocabulary.tokens.length;
  const model = new NativeModel(
    {
      labels: ["a", "b"],
      vocabulary,
      evidence: new Float64Array(2 * size),
      bias: new Float64Array(2),
    },
    { name: "golden", sha256: "" },
  );
  const files = exportFiles(model);
  const json = (name: string) => JSON.parse(Buffer.from(files.get(name)!).toString());
  const tokenizer = new Tokenizer(json("tokenizer.json"), json("tokenizer_config.json"));
  const own = nativeTokenizer(vocabulary);
  const random = seeded(41);
  let ids = 0;
  for (let n = 0; n < 1500; n++) {
    const text = hostileText(random);
    const wanted = kind === "patterns" ? fold(text).symbols : own.encode(text);
    expect(tokenizer.encode(text).ids).toEqual([...wanted]);
    ids += wanted.length;
  }
  expect(ids).toBeGreaterThan(5000);
  expect(json("config.json")).toMatchObject({
    pad_token_id: kind === "patterns" ? 37 : size,
    vocab_size: kind === "patterns" ? 38 : size + 1,
  });
});
