/** The page for everybody: without a mouse, on a phone, by a screen reader, in the dark; and it looks nowhere else. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { copiedJson, inChromium, root, Stage, settled, textOf } from "./page.js";

const axe = readFileSync(join(root, "node_modules", "axe-core", "axe.min.js"), "utf8");

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } }).axe.run(),
  );
  return found.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`,
  );
}

inChromium("the page for everybody", () => {
  const stage = new Stage();
  let address = "";
  beforeAll(async () => {
    await stage.start();
    address = await stage.serve();
  }, 60_000);
  afterAll(() => stage.stop());

  test.each([
    ["light, wide", { colorScheme: "light", viewport: { width: 1200, height: 900 } }],
    ["dark, phone", { colorScheme: "dark", viewport: { width: 360, height: 740 } }],
  ] as const)("axe finds nothing: %s", async (_, look) => {
    const { page, complaints } = await stage.open(
      address,
      "#model=sms-spam&k=2&text=Free+entry+to+win",
      look,
    );
    await settled(page);
    await page.waitForFunction(() => document.querySelector("#words table") !== null);
    await page.getByText("Options").click();
    await page.locator("#paste").fill("label,text\nham,hello there\nspam,free prize");
    await page.waitForFunction(() => !(document.getElementById("run") as HTMLButtonElement).disabled);
    await page.locator("#run").click();
    await page.waitForFunction(() => document.querySelector("#accuracy table") !== null);
    expect(await violations(page)).toEqual([]);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(wide).toBeLessThanOrEqual(0);
    expect(complaints).toEqual([]);
  });

  test("axe finds what is wrong", async () => {
    const { page } = await stage.open(address);
    await page.evaluate(() => document.body.append(document.createElement("input")));
    expect((await violations(page)).join()).toContain("label");
  });

  test("by keyboard alone: everything is reached in order, and does what it says", async () => {
    const { page, complaints } = await stage.open(address);
    await settled(page);
    const visited: string[] = [];
    for (let i = 0; i < 40 && !visited.includes("paste"); i++) {
      await page.keyboard.press("Tab");
      visited.push(
        await page.evaluate(() => {
          const { id, tagName, textContent } = document.activeElement!;
          return id || `${tagName.toLowerCase()} ${textContent!.trim()}`;
        }),
      );
    }
    const order = [
      "model",
      "fewer",
      "edits",
      "more",
      "summary Options",
      "text",
      "button a prize",
      "try",
      "copy-link",
      "save",
      "choose-table",
      "paste",
    ];
    expect(visited.filter((name) => order.includes(name))).toEqual(order);
    await page.locator("#more").focus();
    await page.keyboard.press("Enter");
    await page.locator("#try").focus();
    await page.keyboard.press("Space");
    await settled(page);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("text");
    expect(await copiedJson(page)).toMatchObject({ limit: 3, prediction: { label: "ham" } });
    expect(complaints).toEqual([]);
  });

  test("the verdict is announced once typing stops, and not at every key", async () => {
    const { page } = await stage.open(address);
    await settled(page);
    await page.evaluate(() => {
      const said: string[] = [];
      Object.assign(globalThis, { said });
      const live = document.getElementById("said")!;
      new MutationObserver(() => said.push(live.textContent!)).observe(live, { childList: true });
    });
    await page.locator("#text").fill("");
    await page.locator("#text").pressSequentially("claim your free prize now", { delay: 20 });
    await page.waitForFunction(() => (globalThis as unknown as { said: string[] }).said.length > 0);
    await settled(page);
    const said = await page.evaluate(() => (globalThis as unknown as { said: string[] }).said);
    expect(said.length).toBeLessThanOrEqual(2);
    expect(said.at(-1)).toBe(await textOf(page, "proven"));
    expect(await page.locator("#said").getAttribute("aria-live")).toBe("polite");
  });
});
