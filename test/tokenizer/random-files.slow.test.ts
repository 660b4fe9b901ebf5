/** Random tokenizer.json files, thousands of them. */
import { holdOnRandomFiles } from "./random-files.js";

test("ids, cuts and representatives of random files", () => {
  const { read, cut, merged } = holdOnRandomFiles(4000);
  expect(read).toBeGreaterThan(2500);
  expect(cut).toBeGreaterThan(250);
  expect(merged).toBeGreaterThan(800);
}, 120_000);
