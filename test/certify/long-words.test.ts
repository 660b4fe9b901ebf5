/** Words of thousands of letters: method `lipschitz` answers within its time, and what it leaves unlisted is bounded still. */
import { nativeLipschitz } from "../../src/certify/lipschitz/native.js";
import { unicodeAlphabet } from "../../src/edits/alphabet.js";
import { sure } from "./lipschitz-native-held.js";

test.each([1, 2, 3])("%d edits of a word of 4,000 letters", (edits) => {
  const began = performance.now();
  const text = `a ${"ab".repeat(2000)} b`;
  const { margins } = nativeLipschitz(sure(5, 1), text, unicodeAlphabet(), edits, {
    seconds: 2,
    tight: true,
  });
  expect(performance.now() - began).toBeLessThan(20_000);
  expect(margins.length).toBeGreaterThan(0);
});
