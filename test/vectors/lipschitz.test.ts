/**
 * Ten bounds of four small ReLU nets, computed elsewhere (numpy, cvxpy), from the shared folder: met to six digits where
 * they are deterministic; sampled values and the solver's are checks of the order.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { absoluteBound } from "../../src/bounds/absolute.js";
import { eclipseBound, lipsdpBound } from "../../src/bounds/eclipse.js";
import { eclipseFastBound } from "../../src/bounds/eclipse-fast.js";
import { lipltBound } from "../../src/bounds/liplt.js";
import { productBound } from "../../src/bounds/product.js";
import type { Stack } from "../../src/bounds/stack.js";
import { fromRows } from "../../src/numeric/matrix.js";
import { frobeniusNormUp } from "../../src/numeric/norms.js";

const file = join(import.meta.dirname, "..", "..", "..", "shared", "vectors", "lipschitz-vectors.json");
// It isn't part of the project: without it these tests are skipped.
const here = existsSync(file);

type Net = Readonly<Record<string, number | null>> & {
  readonly name: string;
  readonly weights: number[][][];
};
const nets: readonly (Net & object)[] = here ? JSON.parse(readFileSync(file, "utf8")).nets : [];

/** Never below the value (which was itself rounded to nearest), and the same to six digits. */
function meets(bound: number | null, value: number | null | undefined, digits = 1e-6): void {
  expect(bound).not.toBeNull();
  expect(bound! / value! - 1).toBeGreaterThan(-1e-13);
  expect(bound! / value! - 1).toBeLessThan(digits);
}

(here ? describe : describe.skip)("the vectors of ../shared (skipped where that folder is absent)", () => {
  test("all four nets are there", () => expect(nets.map((net) => net.weights.length)).toEqual([2, 5, 2, 5]));

  test.each(nets.map((net) => [net.name, net] as const))("%s", (_, net) => {
    const stack: Stack = {
      maps: net.weights.map((rows) => fromRows(rows)),
      slopes: net.weights.slice(1).map(() => ({ least: 0, most: 1 })),
    };
    meets(productBound(stack, "l2"), net.spectral_product);
    meets(
      stack.maps.reduce((product, map) => product * frobeniusNormUp(map), 1),
      net.frobenius_product,
    );
    meets(lipltBound(stack, "l2"), net.liplt_l2);
    const fast = eclipseFastBound(stack);
    meets(fast, net.eclipse_fast_l2);
    for (const norm of ["l1", "linf"] as const) {
      meets(productBound(stack, norm), net[`norm_product_${norm}`]);
      meets(lipltBound(stack, norm), net[`liplt_${norm}`]);
      meets(absoluteBound([{ stack, activation: null, windows: null }], norm), net[`abs_recursion_${norm}`]);
    }
    // The solver's values have its accuracy, about 1e-7, on top of which ECLipsE's depend on the stages before.
    const joint = lipsdpBound(stack)!;
    // With one hidden layer both are the same program.
    const layered = stack.slopes.length === 1 ? joint : eclipseBound(stack)!;
    expect(Math.abs(layered / net.eclipse_sdp_l2! - 1)).toBeLessThan(1e-4);
    expect(Math.abs(joint / net.lipsdp_neuron_l2! - 1)).toBeLessThan(1e-6);
    // A sample is reached, so no bound is below it but by its own rounding.
    const sampled = net.sampled_lower_bound_l2! * (1 - 1e-12);
    expect(joint).toBeGreaterThan(sampled);
    expect(layered).toBeGreaterThan(joint * (1 - 1e-6));
    expect(fast!).toBeGreaterThan(layered * (1 - 1e-6));
    expect(productBound(stack, "l2")).toBeGreaterThan(fast!);
  });
});
