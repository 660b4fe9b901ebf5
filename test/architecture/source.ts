/** What a source file imports, names and declares, taken from its syntax tree. */
import { parseSync } from "@swc/core";

export interface Source {
  /** Path below src/, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** Everything imported: static, dynamic, re-exported, types too. */
  readonly imports: readonly string[];
  /** Names used as variables, as `console` in `console.log`. */
  readonly names: ReadonlySet<string>;
  /** Names that are declared without being defined, as in `declare const x: number`. */
  readonly declared: ReadonlySet<string>;
}

interface Node {
  readonly type?: string;
  readonly [key: string]: unknown;
}

/** @throws if `text` isn't TypeScript */
export function readSource(path: string, text: string): Source {
  const imports: string[] = [];
  const names = new Set<string>();
  const declared = new Set<string>();
  const see = (node: Node) => {
    const { type } = node;
    const from =
      (type === "ImportDeclaration" || type?.startsWith("Export") ? node.source : undefined) ??
      (type === "TsImportType" ? node.argument : undefined) ??
      (type === "CallExpression" && isDynamic(node)
        ? (node.arguments as { expression: Node }[])[0]!.expression
        : undefined);
    if (from) imports.push(String((from as { value?: unknown }).value));
    if (type === "Identifier") names.add(node.value as string);
    if (node.declare === true) for (const name of namesDeclared(node)) declared.add(name);
    for (const [key, value] of Object.entries(node)) {
      // `fetch` in `options.fetch` and in `{ fetch: 1 }` is no use of the global.
      if (key === "property" && isNode(value) && value.type === "Identifier") continue;
      if (key === "key" && isNode(value) && value.type === "Identifier") continue;
      for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) see(child);
    }
  };
  see(parseSync(text, { syntax: "typescript", target: "es2022" }) as unknown as Node);
  return { path, text, imports, names, declared };
}

/** `import("x")` and `require("x")`. */
function isDynamic({ callee }: Node): boolean {
  const { type, value } = callee as Node;
  return type === "Import" || (type === "Identifier" && value === "require");
}

function namesDeclared(node: Node): string[] {
  if (node.type === "VariableDeclaration")
    return (node.declarations as { id: { value: string } }[]).map(({ id }) => id.value);
  const named = (node.identifier ?? node.id) as { value: string } | undefined;
  return named === undefined ? [] : [named.value];
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null;
}
