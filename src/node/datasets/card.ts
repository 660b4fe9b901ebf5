/**
 * The card of a data set: where it comes from, on what terms, and how its files are read; and the check that a
 * card read from JSON is one.
 *
 * Promise: what `cardFrom` returns has every field that the type names, and each split refers only to labels and
 * splits that exist. A card that is wrong gives one line with the field and the value seen.
 */
import { UserError } from "../../failure.js";
import { checkFilter } from "../input/filter.js";
import { INPUT_FORMATS, type InputFormat } from "../input/format.js";

export interface CardFilter {
  /** With `remainder`: keeps the rows whose number, counted from 1 without the header, leaves it. */
  readonly every?: number;
  readonly remainder?: number;
  /** Keeps the rows that `every` and `remainder` don't pick. */
  readonly others?: boolean;
  /** Keeps the first so many rows of the file. */
  readonly first?: number;
  /** Drops the rows whose text stands in this split too. */
  readonly notIn?: string;
}

export interface CardSplit {
  readonly split: string;
  readonly file: string;
  /** Other names under which the same file is handed out. */
  readonly alsoNamed?: readonly string[];
  /** How to get the file, where the card's source doesn't have it as it stands. */
  readonly obtain?: string;
  /** Of the file; more than one where it is handed out with different line ends. */
  readonly sha256: readonly string[];
  readonly format: InputFormat;
  readonly header: boolean;
  readonly textColumn?: string;
  readonly labelColumn?: string;
  /** From the label in the file to the label's name. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly keep?: CardFilter;
  /** Rows of the split, and how many have each label. */
  readonly rows: number;
  readonly rowsByLabel: Readonly<Record<string, number>>;
}

export interface DatasetCard {
  readonly name: string;
  readonly title: string;
  readonly source: { readonly url: string; readonly citation: string };
  /** `terms` says in plain words what may be done with it. */
  readonly licence: { readonly name: string; readonly terms: string };
  readonly labels: readonly string[];
  readonly files: readonly CardSplit[];
  readonly notes: readonly string[];
}

/** `where` is what messages call the card. */
export function cardFrom(value: unknown, where: string): DatasetCard {
  const card = new Fields(value, where, ["name", "title", "source", "licence", "labels", "files", "notes"]);
  const name = card.text("name");
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) {
    throw card.wrong("name", name, "lower-case letters and digits parted by single hyphens");
  }
  const source = card.part("source", ["url", "citation"]);
  const licence = card.part("licence", ["name", "terms"]);
  const labels = card.texts("labels");
  if (labels.length < 2 || new Set(labels).size !== labels.length) {
    throw card.wrong("labels", labels, "at least two different names");
  }
  const files = card.parts("files", SPLIT_FIELDS).map((fields) => splitFrom(fields, labels));
  const splits = files.map((file) => file.split);
  if (files.length === 0 || new Set(splits).size !== splits.length) {
    throw card.wrong("files", splits, "at least one split, each with its own name");
  }
  for (const { split, keep } of files) {
    const other = files.find((file) => file.split === keep?.notIn);
    if (keep?.notIn !== undefined && (other === undefined || other.keep?.notIn !== undefined)) {
      throw card.wrong(
        `files (${split}).keep.notIn`,
        keep.notIn,
        `one of ${splits.join(", ")} that has no "notIn" itself`,
      );
    }
  }
  return {
    name,
    title: card.text("title"),
    source: { url: source.text("url"), citation: source.text("citation") },
    licence: { name: licence.text("name"), terms: licence.text("terms") },
    labels,
    files,
    notes: card.texts("notes"),
  };
}

const SPLIT_FIELDS = [
  "split",
  "file",
  "alsoNamed",
  "obtain",
  "sha256",
  "format",
  "header",
  "textColumn",
  "labelColumn",
  "labels",
  "keep",
  "rows",
  "rowsByLabel",
];

