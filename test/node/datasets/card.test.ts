import { cardFrom } from "../../../src/node/datasets/card.js";
import { listDatasets, loadDatasetCard } from "../../../src/node/datasets/packaged.js";

const good = {
  name: "a-b",
  title: "t",
  source: { url: "u", citation: "c" },
  licence: { name: "n", terms: "t" },
  labels: ["x", "y"],
  files: [
    {
      split: "test",
      file: "f.csv",
      sha256: ["0".repeat(64)],
      format: "csv",
      header: true,
      labels: { "0": "x" },
      keep: { every: 5, remainder: 0 },
      rows: 3,
      rowsByLabel: { x: 1, y: 2 },
    },
    {
      split: "b",
      file: "f.csv",
      sha256: ["0".repeat(64)],
      format: "csv",
      header: true,
      keep: { notIn: "test" },
      rows: 0,
      rowsByLabel: {},
    },
  ],
  notes: ["n"],
};

/** The good card with the value at a path replaced; undefined takes the field away. */
function changed(path: string, value: unknown): unknown {
  const card = structuredClone(good) as Record<string, unknown>;
  const keys = path.split(".");
  let at = card;
  for (const key of keys.slice(0, -1)) at = at[key] as Record<string, unknown>;
  if (value === undefined) delete at[keys.at(-1)!];
  else at[keys.at(-1)!] = value;
  return card;
}

describe("cardFrom", () => {
  it("gives a card back as it stands", () => {
    expect(cardFrom(structuredClone(good), "card")).toEqual(good);
  });

  it.each([
    ["title", undefined, 'card lacks the field "title"'],
    ["title", "", 'card.title is ""; needed: a string that isn\'t empty'],
    ["extra", 1, 'card has the unknown field "extra"'],
    ["name", "../up", 'card.name is "../up"; needed: lower-case letters'],
    ["source", [], "card.source is []; an object is needed"],
    ["source.url", 5, "card.source.url is 5; needed: a string"],
    ["labels", ["x"], "at least two different names"],
    ["labels", ["x", "x"], "at least two different names"],
    ["notes", "n", 'card.notes is "n"; needed: a list of strings'],
    ["files", [], "at least one split"],
    ["files.0.split", "b", 'card.files is ["b","b"]; needed: at least one split, each with its own name'],
    [
      "files.0.file",
      "../../secret",
      'card.files[0].file is "../../secret"; needed: a file name without folders',
    ],
    ["files.0.alsoNamed", [".."], "needed: a file name without folders"],
    ["files.0.sha256", ["0"], 'card.files[0].sha256 is ["0"]; needed: a list of hashes'],
    ["files.0.sha256", [], "needed: a list of hashes"],
    ["files.0.format", "xml", 'card.files[0].format is "xml"; needed: one of csv, tsv, jsonl, txt'],
    ["files.0.header", "yes", 'card.files[0].header is "yes"; needed: true or false'],
    ["files.0.labels", { "0": "z" }, 'card.files[0].labels is "z"; needed: one of x, y'],
    ["files.0.rows", 4, "card.files[0].rows is 4; needed: the sum of rowsByLabel, 3"],
    ["files.0.rows", -1, "card.files[0].rows is -1; needed: an integer from 0"],
    ["files.0.rowsByLabel", { z: 3 }, 'card.files[0].rowsByLabel has the unknown field "z"; known are x, y'],
    ["files.0.keep", { every: 0 }, '"every" is 0'],
    ["files.0.keep", { every: 2, remainder: 2 }, '"remainder" is 2; 0 to 1 is allowed'],
    ["files.0.keep", { evry: 2 }, 'card.files[0].keep has the unknown field "evry"'],
    ["files.1.keep.notIn", "none", 'card.files (b).keep.notIn is "none"; needed: one of test, b'],
    ["files.1.keep.notIn", "b", 'that has no "notIn" itself'],
  ])("refuses %s = %j", (path, value, message) => {
    expect(() => cardFrom(changed(path, value), "card")).toThrow(message);
  });

  it.each([null, 5, "x", []])("refuses %j as a card", (value) => {
    expect(() => cardFrom(value, "card")).toThrow("an object is needed");
  });
});

describe("the packaged cards", () => {
  it("are all sound", async () => {
    const cards = await listDatasets();
    expect(cards.map((card) => card.name)).toEqual(["ag-news", "offensive", "sms-spam", "sst2", "tickets"]);
    for (const card of cards) expect(card.files.map((file) => file.split)).toContain("test");
  });

  it("are found by name alone", async () => {
    expect((await loadDatasetCard("sms-spam")).labels).toEqual(["ham", "spam"]);
    await expect(loadDatasetCard("../models")).rejects.toThrow(
      'no data set is called "../models"; there are ag-news, offensive, sms-spam, sst2, tickets',
    );
  });
});
