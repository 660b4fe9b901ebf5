/**
 * The certificates of a file that `certify` wrote: JSON lines, a JSON array, or a single one.
 *
 * Promise: each certificate is given once, in order, with what is wrong with the file around it: every byte that isn't part of a
 * certificate is where `certify` puts it, or there is a problem. A file that was reformatted is still read, and says so.
 * Memory holds one line; a reformatted file is held whole.
 */
import type { Readable } from "node:stream";

export interface CertificateText {
  /** One JSON object on one line, as it stands in the file; null where there is only a problem to tell. */
  readonly text: string | null;
  /** 1-based line of the file. */
  readonly line: number;
  readonly problems: readonly string[];
}

interface FileLine {
  readonly text: string;
  readonly line: number;
  /** That it isn't UTF-8, or that its line feed is missing. */
  readonly problems: readonly string[];
}

export async function* readCertificates(source: Readable): AsyncGenerator<CertificateText, void> {
  const lines = fileLines(source);
  const first = await lines.next();
  if (first.done) return;
  const { text, problems } = first.value;
  if (text === "[]") yield { text: null, line: 1, problems };
  else if (text === "[") {
    const second = await lines.next();
    // Lines of certificates aren't indented.
    if (!second.done && /^\s/.test(second.value.text))
      return yield* reformatted([first.value, second.value], lines);
    return yield* arrayOf(second, lines, problems);
  } else if (isWhole(text) || !/^\s*[[{]/.test(text)) yield first.value;
  else return yield* reformatted([first.value], lines);
  yield* lines;
}

/** `[`, one certificate per line, each but the last with a comma behind it, `]`. */
async function* arrayOf(
  second: IteratorResult<FileLine, void>,
  lines: AsyncGenerator<FileLine, void>,
  opening: readonly string[],
): AsyncGenerator<CertificateText, void> {
  if (opening.length > 0) yield { text: null, line: 1, problems: opening };
  let held: FileLine | null = null;
  let closed = 0;
  let last = 1;
  for (let step = second; !step.done; step = await lines.next()) {
    const next = step.value;
    last = next.line;
    if (closed > 0) yield { text: null, line: next.line, problems: ["something stands behind the array"] };
    else if (next.text === "]") {
      closed = next.line;
      if (held !== null) yield withoutComma(held, false);
      if (next.problems.length > 0) yield { text: null, line: next.line, problems: next.problems };
    } else {
      if (held !== null) yield withoutComma(held, true);
      held = next;
    }
  }
  if (closed > 0) return;
  if (held !== null) yield withoutComma(held, false);
  yield { text: null, line: last, problems: ["the array isn't closed"] };
}

function withoutComma({ text, line, problems }: FileLine, wanted: boolean): CertificateText {
  const comma = text.endsWith(",");
  const wrong = comma === wanted ? [] : [wanted ? "no comma behind it" : "a comma behind the last one"];
  return { text: comma ? text.slice(0, -1) : text, line, problems: [...problems, ...wrong] };
}

/** JSON over several lines, as tools write it that make it pretty. */
async function* reformatted(
  first: readonly FileLine[],
  lines: AsyncGenerator<FileLine, void>,
): AsyncGenerator<CertificateText, void> {
  const all = [...first];
  for await (const next of lines) all.push(next);
  let value: unknown;
  try {
    value = JSON.parse(all.map(({ text }) => text).join("\n"));
  } catch {
    return yield* all;
  }
  const problems = ["the file was reformatted since certify wrote it"];
  for (const each of Array.isArray(value) ? value : [value])
    yield { text: JSON.stringify(each), line: 1, problems };
}

function isWhole(text: string): boolean {
  try {
    return !Array.isArray(JSON.parse(text));
  } catch {
    return false;
  }
}

async function* fileLines(source: Readable): AsyncGenerator<FileLine, void> {
  let parts: Buffer[] = [];
  let line = 0;
  const cut = (end: Buffer, ended: boolean): FileLine => {
    const bytes = parts.length === 0 ? end : Buffer.concat([...parts, end]);
    parts = [];
    const text = bytes.toString("utf8");
    const problems: string[] = [];
    if (!Buffer.from(text).equals(bytes)) problems.push("it isn't UTF-8");
    if (!ended) problems.push("the line feed at its end is missing");
    return { text, line: ++line, problems };
  };
  for await (const chunk of source) {
    const block: Buffer = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    let start = 0;
    for (let at = block.indexOf(0x0a); at >= 0; at = block.indexOf(0x0a, start)) {
      yield cut(block.subarray(start, at), true);
      start = at + 1;
    }
    if (start < block.length) parts.push(block.subarray(start));
  }
  if (parts.length > 0) yield cut(Buffer.alloc(0), false);
}
