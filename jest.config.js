// Two projects: `fast` is what `npm test` runs; `slow` holds the long soundness runs (files ending in
// .slow.test.ts) and is chosen with `npm run test:slow`.
const common = {
  testEnvironment: "<rootDir>/test/environment.js",
  extensionsToTreatAsEsm: [".ts"],
  moduleNameMapper: { "^(\\.{1,2}/.*)\\.js$": "$1" },
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      { jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "es6" } },
    ],
  },
};
const fast = {
  ...common,
  displayName: "fast",
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  testPathIgnorePatterns: ["\\.slow\\.test\\.ts$"],
};
const slow = { ...common, displayName: "slow", testMatch: ["<rootDir>/test/**/*.slow.test.ts"] };

export default { projects: process.env.TYPOPROOF_SLOW === "1" ? [fast, slow] : [fast] };
