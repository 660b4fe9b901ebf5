/** The released model and the ten published sentences, all of them (published.test.ts has the short ones). */
import { normCosts } from "../../../src/certify/lipslev/constants.js";
import { certifyLipslev } from "../../../src/certify/lipslev/lipslev.js";
import { asciiAlphabet } from "../../../src/edits/alphabet.js";
import { levenshtein } from "../../../src/edits/distance.js";
import { characterAlphabet } from "../../../src/model/lipslev-characters.js";
import { agNews, present, published, singleEdits, worstSingleEdits } from "./shared.js";

const ifPresent = present ? describe : describe.skip;

ifPresent("the released AG-News model (needs the shared folder)", () => {
  test("worst single edits of each kind, to 1e-5", async () => {
    const model = await agNews();
    const texts = published();
    for (const { i, m, worst } of worstSingleEdits()) {
      const { text } = texts[i]!;
      expect(model.read(text).ids.length).toBe(m);
      const { worstByKind } = singleEdits(model, text);
      expect(Math.abs(worstByKind.substitute - worst.sub)).toBeLessThan(1e-5);
      expect(Math.abs(worstByKind.insert - worst.ins)).toBeLessThan(1e-5);
      expect(Math.abs(worstByKind.delete - worst.del)).toBeLessThan(1e-5);
    }
  });

  test("radii by the exact rule: 1, 1, 1, 2, 1, 0 with the corrected constant; more by signs", async () => {
    const model = await agNews();
    const alphabet = characterAlphabet(model.characters);
    const texts = published();
    const exactRule: (number | null)[] = [];
    const bySigns: (number | null)[] = [];
    for (const { i, sound_radius } of worstSingleEdits()) {
      const { text } = texts[i]!;
      const options = { attack: false, costs: normCosts };
      const { verdict } = certifyLipslev(model, text, alphabet, 9, options);
      exactRule.push(verdict.certified);
      bySigns.push(certifyLipslev(model, text, alphabet, 9, { attack: false }).verdict.certified);
      expect(verdict.certified).toBeGreaterThanOrEqual(sound_radius);
    }
    expect(exactRule).toEqual([1, 1, 1, 2, 1, 0]);
    expect(bySigns).toEqual([2, 1, 1, 4, 1, 0]);
  });

  test("one edit is decided as brute force did, with a counterexample where it flips", async () => {
    const model = await agNews();
    for (const { text, predicted, brute_force } of published()) {
      const { verdict, prediction } = certifyLipslev(model, text, asciiAlphabet(), 1, { method: "exact" });
      expect(prediction.index).toBe(predicted);
      expect(verdict.verdict).toMatch(/^(certified|refuted)$/);
      if (brute_force.radius !== null) expect(verdict.certified).toBe(brute_force.radius);
      if (verdict.counterexample === null) continue;
      expect(levenshtein(text, verdict.counterexample.text)).toBe(1);
      expect(model.predict(verdict.counterexample.text).index).not.toBe(predicted);
    }
  });
});
