/**
 * Muon (K. Jordan, 2024): momentum whose matrix is made nearly orthogonal before the step, so that every direction
 * of it counts alike. For matrices; vectors belong to Adam.
 */
import { checkSizes, copied, type Optimiser, type OptimiserState, remembered } from "./optimiser.js";

export interface MuonOptions {
  readonly momentum: number;
  /** The gradient goes ahead of the momentum. */
  readonly nesterov: boolean;
  /** A step takes rate times this part off every number. */
  readonly weightDecay: number;
}

export const MUON_DEFAULTS: MuonOptions = { momentum: 0.95, nesterov: true, weightDecay: 0 };

export class Muon implements Optimiser {
  private readonly options: MuonOptions;
  private memory: OptimiserState = new Map();

  constructor(options: Partial<MuonOptions> = {}) {
    this.options = { ...MUON_DEFAULTS, ...options };
  }

  /** @param shape [rows, columns]; a step is rate * sqrt(max(1, rows / columns)) times a matrix of spectral norm about 1 */
  step(
    name: string,
    values: Float32Array,
    gradient: Float32Array,
    rate: number,
    shape: readonly number[],
  ): void {
    checkSizes(name, values, gradient);
    const [rows, columns] = shape as [number, number];
    if (shape.length !== 2 || rows * columns !== values.length)
      throw new Error(
        `${name} has the shape [${shape.join(", ")}] and ${values.length} numbers; it must be a matrix`,
      );
    const { momentum, nesterov, weightDecay } = this.options;
    const kept = remembered(this.memory, `${name} momentum`, values.length);
    const direction = new Float64Array(values.length);
    for (let i = 0; i < values.length; i++) {
      const g = gradient[i]!;
      const along = momentum * kept[i]! + g;
      kept[i] = along;
      direction[i] = nesterov ? g + momentum * along : along;
    }
    const orthogonal = orthogonalised(direction, rows, columns);
    const keep = 1 - rate * weightDecay;
    const by = rate * Math.sqrt(Math.max(1, rows / columns));
    for (let i = 0; i < values.length; i++) values[i] = keep * values[i]! - by * orthogonal[i]!;
  }

  state(): OptimiserState {
    return this.memory;
  }

  restore(state: ReadonlyMap<string, Float64Array | Float32Array>): void {
    this.memory = copied(state);
  }
}

const [A, B, C] = [3.4445, -4.775, 2.0315];
const STEPS = 5;
const TINY = 1e-7;

/**
 * Newton and Schulz's iteration X <- A X + (B X X' + C (X X')^2) X on the matrix divided by its Frobenius norm: its singular
 * vectors stay, singular values from about 0.01 of the norm on come to between 0.68 and 1.14. None goes above 1.21.
 */
export function orthogonalised(matrix: Float64Array, rows: number, columns: number): Float64Array {
  if (rows > columns)
    return transposed(orthogonalised(transposed(matrix, rows, columns), columns, rows), columns, rows);
  const norm = Math.sqrt(matrix.reduce((sum, x) => sum + x * x, 0)) + TINY;
  let x = matrix.map((value) => value / norm);
  for (let step = 0; step < STEPS; step++) {
    const gram = product(x, transposed(x, rows, columns), rows, columns, rows);
    const squared = product(gram, gram, rows, rows, rows);
    const mixed = gram.map((value, i) => B * value + C * squared[i]!);
    const moved = product(mixed, x, rows, rows, columns);
    x = x.map((value, i) => A * value + moved[i]!);
  }
  return x;
}

/** [m, n] [n, p] */
function product(a: Float64Array, b: Float64Array, m: number, n: number, p: number): Float64Array {
  const result = new Float64Array(m * p);
  for (let i = 0; i < m; i++) {
    const row = result.subarray(i * p, (i + 1) * p);
    for (let k = 0; k < n; k++) {
      const factor = a[i * n + k]!;
      for (let j = 0, at = k * p; j < p; j++, at++) row[j] = row[j]! + factor * b[at]!;
    }
  }
  return result;
}

function transposed(matrix: Float64Array, rows: number, columns: number): Float64Array {
  const result = new Float64Array(matrix.length);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) result[j * rows + i] = matrix[i * columns + j]!;
  return result;
}
