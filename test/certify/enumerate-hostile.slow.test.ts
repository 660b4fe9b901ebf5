/**
 * Method `enumerate` on real Transformers (../shared/models/deept-*) and hostile texts: the answer of brute force
 * through the tokenizers library, or, for texts too long for that, an answer that holds or `unknown`.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { certify } from "../../src/certify/certify.js";
import { asciiAlphabet } from "../../src/edits/alphabet.js";
import { SequenceModel } from "../../src/model/sequence.js";
import { loadModel } from "../../src/node/load-model.js";
import { libraryTokenizer, shared } from "../tokenizer/real-tokenizers.js";
import { alphabetOf, asBruteForce, small, TEXTS } from "./hostile-cases.js";

const MODELS = ["deept-sst2-1layer", "deept-sst2-3layer"] as const;
const there = MODELS.every((name) => existsSync(join(shared, "models", name, "model.safetensors")));
const MINUTES = 60_000;
const MORE: readonly string[] = [
  "good",
  "terrible",
  "a smart and funny film [SEP]",
  "it 's a [CLS] bad film [MASK] [UNK] [PAD]",
  "it 's \u4f60\u597d \u0645\u0631\u062d\u0628\u0627 \u043f\u0440\u0438\u0432\u0435\u0442 \u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35 good",
  "\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67 good \ud83c\uddeb\ud83c\uddf7 \u2764\ufe0f",
  "\ud83dgood\ude00 film \ude00",
  // One word more than they read, so that a joined word lets another one in and a split one pushes one out.
  "good bad film the a ".repeat(6).trim(),
  `${"good bad film the a ".repeat(6)}boring`,
  "boring ".repeat(40),
];

(there ? describe : describe.skip)("hostile texts (skipped where ../shared is absent)", () => {
  describe.each(MODELS)("%s", (name) => {
    let model: SequenceModel;
    beforeAll(async () => {
      const loaded = await loadModel(join(shared, "models", name));
      if (!(loaded instanceof SequenceModel)) throw new Error(`${name} is no sequence model`);
      model = loaded;
    }, MINUTES);
    afterAll(() => model.backend.close());

    const library = there ? libraryTokenizer(`models/${name}`) : null;
    const encode = (text: string): number[] => {
      const own = text === "" ? [] : library!.encode(text, { add_special_tokens: false }).ids;
      return [
        ...library!.encode("x").ids.slice(0, 1),
        ...own.slice(0, 30),
        ...library!.encode("x").ids.slice(-1),
      ];
    };

    test(
      "the answer is that of brute force",
      async () => {
        const found = { certified: 0, refuted: 0, unknown: 0 };
        for (const text of [...TEXTS, ...MORE])
          found[(await asBruteForce(model, text, small, encode)).verdict]++;
        expect(found.certified + found.refuted).toBe(TEXTS.length + MORE.length);
        expect(Math.min(found.certified, found.refuted)).toBeGreaterThan(0);
      },
      5 * MINUTES,
    );

    // The same strings for both models: the smaller one is enough.
    const long = "5,000 characters, a small alphabet: that of brute force";
    const brute = async () => {
      const text = "a smart , funny [SEP] film \ud83d\ude00 \u4f60\u597d ".repeat(140).slice(0, 5000);
      const { seconds } = await asBruteForce(model, text, alphabetOf("space", " "), encode);
      expect(seconds).toBeLessThan(30);
    };
    if (name === MODELS[0]) test(long, brute, 5 * MINUTES);

    test(
      "5,000 characters, all of ASCII: within a time limit",
      async () => {
        for (const text of [
          "a smart , funny film ".repeat(240).slice(0, 5000),
          "x".repeat(5000),
          "\ud83d ".repeat(2500),
        ]) {
          const options = { edits: 1, method: "enumerate", alphabet: asciiAlphabet(), timeLimit: 5 } as const;
          const answer = await certify(model, text, options);
          expect(answer.seconds).toBeLessThan(10);
          if (answer.verdict === "unknown") expect(answer.reason).toMatch(/^out of time/);
          if (answer.counterexample !== null)
            expect((await model.predict(answer.counterexample.text)).index).not.toBe(answer.prediction.index);
        }
      },
      MINUTES,
    );
  });
});
