/**
 * README.md and docs/: links lead somewhere, commands exist, examples print what stands there, snippets compile and
 * run. (The examples in docs/cli.md have a test of their own, cli/docs.test.ts.)
 *
 * After a change of a shipped model: TYPOPROOF_UPDATE_DOCS=1 npm run -s jest -- test/docs test/cli/docs
 */
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { transform } from "@swc/core";
import type { Command, Option } from "commander";
import { buildProgram } from "../src/cli/program.js";
import { typoproof } from "./cli/harness.js";

const root = join(import.meta.dirname, "..");
const execute = promisify(execFile);
const files = [
  "README.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];
const textOf = (file: string): string => readFileSync(join(root, file), "utf8");
const packageJson = JSON.parse(textOf("package.json"));

interface Block {
  readonly language: string;
  readonly body: string;
}

/** The fenced and the indented blocks of a page. */
function blocksOf(text: string): Block[] {
  const fenced = [...text.matchAll(/^```(\w*)[^\n]*\n([\s\S]*?)^```$/gm)];
  const indented = text.replace(/^```[\s\S]*?^```$/gm, "").matchAll(/^(?: {4}(?!\s*[-*] ).*\n)+/gm);
  return [
    ...fenced.map(([, language, body]) => ({ language: language!, body: body! })),
    ...[...indented].map(([body]) => ({ language: "", body: body.replace(/^ {4}/gm, "") })),
  ];
}

const proseOf = (text: string): string => text.replace(/^```[\s\S]*?^```$/gm, "");

describe.each(files)("links of %s", (file) => {
  /** As GitHub makes them of headings. */
  const anchors = (text: string): string[] =>
    [...proseOf(text).matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
      title!
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .replace(/\s/g, "-"),
    );
  const prose = proseOf(textOf(file)).replace(/`[^`]*`/g, "`code`");
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);

  test("lead to files and headings that are there", () => {
    for (const link of targets.filter((to) => !/^https?:/.test(to))) {
      const [path, anchor] = link.split("#") as [string, string?];
      const to = path === "" ? file : join(dirname(file), path);
      expect([link, existsSync(join(root, to))]).toEqual([link, true]);
      if (anchor !== undefined)
        expect([link, anchors(textOf(to))]).toEqual([link, expect.arrayContaining([anchor])]);
    }
  });

  test("to other sites are https", () => {
    for (const link of targets) expect(link).not.toMatch(/^http:/);
  });
});

test("every page of docs/ can be reached from the README", () => {
  const pages = files.filter((file) => file !== "README.md");
  expect(pages.filter((page) => !textOf("README.md").includes(`](${page})`))).toEqual([]);
});

/** Splits a command line at spaces outside quotes. */
function words(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|\S+/g)].map(
    ([whole, double, single]) => double ?? single ?? whole,
  );
}

/** What stands in the way of running a command line of typoproof, or null. */
function complaint(args: readonly string[]): string | null {
  const io = { stdout: { columns: 100 }, stderr: { columns: 100 } } as never;
  let command: Command = buildProgram({ io, exitCode: 0 });
  let at = 0;
  for (; at < args.length; at++) {
    const next = command.commands.find((known) => known.name() === args[at]);
    if (next === undefined) break;
    command = next;
  }
  const name = command.name();
  if (command.commands.length > 0 && args[at] !== undefined && !args[at]!.startsWith("-"))
    if (command.parent === null) return `no command ${args[at]}`;
  for (; at < args.length; at++) {
    const word = args[at]!;
    if (word === "--") return null;
    if (!/^--?[a-zA-Z]/.test(word)) continue;
    const [flag] = word.split("=") as [string];
    if (["-h", "--help"].includes(flag)) continue;
    const option = command.options.find((known: Option) => known.short === flag || known.long === flag);
    if (option === undefined) return `${name} has no option ${flag}`;
    if (option.required && !option.variadic) at++;
  }
  return null;
}

/** The command lines on a page: in blocks of any kind, and in running text between backticks. */
function commandLines(text: string): string[] {
  const lines = blocksOf(text)
    .filter(({ language }) => ["sh", "console", ""].includes(language))
    .flatMap(({ body }) => body.split("\n"))
    .flatMap((line) => line.replace(/^\$ /, "").split(" && "));
  const quoted = [...proseOf(text).matchAll(/`((?:typoproof|npm|npx|node) [^`]+)`/g)].map(
    ([, line]) => line!,
  );
  return [...lines, ...quoted].map((line) => line.replace(/\s+#.*$/, "").trim());
}

describe.each(files)("commands of %s", (file) => {
  test("exist, with their options", () => {
    for (const line of commandLines(textOf(file))) {
      const [program, ...args] = words(line.replace(/^node bin\/typoproof\.js\b/, "typoproof"));
      if (program === "typoproof" && args.length > 0 && !args[0]!.startsWith("<"))
        expect([line, complaint(args)]).toEqual([line, null]);
      if (program === "npm") {
        const scripts = args[0] === "run" ? [args.slice(1).find((arg) => !arg.startsWith("-"))!] : [];
        if (args[0] === "test") scripts.push("test");
        for (const script of scripts) expect(packageJson.scripts).toHaveProperty([script]);
      }
    }
  });
});

test("the README's commands are noticed, and wrong ones too", () => {
  const lines = commandLines(textOf("README.md")).filter((line) =>
    /^(node bin|npm (ci|run|test))/.test(line),
  );
  expect(lines.length).toBeGreaterThan(6);
  expect(complaint(["certify", "-k", "2", "--edit", "3"])).toBe("certify has no option --edit");
  expect(complaint(["prove", "a text"])).toBe("no command prove");
  expect(complaint(["models", "show", "sms-spam", "--colour"])).toBe("show has no option --colour");
});

/** Runs time out of what is printed. */
const timeless = (text: string): string =>
  text.replace(/\d[\d.]* (?:ms|s)\b/g, "T").replace(/\d+ min \d+ s/g, "T");

test("the README's examples print what stands there", async () => {
  let text = textOf("README.md");
  const examples = [...text.matchAll(/^```console\n\$ node bin\/typoproof\.js ([^\n]*)\n([\s\S]*?)^```$/gm)];
  expect(examples.length).toBeGreaterThan(0);
  for (const [block, line, said] of examples) {
    const outcome = await typoproof(words(line!));
    const printed = outcome.stdout + outcome.stderr;
    if (process.env.TYPOPROOF_UPDATE_DOCS !== "1") expect(timeless(printed)).toBe(timeless(said!));
    text = text.replace(block!, () => `\`\`\`console\n$ node bin/typoproof.js ${line}\n${printed}\`\`\``);
  }
  if (process.env.TYPOPROOF_UPDATE_DOCS === "1") await writeFile(join(root, "README.md"), text);
});

describe("snippets", () => {
  const snippets = files.flatMap((file) =>
    blocksOf(textOf(file))
      .filter(({ language }) => language === "ts")
      .map(({ body }, n) => ({ name: `${file.replace(/\W+/g, "-")}-${n + 1}`, body })),
  );
  let folder: string;
  beforeAll(async () => {
    if (!existsSync(join(root, "dist", "index.js"))) throw new Error("not built; run: npm run build");
    // Within the package, so that "typoproof" means this package, as it will for others.
    await mkdir(join(root, ".typoproof"), { recursive: true });
    folder = await mkdtemp(join(root, ".typoproof", "docs-"));
    for (const { name, body } of snippets) await writeFile(join(folder, `${name}.ts`), body);
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("are found", () => expect(snippets.length).toBeGreaterThan(1));

  test("pass the compiler", async () => {
    const compilerOptions = {
      target: "ES2022",
      module: "ESNext",
      moduleResolution: "bundler",
      lib: ["ES2022", "DOM"],
      types: ["node"],
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
    };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
    const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
    const { stdout } = await execute(process.execPath, [compiler, "-p", folder]).catch((error) => error);
    expect(stdout).toBe("");
  }, 60_000);

  test.each(snippets)("$name prints what its comments say", async ({ name, body }) => {
    const { code } = await transform(body, {
      jsc: { parser: { syntax: "typescript" }, target: "es2022" },
      module: { type: "es6" },
    });
    await writeFile(join(folder, `${name}.mjs`), code);
    const { stdout } = await execute(process.execPath, [join(folder, `${name}.mjs`)], { cwd: root });
    const printed = stdout.split("\n");
    // One line is printed per statement, except in loops, where nothing is promised.
    const statements = [...body.matchAll(/^\s*console\.log\(.*\);(?: \/\/ (.*))?$/gm)];
    statements.forEach(([, said], n) => {
      if (said !== undefined) expect(printed[n]).toBe(said);
    });
  });
});

describe("dependencies", () => {
  test("are all told of, and no others", () => {
    const listed = [...textOf("docs/dependencies.md").matchAll(/npmjs\.com\/package\/([^)]+)\)/g)].map(
      ([, n]) => n!,
    );
    const { dependencies, optionalDependencies, devDependencies } = packageJson;
    const used = [dependencies, optionalDependencies, devDependencies].flatMap((group) => Object.keys(group));
    expect(listed.sort()).toEqual(used.sort());
  });
});
