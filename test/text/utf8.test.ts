import fc from "fast-check";
import { UserError } from "../../src/failure.js";
import { utf8Decode, utf8Encode } from "../../src/text/utf8.js";
import { text } from "./arbitraries.js";

test("what is well-formed survives, a byte order mark included", () => {
  fc.assert(
    fc.property(text(), (s) => {
      const wellFormed = s.replace(/\p{Surrogate}/gu, "");
      expect(utf8Decode(utf8Encode(wellFormed))).toBe(wellFormed);
    }),
  );
  expect(utf8Decode(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe("\uFEFFa");
});

test("a lone surrogate is written as U+FFFD", () => {
  expect([...utf8Encode("\uD800")]).toEqual([0xef, 0xbf, 0xbd]);
});

test.each([
  ["a stray continuation byte", [0x61, 0x80], 1],
  ["an overlong slash", [0xc0, 0xaf], 0],
  ["an overlong three-byte form", [0x61, 0x62, 0xe0, 0x80, 0x80], 2],
  ["an encoded surrogate", [0xed, 0xa0, 0x80], 0],
  ["a value over U+10FFFF", [0xf4, 0x90, 0x80, 0x80], 0],
  ["0xFF", [0x61, 0xff], 1],
  ["a text cut off within a character", [0x61, 0xe2, 0x82], 1],
  ["a text cut off after a lead byte", [0x61, 0xc3], 1],
  ["Latin-1", [0x63, 0x61, 0x66, 0xe9], 3],
])("%s is an error that names its byte", (_, bytes, offset) => {
  const seen = bytes[offset]!.toString(16).toUpperCase();
  expect(() => utf8Decode(Uint8Array.from(bytes))).toThrow(UserError);
  expect(() => utf8Decode(Uint8Array.from(bytes))).toThrow(`byte ${offset} of ${bytes.length} (0x${seen})`);
});

test("refuses exactly what the platform's strict decoder refuses", () => {
  const edge = fc.constantFrom(
    0,
    0x41,
    0x7f,
    0x80,
    0x8f,
    0x90,
    0x9f,
    0xa0,
    0xbf,
    0xc1,
    0xc2,
    0xe0,
    0xed,
    0xef,
    0xf0,
  );
  const byte = fc.oneof(edge, fc.constantFrom(0xf4, 0xf5, 0xff), fc.integer({ min: 0, max: 255 }));
  const orNull = (decode: () => string, expected: (error: unknown) => boolean) => {
    try {
      return decode();
    } catch (error) {
      if (expected(error)) return null;
      throw error;
    }
  };
  const isUserError = (error: unknown) => error instanceof UserError;
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 5 }), (list) => {
      const bytes = Uint8Array.from(list);
      const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
      const platform = orNull(
        () => strict.decode(bytes),
        () => true,
      );
      expect(orNull(() => utf8Decode(bytes), isUserError)).toBe(platform);
    }),
    { numRuns: 2000 },
  );
});
