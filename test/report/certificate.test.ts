/**
 * Certificates as lines and as files: what is written is read back without problems, and no bit of it can be changed unnoticed,
 * whatever kind of model it is about.
 */
import { createHash } from "node:crypto";
import fc from "fast-check";
import type { ResultRecord } from "../../src/certify/result.js";
import { version } from "../../src/cli/version.js";
import { readCertificate, writeCertificate } from "../../src/report/certificate.js";
import { canonicalJson, VERSIONS } from "../../src/report/seal.js";
import { certified, record, refuted, unknown } from "../evaluate/examples.js";
import { resealed } from "../oracle/plain-seal.js";
import { everyKind, expectNoBitToFlip, file, flipped, problemsOf } from "./certificates.js";

let kinds: Record<string, ResultRecord>;
beforeAll(async () => {
  kinds = await everyKind();
});

test("there is evidence of every kind", () => {
  const seen = Object.values(kinds).map((r) => ("error" in r ? "failure" : r.evidence?.kind));
  expect(new Set(seen)).toEqual(
    new Set(["exact", "native-blocks", "enumerate", "encoder-bounds", "lipslev", "attack", "failure"]),
  );
});

test("what is written is read back without problems, and alike", () => {
  for (const each of [
    ...Object.values(kinds),
    record(0, "t", refuted(1, "u"), "ham"),
    record(1, "", unknown(null, "time")),
  ]) {
    const line = writeCertificate(each);
    const { record: read, problems } = readCertificate(line);
    expect(problems).toEqual([]);
    expect(writeCertificate(read!)).toBe(line);
    expect(read).toEqual(JSON.parse(JSON.stringify(each)));
  }
});

test("the seal is what others compute by the rule", () => {
  for (const each of Object.values(kinds)) {
    const line = JSON.parse(writeCertificate(each));
    expect(line.sha256).toBe(resealed(line).sha256);
    expect(Object.keys(line).at(-1)).toBe("sha256");
  }
  const example = { b: [1, { d: -0, c: "\u00e9\u0007" }], a: null, "\u{1f600}": true, "\ufb33": 1e21 };
  // By UTF-16 code units: the surrogates of U+1F600 come before U+FB33.
  expect(canonicalJson(example)).toBe(
    '{"a":null,"b":[1,{"c":"\u00e9\\u0007","d":0}],"\u{1f600}":true,"\ufb33":1e+21}',
  );
});

test("the version is the package's", () => {
  expect(VERSIONS.typoproof).toBe(version());
});

test.each([
  ["exact", 5],
  ["native-blocks", 37],
  ["enumerate", 37],
  ["encoder-bounds", 37],
  ["lipslev", 37],
  ["attack", 37],
  ["failure", 1],
  ["strange", 11],
])("%s: no bit can be flipped unnoticed (every %dth is tried)", async (kind, every) => {
  await expectNoBitToFlip(kinds[kind]!, every);
});

test("files of many certificates: no bit flipped, no byte put in, left out or made another goes unnoticed", async () => {
  const bytes = ["json", "jsonl"].map((format) => file(format as "json", Object.values(kinds)));
  for (const whole of bytes) expect(await problemsOf(whole)).toEqual([]);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...bytes),
      fc.constantFrom("flip", "insert", "delete", "replace", "end"),
      fc.nat(),
      fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0x20, 0x0a, 0x09, 0x0d, 0x2c, 0x30)),
      async (whole, how, where, byte) => {
        const at = where % whole.length;
        const put = Buffer.from([byte]);
        const [head, tail] = [whole.subarray(0, at), whole.subarray(at)];
        const changed = {
          flip: () => flipped(whole, where % (8 * whole.length)),
          insert: () => Buffer.concat([head, put, tail]),
          delete: () => Buffer.concat([head, tail.subarray(1)]),
          replace: () => Buffer.concat([head, put, tail.subarray(1)]),
          end: () => Buffer.concat([whole, put]),
        }[how]!();
        if (changed.equals(whole)) return;
        expect(await problemsOf(changed)).not.toEqual([]);
      },
    ),
    { numRuns: 300 },
  );
});

