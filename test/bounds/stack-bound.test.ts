/**
 * Bounds of stacks: never below what some activations with the given slopes reach (every choice of extreme slopes is tried), exact where
 * the truth is known, and below the product.
 */
import { eclipse } from "../../src/bounds/eclipse.js";
import { eclipseFast } from "../../src/bounds/eclipse-fast.js";
import { provenBound } from "../../src/bounds/multipliers.js";
import { spreadOf } from "../../src/bounds/stack.js";
import { pairBounds, stackBound } from "../../src/bounds/stack-bound.js";
import { UserError } from "../../src/failure.js";
import { globalSlopes } from "../../src/layers/slopes.js";
import { fromRows } from "../../src/numeric/matrix.js";
import { normals } from "../oracle/normals.js";
import { operatorNorm, times, worstOverSlopes } from "../oracle/worst-slopes.js";
import { checkReached, randomMaps, ranges, shapes, stackOf } from "./stacks.js";

describe.each(ranges)("%s", (_, least, most) => {
  // More seeds in reached.slow.test.ts.
  test.each(shapes.map((shape) => [shape]))("no bound is below what is reached, widths %j", (shape) =>
    checkReached(shape, 1, least, most),
  );
});

test("mixed slopes from layer to layer", () => {
  const all = ranges.map(([, least, most]) => [least, most] as const);
  for (let seed = 1; seed <= 12; seed++) {
    const maps = randomMaps([3, 3, 3, 2], seed);
    const slopes = [all[seed % all.length]!, all[(seed * 7 + 3) % all.length]!];
    for (const norm of ["l1", "l2", "linf"] as const) {
      const { values } = stackBound(stackOf(maps, slopes), norm);
      const reached = worstOverSlopes(maps, slopes, norm);
      for (const value of Object.values(values)) expect(value).toBeGreaterThanOrEqual(reached);
    }
  }
});

describe("where the truth is known", () => {
  test.each([
    ["gelu", 1.12891],
    ["silu", 1.09984],
    ["relu", 1],
    ["sigmoid", 0.25],
  ] as const)("one neuron with %s: the steepest slope, and not less", (name, slope) => {
    const stack = { maps: [fromRows([[1]]), fromRows([[1]])], slopes: [globalSlopes(name)] };
    const { value, values } = stackBound(stack, "l2");
    expect(Object.keys(values).sort()).toEqual(["eclipse-fast", "liplt", "lipsdp", "product"].sort());
    for (const bound of Object.values(values)) expect(bound).toBeGreaterThanOrEqual(slope);
    expect(value).toBeLessThanOrEqual(slope * (1 + 1e-7));
  });

  test("a program that leaves alpha beta out says 1.00 where GELU reaches 1.128", () => {
    // The formulas of ECLipsE-Fast without the term p: this is the mistake the test above catches.
    const center = (1.12891 - 0.12891) / 2;
    const lambda = 1 / (2 * center ** 2);
    expect(Math.sqrt(1 / (lambda - center ** 2 * lambda ** 2))).toBeCloseTo(1, 12);
    const gelu = (x: number) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
    expect((gelu(1.5) - gelu(1.4)) / 0.1).toBeGreaterThan(1.128);
    // The multipliers of that formula, lambda = 2, prove nothing below the truth.
    const stack = stackOf([[[1]], [[1]]], [[-0.12891, 1.12891]]);
    expect(provenBound(stack, [Float64Array.of(lambda)], 1)).toBeNull();
    for (let l = 0.01; l < 10; l *= 1.3)
      for (let claim = 0.5; claim < 1.3; claim += 0.02) {
        const bound = provenBound(stack, [Float64Array.of(l)], claim);
        if (bound !== null) expect(bound).toBeGreaterThanOrEqual(1.12891);
      }
  });

  test("linear nets: the norm of the product of maps", () => {
    for (let seed = 1; seed <= 5; seed++) {
      const maps = randomMaps([4, 5, 3, 2], seed);
      const stack = stackOf(maps, [
        [1, 1],
        [1, 1],
      ]);
      for (const norm of ["l1", "l2", "linf"] as const) {
        const truth = operatorNorm(times(maps[2]!, times(maps[1]!, maps[0]!)), norm);
        const { value } = stackBound(stack, norm);
        expect(value).toBeGreaterThanOrEqual(truth * (1 - 1e-15));
        expect(value).toBeLessThanOrEqual(truth * (1 + 1e-9));
      }
    }
  });

  test("rotations with ReLU: 1", () => {
    const turn = (angle: number) => [
      [Math.cos(angle), -Math.sin(angle)],
      [Math.sin(angle), Math.cos(angle)],
    ];
    const { value } = stackBound(
      stackOf(
        [turn(1), turn(2), turn(0.5)],
        [
          [0, 1],
          [0, 1],
        ],
      ),
      "l2",
    );
    expect(value).toBeGreaterThanOrEqual(
      worstOverSlopes(
        [turn(1), turn(2), turn(0.5)],
        [
          [0, 1],
          [0, 1],
        ],
        "l2",
      ),
    );
    expect(value).toBeLessThanOrEqual(1 + 1e-9);
  });

  test("relu(x) - relu(-x): slopes alone allow both halves to be open, so 2 and not 1", () => {
    const { values } = stackBound(stackOf([[[1], [-1]], [[1, -1]]], [[0, 1]]), "l2");
    expect(values.lipsdp).toBeGreaterThanOrEqual(2);
    expect(values.lipsdp).toBeLessThanOrEqual(2 * (1 + 1e-7));
    expect(values.product).toBeGreaterThanOrEqual(2);
  });

  test("one map is its norm, and zero maps give zero", () => {
    expect(stackBound(stackOf([[[3, 4]]], []), "l2").value).toBeCloseTo(5, 12);
    expect(stackBound(stackOf([[[3, 4]]], []), "linf").value).toBeCloseTo(7, 12);
    for (const norm of ["l1", "l2", "linf"] as const)
      expect(stackBound(stackOf([[[0, 0]], [[1]]], [[0, 1]]), norm).value).toBe(0);
  });
});

