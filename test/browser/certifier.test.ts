/**
 * Page and worker without a browser: the worker's side runs in this thread, behind a worker made for the test. (The real one
 * is tested in Chromium: test/demo/.)
 */
import { openCertifier } from "../../src/browser/certifier.js";
import type { Message, Reply } from "../../src/browser/protocol.js";
import { serve } from "../../src/browser/serve.js";
import { certify } from "../../src/certify/certify.js";
import { inspect } from "../../src/certify/inspect/inspect.js";
import { listAlphabet, unicodeAlphabet } from "../../src/edits/alphabet.js";
import { UserError } from "../../src/failure.js";
import { writeModelFolder } from "../../src/model/folder.js";
import { randomModel, randomString, seeded } from "../oracle/random-model.js";

const random = seeded(21);
const model = randomModel(random, "patterns", 3, ["a", "b"]);
const source = { name: "random", files: writeModelFolder(model) };
const made: FakeWorker[] = [];

/** Messages are copied, and arrive later, as with a real one. */
class FakeWorker {
  onmessage: ((event: { data: Reply }) => void) | null = null;
  onerror: ((event: { message: string; preventDefault(): void }) => void) | null = null;
  deaf = false;
  ended = false;
  readonly heard: string[] = [];
  private readonly handle = serve((reply) => {
    setTimeout(() => {
      if (!this.ended) this.onmessage?.({ data: structuredClone(reply) });
    });
  });
  constructor() {
    made.push(this);
  }
  postMessage(message: Message): void {
    this.heard.push(message.ask);
    const copy = structuredClone(message);
    setTimeout(() => {
      if (!this.deaf && !this.ended) this.handle(copy);
    });
  }
  terminate(): void {
    this.ended = true;
  }
}

const worker = () => new FakeWorker() as unknown as Worker;
const open = () => openCertifier(source, { worker });
const timeless = (result: object) => ({ ...JSON.parse(JSON.stringify(result)), seconds: 0, evidence: null });

test("answers are those of certify, level by level or at once", async () => {
  const certifier = await open();
  expect(certifier.model).toMatchObject({ name: "random", kind: "native", alphabet: "unicode", threads: 1 });
  const loaded = { ...model, identity: { name: "random", sha256: certifier.model.sha256 } };
  Object.setPrototypeOf(loaded, Object.getPrototypeOf(model));
  for (let round = 0; round < 40; round++) {
    const text = randomString(random, ["a", "b", " "], 14);
    const edits = round % 6;
    for (const method of ["auto", "exact", "attack"] as const) {
      const expected = await certify(loaded as never, text, { edits, method });
      const given = await certifier.certify(text, { edits, method });
      expect(timeless(given)).toEqual(timeless(expected));
    }
  }
  const alphabet = listAlphabet("x", [97, 32]);
  const { margins } = await certify(model, "ab ba", { edits: 2, alphabet });
  expect((await certifier.certify("ab ba", { edits: 2, alphabet: { characters: "a a" } })).margins).toEqual(
    margins,
  );
  expect((await certifier.predict("ab")).scores).toEqual(model.predict("ab").scores);
  const inspected = await certifier.inspect("ab ba");
  expect(inspected.sites).toEqual((await inspect(model, "ab ba", { alphabet: unicodeAlphabet() })).sites);
  certifier.close();
  await expect(certifier.certify("ab")).rejects.toThrow("the certifier is closed");
});

test("what isn't allowed is a UserError here too", async () => {
  const certifier = await open();
  for (const [given, told] of [
    [{ edits: -1 }, /^edits is -1; allowed/],
    [{ edits: 1.5 }, /^edits is 1\.5/],
    [{ method: "magic" as never }, /^method is "magic"/],
    [{ method: "lipschitz" as const }, /needs a model with blocks/],
    [{ alphabet: { characters: "" } }, /0 code points/],
    [{ alphabet: "klingon" as never }, /^the alphabet is "klingon"; allowed/],
  ] as const) {
    const error = await certifier.certify("ab", given).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UserError);
    expect((error as Error).message).toMatch(told);
  }
  const broken = openCertifier({ name: "x", files: new Map() }, { worker });
  await expect(broken).rejects.toThrow(
    new UserError("x has no config.json; a model is a folder with config.json and its weights"),
  );
  certifier.close();
});

test("a call that is aborted rejects at once, and the next one is answered", async () => {
  const certifier = await open();
  const long = "ab ba aab bba ".repeat(200);
  const controller = new AbortController();
  const first = certifier.certify(long, { edits: 60, signal: controller.signal });
  const waiting = certifier.certify("ab", { edits: 1, signal: controller.signal });
  const kept = certifier.certify("ab", { edits: 1 });
  controller.abort(new Error("enough"));
  await expect(first).rejects.toThrow("enough");
  await expect(waiting).rejects.toThrow("enough");
  expect((await kept).limit).toBe(1);
  await expect(certifier.certify("ab", { signal: AbortSignal.abort(new Error("before")) })).rejects.toThrow(
    "before",
  );
  certifier.close();
});

test("a worker that doesn't hear is replaced by one with the same model", async () => {
  const certifier = await open();
  const first = made.at(-1)!;
  first.deaf = true;
  const controller = new AbortController();
  const lost = certifier.certify("ab", { signal: controller.signal });
  controller.abort(new Error("enough"));
  await expect(lost).rejects.toThrow("enough");
  const { margins } = await certify(model, "ba ab", { edits: 2 });
  expect((await certifier.certify("ba ab", { edits: 2 })).margins).toEqual(margins);
  expect(first.ended).toBe(true);
  expect(made.at(-1)).not.toBe(first);
  expect(made.at(-1)!.heard).toEqual(["open", "certify"]);
  certifier.close();
});

test("a worker that can't run is told in one line", async () => {
  const opening = openCertifier(source, {
    worker: () => {
      const made = new FakeWorker();
      made.deaf = true;
      setTimeout(() => made.onerror!({ message: "no such file", preventDefault: () => {} }));
      return made as unknown as Worker;
    },
  });
  await expect(opening).rejects.toThrow(new UserError("the worker can't run: no such file"));
});

test("a table is counted row by row, with progress, and can be stopped", async () => {
  const certifier = await open();
  const rows = Array.from(
    { length: 300 },
    (_, i) => `label ${i % 3},${randomString(random, ["a", "b", " "], 9)}`,
  );
  const shape = await certifier.readTable(`label,text\n${rows.join("\n")}`, "rows.csv");
  expect(shape).toEqual({
    format: "csv",
    columns: ["label", "text"],
    rows: 300,
    header: true,
    text: 1,
    label: 0,
  });
  let lines = "";
  const metrics = await certifier.runTable(
    { text: 1, label: 0 },
    { edits: 1, progress: (now) => (lines += now.lines) },
  );
  const records = lines
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(records.map(({ id, label, text }) => [id, `${label},${text}`])).toEqual(
    rows.map((row, id) => [id, row]),
  );
  const right = records.filter(({ correct, certified }) => correct && certified >= 1).length;
  expect(metrics.byEdits[1]!.certified).toMatchObject({ count: right, of: 300 });
  const controller = new AbortController();
  const stopped = certifier.runTable({ text: 1, label: 0 }, { edits: 3, signal: controller.signal });
  setTimeout(() => controller.abort(new Error("enough")), 5);
  await expect(stopped).rejects.toThrow("enough");
  expect((await certifier.certify("ab")).limit).toBe(2);
  certifier.close();
});
