/** The package as others get it: what is in it, what its doors open, what it needs. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { readSource } from "./architecture/source.js";

const root = join(import.meta.dirname, "..");
const json = (file: string) => JSON.parse(readFileSync(join(root, file), "utf8"));
const packageJson = json("package.json");
const lock = json("package-lock.json");

beforeAll(() => {
  if (!existsSync(join(root, "dist", "cli", "main.js"))) throw new Error("not built; run: npm run build");
});

describe("exports", () => {
  const entries = Object.entries<Record<string, string>>(packageJson.exports).filter(
    ([, target]) => typeof target === "object",
  );

  test.each(entries)("%s is there, with types", (_, target) => {
    for (const file of Object.values(target))
      expect([file, existsSync(join(root, file))]).toEqual([file, true]);
  });

  test.each(entries)("%s loads in Node and exports functions", (_, target) => {
    const url = pathToFileURL(join(root, target.default!)).href;
    const script = `import * as all from ${JSON.stringify(url)}; console.log(Object.keys(all).join(" "))`;
    const names = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
    expect(names).toMatch(/\bcertify\b/);
    expect(names).toMatch(/\bUserError\b/);
  });

  test("the platforms' doors open all that the core's does", () => {
    for (const door of ["node", "browser"])
      expect(readFileSync(join(root, "src", door, "index.ts"), "utf8")).toContain(
        'export * from "../index.js";',
      );
  });
});

describe("contents", () => {
  // No shell, no script of the package: npm's own program lists what it would pack.
  const npm = process.env.npm_execpath ?? "npm";
  const args = ["pack", "--dry-run", "--json", "--ignore-scripts"];
  const list = (): string[] => {
    const output = npm.endsWith("js")
      ? execFileSync(process.execPath, [npm, ...args], {
          cwd: root,
          encoding: "utf8",
          stdio: ["ignore", "pipe", "ignore"],
        })
      : execFileSync(npm, args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return JSON.parse(output)[0].files.map(({ path }: { path: string }) => path);
  };

  test("has what is needed and nothing else", () => {
    const paths = list();
    expect(paths).toEqual(
      expect.arrayContaining([
        "package.json",
        "LICENSE",
        "README.md",
        "bin/typoproof.js",
        "dist/index.js",
        "dist/index.d.ts",
        "dist/cli/main.js",
        "dist/node/jobs/worker.js",
        "models/sms-spam/config.json",
        "models/sms-spam/vocab.txt",
        "models/sms-spam/model.safetensors",
        "models/sms-spam/README.md",
        "models/sst2/model.safetensors",
        "datasets/tickets/test.csv",
        "datasets/sms-spam/card.json",
        "docs/cli.md",
        "dist/page/index.html",
        "dist/page/typoproof.js",
        "dist/page/sw.js",
        "dist/page/models/sms-spam/model.safetensors",
      ]),
    );
    const allowed = /^(package\.json|LICENSE|README\.md|(bin|dist|models|datasets|docs)\/.*)$/;
    expect(paths.filter((path) => !allowed.test(path) || /\.test\.|\.part-|~$/.test(path))).toEqual([]);
  });
});

test("each shipped model takes less than 3 MB, card included", () => {
  const models = readdirSync(join(root, "models"));
  expect(models).toEqual(expect.arrayContaining(["sms-spam", "sst2"]));
  for (const model of models) {
    const folder = join(root, "models", model);
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) =>
      join(folder, file),
    );
    const bytes = files.reduce((sum, file) => sum + (statSync(file).isFile() ? statSync(file).size : 0), 0);
    expect([model, bytes < 3e6 ? "small" : bytes]).toEqual([model, "small"]);
    expect(files.some((file) => file.endsWith(`${sep}README.md`))).toBe(true);
  }
});

describe("what it needs", () => {
  const src = join(root, "src");
  const imported = new Set(
    readdirSync(src, { recursive: true, encoding: "utf8" })
      // Optional packages are imported by name, in one place, so that a build without them works.
      .filter((path) => path.endsWith(".ts") && path !== join("node", "optional.ts"))
      .flatMap((path) => readSource(path, readFileSync(join(src, path), "utf8")).imports)
      .filter((from) => !from.startsWith(".") && !from.startsWith("node:"))
      // A part of a package is asked for as `package/part`.
      .map((from) => /^(@[^/]+\/)?[^/]+/.exec(from)![0]),
  );

  test("every package that the program imports is a dependency, and each dependency is imported", () => {
    expect([...imported].sort()).toEqual(Object.keys(packageJson.dependencies).sort());
  });

  test("the packages that are asked for as optional ones are those that are named so", () => {
    const asked = readdirSync(src, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts"))
      .flatMap((path) => [
        ...readFileSync(join(src, path), "utf8").matchAll(/optionalPackage<[^(]*>\("([^"]+)"\)/g),
      ])
      .map(([, name]) => name);
    expect(asked.sort()).toEqual(Object.keys(packageJson.optionalDependencies).sort());
  });

  /** Everything that an installation of the package installs. */
  const installed = Object.entries<{
    dev?: boolean;
    hasInstallScript?: boolean;
    engines?: { node?: string };
  }>(lock.packages).filter(([path, { dev }]) => path !== "" && dev !== true);

  test("nothing that is installed with it needs its script on installation: all are refused it by name", () => {
    const scripts = installed.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path);
    const refused = Object.entries<boolean>(packageJson.allowScripts).filter(([, allowed]) => !allowed);
    const names = refused.map(([name]) => `node_modules/${name}`);
    expect(scripts.filter((path) => !names.includes(path))).toEqual([]);
  });

  test("all of it runs on the oldest Node that is promised", () => {
    expect(packageJson.engines.node).toBe(">=20.19");
    const tooNew = installed.filter(([, { engines }]) => {
      const least = [...(engines?.node ?? "").matchAll(/(?:>=|\^)\s*v?(\d+)(?:\.(\d+))?/g)];
      return (
        least.length > 0 && least.every(([, major, minor]) => Number(major) * 100 + Number(minor ?? 0) > 2019)
      );
    });
    expect(tooNew.map(([path]) => path)).toEqual([]);
  });

  test("the lock file knows the packages of every platform, without which `npm ci` refuses it", () => {
    const known = new Set(Object.keys(lock.packages).map((path) => path.replace(/^.*node_modules\//, "")));
    const wanted = Object.values<{ optionalDependencies?: Record<string, string> }>(lock.packages).flatMap(
      ({ optionalDependencies }) => Object.keys(optionalDependencies ?? {}),
    );
    expect(wanted.length).toBeGreaterThan(50);
    expect(wanted.filter((name) => !known.has(name))).toEqual([]);
  });

  test("the version is one number", () => {
    expect(lock.version).toBe(packageJson.version);
  });
});
