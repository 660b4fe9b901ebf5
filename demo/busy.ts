/** What is shown while an answer takes longer than one notices: how far it is, and a way to stop it. */
import type { Progress } from "../src/browser/index.js";
import { byId } from "./dom.js";
import { whole } from "./numbers.js";

/** Milliseconds that pass unnoticed. */
const UNNOTICED = 300;

export interface Busy {
  readonly begin: (stop: () => void) => void;
  readonly tell: (progress: Progress, edits: number) => void;
  readonly end: () => void;
}

export function busy(): Busy {
  const box = byId("busy");
  const bar = byId<HTMLProgressElement>("progress");
  const said = byId("busy-text");
  let stopping = () => {};
  let showing: ReturnType<typeof setTimeout> | undefined;
  byId("stop").addEventListener("click", () => stopping());
  return {
    begin(stop) {
      stopping = stop;
      clearTimeout(showing);
      showing = setTimeout(() => {
        box.hidden = false;
      }, UNNOTICED);
      said.textContent = "Proving …";
      bar.removeAttribute("value");
    },
    tell({ certified, passes }, edits) {
      if (certified !== undefined) {
        bar.max = edits;
        bar.value = certified;
        said.textContent = `Proven so far: ${certified} of ${edits} edits`;
      } else if (passes !== undefined) said.textContent = `${whole(passes)} forward passes so far`;
    },
    end() {
      clearTimeout(showing);
      box.hidden = true;
    },
  };
}
