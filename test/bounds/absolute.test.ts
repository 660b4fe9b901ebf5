/** Bounds entry by entry, with max pooling between parts, against differences of real nets. */
import fc from "fast-check";
import { absoluteBound, absoluteMatrix, type Part } from "../../src/bounds/absolute.js";
import { fromRows } from "../../src/numeric/matrix.js";
import { normals } from "../oracle/normals.js";
import { times } from "../oracle/worst-slopes.js";

type Net = readonly { readonly maps: number[][][]; readonly windows: number[][] | null }[];

const leaky = (x: number) => (x > 0 ? x : 0.1 * x);
const slopes = { least: 0.1, most: 1 };

/** Two parts of two maps each, leaky ReLU between and behind them, max pooling after the first. */
function random(seed: number, windows: number[][] | null): Net {
  const map = (rows: number, columns: number, salt: number) => {
    const values = normals(rows * columns, seed * 10 + salt);
    return Array.from({ length: rows }, (_, i) => values.slice(i * columns, (i + 1) * columns));
  };
  const between = windows?.length ?? 6;
  return [
    { maps: [map(4, 3, 1), map(6, 4, 2)], windows },
    { maps: [map(4, between, 3), map(2, 4, 4)], windows: null },
  ];
}

const partsOf = (net: Net): Part[] =>
  net.map(({ maps, windows }) => ({
    stack: { maps: maps.map((map) => fromRows(map)), slopes: maps.slice(1).map(() => slopes) },
    activation: slopes,
    windows,
  }));

function run(net: Net, x: readonly number[]): number[] {
  let value = [...x];
  for (const { maps, windows } of net) {
    for (const map of maps)
      value = map.map((row) => leaky(row.reduce((sum, w, k) => sum + w * value[k]!, 0)));
    if (windows !== null) value = windows.map((rows) => Math.max(...rows.map((r) => value[r]!)));
  }
  return value;
}

const pools = [
  null,
  [
    [0, 1],
    [2, 3],
    [4, 5],
  ],
  [[0, 1, 2], [1, 2, 3], [5]],
  [[0, 1, 2, 3, 4, 5]],
];
const point = fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: 3, maxLength: 3 });

test("differences of a net with max pooling stay below the bound in l1 and linf", () => {
  let closest = 0;
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom(...pools),
      point,
      point,
      (seed, windows, x, y) => {
        const net = random(seed, windows);
        const change = run(net, x).map((v, k) => Math.abs(v - run(net, y)[k]!));
        const distance = x.map((v, k) => Math.abs(v - y[k]!));
        const l1 = (v: number[]) => v.reduce((sum, e) => sum + e, 0);
        // The forward itself rounds: 1e-13 of numbers below 1000.
        expect(l1(change)).toBeLessThanOrEqual(absoluteBound(partsOf(net), "l1") * l1(distance) + 1e-10);
        expect(Math.max(...change)).toBeLessThanOrEqual(
          absoluteBound(partsOf(net), "linf") * Math.max(...distance) + 1e-10,
        );
        if (l1(distance) > 0)
          closest = Math.max(closest, l1(change) / (absoluteBound(partsOf(net), "l1") * l1(distance)));
      },
    ),
    { numRuns: 1000 },
  );
  expect(closest).toBeGreaterThan(0.05);
});

test("pooling takes the larger row, entry by entry", () => {
  const part = {
    stack: {
      maps: [
        fromRows([
          [1, -4],
          [2, 3],
          [0, 1],
        ]),
      ],
      slopes: [],
    },
    activation: null,
    windows: [[0, 1], [2]],
  };
  expect(absoluteBound([part], "linf")).toBeCloseTo(6, 12);
  expect(absoluteBound([part], "l1")).toBeCloseTo(5, 12);
  expect(absoluteBound([part], "l1")).toBeGreaterThanOrEqual(5);
});

test("with linear activations the matrix is the size of the product's entries", () => {
  for (let seed = 1; seed <= 10; seed++) {
    const [first, second, third] = [
      random(seed, null)[0]!.maps[0]!,
      random(seed, null)[0]!.maps[1]!,
      random(seed, null)[1]!.maps[0]!,
    ];
    const line = { least: -0.5, most: -0.5 };
    const a = absoluteMatrix({
      maps: [first, second, third].map((map) => fromRows(map)),
      slopes: [line, line],
    });
    const truth = times(third, times(second, first))
      .flat()
      .map((x) => Math.abs(x) / 4);
    truth.forEach((x, i) => {
      expect(a.data[i]!).toBeGreaterThanOrEqual(x * (1 - 1e-15));
      expect(a.data[i]!).toBeLessThanOrEqual(x + 1e-12);
    });
  }
});

test("parts in a row cost no more than the product of their norms", () => {
  for (let seed = 1; seed <= 5; seed++) {
    const parts = partsOf(random(seed, null));
    const each = parts.map((part) => absoluteBound([part], "linf"));
    expect(absoluteBound(parts, "linf")).toBeLessThanOrEqual(each[0]! * each[1]! * (1 + 1e-12));
    expect(absoluteBound(parts, "linf")).toBeGreaterThan(0);
  }
  expect(absoluteBound([], "l1")).toBe(1);
});

test("what isn't finite has no finite bound", () => {
  const part = { stack: { maps: [fromRows([[Infinity]])], slopes: [] }, activation: null, windows: null };
  expect(absoluteBound([part], "l1")).toBe(Infinity);
  const overflow = {
    stack: { maps: [fromRows([[1e200]]), fromRows([[1e200]])], slopes: [slopes] },
    activation: null,
    windows: null,
  };
  expect(absoluteBound([overflow], "linf")).toBe(Infinity);
});
