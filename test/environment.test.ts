/** The test environment (test/environment.js) gives tests the host's typed arrays. */
import { isDeepStrictEqual } from "node:util";
import { deserialize, serialize } from "node:v8";

test.each([Int8Array, Int32Array, Uint8Array, Float32Array, Float64Array, BigInt64Array])(
  "%p is the one that Node's own modules make",
  (type) => {
    const array = new (type as Uint8ArrayConstructor)(2);
    const back = deserialize(serialize(array)) as object;
    expect(back).toBeInstanceOf(type);
    expect(isDeepStrictEqual(back, array)).toBe(true);
  },
);