test("the program for all layers together is the best of its kind, and all are as good as the product", () => {
  for (let seed = 1; seed <= 3; seed++) {
    const maps = randomMaps([4, 6, 6, 2], seed);
    for (const slopes of [
      [0, 1],
      [-0.12891, 1.12891],
    ] as const) {
      const { values } = stackBound(stackOf(maps, [slopes, slopes]), "l2");
      expect(values.lipsdp!).toBeLessThanOrEqual(values.eclipse! * (1 + 1e-6));
      // ECLipsE chooses layer after layer, so with several it may lose to Fast.
      expect(values.lipsdp!).toBeLessThanOrEqual(values["eclipse-fast"]! * (1 + 1e-6));
      expect(values.eclipse!).toBeLessThan(values.product!);
      // In the centered form slopes of -0.13 to 1.13 count 0.5 +- 0.63, so LipLT's radius is the steepest slope.
      expect(values["eclipse-fast"]!).toBeLessThan(values.product!);
      expect(values.liplt!).toBeLessThanOrEqual(values.product! * (1 + 1e-9));
    }
  }
});

describe("multipliers prove what holds and nothing else", () => {
  test("random multipliers and random claims: null, or at least what is reached", () => {
    const counts = { proven: 0, refused: 0 };
    for (let seed = 1; seed <= 60; seed++) {
      const maps = randomMaps([3, 4, 3, 2], seed);
      const [, least, most] = ranges[seed % ranges.length]!;
      const slopes = [
        [least, most],
        [least, most],
      ] as const;
      const stack = stackOf(maps, slopes);
      const reached = worstOverSlopes(maps, slopes, "l2");
      const found = eclipseFast(stack);
      const noise = normals(20, seed + 100).map((x) => Math.exp(x * 0.3));
      for (const [i, factor] of [0.3, 0.8, 0.999, 1, 1.001, 2, 10].entries()) {
        const diagonals = (
          found?.diagonals ?? [new Float64Array(4).fill(1), new Float64Array(3).fill(1)]
        ).map((d) => d.map((x, k) => x * (i % 2 === 0 ? 1 : noise[k]!)));
        const bound = provenBound(stack, diagonals, (found?.estimate ?? reached) * factor);
        if (bound === null) counts.refused++;
        else {
          counts.proven++;
          expect(bound).toBeGreaterThanOrEqual(reached);
        }
      }
    }
    expect(Math.min(counts.proven, counts.refused)).toBeGreaterThan(50);
  });

  test("a claim just below what is reached is refused, where the program is exact", () => {
    for (let seed = 1; seed <= 10; seed++) {
      const maps = randomMaps([2, 4, 1], seed);
      const stack = stackOf(maps, [[0, 1]]);
      const found = eclipse(stack)!;
      const reached = worstOverSlopes(maps, [[0, 1]], "l2");
      expect(provenBound(stack, found.diagonals, reached * (1 - 1e-7), 1e-8)).toBeNull();
    }
  });

  test("multipliers or claims that aren't positive numbers prove nothing", () => {
    const stack = stackOf([[[1]], [[1]]], [[0, 1]]);
    for (const bad of [0, -1, Number.NaN, Infinity]) {
      expect(provenBound(stack, [Float64Array.of(bad)], 1)).toBeNull();
      expect(provenBound(stack, [Float64Array.of(1)], bad)).toBeNull();
    }
  });
});

