/** What each word says for or against the label, and how much of the margin one edit there can take. */
import type { Analysis } from "../src/browser/index.js";
import { byId, make } from "./dom.js";
import { margin } from "./numbers.js";

const MOST = 8;

/** `inspect` is asked for where a model has no ledger of words. */
export function showWords(label: string, { ledger }: Analysis, inspect: () => void): void {
  if (ledger === null) {
    const button = make("button", { type: "button" }, "Show where one edit's bound is spent");
    button.addEventListener("click", () => {
      button.disabled = true;
      inspect();
    });
    byId("words").replaceChildren(make("p", {}, button));
    return;
  }
  const dearest = [...ledger.words].sort((a, b) => b.loss - a.loss).slice(0, MOST);
  const most = Math.max(1e-9, ...dearest.map(({ said, loss }) => Math.max(Math.abs(said), loss)));
  const rows = dearest
    .sort((a, b) => a.from - b.from)
    .map(({ word, said, loss }) => {
      const bar = make("span", { class: "bar", "aria-hidden": "true" });
      const part = (kind: string, size: number) => {
        const piece = make("i", { class: kind });
        piece.style.width = `${(100 * size) / most}%`;
        bar.append(piece);
      };
      part(said < 0 ? "against" : "for", Math.abs(said));
      part("loss", loss);
      return make(
        "tr",
        {},
        make("th", { scope: "row", title: word }, word),
        make("td", {}, bar),
        make("td", {}, margin(said)),
        make("td", {}, margin(loss)),
      );
    });
  const words = ledger.words.length;
  const note = `For ${label} over ${ledger.rival}; striped: what one edit can take.${
    words > MOST ? ` The ${MOST} dearest of ${words} words.` : ""
  }`;
  const head = ["word", "both", "says", "one edit takes"].map((name) =>
    make("th", { scope: "col" }, name === "both" ? make("span", { class: "unseen" }, name) : name),
  );
  byId("words").replaceChildren(
    make("table", { class: "words" }, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...rows)),
    make("p", { class: "note" }, note),
  );
}
