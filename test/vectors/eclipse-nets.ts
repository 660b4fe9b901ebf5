/** ECLipsE's published nets in the shared folder, and what every test asks of one. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { eclipseBound } from "../../src/bounds/eclipse.js";
import { eclipseFastBound } from "../../src/bounds/eclipse-fast.js";
import { lipltBound } from "../../src/bounds/liplt.js";
import { productBound } from "../../src/bounds/product.js";
import type { Stack } from "../../src/bounds/stack.js";
import { readSafetensors } from "../../src/model/safetensors.js";

const folder = join(import.meta.dirname, "..", "..", "..", "shared", "vectors", "eclipse");
// It isn't part of the project: without it these tests are skipped.
export const here = existsSync(join(folder, "expected.json"));

interface Expected {
  readonly shapes: readonly (readonly [number, number])[];
  readonly spectral_product: number;
  readonly lipLT: number;
  readonly eclipse_fast: number;
  readonly eclipse?: number;
  readonly sampled_lower: number;
}
export const expected: Readonly<Record<string, Expected>> = here
  ? JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")).nets
  : {};

function load(name: string, { shapes }: Expected): Stack {
  const tensors = readSafetensors(readFileSync(join(folder, `${name}.safetensors`)));
  const maps = shapes.map(([rows, columns], i) => {
    const tensor = tensors.get(`W${i + 1}`)!;
    expect(tensor.shape).toEqual([rows, columns]);
    return { rows, columns, data: tensor.data as Float32Array };
  });
  return { maps, slopes: maps.slice(1).map(() => ({ least: 0, most: 1 })) };
}

/** Product, LipLT and ECLipsE-Fast to six digits, the semidefinite programs where a value is given, the order of the rest. */
export function checkNet(name: string, values: Expected): void {
  const stack = load(name, values);
  const fast = eclipseFastBound(stack)!;
  // Weights in single precision, values from those in double: 1e-6 is what the two can agree to.
  expect(Math.abs(productBound(stack, "l2") / values.spectral_product - 1)).toBeLessThan(1e-6);
  expect(Math.abs(lipltBound(stack, "l2") / values.lipLT - 1)).toBeLessThan(1e-6);
  expect(Math.abs(fast / values.eclipse_fast - 1)).toBeLessThan(1e-6);
  expect(fast).toBeGreaterThan(values.sampled_lower);
  if (values.eclipse === undefined) return;
  for (const bound of [eclipseBound(stack)!]) {
    expect(Math.abs(bound / values.eclipse - 1)).toBeLessThan(1e-6);
    expect(bound).toBeGreaterThan(values.sampled_lower);
  }
}