test("slopes as center and radius hold the slopes, and their product from below", () => {
  for (const [, least, most] of ranges) {
    const { center, radius, product } = spreadOf({ least, most });
    expect(center - radius).toBeLessThanOrEqual(least);
    expect(center + radius).toBeGreaterThanOrEqual(most);
    expect(product).toBeLessThanOrEqual(least * most + 1e-17);
    expect(product).toBeCloseTo(least * most, 14);
  }
});

test("huge and tiny maps keep their bounds", () => {
  for (const scale of [1e-120, 1e-30, 1e30, 1e120]) {
    const maps = randomMaps([3, 4, 2], 5);
    const scaled = [
      maps[0]!.map((row) => row.map((x) => x * scale)),
      maps[1]!.map((row) => row.map((x) => x / scale)),
    ];
    const reached = worstOverSlopes(maps, [[0, 1]], "l2");
    for (const value of Object.values(stackBound(stackOf(scaled, [[0, 1]]), "l2").values))
      expect(value).toBeGreaterThanOrEqual(reached * (1 - 1e-14));
  }
});

describe("margins of pairs of classes", () => {
  test("not below what is reached, symmetric, below sqrt(2) times the whole head", () => {
    for (let seed = 1; seed <= 6; seed++) {
      const maps = randomMaps([3, 4, 3], seed);
      const stack = stackOf(maps, [[0, 1]]);
      const bounds = pairBounds(stack, "l2");
      const whole = stackBound(stack, "l2").value;
      for (let a = 0; a < 3; a++)
        for (let b = 0; b < 3; b++) {
          const row = maps[1]![a]!.map((x, k) => x - maps[1]![b]![k]!);
          const value = bounds[a * 3 + b]!;
          expect(value).toBe(bounds[b * 3 + a]);
          if (a === b) expect(value).toBe(0);
          else {
            expect(value).toBeGreaterThanOrEqual(worstOverSlopes([maps[0]!, [row]], [[0, 1]], "l2"));
            expect(value).toBeLessThanOrEqual(Math.SQRT2 * whole * (1 + 1e-6));
          }
        }
    }
  });

  test("the rounding of the difference of rows is paid for", () => {
    // 1 - 2^-60 rounds to 1, and so does 1 + 2^-60: the second difference is 1 + 2^-60 in truth.
    const bounds = pairBounds(stackOf([[[1], [-(2 ** -60)]]], []), "linf");
    expect(bounds[1]!).toBeGreaterThan(1);
  });
});

describe("what doesn't fit is refused in one line", () => {
  test.each([
    ["no maps", { maps: [], slopes: [] }, "a stack has 0 linear maps; it needs at least one"],
    [
      "too few activations",
      stackOf([[[1]], [[1]]], []),
      "a stack of 2 linear maps has 0 activations; it needs 1",
    ],
    [
      "shapes",
      stackOf([[[1]], [[1, 2]]], [[0, 1]]),
      "linear map 2 of a stack takes 2 numbers; the one before gives 1",
    ],
    ["not a number", stackOf([[[Number.NaN]]], []), "linear map 1 of a stack has an entry that isn't finite"],
    [
      "slopes the wrong way round",
      stackOf([[[1]], [[1]]], [[1, 0]]),
      "the slopes of activation 1 are 1 to 0; they must be finite, the least first",
    ],
    [
      "infinite slopes",
      stackOf([[[1]], [[1]]], [[0, Infinity]]),
      "the slopes of activation 1 are 0 to Infinity; they must be finite, the least first",
    ],
  ])("%s", (_, stack, message) => {
    expect(() => stackBound(stack, "l2")).toThrow(new UserError(message));
    expect(() => pairBounds(stack, "l2")).toThrow(new UserError(message));
  });

  test("maps whose product overflows have an infinite bound, not a finite one", () => {
    const stack = stackOf([[[1e200]], [[1e200]]], [[0, 1]]);
    for (const norm of ["l1", "l2", "linf"] as const) expect(stackBound(stack, norm).value).toBe(Infinity);
  });
});
