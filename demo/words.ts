/** What each word says for or against the label, and how much of the margin one edit there can take. */
import type { Analysis } from "../src/browser/index.js";
import { byId, make } from "./dom.js";
import { margin } from "./numbers.js";

const MOST = 8;

export function showWords(label: string, analysis: Analysis | null): void {
  const { ledger, missing } = analysis ?? { ledger: null, missing: null };
  byId("words-card").hidden = ledger === null && missing === null;
  if (ledger === null) {
    byId("words").replaceChildren(make("p", { class: "note" }, missing ?? ""));
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
  const head = ["word", "", "says", "one edit takes"].map((name) => make("th", { scope: "col" }, name));
  byId("words").replaceChildren(
    make("table", { class: "words" }, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...rows)),
    make("p", { class: "note" }, note),
  );
}
