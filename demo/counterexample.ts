/** The shortest change that breaks the answer, marked, and a way to try it and to come back. */
import { type Certification, editScript } from "../src/browser/index.js";
import { byId, make } from "./dom.js";
import { character, margin, plural } from "./numbers.js";

export interface Trying {
  /** Puts a text into the box. */
  readonly put: (text: string) => void;
}

/** @returns shows the counterexample of a text's certification, if there is one */
export function counterexamples({ put }: Trying): (text: string, result: Certification) => void {
  const card = byId("breaks");
  const button = byId<HTMLButtonElement>("try");
  const undo = byId<HTMLButtonElement>("undo");
  let shown: { readonly text: string; readonly changed: string } | null = null;
  let before: { readonly text: string; readonly changed: string } | null = null;
  button.addEventListener("click", () => {
    if (shown === null) return;
    before = shown;
    put(shown.changed);
  });
  undo.addEventListener("click", () => {
    if (before === null) return;
    const { text } = before;
    before = null;
    put(text);
  });
  return (text, result) => {
    const found = result.counterexample;
    undo.hidden = before === null || before.changed !== text;
    card.hidden = found === null && undo.hidden;
    button.hidden = found === null;
    byId("change").hidden = found === null;
    if (found === null) {
      shown = null;
      byId("breaks-title").textContent = "This is the text that broke it";
      byId("then").replaceChildren();
      return;
    }
    shown = { text, changed: found.text };
    const shortest =
      result.broken !== null && result.certified !== null && result.broken === result.certified + 1;
    byId("breaks-title").textContent =
      `${shortest ? "The shortest change that breaks it" : "A change that breaks it"}: ${plural(found.edits, "edit")}`;
    byId("change").replaceChildren(...marked(text, found.text));
    const { label, scores, index } = found.prediction;
    const lead = scores[index]! - Math.max(...scores.filter((_, y) => y !== index));
    byId("then").replaceChildren("makes it ", make("b", {}, label), `, by a margin of ${margin(lead)}.`);
  };
}

function marked(text: string, changed: string): (Node | string)[] {
  return editScript(text, changed).flatMap(({ kind, from, to }): (Node | string)[] => {
    if (kind === "same") return [from];
    const parts: Node[] = [];
    if (from !== "") parts.push(make("del", {}, shown(from)));
    if (to !== "") parts.push(make("ins", {}, shown(to)));
    return parts;
  });
}

/** Spaces and characters that can't be seen are named, for they would be marks of nothing. */
function shown(text: string): string {
  return Array.from(text, (c) => {
    if (c === " ") return "␣";
    return /[\p{C}\p{Z}\p{M}]/u.test(c) ? `⟨${character(c.codePointAt(0)!)}⟩` : c;
  }).join("");
}
