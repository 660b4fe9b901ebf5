/** Inspections written out: the page is well-formed whatever the text, figures say in words what they draw, sentences repeat the figures. */
import { inspect } from "../../src/certify/inspect/inspect.js";
import type { InspectedLayer, Inspection } from "../../src/certify/inspect/inspection.js";
import { inspectReporter } from "../../src/report/inspect.js";
import { growthFigure, lossFigure, siteFigure } from "../../src/report/inspect-figure.js";
import { inspectSentences } from "../../src/report/inspect-words.js";
import { ab } from "../certify/lipschitz-encoder-held.js";
import { encoderModel } from "../oracle/encoder-model.js";
import { randomModel, seeded } from "../oracle/random-model.js";

const layer = (name: string, more: Partial<InspectedLayer>): InspectedLayer => ({
  name,
  computed: false,
  entering: { largest: 1, total: 2 },
  leaving: { largest: 1, total: 28 },
  factor: 14,
  measured: 1.5,
  loss: 0.6,
  share: 1 / 3,
  ...more,
});

const open: Inspection = {
  kind: "encoder",
  model: { name: "<m>", sha256: "0" },
  threat: { distance: "levenshtein", unit: "code point", alphabet: "ascii", characters: 95, sha256: "0" },
  edits: 1,
  prediction: { label: "positive", index: 1, scores: [0, 1.2] },
  margin: 1.2,
  rival: { label: "negative", margin: 1.2 },
  bound: -0.6,
  least: null,
  certified: false,
  loss: 1.8,
  worst: { text: "a fuxny film", margin: 0.3, flips: false },
  layers: [
    layer("the edit itself", { computed: true, factor: null, measured: null, loss: 0.9, share: 0.5 }),
    layer("block 2 attention", { loss: 0.9, share: 0.5 }),
  ],
  sites: [
    { kind: "word", text: "funny", begin: 2, end: 7, lower: -0.6, loss: 1.8, example: "fuxny" },
    { kind: "gap", text: "a funny", begin: 0, end: 7, lower: 0.7, loss: 0.5, example: null },
  ],
  changes: [
    { what: "margin", now: 1.2, needed: 1.8 },
    { what: "layer", layer: "block 2 attention", scale: 6 / 14, now: 14, needed: 6, measured: 1.5 },
    { what: "sites", sites: ["funny"], of: 2 },
  ],
  notes: [],
  seconds: 0.1,
};

test("what would have to change, in words", () => {
  expect(inspectSentences(open, "a funny film")).toEqual([
    "This is 'positive' by a margin of 1.20. Over 'negative' the bound of one edit takes 1.80, which leaves -0.600, so one edit isn't certified.",
    "The worst edit really leaves 0.300: a fu[-n-]{+x+}ny film.",
    "The margin would have to be above 1.80 instead of 1.20.",
    "Block 2 attention makes 14.0 times of what enters it by its bound, 1.50 times at the worst edit as measured; with 6.00 times at most one edit would be certified.",
    '1 of 2 places would have to be spared: "funny".',
  ]);
  const less = { ...open.changes[1]!, needed: 1.1 } as (typeof open.changes)[number];
  expect(inspectSentences({ ...open, changes: [less] }, "a funny film").join()).toMatch(
    /less than it really makes of it/,
  );
  const none = { ...open.changes[1]!, scale: null, needed: null } as (typeof open.changes)[number];
  expect(inspectSentences({ ...open, changes: [none] }, "a funny film").join()).toMatch(
    /^.*No layer by itself/s,
  );
});

/** Complains unless every tag is closed in its order; gives the names of all elements. */
function elements(page: string): string[] {
  const names: string[] = [];
  const stack: string[] = [];
  const body = page.replace(/^<!DOCTYPE html>\n/, "").replace(/<style>[^<]*<\/style>/, "");
  let rest = body;
  for (const [tag, slash, name, , closed] of body.matchAll(
    /<(\/?)([a-z0-9]+)((?:\s[a-zA-Z0-9:-]+="[^"<]*")*)(\/?)>/g,
  )) {
    rest = rest.replace(tag, "");
    names.push(name!);
    if (slash === "/") expect(stack.pop()).toBe(name);
    else if (closed !== "/") stack.push(name!);
  }
  expect(stack).toEqual([]);
  expect(rest).not.toMatch(/[<>]/);
  expect(rest.replace(/&#\d+;/g, "")).not.toContain("&");
  return names;
}

test("the page is well-formed and lets no text become markup", async () => {
  const hostile = `<script>alert("1")</script> & ' ]]> <!-- a\u202eb\u0000 -->`;
  const found = await inspect(randomModel(seeded(3), "patterns", 2), hostile);
  const reporter = inspectReporter("html", "<b>model</b>");
  const page =
    reporter.begin() +
    reporter.record({ id: 0, text: hostile, inspection: found }) +
    reporter.record({ id: 1, text: "a funny film", inspection: open }) +
    reporter.end(null);
  const names = elements(page);
  expect(names).not.toContain("script");
  expect(names.filter((name) => name === "svg").length).toBeGreaterThan(3);
  expect(page).not.toMatch(/https?:\/\/(?!www\.w3\.org)|url\(|@import/);
  expect(page).toContain("prefers-color-scheme: dark");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
  expect(page).not.toMatch(/[\u0000\u202e]/);
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [, by] of page.matchAll(/aria-labelledby="([^"]+)"/g))
    for (const id of by!.split(" ")) expect(ids).toContain(id);
});

test("figures say in words what they draw; bars are as long as their shares", () => {
  expect(lossFigure("a", open)).toContain(
    '<desc id="a-text">Of a loss of 1.80: the edit itself 50.0 %, block 2 attention 50.0 %.</desc>',
  );
  const widths = [
    ...lossFigure("a", {
      ...open,
      layers: [layer("x", { share: 0.8 }), layer("y", { share: 0.2 })],
    }).matchAll(/width="([\d.]+)"/g),
  ].map(([, w]) => Number(w));
  expect(widths[0]! / widths[1]!).toBeCloseTo(4, 1);
  expect(growthFigure("b", open)).toContain("block 2 attention 14.0 times (measured 1.50 times).");
  // A hundred times is twice as long as ten times.
  const grown = [
    ...growthFigure("b", {
      ...open,
      layers: [layer("x", { factor: 100 }), layer("y", { factor: 10 })],
    }).matchAll(/width="([\d.]+)"/g),
  ].map(([, w]) => Number(w));
  expect(grown[0]! / grown[1]!).toBeCloseTo(2, 1);
  expect(siteFigure("c", open)).toContain(
    "Of a margin of 1.20: &#34;funny&#34; 1.80, &#34;a funny&#34; 0.500.",
  );
  expect(
    lossFigure("d", { ...open, layers: [] }) +
      growthFigure("d", { ...open, layers: [] }) +
      siteFigure("d", { ...open, sites: [] }),
  ).toBe("");
});

test("every format writes every inspection of small encoders", async () => {
  for (let seed = 0; seed < 3; seed++) {
    const found = await inspect(encoderModel(seed), "ab a", { alphabet: ab });
    const record = { id: seed, text: "ab a", inspection: found };
    for (const format of ["table", "json", "jsonl", "markdown", "html"] as const) {
      const reporter = inspectReporter(format, "m");
      const written = reporter.begin() + reporter.record(record) + reporter.end(null);
      expect(written).not.toMatch(/NaN|undefined/);
      if (format === "html") elements(written);
      if (format === "json") expect(JSON.parse(written)[0].kind).toBe("encoder");
    }
  }
});
