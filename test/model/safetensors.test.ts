import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { UserError } from "../../src/failure.js";
import { readSafetensors, type Tensor, writeSafetensors } from "../../src/model/safetensors.js";

const shape = fc.array(fc.nat(4), { maxLength: 3 });
const count = (dims: readonly number[]) => dims.reduce((a, b) => a * b, 1);
const bytesOf = (data: Tensor["data"]) => [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];

/** Any bits at all, NaN payloads included. */
const tensorOf = <T>(dtype: string, Type: { new (buffer: ArrayBuffer): T; BYTES_PER_ELEMENT: number }) =>
  shape.chain((dims) => {
    const size = count(dims) * Type.BYTES_PER_ELEMENT;
    return fc
      .uint8Array({ minLength: size, maxLength: size })
      .map((bytes) => ({ dtype, shape: dims, data: new Type(bytes.slice().buffer) }) as unknown as Tensor);
  });
const tensor: fc.Arbitrary<Tensor> = fc.oneof(
  tensorOf("F64", Float64Array),
  tensorOf("F32", Float32Array),
  tensorOf("I64", BigInt64Array),
  tensorOf("U64", BigUint64Array),
  tensorOf("I32", Int32Array),
  tensorOf("U32", Uint32Array),
  tensorOf("F16", Uint16Array),
  tensorOf("BF16", Uint16Array),
  tensorOf("I16", Int16Array),
  tensorOf("U16", Uint16Array),
  tensorOf("I8", Int8Array),
  tensorOf("U8", Uint8Array),
);
const name = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("__proto__", "0", "a b", '"', "constructor"),
);
const tensors = fc
  .array(fc.tuple(name, tensor), { maxLength: 5 })
  .map((entries) => new Map(entries.filter(([key]) => key !== "__metadata__")));

const header = (json: string, data = 0) => {
  const text = new TextEncoder().encode(json);
  const bytes = new Uint8Array(8 + text.length + data);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
};
const plain = (read: Map<string, Tensor>) =>
  new Map([...read].map(([key, { dtype, shape, data }]) => [key, { dtype, shape, bits: bytesOf(data) }]));

describe("round trip", () => {
  test("gives every name, dtype, shape and bit back", () => {
    fc.assert(
      fc.property(tensors, fc.dictionary(fc.string(), fc.string()), (map, metadata) => {
        expect(plain(readSafetensors(writeSafetensors(map, metadata)))).toEqual(plain(map));
      }),
    );
  });

  test("the bytes don't depend on the order of tensors or metadata, and the data begins at a multiple of 8", () => {
    fc.assert(
      fc.property(tensors, (map) => {
        const bytes = writeSafetensors(map, { a: "1", b: "2" });
        expect(writeSafetensors(new Map([...map].reverse()), { b: "2", a: "1" })).toEqual(bytes);
        expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0);
      }),
    );
  });

  test("reads from a place in memory that isn't aligned, into memory of its own", () => {
    const bytes = writeSafetensors(
      new Map([["x", { dtype: "F64", shape: [2], data: Float64Array.of(1.5, -2) }]]),
    );
    const moved = new Uint8Array(bytes.length + 3);
    moved.set(bytes, 3);
    const read = readSafetensors(moved.subarray(3)).get("x")!;
    moved.fill(0xff);
    expect(read).toEqual({ dtype: "F64", shape: [2], data: Float64Array.of(1.5, -2) });
  });

  test("is laid out as the format says", () => {
    const bytes = writeSafetensors(
      new Map<string, Tensor>([
        ["b", { dtype: "U8", shape: [1, 3], data: Uint8Array.of(7, 8, 9) }],
        ["a", { dtype: "I32", shape: [], data: Int32Array.of(-2) }],
      ]),
      { format: "pt" },
    );
    const json =
      '{"__metadata__":{"format":"pt"},"a":{"dtype":"I32","shape":[],"data_offsets":[0,4]},' +
      '"b":{"dtype":"U8","shape":[1,3],"data_offsets":[4,7]}}';
    const padded = json + " ".repeat((8 - (json.length % 8)) % 8);
    const expected = header(padded, 7);
    expected.set([0xfe, 0xff, 0xff, 0xff, 7, 8, 9], 8 + padded.length);
    expect(bytes).toEqual(expected);
  });
});

