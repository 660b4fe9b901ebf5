/**
 * The verdict: label, what is proven in words, and one mark for each number of edits: proven, broken or open.
 *
 * What is read aloud is the same sentence, once typing has stopped, so that it doesn't interrupt every key.
 */
import { type Certification, sentences } from "../src/browser/index.js";
import { byId, make } from "./dom.js";
import { duration, powerOfTen, textsExponent } from "./numbers.js";

const QUIET = 900;
/** More marks than this don't help. */
const MOST_PIPS = 12;
let saying: ReturnType<typeof setTimeout> | undefined;

export function showVerdict(text: string, result: Certification): void {
  const card = byId("verdict");
  card.dataset.verdict = result.verdict;
  card.classList.remove("stale");
  byId("label").textContent = result.prediction.label;
  byId("pips").replaceChildren(...pips(result));
  const { proven, broken, open } = sentences(result, text);
  const said = [proven, broken?.replace(/:$/, "."), open]
    .filter((part) => part !== null && part !== undefined)
    .join(" ");
  byId("proven").textContent = said;
  byId("scope").textContent = scope(text, result);
  byId("scope").classList.remove("late");
  clearTimeout(saying);
  saying = setTimeout(() => {
    byId("said").textContent = said;
  }, QUIET);
}

/** While an answer is on its way, the old one is faint. */
export function waiting(): void {
  byId("verdict").classList.add("stale");
}

export function ranWords(result: Certification): string {
  const { method, threat, model, arithmetic, work } = result;
  const passes =
    work === undefined
      ? ""
      : `, ${work.passes} forward ${work.passes === 1 ? "pass" : "passes"} by ${work.backend}`;
  return `${duration(result.seconds)}, method ${method}, alphabet ${threat.alphabet}, ${arithmetic}, model ${model.name}${passes}`;
}

function pips({ certified, broken, limit }: Certification): HTMLLIElement[] {
  const most = Math.min(limit, MOST_PIPS);
  return Array.from({ length: most }, (_, i) => {
    const edits = i + 1;
    const kind =
      certified !== null && edits <= certified
        ? "proven"
        : broken !== null && edits >= broken
          ? "broken"
          : "open";
    const said = { proven: "proven", broken: "can break it", open: "unknown" }[kind];
    const noun = edits === 1 ? "edit" : "edits";
    return make(
      "li",
      { class: `${kind}-pip`, title: `${edits} ${noun}: ${said}` },
      `${edits} ${{ proven: "✓", broken: "✕", open: "?" }[kind]}`,
      make("span", { class: "unseen" }, ` ${noun}: ${said}`),
    );
  });
}

function scope(text: string, { certified, threat }: Certification): string {
  if (certified === null || certified === 0) return "";
  const exponent = textsExponent(text, certified, threat.characters);
  const many = exponent < 3 ? "every text" : `more than ${powerOfTen(exponent)} texts`;
  return `That is ${many} that inserting, deleting and replacing characters, anywhere, can make of it. None gets another label.`;
}
