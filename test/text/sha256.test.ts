/** SHA-256 against Node's own. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { sha256 } from "../../src/text/sha256.js";

const known = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

test("the published vector", () => {
  expect(sha256(Uint8Array.from([0x61, 0x62, 0x63]))).toBe(
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});

test("every length around the block's", () => {
  for (let n = 0; n < 200; n++) {
    const bytes = Uint8Array.from({ length: n }, (_, i) => (i * 37 + n) & 0xff);
    expect([n, sha256(bytes)]).toEqual([n, known(bytes)]);
  }
});

test("any bytes, also a part of a buffer", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), fc.nat({ max: 5 }), (bytes, from) => {
      expect(sha256(bytes.subarray(from))).toBe(known(bytes.subarray(from)));
    }),
  );
});
