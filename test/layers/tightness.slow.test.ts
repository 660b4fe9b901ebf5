/**
 * How far each layer's balls are from what an attack reaches: the table of docs/layer-bounds.md is made and held here. A ratio is the
 * claimed radius of a token over the largest move of that token that was found; its median and worst are over random layers, balls and tokens.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { worstMove } from "../oracle/ball-attack.js";
import { layerCases, randomBalls } from "../oracle/layer-cases.js";
import { seeded } from "../oracle/random-model.js";

const RADII = [0.01, 0.1, 0.5] as const;
const SEEDS = 6;

/** Ratios by kind and radius. */
function measure(): Map<string, number[][]> {
  const found = new Map<string, number[][]>();
  for (let seed = 1; seed <= SEEDS; seed++)
    for (const layer of layerCases(seeded(seed))) {
      const rows = found.get(layer.name) ?? RADII.map(() => []);
      found.set(layer.name, rows);
      RADII.forEach((radius, r) => {
        const random = seeded(1000 * seed + r);
        const balls = randomBalls(random, radius, layer.name.startsWith("head") ? 1 : 4);
        const image = layer.image(balls);
        // Two tokens of each: the first and the last.
        for (const t of new Set([0, image.radii.length - 1])) {
          const f = (x: Float64Array) => layer.forward(x).slice(t * layer.width, (t + 1) * layer.width);
          const worst = worstMove({ ...balls, f }, random, 2, 6);
          expect(image.radii[t]!).toBeGreaterThanOrEqual(worst);
          // A token that can't move by itself or by others is exact: nothing to compare.
          if (worst > 1e-9) rows[r]!.push(image.radii[t]! / worst);
        }
      });
    }
  return found;
}

test("the table of docs/layer-bounds.md is what is measured", () => {
  const lines = ["| layer | 1 % | 10 % | 50 % |", "| --- | --- | --- | --- |"];
  for (const [name, rows] of measure()) {
    const cells = rows.map((ratios) => {
      const sorted = [...ratios].sort((a, b) => a - b);
      const median = sorted[Math.floor(sorted.length / 2)];
      return median === undefined ? "exact" : `${median.toFixed(2)} (${sorted.at(-1)!.toFixed(2)})`;
    });
    lines.push(`| ${name} | ${cells.join(" | ")} |`);
  }
  const docs = readFileSync(join(import.meta.dirname, "..", "..", "docs", "layer-bounds.md"), "utf8");
  const table = docs.split("\n").filter((line) => /^\| (layer|---|[a-zx].*\d\.\d\d \()/.test(line));
  const start = table.indexOf(lines[0]!);
  expect(table.slice(start, start + lines.length)).toEqual(lines);
});
