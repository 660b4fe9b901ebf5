/**
 * JSON from files, read strictly.
 *
 * Promise: what is returned is what every JSON reader would return. A key that is repeated, which readers settle
 * differently, is an error like any other mistake, told in one line that begins with `where`.
 */
import { UserError } from "../failure.js";
import { utf8Decode, utf8Encode } from "../text/utf8.js";

export type JsonObject = Readonly<Record<string, unknown>>;

/** @throws UserError if the bytes aren't UTF-8, aren't one JSON object, or repeat a key. */
export function parseJsonObject(bytes: Uint8Array, where: string): JsonObject {
  const text = within(where, () => utf8Decode(bytes));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UserError(`${where} isn't JSON: ${(error as Error).message.replace(/\s+/g, " ")}`);
  }
  if (!isJsonObject(value)) throw new UserError(`${where} is ${shown(value)}; it must be a JSON object`);
  const repeated = repeatedKey(text);
  if (repeated !== null) throw new UserError(`${where} repeats the key ${shown(repeated)}`);
  return value;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value for an error message: JSON on one line, cut if it is long. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}

/** A file of JSON, in ASCII only: some of the characters in tokenizer.json change the direction of the text around them. */
export function jsonFile(value: object, indent = 0): Uint8Array {
  const text = JSON.stringify(value, null, indent).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return utf8Encode(`${text}\n`);
}

/** What `read` returns; a UserError of it is told with `where` in front. */
export function within<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof UserError) throw new UserError(`${where}: ${error.message}`, error.code);
    throw error;
  }
}

/** A key that stands twice in one object of a valid JSON text, or null. */
function repeatedKey(text: string): string | null {
  const open: Set<string>[] = [];
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}]/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (isKey(text, index + token.length)) {
      const key = JSON.parse(token) as string;
      const keys = open.at(-1)!;
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return null;
}

/** Whether a string that ends before `end` is a key: in valid JSON, exactly if a colon follows. */
function isKey(text: string, end: number): boolean {
  let at = end;
  while (" \t\r\n".includes(text[at] ?? ":")) at++;
  return text[at] === ":";
}
