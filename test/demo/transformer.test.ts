/** A Transformer in the page: ONNX Runtime from the page's own files, threads where they are allowed, answers as in Node. */
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { certify } from "../../src/certify/certify.js";
import { encoderToOnnx } from "../../src/model/onnx/write.js";
import { loadModel } from "../../src/node/load-model.js";
import {
  bertConfig,
  SIZE,
  tokenizerConfig,
  wordTokenizerJson,
  writeFolder,
} from "../oracle/sequence-folder.js";
import { smallEncoder } from "../oracle/small-encoder.js";
import { built, copiedJson, enter, inChromium, Stage, settled, textOf } from "./page.js";

const encoder = smallEncoder(9, { vocabulary: SIZE, labels: 2, hidden: 8, blocks: 2, mostTokens: 10 });
const TEXTS = ["a good film", "the very dull film is bad", "it is fun", ""];

inChromium("a Transformer in the page", () => {
  const stage = new Stage();
  let folder = "";
  let model = "";
  beforeAll(async () => {
    await stage.start();
    folder = await mkdtemp(join(tmpdir(), "typoproof-bert-"));
    model = await writeFolder(join(folder, "bert"), {
      "config.json": bertConfig(encoder),
      "tokenizer.json": wordTokenizerJson(),
      "tokenizer_config.json": tokenizerConfig,
      "onnx/model.onnx": encoderToOnnx(encoder, { mask: true }),
    });
  }, 60_000);
  afterAll(async () => {
    await stage.stop();
    await rm(folder, { recursive: true });
  });

  const choose = async (page: import("playwright-core").Page): Promise<void> => {
    await page.locator("#model-files").setInputFiles(model);
    await page.waitForFunction(() => document.getElementById("ran")!.textContent!.includes("model bert"));
    await settled(page);
  };

  test("answers as Node does, with threads, and says what runs it", async () => {
    const { page, complaints } = await stage.open(
      await stage.serve(),
      "#model=sms-spam&k=1&text=a+good+film",
    );
    await settled(page);
    expect(
      await page.evaluate(() =>
        performance.getEntriesByType("resource").some(({ name }) => name.endsWith(".wasm")),
      ),
    ).toBe(false);
    await choose(page);
    const node = await loadModel(model, { backend: "wasm" });
    for (const text of TEXTS) {
      await enter(page, text);
      const given = (await copiedJson(page)) as { margins: { lower: number }[] };
      const { verdict, certified, broken, counterexample, margins } = await certify(node, text, { edits: 1 });
      expect(given).toMatchObject({ verdict, certified, broken, method: "enumerate", arithmetic: "float32" });
      expect((given as never as { counterexample: { text: string } | null }).counterexample?.text).toBe(
        counterexample?.text,
      );
      for (const [j, { lower }] of margins.entries()) expect(given.margins[j]!.lower).toBeCloseTo(lower, 5);
    }
    expect(await textOf(page, "ran")).toMatch(/onnxruntime-web \d[\d.]*, (one thread|\d threads)\.$/);
    expect(await textOf(page, "here")).toMatch(/^No heat map here: /);
    await page.locator("#words button").click();
    await page.waitForFunction(() => document.querySelector("#words table") !== null);
    expect(complaints).toEqual([]);
  });

  test("without isolation it has one thread and says why; the second visit is isolated", async () => {
    const host = await stage.host();
    const { page, complaints } = await stage.open(host.address);
    await settled(page);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
    await choose(page);
    expect(await textOf(page, "ran")).toMatch(
      /one thread \(browsers allow more only to pages that are isolated from other origins\)\.$/,
    );
    await page.waitForFunction(() => document.documentElement.dataset.offline === "ready");
    await page.reload();
    await settled(page);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    await choose(page);
    expect(await textOf(page, "ran")).not.toContain("isolated");
    expect(complaints).toEqual([]);
  });

  test("works without a network once it was used", async () => {
    const { page, context, complaints } = await stage.open(await stage.serve());
    await settled(page);
    await page.waitForFunction(() => document.documentElement.dataset.offline === "ready");
    await choose(page);
    await context.setOffline(true);
    await page.reload();
    await settled(page);
    await choose(page);
    expect(await copiedJson(page)).toMatchObject({ model: { name: "bert" } });
    expect(complaints).toEqual([]);
  });

  test("a runtime that can't be had is told in one line, and the model before it stays", async () => {
    const copy = join(folder, "lacking");
    await cp(built, copy, { recursive: true });
    const host = await stage.host(copy, (path) => path.endsWith(".wasm"));
    const { page } = await stage.open(host.address);
    await settled(page);
    await page.locator("#model-files").setInputFiles(model);
    await page.waitForFunction(() => !document.getElementById("problem")!.hidden);
    expect(await textOf(page, "problem")).toMatch(/^onnxruntime-web can't \S.*$/);
    await enter(page, "See you at lunch");
    expect(await copiedJson(page)).toMatchObject({
      model: { name: "sms-spam" },
      prediction: { label: "ham" },
    });
  });
});
