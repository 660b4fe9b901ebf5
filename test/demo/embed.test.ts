/** The pages of docs/browser.md, as they stand there, in a real Chromium. */
import { execFileSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { built, inChromium, root, Stage } from "./page.js";

const blocks = async (language: string): Promise<string[]> => {
  const text = await readFile(join(root, "docs", "browser.md"), "utf8");
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(
    ([, body]) => body!,
  );
};

inChromium("the pages of docs/browser.md", () => {
  const stage = new Stage();
  let folder = "";
  beforeAll(async () => {
    await stage.start();
    folder = await mkdtemp(join(tmpdir(), "typoproof-embed-"));
  }, 60_000);
  afterAll(async () => {
    await stage.stop();
    await rm(folder, { recursive: true });
  });

  test("without a build step", async () => {
    const [html, ...others] = await blocks("html");
    expect(others).toEqual([]);
    const site = join(folder, "plain");
    await cp(built, join(site, "typoproof"), { recursive: true });
    await writeFile(join(site, "index.html"), `<link rel="icon" href="data:,">${html}`);
    const host = await stage.host(site);
    const { page, complaints } = await stage.open(host.address);
    const said = (text: string) =>
      page.waitForFunction((wanted) => document.getElementById("said")!.textContent === wanted, text);
    await said("Any 1 character edit leaves this 'spam'. 2 can break it.");
    await page.locator("#text").fill("");
    await page.locator("#text").pressSequentially("See you at lunch");
    await said("Any 2 character edits leave this 'ham'. Nothing was tried beyond 2.");
    expect(complaints).toEqual([]);
  });

  test("with a bundler", async () => {
    const [first, second] = await blocks("js");
    const project = join(folder, "bundled");
    await mkdir(join(project, "node_modules"), { recursive: true });
    await symlink(root, join(project, "node_modules", "typoproof"));
    await symlink(
      join(root, "node_modules", "onnxruntime-web"),
      join(project, "node_modules", "onnxruntime-web"),
    );
    await writeFile(
      join(project, "index.html"),
      '<link rel="icon" href="data:,"><body><script type="module" src="./main.js"></script>',
    );
    await writeFile(join(project, "main.js"), first!);
    await writeFile(join(project, "open.js"), second!);
    await cp(join(built, "models"), join(project, "public", "models"), { recursive: true });
    const config = {
      worker: { format: "es" },
      build: { target: "es2022", rollupOptions: { input: ["index.html", "open.js"] } },
    };
    await writeFile(join(project, "vite.config.mjs"), `export default ${JSON.stringify(config)};`);
    // In a process of its own: the bundler's native part doesn't know the objects of a test's context.
    const vite = join(root, "node_modules", "vite", "bin", "vite.js");
    execFileSync(process.execPath, [vite, "build", "--logLevel", "error"], { cwd: project });
    const host = await stage.host(join(project, "dist"));
    const { page, complaints } = await stage.open(host.address);
    await page.waitForFunction(() => document.body.textContent === "ham, proven for 2 edits");
    expect(complaints).toEqual([]);
  });
});
