import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { datasetInput } from "../../../src/node/datasets/input.js";
import { listDatasets, loadDatasetCard, packagedDatasets } from "../../../src/node/datasets/packaged.js";
import { readRows } from "../../../src/node/input/rows.js";
import { collect } from "../input/support.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "typoproof-data-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("datasetInput", () => {
  it("finds what is packaged without any data folder, the split test by default", async () => {
    const input = await datasetInput("tickets", join(folder, "none"));
    expect(input).toEqual({
      path: join(await packagedDatasets(), "tickets", "test.csv"),
      format: "csv",
      header: true,
      textColumn: "text",
      labelColumn: "label",
      allowedLabels: ["billing", "technical", "account", "delivery"],
    });
    expect(await datasetInput("tickets:test", folder)).toEqual(input);
  });

  it("refuses data sets and splits that don't exist, naming those that do", async () => {
    await expect(datasetInput("imdb:test")).rejects.toThrow(
      'no data set is called "imdb"; there are ag-news,',
    );
    await expect(datasetInput("sst2:dev")).rejects.toThrow(
      'the data set sst2 has no split "dev"; there are test, train',
    );
    await expect(datasetInput("sst2:")).rejects.toThrow('has no split ""');
  });

  it("says where it looked and where to get a file that isn't there", async () => {
    const message = await datasetInput("sms-spam:test", folder).catch((error: Error) => error.message);
    expect(message).toBe(
      `SMSSpamCollection.tsv or SMSSpamCollection of sms-spam isn't in ${join(await packagedDatasets(), "sms-spam")} or ` +
        `${join(folder, "sms-spam")} or ${folder}; get it from https://archive.ics.uci.edu/dataset/228/sms+spam+collection ` +
        `and put it into ${join(folder, "sms-spam")} (TYPOPROOF_DATA sets the data folder)`,
    );
  });

  it("refuses a file with another hash, showing both", async () => {
    const path = join(folder, "dev.tsv");
    await writeFile(path, "sentence\tlabel\nx\t0\n");
    const message = await datasetInput("sst2", folder).catch((error: Error) => error.message);
    expect(message).toBe(
      `${path} isn't the file that the card of sst2 means: its sha256 is ` +
        "a9f2997f901adc58c933babcb7a430a4a193c9e653cb4e479d419f6a24eb28e8" +
        ", the card has 54a9c12c77e402fc14d6a66a506f24d999f596b0176eb777c972cccc2f9cc4b0",
    );
  });

  it("goes by TYPOPROOF_DATA where no folder is given", async () => {
    const before = process.env.TYPOPROOF_DATA;
    process.env.TYPOPROOF_DATA = join(folder, "elsewhere");
    try {
      await expect(datasetInput("sst2")).rejects.toThrow(join(folder, "elsewhere", "sst2"));
    } finally {
      if (before === undefined) delete process.env.TYPOPROOF_DATA;
      else process.env.TYPOPROOF_DATA = before;
    }
  });
});

const project = join(await packagedDatasets(), "..");
/** The public files lie beside the project where they have been fetched. */
const data = resolve(project, "../shared/data");

for (const card of await listDatasets()) {
  describe(`data set ${card.name}`, () => {
    for (const split of card.files) {
      const here = [join(project, "datasets"), data].some((at) =>
        existsSync(join(at, card.name, split.file)),
      );
      const test = here ? it : it.skip;
      test(`${split.split}: every row reads, the counts are the card's${here ? "" : ` (skipped: no ${split.file} in ${data})`}`, async () => {
        const rows = await collect(readRows(await datasetInput(`${card.name}:${split.split}`, data)));
        expect(rows.filter((row) => row.error !== undefined)).toEqual([]);
        const counts = Object.fromEntries(card.labels.map((label) => [label, 0]));
        for (const row of rows) counts[row.label!]!++;
        expect({ rows: rows.length, counts }).toEqual({ rows: split.rows, counts: split.rowsByLabel });
        expect(new Set(rows.map((row) => row.id)).size).toBe(rows.length);
      });
    }
  });
}

describe("the counts that are quoted", () => {
  it.each([
    ["sms-spam", "test", 1114, "spam", 165],
    ["sms-spam", "test-new", 1114 - 120, "spam", 165 - 35],
    ["sms-spam", "train", 4460, "spam", 747 - 165],
    ["sst2", "test", 872, "positive", 444],
    ["ag-news", "test", 7600, "World", 1900],
    ["ag-news", "test-1000", 1000, "Sports", 274],
    ["offensive", "test", 2478, "hate", 151],
  ])("%s:%s has %i rows", async (name, split, rows, label, count) => {
    const found = (await loadDatasetCard(name)).files.find((file) => file.split === split)!;
    expect([found.rows, found.rowsByLabel[label]]).toEqual([rows, count]);
  });
});

describe("tickets", () => {
  it("has no text twice, in one split or in both", async () => {
    const [train, test] = await Promise.all(
      ["train", "test"].map(async (split) => collect(readRows(await datasetInput(`tickets:${split}`)))),
    );
    const texts = [...train!, ...test!].map((row) => row.text);
    expect(new Set(texts).size).toBe(240);
  });
});

const sms = join(data, "sms-spam", "SMSSpamCollection.tsv");
const withSms = existsSync(sms) ? it : it.skip;
withSms(
  `a file is found in the data folder itself, then in its own folder first${existsSync(sms) ? "" : ` (skipped: no ${sms})`}`,
  async () => {
    const flat = join(folder, "SMSSpamCollection");
    await copyFile(sms, flat);
    expect((await datasetInput("sms-spam", folder)).path).toBe(flat);
    const own = join(folder, "sms-spam");
    await mkdir(own);
    await copyFile(sms, join(own, "SMSSpamCollection.tsv"));
    expect((await datasetInput("sms-spam:test-new", folder)).keep?.notIn?.path).toBe(
      join(own, "SMSSpamCollection.tsv"),
    );
  },
);

const ag = existsSync(join(data, "ag-news", "test.csv"));
(ag ? it : it.skip)(
  `ag-news joins title and description with one space${ag ? "" : ` (skipped: no ag-news in ${data})`}`,
  async () => {
    const input = await datasetInput("ag-news", data);
    const [row] = await collect(readRows({ ...input, limit: 1 }));
    expect(row!.text).toMatch(/^Fears for T N pension after talks Unions representing workers/);
    expect(row!.label).toBe("Business");
  },
);
