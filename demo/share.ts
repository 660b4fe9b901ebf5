/** What can be taken away: a link, the command that gives the same answer, the answer as JSON, the certificate as a file. */
import { type Certification, resultFields } from "../src/browser/index.js";
import { byId, download } from "./dom.js";
import type { Question } from "./question.js";

export interface Answered {
  readonly question: Question;
  readonly result: Certification;
}

/** @param answered the answer on the page, or null if there is none */
export function sharing(answered: () => Answered | null): void {
  const copied = byId("copied");
  let clearing: ReturnType<typeof setTimeout> | undefined;
  const say = (text: string) => {
    copied.textContent = text;
    clearTimeout(clearing);
    clearing = setTimeout(() => {
      copied.textContent = "";
    }, 4000);
  };
  const copy = async (text: string, what: string) => {
    try {
      await navigator.clipboard.writeText(text);
      say(`${what} copied`);
    } catch {
      say(`The browser doesn't let this page copy; here it is: ${text}`);
    }
  };
  byId("copy-link").addEventListener("click", () => copy(location.href, "Link"));
  byId("copy-command").addEventListener("click", () => {
    const found = answered();
    if (found !== null) copy(commandOf(found.question), "Command");
  });
  byId("copy-json").addEventListener("click", () => {
    const found = answered();
    if (found !== null) copy(JSON.stringify(recordOf(found), null, 2), "JSON");
  });
  byId("save").addEventListener("click", () => {
    const found = answered();
    if (found === null) return;
    download("certificate.jsonl", [`${JSON.stringify(recordOf(found))}\n`], "application/jsonl");
    say("Certificate saved: typoproof verify certificate.jsonl");
  });
}

/** The line that `certify --format jsonl` gives. */
export function recordOf({ question, result }: Answered): Record<string, unknown> {
  return resultFields({ id: 0, text: question.text, label: null, correct: null, ...result });
}

/** For the shells of Unix. A file of characters can't be part of it, so it is named. */
export function commandOf({ text, model, edits, alphabet, method }: Question): string {
  const words = ["typoproof", "certify", "--model", quoted(model), "--edits", String(edits)];
  if (method !== "auto") words.push("--method", method);
  if (alphabet === "characters") words.push("--alphabet", "characters.txt");
  else if (alphabet !== "") words.push("--alphabet", alphabet);
  return [...words, "--", quoted(text)].join(" ");
}

function quoted(word: string): string {
  return /^[\w./:-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