function splitFrom(fields: Fields, labels: readonly string[]): CardSplit {
  const file = plainName(fields, "file", fields.text("file"));
  const alsoNamed = fields.has("alsoNamed") ? fields.texts("alsoNamed") : undefined;
  for (const other of alsoNamed ?? []) plainName(fields, "alsoNamed", other);
  const sha256 = fields.texts("sha256");
  if (sha256.length === 0 || !sha256.every((hash) => /^[0-9a-f]{64}$/.test(hash))) {
    throw fields.wrong("sha256", sha256, "a list of hashes, each 64 hexadecimal digits in lower case");
  }
  const format = fields.text("format");
  if (!(INPUT_FORMATS as readonly string[]).includes(format)) {
    throw fields.wrong("format", format, `one of ${INPUT_FORMATS.join(", ")}`);
  }
  const map = fields.has("labels") ? fields.part("labels", null).textValues() : undefined;
  for (const label of Object.values(map ?? {})) {
    if (!labels.includes(label)) throw fields.wrong("labels", label, `one of ${labels.join(", ")}`);
  }
  const rowsByLabel = fields.part("rowsByLabel", labels).counts();
  const rows = fields.count("rows");
  const sum = Object.values(rowsByLabel).reduce((a, b) => a + b, 0);
  if (sum !== rows) throw fields.wrong("rows", rows, `the sum of rowsByLabel, ${sum}`);
  return {
    split: fields.text("split"),
    file,
    ...(alsoNamed === undefined ? {} : { alsoNamed }),
    ...(fields.has("obtain") ? { obtain: fields.text("obtain") } : {}),
    sha256,
    format: format as InputFormat,
    header: fields.flag("header"),
    ...(fields.has("textColumn") ? { textColumn: fields.text("textColumn") } : {}),
    ...(fields.has("labelColumn") ? { labelColumn: fields.text("labelColumn") } : {}),
    ...(map === undefined ? {} : { labels: map }),
    ...(fields.has("keep") ? { keep: filterFrom(fields) } : {}),
    rows,
    rowsByLabel,
  };
}

function filterFrom(fields: Fields): CardFilter {
  const keep = fields.part("keep", ["every", "remainder", "others", "first", "notIn"]);
  const filter = {
    ...(keep.has("every") ? { every: keep.count("every") } : {}),
    ...(keep.has("remainder") ? { remainder: keep.count("remainder") } : {}),
    ...(keep.has("others") ? { others: keep.flag("others") } : {}),
    ...(keep.has("first") ? { first: keep.count("first") } : {}),
  };
  try {
    checkFilter(filter);
  } catch (error) {
    throw fields.wrong("keep", filter, (error as Error).message);
  }
  return keep.has("notIn") ? { ...filter, notIn: keep.text("notIn") } : filter;
}

/** A file lies in the data set's own folder, so its name leads nowhere else. */
function plainName(fields: Fields, field: string, name: string): string {
  if (/[/\\]/.test(name) || name === "." || name === "..")
    throw fields.wrong(field, name, "a file name without folders");
  return name;
}

/** The fields of one JSON object, each read with a check of its type. */
class Fields {
  readonly #object: Readonly<Record<string, unknown>>;
  readonly #where: string;

  /** `known` lists the keys that may occur; null allows any. */
  constructor(value: unknown, where: string, known: readonly string[] | null) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new UserError(`${where} is ${shown(value)}; an object is needed`);
    }
    this.#object = value as Record<string, unknown>;
    this.#where = where;
    for (const key of Object.keys(value)) {
      if (known !== null && !known.includes(key)) {
        throw new UserError(`${where} has the unknown field "${key}"; known are ${known.join(", ")}`);
      }
    }
  }

  wrong(key: string, value: unknown, needed: string): UserError {
    return new UserError(`${this.#where}.${key} is ${shown(value)}; needed: ${needed}`);
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#object, key);
  }

  text(key: string): string {
    const value = this.#get(key);
    if (typeof value !== "string" || value === "") throw this.wrong(key, value, "a string that isn't empty");
    return value;
  }

  texts(key: string): readonly string[] {
    const value = this.#get(key);
    if (!Array.isArray(value) || !value.every((item) => typeof item === "string" && item !== "")) {
      throw this.wrong(key, value, "a list of strings that aren't empty");
    }
    return value as string[];
  }

  flag(key: string): boolean {
    const value = this.#get(key);
    if (typeof value !== "boolean") throw this.wrong(key, value, "true or false");
    return value;
  }

  count(key: string): number {
    const value = this.#get(key);
    if (!Number.isSafeInteger(value) || (value as number) < 0)
      throw this.wrong(key, value, "an integer from 0");
    return value as number;
  }

  part(key: string, known: readonly string[] | null): Fields {
    return new Fields(this.#get(key), `${this.#where}.${key}`, known);
  }

  parts(key: string, known: readonly string[]): readonly Fields[] {
    const value = this.#get(key);
    if (!Array.isArray(value)) throw this.wrong(key, value, "a list");
    return value.map((item, i) => new Fields(item, `${this.#where}.${key}[${i}]`, known));
  }

  textValues(): Readonly<Record<string, string>> {
    return Object.fromEntries(Object.keys(this.#object).map((key) => [key, this.text(key)]));
  }

  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(Object.keys(this.#object).map((key) => [key, this.count(key)]));
  }

  #get(key: string): unknown {
    if (!this.has(key)) throw new UserError(`${this.#where} lacks the field "${key}"`);
    return this.#object[key];
  }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
