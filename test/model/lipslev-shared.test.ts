import { agNews, present, published } from "../certify/lipslev/shared.js";

const ifPresent = present ? describe : describe.skip;

ifPresent("the released AG-News model (needs the shared folder)", () => {
  test("has the published constants", async () => {
    const { norms } = await agNews();
    expect(norms.distance).toBeCloseTo(156.8444, 4);
    expect(norms.kernel).toBeCloseTo(281.84854, 4);
    expect(norms.head).toBeCloseTo(391.14163, 3);
  });

  test("reproduces the six published margins to 1e-5 and all ten predictions", async () => {
    const model = await agNews();
    let margins = 0;
    for (const { text, predicted, margin } of published()) {
      const { index, scores } = model.predict(text);
      expect(index).toBe(predicted);
      if (margin === null) continue;
      const best = Math.max(...scores.filter((_, y) => y !== index));
      expect(Math.abs(scores[index]! - best - margin)).toBeLessThan(1e-5);
      margins++;
    }
    expect(margins).toBe(6);
  });
});
