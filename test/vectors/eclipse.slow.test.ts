/** The larger of ECLipsE's published nets, from the shared folder. */
import { checkNet, expected, here } from "./eclipse-nets.js";

(here ? describe : describe.skip)("ECLipsE's nets in ../shared (skipped where that folder is absent)", () => {
  test.each(["mnist-lyr3n400", "mnist-base", "mnist-jr"])("%s", (name) => checkNet(name, expected[name]!));
});
