/** The page in a real Chromium: what is typed is answered as in Node, shown, kept and taken away. */
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { certify } from "../../src/certify/certify.js";
import { checkRecord } from "../../src/certify/check.js";
import { worstByPlace } from "../../src/certify/exact/places.js";
import type { ResultRecord } from "../../src/certify/result.js";
import { asciiAlphabet, listAlphabet, unicodeAlphabet } from "../../src/edits/alphabet.js";
import { loadNativeModel } from "../../src/node/load-model.js";
import { parseResult } from "../../src/report/parse.js";
import { built, copiedJson, dropFiles, enter, inChromium, Stage, settled, textOf } from "./page.js";

const PRIZE = "Free entry in 2 a wkly comp to win FA Cup final tkts";
const LUNCH = "See you at lunch";
/** What an answer says: all but the time it took, and how much of the search was known already. */
const told = (record: object) => {
  const { verdict, certified, broken, counterexample, prediction, limit, margins, method, threat, model } =
    JSON.parse(JSON.stringify(record));
  return { verdict, certified, broken, counterexample, prediction, limit, margins, method, threat, model };
};

inChromium("the page", () => {
  const stage = new Stage();
  let address = "";
  let spam: Awaited<ReturnType<typeof loadNativeModel>>;
  beforeAll(async () => {
    await stage.start();
    address = await stage.serve();
    spam = await loadNativeModel("sms-spam");
  }, 60_000);
  afterAll(() => stage.stop());

  test("answers at once, then at every key, as Node does", async () => {
    const { page, complaints } = await stage.open(address);
    await settled(page);
    expect(await textOf(page, "label")).toBe("spam");
    expect(await textOf(page, "proven")).toBe("Any 1 character edit leaves this 'spam'. 2 can break it.");
    expect(await page.locator("#pips li").allTextContents()).toEqual([
      "1 ✓ edit: proven",
      "2 ✕ edits: can break it",
    ]);
    await page.locator("#text").fill("");
    await page.locator("#text").pressSequentially(LUNCH);
    await settled(page);
    expect(await page.locator("#text").inputValue()).toBe(LUNCH);
    expect(await textOf(page, "label")).toBe("ham");
    const given = await copiedJson(page);
    expect(given).toMatchObject({ id: 0, text: LUNCH, label: null, correct: null });
    expect(told(given)).toEqual(told(await certify(spam, LUNCH, { edits: 2 })));
    // What is read aloud    // What is read aloud follows once typing has stopped.
    await page.waitForFunction(() =>
      document.getElementById("said")?.textContent?.includes("Any 2 character edits"),
    );
    expect(complaints).toEqual([]);
  });

  test("the shortest change is marked, can be tried, and left again", async () => {
    const { page, complaints } = await stage.open(address);
    await settled(page);
    const expected = (await certify(spam, PRIZE, { edits: 2 })).counterexample!;
    expect(await textOf(page, "breaks-title")).toBe("The shortest change that breaks it: 2 edits");
    const marks = await page.locator("#change del, #change ins").count();
    expect(marks).toBeGreaterThanOrEqual(2);
    expect(await textOf(page, "then")).toMatch(/^makes it ham, by a margin of 1\.42\.$/);
    await page.locator("#try").click();
    await settled(page);
    expect(await page.locator("#text").inputValue()).toBe(expected.text);
    expect(await textOf(page, "label")).toBe("ham");
    await page.locator("#undo").click();
    await settled(page);
    expect(await page.locator("#text").inputValue()).toBe(PRIZE);
    expect(await page.locator("#undo").isHidden()).toBe(true);
    expect(complaints).toEqual([]);
  });

  test("the heat is what the worst edit at each character leaves, told at the caret and the pointer", async () => {
    const { page, complaints } = await stage.open(address);
    await settled(page);
    await page.waitForFunction(() => !document.getElementById("legend")!.hidden);
    const { margin, places } = worstByPlace(spam, PRIZE, unicodeAlphabet())!;
    const shown = await page
      .locator("#heat span:not(:last-child)")
      .evaluateAll((spans) =>
        spans.map((span) => Number((span as HTMLElement).style.getPropertyValue("--warmth"))),
      );
    expect(shown).toHaveLength(PRIZE.length);
    for (const [i, warmth] of shown.entries()) {
      const share = Math.max(0, Math.min(1, (margin - places[i]!.margin) / margin));
      expect(warmth).toBeCloseTo(share ** 1.4 * 0.62, 3);
    }
    const leaves = (at: number): RegExp =>
      new RegExp(`leaves a margin of ${places[at]!.margin.toPrecision(3).replace("-", "−")}`);
    await page.locator("#text").press("Control+Home");
    for (let i = 0; i < 5; i++) await page.keyboard.press("ArrowRight");
    await page.waitForFunction(() => document.getElementById("here")!.textContent!.startsWith("At “e”"));
    expect(await textOf(page, "here")).toMatch(leaves(5));
    const box = (await page.locator("#heat span:not(:last-child)").nth(17).boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.waitForFunction(() => !document.getElementById("here")!.textContent!.startsWith("At “e”"));
    expect(await textOf(page, "here")).toMatch(leaves(17));
    expect(await textOf(page, "words")).toContain("wkly");
    expect(complaints).toEqual([]);
  });

  test("number of edits, alphabet, method and model are asked for, and stand in the link", async () => {
    const { page, complaints } = await stage.open(address);
    await settled(page);
    await page.locator("#more").click();
    await page.locator("#text").fill(LUNCH);
    await page.getByText("Options").click();
    await page.locator("#alphabet").selectOption("characters");
    await page.locator("#characters").fill("abc ");
    await page.locator("#method").selectOption("exact");
    await settled(page);
    const alphabet = listAlphabet(
      "file",
      [...new Set("abc ")].map((c) => c.codePointAt(0)!),
    );
    const expected = await certify(spam, LUNCH, { edits: 3, alphabet, method: "exact" });
    const given = (await copiedJson(page)) as {
      margins: unknown;
      method: string;
      threat: { alphabet: string };
    };
    expect([given.margins, given.method]).toEqual([JSON.parse(JSON.stringify(expected.margins)), "exact"]);
    expect(given.threat.alphabet).toMatch(/^file:[0-9a-f]{64}$/);
    await page.locator("#model").selectOption("sst2");
    // What was pressed beside them has closed the options.
    await page.getByText("Options").click();
    await page.locator("#alphabet").selectOption("ascii");
    await settled(page);
    await page.waitForFunction(
      () => location.hash.includes("alphabet=ascii") && location.hash.includes("sst2"),
    );
    await page.locator("#copy-command").click();
    await page.waitForFunction(() => document.getElementById("copied")?.textContent === "Command copied");
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
      `typoproof certify --model sst2 --edits 3 --method exact --alphabet ascii -- '${LUNCH}'`,
    );
    const link = await page.evaluate(() => location.href);
    const said = await copiedJson(page);
    const other = await stage.open(link);
    await settled(other.page);
    expect(told(await copiedJson(other.page))).toEqual(told(said));
    const sst2 = await loadNativeModel("sst2");
    const there = await certify(sst2, LUNCH, { edits: 3, alphabet: asciiAlphabet(), method: "exact" });
    expect(said).toMatchObject(
      JSON.parse(JSON.stringify({ certified: there.certified, margins: there.margins })),
    );
    expect([...complaints, ...other.complaints]).toEqual([]);
  });

  test("the certificate that is saved passes the check", async () => {
    const { page } = await stage.open(address);
    await settled(page);
    const [saved] = await Promise.all([page.waitForEvent("download"), page.locator("#save").click()]);
    expect(saved.suggestedFilename()).toBe("certificate.jsonl");
    const line = (await readFile(await saved.path(), "utf8")).trim();
    const record = parseResult(line) as ResultRecord;
    expect(checkRecord(spam, record)).toEqual({ holds: true, problems: [] });
    expect(record.text).toBe(PRIZE);
  });

  test("works without a network once it was loaded, from any folder of a host", async () => {
    const folder = await mkdtemp(join(tmpdir(), "typoproof-page-"));
    await cp(built, join(folder, "some", "where"), { recursive: true });
    const host = await stage.serve(folder);
    const { page, context, complaints } = await stage.open(`${host}some/where/`);
    await settled(page);
    await page.waitForFunction(() => document.documentElement.dataset.offline === "ready");
    await context.setOffline(true);
    await page.reload();
    await settled(page);
    expect(await textOf(page, "label")).toBe("spam");
    await page.locator("#model").selectOption("sst2");
    await enter(page, "A warm , funny , engaging film .");
    expect(await textOf(page, "label")).toBe("positive");
    expect(complaints).toEqual([]);
    await rm(folder, { recursive: true });
  });

  test("one's own model: its folder chosen, its files dropped; wrong ones are told in one line", async () => {
    const { page, complaints } = await stage.open(address);
    await settled(page);
    const folder = await mkdtemp(join(tmpdir(), "typoproof-own-"));
    await cp(join(built, "models", "sst2"), join(folder, "mine"), { recursive: true });
    await page.locator("#model-files").setInputFiles(join(folder, "mine"));
    await page.waitForFunction(
      () => (document.getElementById("model") as HTMLSelectElement).value === "mine",
    );
    await enter(page, "a gorgeous , witty , seductive movie .");
    expect(await copiedJson(page)).toMatchObject({
      model: { name: "mine" },
      prediction: { label: "positive" },
    });
    const config = await readFile(join(folder, "mine", "config.json"));
    const vocab = await readFile(join(folder, "mine", "vocab.txt"));
    const problem = async (): Promise<string> => {
      await page.waitForFunction(() => !document.getElementById("problem")!.hidden);
      return textOf(page, "problem");
    };
    await dropFiles(page, [
      { name: "config.json", bytes: config },
      { name: "vocab.txt", bytes: vocab },
      { name: "model.safetensors", bytes: Buffer.from("no weights at all") },
    ]);
    expect(await problem()).toMatch(/^my-model\/model\.safetensors: \S.*$/);
    // The model before it is still there.
    await enter(page, "a dull film");
    expect(await copiedJson(page)).toMatchObject({ model: { name: "mine" } });
    await dropFiles(page, [{ name: "config.json", bytes: Buffer.from("{") }]);
    expect(await problem()).toMatch(/config\.json isn't JSON/);
    await dropFiles(page, [{ name: "holiday.png", bytes: Buffer.from([1, 2, 3]) }]);
    expect(await problem()).toMatch(/^holiday\.png: neither a model's folder/);
    await page.locator("#model").selectOption("sms-spam");
    await enter(page, PRIZE);
    expect(await textOf(page, "label")).toBe("spam");
    expect(await page.locator("#problem").isHidden()).toBe(true);
    expect(complaints).toEqual([]);
    await rm(folder, { recursive: true });
  });

  test("a link to a model that isn't here says so", async () => {
    const { page } = await stage.open(address, "#model=theirs&k=1&text=hello");
    await settled(page);
    expect(await page.locator("#text").inputValue()).toBe("hello");
    expect(await page.locator("#model").inputValue()).toBe("sms-spam");
  });

  test("a table is certified row by row; its results are those of Node", async () => {
    const { page, complaints } = await stage.open(address);
    await settled(page);
    const rows = [
      ["ham", "See you at lunch"],
      ["spam", 'Win a "prize", now'],
      ["spam", "ok"],
      ["other", "what is this"],
    ];
    const csv = [
      "label,text",
      ...rows.map(([label, text]) => `${label},"${text!.replaceAll('"', '""')}"`),
    ].join("\n");
    const file = join(await mkdtemp(join(tmpdir(), "typoproof-rows-")), "rows.csv");
    await writeFile(file, csv);
    await page.locator("#table-file").setInputFiles(file);
    await page.waitForFunction(() => !(document.getElementById("run") as HTMLButtonElement).disabled);
    expect(await textOf(page, "table-said")).toBe("rows.csv: 4 rows, the first row taken as names.");
    await page.locator("#run").click();
    await page.waitForFunction(() => !document.getElementById("download")!.hidden);
    const [saved] = await Promise.all([page.waitForEvent("download"), page.locator("#download").click()]);
    const lines = (await readFile(await saved.path(), "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ id, text }) => [id, text])).toEqual(rows.map(([, text], id) => [id, text]));
    expect(lines[3].error).toMatch(/^row 3: label "other" is none of ham, spam$/);
    let right = 0;
    for (const [i, [label, text]] of rows.slice(0, 3).entries()) {
      const result = await certify(spam, text!, { edits: 2 });
      expect(lines[i]).toMatchObject({ label, certified: result.certified, margins: result.margins });
      if (result.prediction.label === label && result.certified! >= 2) right++;
    }
    const cells = await page.locator("#accuracy tbody tr").last().allTextContents();
    expect(cells[0]).toContain(`2${((100 * right) / 4).toFixed(1)} %`);
    expect(await textOf(page, "table-said")).toMatch(/^4 of 4 texts, 1 of them failed/);
    await page.locator("#paste").fill('text\n"never closed');
    await page.waitForFunction(() =>
      document.getElementById("table-said")!.textContent!.includes("pasted rows, record"),
    );
    expect(complaints).toEqual([]);
  });

  test("nothing can leave: the page's policy refuses every other address, on any host", async () => {
    const host = await stage.host();
    const { page, complaints } = await stage.open(host.address);
    await settled(page);
    const other = await stage.host();
    const sent = await page.evaluate(async (address) => {
      const image = new Promise((resolve) => {
        const made = new Image();
        made.onload = () => resolve("sent");
        made.onerror = () => resolve("refused");
        made.src = `${address}assets/icon.svg`;
      });
      const asked = fetch(address).then(
        () => "sent",
        () => "refused",
      );
      return Promise.all([image, asked, navigator.sendBeacon(address, "x") ? "sent" : "refused"]);
    }, other.address);
    expect(sent.slice(0, 2)).toEqual(["refused", "refused"]);
    await page.waitForTimeout(200);
    expect(other.asked).toEqual([]);
    expect(complaints.filter((told) => /Content Security Policy/.test(told)).length).toBeGreaterThan(1);
  });

  test("without shared memory a long search is stopped too: its worker is replaced", async () => {
    const host = await stage.host();
    const hash = `#model=sst2&k=60&text=${"a+fine+film+".repeat(150)}`;
    const { page, complaints } = await stage.open(host.address, hash);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
    await page.waitForFunction(() => !document.getElementById("busy")!.hidden);
    await page.locator("#edits").fill("1");
    await enter(page, "a warm and funny film");
    expect(await copiedJson(page)).toMatchObject({ text: "a warm and funny film", limit: 1 });
    expect(complaints).toEqual([]);
  });

  test("a newer question ends an older one, and a long one can be stopped", async () => {
    const { page, complaints } = await stage.open(
      address,
      `#model=sst2&k=40&text=${"a+fine+film+".repeat(80)}`,
    );
    await page.waitForFunction(() => !document.getElementById("busy")!.hidden);
    await page.locator("#stop").click();
    await page.waitForFunction(() => document.getElementById("proven")!.textContent!.startsWith("Stopped"));
    // Each of these would take long; the last is answered soon.
    for (const text of ["a film ", "a fine film ", "a finer film "])
      await page.locator("#text").fill(text.repeat(90));
    await page.locator("#edits").fill("1");
    await page.locator("#text").fill("");
    await page.locator("#text").pressSequentially("a warm and funny film", { delay: 5 });
    await settled(page, 5000);
    expect(await copiedJson(page)).toMatchObject({
      text: "a warm and funny film",
      limit: 1,
      model: { name: "sst2" },
    });
    expect(complaints).toEqual([]);
  });
});
