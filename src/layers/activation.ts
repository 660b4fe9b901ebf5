/**
 * Activations, each a function of one number.
 */
import { erfc } from "../numeric/erf.js";

export type ActivationName =
  | "identity"
  | "relu"
  | "gelu" // x Phi(x), by the error function
  | "gelu-tanh"
  | "silu"
  | "quick-gelu" // x sigmoid(1.702 x)
  | "tanh"
  | "sigmoid"
  | "softplus"
  | "elu"
  | "mish";

const SQRT_HALF = Math.SQRT1_2;
const SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

export function softplus(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}

const FUNCTIONS: Readonly<Record<ActivationName, (x: number) => number>> = {
  identity: (x) => x,
  relu: (x) => (x > 0 ? x : 0),
  gelu: (x) => 0.5 * x * erfc(-x * SQRT_HALF),
  "gelu-tanh": (x) => 0.5 * x * (1 + Math.tanh(SQRT_2_OVER_PI * (x + 0.044715 * x * x * x))),
  silu: (x) => x * sigmoid(x),
  "quick-gelu": (x) => x * sigmoid(1.702 * x),
  tanh: Math.tanh,
  sigmoid,
  softplus,
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  mish: (x) => x * Math.tanh(softplus(x)),
};

export const ACTIVATION_NAMES = Object.keys(FUNCTIONS) as readonly ActivationName[];

export function activationFunction(name: ActivationName): (x: number) => number {
  return FUNCTIONS[name];
}

/** The activation of each number, in a new array. */
export function activate(name: ActivationName, x: Float64Array): Float64Array {
  return name === "identity" ? x : x.map(FUNCTIONS[name]);
}