test("every bit between certificates", async () => {
  for (const format of ["json", "jsonl"] as const) {
    const failures = [0, 1, 2].map((id) => ({ id, text: "", label: null, correct: null, error: "no" }));
    const bytes = file(format, failures);
    for (let at = 0; at < bytes.length; at++)
      if (at < 3 || /[\n,[\]]/.test(String.fromCharCode(bytes[at]!)))
        for (let bit = 8 * at; bit < 8 * at + 8; bit++)
          expect([bit, (await problemsOf(flipped(bytes, bit))).length > 0]).toEqual([bit, true]);
  }
});

describe("what is said", () => {
  const line = () => JSON.parse(writeCertificate(record(0, "t", certified(2))));
  const said = (value: unknown) => readCertificate(JSON.stringify(value)).problems;

  test("of content that was changed", () => {
    expect(said({ ...line(), seconds: 1 })).toEqual([
      expect.stringMatching(/^changed since it was written: its sha256 is [0-9a-f]{64}, its content gives /),
    ]);
    expect(said({ ...line(), sha256: undefined })).toEqual([
      expect.stringMatching(/^changed since it was written: its sha256 is missing/),
    ]);
  });

  test("of keys that aren't known, even if they are sealed", () => {
    expect(said(resealed({ ...line(), approved: "by all" }))).toEqual([
      expect.stringMatching(/^it isn't written as certify writes it, from character \d+ on$/),
    ]);
  });

  test("of white space and the order of keys", () => {
    expect(readCertificate(` ${JSON.stringify(line())}`).problems).toEqual([
      "it isn't written as certify writes it, from character 1 on",
    ]);
    const { id, ...rest } = line();
    expect(said({ ...rest, id })).toEqual([expect.stringMatching(/^it isn't written as certify writes it/)]);
  });

  test("of other formats", () => {
    expect(said(resealed({ ...line(), versions: { certificate: 2, typoproof: "9.0.0" } }))).toEqual([
      `its format is 2; typoproof ${VERSIONS.typoproof} reads 1`,
    ]);
    expect(said({ ...line(), versions: undefined })).toEqual([
      "not a whole certificate: versions is missing; allowed is an object",
    ]);
  });

  test("an earlier version of the program may have written it", () => {
    expect(said(resealed({ ...line(), versions: { certificate: 1, typoproof: "0.0.9" } }))).toEqual([]);
  });

  test("of files", async () => {
    const both = [record(0, "t", certified(2)), record(1, "u", certified(1))];
    const array = file("json", both).toString();
    const of = (text: string) => problemsOf(Buffer.from(text));
    expect(await of(JSON.stringify(JSON.parse(array), null, 2))).toEqual([
      "the file was reformatted since certify wrote it",
      "the file was reformatted since certify wrote it",
    ]);
    expect(await of(array.trimEnd())).toEqual(["the line feed at its end is missing"]);
    expect(await of(array.replace("]\n", ""))).toEqual(["the array isn't closed"]);
    expect(await of(`${array}\n`)).toEqual(["something stands behind the array"]);
    expect(await of(`\ufeff${file("jsonl", both)}`)).toEqual([expect.stringMatching(/not a certificate/)]);
    expect(await of(JSON.stringify(line(), null, 1))).toEqual([
      "the file was reformatted since certify wrote it",
    ]);
  });
});

test("hashes are of the bytes that others hash", () => {
  const line = JSON.parse(writeCertificate(kinds.exact!));
  const ranges = "[[32,32],[46,46],[83,83],[97,97],[101,102],[105,105],[108,109],[114,114],[116,116]]";
  expect(line.threat.sha256).toBe(createHash("sha256").update(ranges).digest("hex"));
});
