/** ECLipsE's published nets from the shared folder; the larger ones in eclipse.slow.test.ts. */
import { checkNet, expected, here } from "./eclipse-nets.js";

(here ? describe : describe.skip)("ECLipsE's nets in ../shared (skipped where that folder is absent)", () => {
  test("all five nets are there", () => expect(Object.keys(expected)).toHaveLength(5));
  test.each(["demo-4-80-1", "mnist-lyr3n100"])("%s", (name) => checkNet(name, expected[name]!));
});
