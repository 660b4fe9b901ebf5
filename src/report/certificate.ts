/**
 * Certificates as text: one line of JSON each.
 *
 * Promise: `writeCertificate` gives the same line for the same record, always; `readCertificate` has no problem with exactly the
 * lines that it gives. So a change of any bit of a line is noticed, be it in a claim, in what nobody could compute
 * again (`seconds`) or in white space. Whether what it claims is true is another question: certify/check.ts.
 */
import type { ResultRecord } from "../certify/result.js";
import { count, Malformed, object, string } from "./fields.js";
import { resultFields } from "./jsonl.js";
import { resultFrom } from "./parse.js";
import { sealOf, VERSIONS, type Versions } from "./seal.js";

export interface ReadCertificate {
  /** Null where the line is no certificate at all. */
  readonly record: ResultRecord | null;
  /** What is wrong with the line itself, in words; empty if it stands as it was written. */
  readonly problems: readonly string[];
}

/** One line of JSON, without a line feed at its end. */
export function writeCertificate(record: ResultRecord): string {
  return JSON.stringify(resultFields(record));
}

export function readCertificate(line: string): ReadCertificate {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { record: null, problems: ["not a certificate: it is not JSON"] };
  }
  const record = resultFrom(value);
  if ("problem" in record) return { record: null, problems: [`not a certificate: ${record.problem}`] };
  const fields = value as Record<string, unknown>;
  const problems: string[] = [];
  const versions = versionsOf(fields.versions);
  if (typeof versions === "string") return { record, problems: [versions] };
  if (versions.certificate !== VERSIONS.certificate)
    problems.push(
      `its format is ${versions.certificate}; typoproof ${VERSIONS.typoproof} reads ${VERSIONS.certificate}`,
    );
  const seal = sealOf(fields);
  if (fields.sha256 !== seal)
    problems.push(
      `changed since it was written: its sha256 is ${shown(fields.sha256)}, its content gives ${seal}`,
    );
  const written = JSON.stringify(resultFields(record, versions));
  if (problems.length === 0 && written !== line)
    problems.push(
      `it isn't written as certify writes it, from character ${firstDifference(written, line) + 1} on`,
    );
  return { record, problems };
}

function versionsOf(value: unknown): Versions | string {
  try {
    const fields = object(value, "versions");
    return {
      certificate: count(fields.certificate, "versions.certificate"),
      typoproof: string(fields.typoproof, "versions.typoproof"),
    };
  } catch (error) {
    if (error instanceof Malformed) return `not a whole certificate: ${error.message}`;
    throw error;
  }
}

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}

function shown(value: unknown): string {
  return typeof value === "string" ? value.slice(0, 80) : "missing";
}
