/**
 * The package `typoproof/browser`: all of `typoproof`, and models over HTTP.
 */

export * from "../index.js";
export { type LoadModelFromOptions, loadModelFrom } from "./load-model.js";
