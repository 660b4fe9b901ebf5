/**
 * Muon (K. Jordan, 2024): momentum whose matrix is made nearly orthogonal before the step, so that every direction
 * of it counts alike. For matrices; vectors belong to Adam.
 */
import {
  type DenseMatrix,
  type Matrix,
  mapEntries,
  multiply,
  multiplyTransposed,
  plus,
  transpose,
} from "../../numeric/matrix.js";
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
    const { data } = orthogonalised({ rows, columns, data: direction });
    const keep = 1 - rate * weightDecay;
    const by = rate * Math.sqrt(Math.max(1, rows / columns));
    for (let i = 0; i < values.length; i++) values[i] = keep * values[i]! - by * data[i]!;
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
 * vectors stay, its singular values from 0.002 of the norm on come to between 0.68 and 1.21. None goes above 1.21.
 */
export function orthogonalised(matrix: Matrix): DenseMatrix {
  if (matrix.rows > matrix.columns) return transpose(orthogonalised(transpose(matrix)));
  let squares = 0;
  for (const value of matrix.data) squares += value * value;
  const norm = Math.sqrt(squares) + TINY;
  let x = mapEntries(matrix, (value) => value / norm);
  for (let step = 0; step < STEPS; step++) {
    const gram = multiplyTransposed(x, x);
    const mixed = plus(
      mapEntries(gram, (value) => B * value),
      multiply(gram, gram),
      C,
    );
    x = plus(multiply(mixed, x), x, A);
  }
  return x;
}
