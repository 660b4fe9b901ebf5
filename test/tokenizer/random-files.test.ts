/** Random tokenizer.json files, a few hundred; the slow run takes more of them. */
import { holdOnRandomFiles } from "./random-files.js";

test("ids, cuts and representatives of random files", () => {
  const { read, cut, merged } = holdOnRandomFiles(160);
  expect(read).toBeGreaterThan(80);
  expect(cut).toBeGreaterThan(30);
  expect(merged).toBeGreaterThan(30);
});
