import { parseLabelMap } from "../../../src/node/input/labels.js";
import { rowsOf } from "./support.js";

const csv = { format: "csv" } as const;

describe("parseLabelMap", () => {
  it("reads value=name", () => {
    expect([...parseLabelMap("1=World, 2 = Sports,4=Sci/Tech,e=x=y")]).toEqual([
      ["1", "World"],
      ["2", "Sports"],
      ["4", "Sci/Tech"],
      ["e", "x=y"],
    ]);
  });

  it.each(["", "1", "=a", "1=", "1=a,", "1=a,,2=b"])("refuses %j", (text) => {
    expect(() => parseLabelMap(text)).toThrow("where value=name is needed, as in 1=World,2=Sports");
  });

  it("refuses a value given twice", () => {
    expect(() => parseLabelMap("1=a,1=b")).toThrow('--labels gives "1" twice');
  });
});

describe("labels", () => {
  const table = "text,label\na,1\nb,spam\nc,2\nd,\n";

  it("are taken as they stand where nothing is said about them", async () => {
    expect((await rowsOf(table, csv)).map((row) => row.label)).toEqual(["1", "spam", "2", ""]);
  });

  it("must be allowed after mapping, exactly", async () => {
    const rows = await rowsOf(table, {
      ...csv,
      labels: parseLabelMap("1=ham,2=Spam"),
      allowedLabels: ["ham", "spam"],
    });
    expect(rows).toEqual([
      { id: 0, text: "a", label: "ham" },
      { id: 1, text: "b", label: "spam" },
      {
        id: 2,
        text: "c",
        label: null,
        error: 'row 2 (line 4): label "2" (mapped to "Spam") is none of "ham", "spam"',
      },
      { id: 3, text: "d", label: null, error: 'row 3 (line 5): label "" is none of "ham", "spam"' },
    ]);
  });

  it("that are numbers give a hint", async () => {
    const rows = await rowsOf(table, { ...csv, allowedLabels: ["ham", "spam"] });
    expect(rows[0]!.error).toBe(
      'row 0 (line 2): label "1" is none of "ham", "spam"; say what the numbers mean with --labels 1=ham,...',
    );
  });

  it("must be in the map where there is only a map", async () => {
    const rows = await rowsOf(table, { ...csv, labels: parseLabelMap("1=ham,2=spam") });
    expect(rows.map((row) => row.label)).toEqual(["ham", "spam", "spam", null]);
  });
});
