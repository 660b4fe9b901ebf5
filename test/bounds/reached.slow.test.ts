/** Bounds of stacks on many random nets: none is below what the worst slopes reach. */
import { checkReached, ranges, shapes } from "./stacks.js";

const SEEDS = 2;

test.each(ranges)("%s", (_, least, most) => {
  for (const shape of shapes)
    for (let seed = 2; seed < 2 + SEEDS; seed++) checkReached(shape, seed, least, most);
});