describe("damage", () => {
  const map = new Map<string, Tensor>([
    ["evidence", { dtype: "F32", shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
    ["bias", { dtype: "F64", shape: [2], data: Float64Array.of(0.25, -0.25) }],
    ["empty", { dtype: "I64", shape: [0, 7], data: new BigInt64Array(0) }],
  ]);
  const whole = writeSafetensors(map, { format: "pt" });
  const start = 8 + Number(new DataView(whole.buffer).getBigUint64(0, true));

  /** What may come out of a damaged header: an error for the user, or tensors that are the data byte for byte. */
  const outcome = (bytes: Uint8Array): "refused" | "all bytes" | "other bytes" => {
    let read: Map<string, Tensor>;
    try {
      read = readSafetensors(bytes);
    } catch (error) {
      if (!(error instanceof UserError) || error.message.includes("\n")) throw error;
      return "refused";
    }
    const seen = [...read.values()].flatMap(({ data }) => bytesOf(data));
    const filled = [...read.values()].every(({ shape, data }) => data.length === count(shape));
    return filled && seen.join() === bytes.subarray(start).join() ? "all bytes" : "other bytes";
  };

  test("no truncation is read", () => {
    for (let length = 0; length < whole.length; length++)
      expect(() => readSafetensors(whole.subarray(0, length))).toThrow(UserError);
  });

  test("no byte too many is read", () => {
    const longer = new Uint8Array(whole.length + 1);
    longer.set(whole);
    expect(() => readSafetensors(longer)).toThrow(/end at byte 40 of the data, which has 41/);
  });

  test("every value of every header byte gives an error or exactly the bytes of the data", () => {
    const seen = { refused: 0, "all bytes": 0, "other bytes": 0 };
    for (let at = 0; at < start; at++)
      for (let value = 0; value < 256; value++) {
        const bytes = whole.slice();
        bytes[at] = value;
        seen[outcome(bytes)]++;
      }
    expect(seen["other bytes"]).toBe(0);
    expect(seen["all bytes"]).toBeGreaterThan(start); // each byte as it was, and harmless changes of names
    expect(seen.refused).toBeGreaterThan(start * 200);
  });
});

describe("refuses, with both numbers,", () => {
  const entry = (dtype: string, shape: string, offsets: string) =>
    `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;
  const x = (dtype: string, shape: string, offsets: string) => `{"x":${entry(dtype, shape, offsets)}}`;
  test.each<[string, Uint8Array, string]>([
    ["a file without a length", new Uint8Array(7), "a safetensors file has at least 8 bytes, not 7"],
    [
      "a header beyond the file",
      Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d),
      "safetensors header length 9 exceeds the 2 bytes left in the file",
    ],
    [
      "a header over 100 MB",
      Uint8Array.of(1, 225, 245, 5, 0, 0, 0, 0, 0x7b, 0x7d),
      "safetensors header length 100000001 is over the limit of 100000000",
    ],
    ["a header that isn't an object", header("[]"), 'the safetensors header must begin with "{"'],
    ["an empty header", header(""), 'the safetensors header must begin with "{"'],
    ["broken JSON", header('{"x":'), "the safetensors header isn't JSON: "],
    ["a repeated name", header('{"x":1,"\\u0078":2}'), 'the safetensors header repeats the key "x"'],
    ["metadata of another type", header('{"__metadata__":{"a":1}}'), "it must map strings to strings"],
    [
      "an entry that isn't an object",
      header('{"x":[]}'),
      'safetensors tensor "x" is []; it must be an object',
    ],
    [
      "an unknown dtype",
      header(x("F8_E4M3", "[1]", "[0,1]"), 1),
      'safetensors tensor "x" has the dtype "F8_E4M3"; allowed are U64, I64, F64, F32, U32, I32, BF16, F16, U16, I16, I8, U8',
    ],
    [
      "a shape of fractions",
      header(x("U8", "[1.5]", "[0,1]"), 1),
      'tensor "x" has the shape [1.5]; needed are',
    ],
    ["a negative shape", header(x("U8", "[-1]", "[0,1]"), 1), 'tensor "x" has the shape [-1]; needed are'],
    [
      "a shape of strings",
      header(x("U8", '["1"]', "[0,1]"), 1),
      'tensor "x" has the shape ["1"]; needed are',
    ],
    [
      "no shape",
      header('{"x":{"dtype":"U8","data_offsets":[0,1]}}', 1),
      "has the shape undefined; needed are",
    ],
    ["one offset", header(x("U8", "[1]", "[1]"), 1), 'tensor "x" has the data_offsets [1]; needed are'],
    [
      "offsets in reverse",
      header(x("U8", "[1]", "[1,0]"), 1),
      'tensor "x" has the data_offsets [1,0]; needed',
    ],
    [
      "offsets that don't fit the shape",
      header(x("F32", "[2,2]", "[0,15]"), 15),
      'safetensors tensor "x" takes 15 bytes; the shape [2,2] of F32 needs 16',
    ],
    [
      "a shape too large for a number",
      header(x("U8", "[4294967296,4294967296]", "[0,0]")),
      "the shape [4294967296,4294967296] of U8 needs Infinity",
    ],
    [
      "an end beyond the file",
      header(x("U8", "[9]", "[0,9]"), 8),
      'safetensors tensor "x" ends at byte 9 of the data, which has 8',
    ],
    [
      "a gap",
      header(x("U8", "[1]", "[1,2]"), 2),
      'tensor "x" begins at byte 1 of the data, but the one before ends at 0: there is a gap',
    ],
    [
      "an overlap",
      header(`{"x":${entry("U8", "[2]", "[0,2]")},"y":${entry("U8", "[2]", "[1,3]")}}`, 3),
      'tensor "y" begins at byte 1 of the data, but the one before ends at 2: they overlap',
    ],
    [
      "trailing bytes",
      header(x("U8", "[1]", "[0,1]"), 3),
      "the tensors of the safetensors file end at byte 1 of the data, which has 3",
    ],
  ])("%s", (_, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(UserError);
    expect(() => readSafetensors(bytes)).toThrow(message);
  });

  test("invalid UTF-8 in the header", () => {
    const bytes = header('{"__metadata__":{"a":"?"}}');
    bytes[8 + 22] = 0xff;
    expect(() => readSafetensors(bytes)).toThrow(/the safetensors header: not UTF-8: byte 22/);
  });

  test("to write what couldn't be read", () => {
    const data = Uint8Array.of(1);
    expect(() => writeSafetensors(new Map([["__metadata__", { dtype: "U8", shape: [1], data }]]))).toThrow(
      RangeError,
    );
    expect(() => writeSafetensors(new Map([["x", { dtype: "U8", shape: [2], data }]]))).toThrow(RangeError);
  });
});

/** Written by `safetensors.numpy.save` of the Python library safetensors 0.8.0, metadata {"format": "pt"}. */
const VECTOR =
  "gAIAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJwdCJ9LCJBIjp7ImR0eXBlIjoiVTY0Iiwic2hhcGUiOlsxXSwiZGF0" +
  "YV9vZmZzZXRzIjpbMCw4XX0sImEiOnsiZHR5cGUiOiJJNjQiLCJzaGFwZSI6WzFdLCJkYXRhX29mZnNldHMiOls4LDE2XX0sImQi" +
  "OnsiZHR5cGUiOiJGNjQiLCJzaGFwZSI6WzFdLCJkYXRhX29mZnNldHMiOlsxNiwyNF19LCJlIjp7ImR0eXBlIjoiRjY0Iiwic2hh" +
  "cGUiOlswLDJdLCJkYXRhX29mZnNldHMiOlsyNCwyNF19LCJ6Ijp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsxLDJdLCJkYXRhX29m" +
  "ZnNldHMiOlsyNCwzMl19LCJ1Ijp7ImR0eXBlIjoiVTMyIiwic2hhcGUiOlsxXSwiZGF0YV9vZmZzZXRzIjpbMzIsMzZdfSwiaSI6" +
  "eyJkdHlwZSI6IkkzMiIsInNoYXBlIjpbXSwiZGF0YV9vZmZzZXRzIjpbMzYsNDBdfSwidyI6eyJkdHlwZSI6IlUxNiIsInNoYXBl" +
  "IjpbMV0sImRhdGFfb2Zmc2V0cyI6WzQwLDQyXX0sImgiOnsiZHR5cGUiOiJJMTYiLCJzaGFwZSI6WzFdLCJkYXRhX29mZnNldHMi" +
  "Ols0Miw0NF19LCJjIjp7ImR0eXBlIjoiSTgiLCJzaGFwZSI6WzFdLCJkYXRhX29mZnNldHMiOls0NCw0NV19LCJiIjp7ImR0eXBl" +
  "IjoiVTgiLCJzaGFwZSI6WzNdLCJkYXRhX29mZnNldHMiOls0NSw0OF19fSAgICAgAAAAAAAAAID//////////5qZmZmZmbk/AADA" +
  "PwAAAMAJAAAABwAAAP///f/8AQID";

test("reads and writes byte for byte what the format's own library wrote", () => {
  const bytes = Uint8Array.from(Buffer.from(VECTOR, "base64"));
  const read = readSafetensors(bytes);
  expect(read).toEqual(
    new Map<string, Tensor>([
      ["z", { dtype: "F32", shape: [1, 2], data: Float32Array.of(1.5, -2) }],
      ["b", { dtype: "U8", shape: [3], data: Uint8Array.of(1, 2, 3) }],
      ["a", { dtype: "I64", shape: [1], data: BigInt64Array.of(-1n) }],
      ["A", { dtype: "U64", shape: [1], data: BigUint64Array.of(2n ** 63n) }],
      ["d", { dtype: "F64", shape: [1], data: Float64Array.of(0.1) }],
      ["i", { dtype: "I32", shape: [], data: Int32Array.of(7) }],
      ["u", { dtype: "U32", shape: [1], data: Uint32Array.of(9) }],
      ["h", { dtype: "I16", shape: [1], data: Int16Array.of(-3) }],
      ["w", { dtype: "U16", shape: [1], data: Uint16Array.of(65535) }],
      ["c", { dtype: "I8", shape: [1], data: Int8Array.of(-4) }],
      ["e", { dtype: "F64", shape: [0, 2], data: new Float64Array(0) }],
    ]),
  );
  expect(writeSafetensors(read, { format: "pt" })).toEqual(bytes);
});

const foreign = new URL("../../../shared/models/deept-sst2-1layer/", import.meta.url);
const there = existsSync(foreign);
(there ? test : test.skip)(
  `reads a published Transformer's file${there ? "" : ` (needs ${foreign.pathname})`}`,
  () => {
    const bytes = readFileSync(new URL("model.safetensors", foreign));
    const read = readSafetensors(bytes);
    const start = 8 + Number(bytes.readBigUInt64LE(0));
    expect(read.size).toBeGreaterThan(10);
    expect([...read.values()].reduce((sum, { data }) => sum + data.byteLength, 0)).toBe(bytes.length - start);
    const words = read.get("embeddings.word_embeddings.weight")!;
    expect(words.shape).toEqual([7145, 64]);
    expect([words.data[0], words.data[457279]]).toEqual([
      bytes.readFloatLE(start),
      bytes.readFloatLE(start + 4 * 457279),
    ]);
    const own = writeSafetensors(read);
    expect(Buffer.compare(writeSafetensors(readSafetensors(own)), own)).toBe(0);
  },
);
