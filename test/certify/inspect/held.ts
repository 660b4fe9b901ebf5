/** What holds of every inspection, whatever the model. */
import { INSPECTED_KINDS, type Inspection } from "../../../src/certify/inspect/inspection.js";

const near = (a: number, b: number, size = Math.abs(a) + Math.abs(b)) => Math.abs(a - b) <= 1e-9 * (1 + size);

/** Shares add up to the whole, losses to the loss, and no figure contradicts another. */
export function expectConsistent(found: Inspection): void {
  const { kind, layers, sites, loss, bound, rival, margin, certified, worst, least, changes, prediction } =
    found;
  expect(INSPECTED_KINDS).toContain(kind);
  expect(found.edits).toBe(1);
  const { scores, index } = prediction;
  const others = scores.filter((_, y) => y !== index);
  expect(near(margin, scores[index]! - Math.max(...others))).toBe(true);
  expect(rival.margin).toBeGreaterThanOrEqual(margin);
  if (bound !== null && loss !== null && Number.isFinite(loss)) {
    expect(near(loss, rival.margin - bound)).toBe(true);
    if (layers.length > 0) {
      const sum = layers.reduce((total, layer) => total + layer.loss, 0);
      const sizes = layers.reduce((total, layer) => total + Math.abs(layer.loss), 0);
      expect(near(sum, loss, sizes)).toBe(true);
      const shares = layers.reduce((total, layer) => total + layer.share, 0);
      if (sum !== 0) expect(near(shares, 1, sizes / Math.abs(sum))).toBe(true);
      for (const layer of layers) expect(near(layer.share * sum, layer.loss, sizes)).toBe(true);
    }
  }
  if (bound !== null && bound > 0) expect(certified).toBe(true);
  if (bound !== null && worst !== null) expect(bound).toBeLessThanOrEqual(worst.margin + 1e-9);
  if (least !== null && bound !== null) expect(bound).toBeLessThanOrEqual(least + 1e-9);
  if (worst?.flips) expect(certified).toBe(false);
  for (let i = 1; i < sites.length; i++) expect(sites[i]!.lower).toBeGreaterThanOrEqual(sites[i - 1]!.lower);
  for (const change of changes) {
    if (change.what === "margin" && bound !== null) expect(change.needed > change.now).toBe(bound < 0);
    if (change.what === "layer" && change.scale !== null) {
      expect(change.scale).toBeGreaterThanOrEqual(0);
      expect(change.scale).toBeLessThanOrEqual(1);
      if (change.now !== null) expect(change.needed).toBe(change.now * change.scale);
    }
    if (change.what === "sites") expect(change.sites.length).toBeLessThanOrEqual(change.of);
  }
  // Plain data: what JSON gives back is the same, but for numbers without bound.
  expect(JSON.parse(JSON.stringify(found))).toMatchObject({ kind, certified });
}
