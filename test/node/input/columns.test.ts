import { rowsOf, textsOf } from "./support.js";

const csv = { format: "csv" } as const;
const table = "id,title,description,label\n7,a,b,x\n";

describe("columns", () => {
  it.each([
    ["title", "a"],
    ["2", "a"],
    ["2,3", "a b"],
    ["title,description", "a b"],
    ["title, 3", "a b"],
    ["description,title,1", "b a 7"],
  ])("--text-column %s", async (textColumn, text) => {
    expect(await rowsOf(table, { ...csv, textColumn })).toEqual([{ id: 0, text, label: "x" }]);
  });

  it.each(["text", "sentence", "message"])("takes %s by default", async (name) => {
    expect(await textsOf(`a,${name}\n1,here\n`, csv)).toEqual(["here"]);
  });

  it("takes the only column by default, and label for the label", async () => {
    expect(await textsOf("review\ngood\n", csv)).toEqual(["good"]);
    expect(await rowsOf("label\ngood\n", csv)).toEqual([{ id: 0, text: "good", label: null }]);
    expect(await rowsOf("label,text\nx,good\n", csv)).toEqual([{ id: 0, text: "good", label: "x" }]);
  });

  it("prefers a name to a number, and a whole name to its parts", async () => {
    expect(await textsOf("2,1\na,b\n", { ...csv, textColumn: "2" })).toEqual(["a"]);
    expect(await textsOf('"a,b",a,b\nx,y,z\n', { ...csv, textColumn: "a,b" })).toEqual(["x"]);
  });

  it.each([
    [
      { textColumn: "body" },
      'standard input has no text column "body" (columns: 1 "id", 2 "title", 3 "description", 4 "label")',
    ],
    [{ textColumn: "title,5" }, 'has no text column "5"'],
    [{ textColumn: "0" }, 'has no text column "0"'],
    [{ textColumn: "title", labelColumn: "class" }, 'has no label column "class" (columns: 1 "id"'],
    [{ textColumn: "title", labelColumn: "1,2" }, 'one label column is allowed, but "1,2" names 2'],
    [{}, "standard input: no column is called text, sentence, message; choose one with --text-column"],
  ])("refuses %j", async (options, message) => {
    await expect(rowsOf(table, { ...csv, ...options })).rejects.toThrow(message);
  });

  it("goes by number alone without header", async () => {
    const options = { ...csv, header: false };
    expect(await textsOf("text,b\n", { ...options, textColumn: "1,2" })).toEqual(["text b"]);
    await expect(rowsOf("text,b\n", { ...options, textColumn: "text" })).rejects.toThrow(
      'has no text column "text" (columns are 1 to 2, by number, as there is no header)',
    );
    await expect(rowsOf("text,b\n", options)).rejects.toThrow("choose one with --text-column");
  });

  it("refuses a name that two columns have, unless they go by number", async () => {
    await expect(rowsOf("text,text\na,b\n", csv)).rejects.toThrow('two columns called "text"');
    expect(await textsOf("text,text\na,b\n", { ...csv, textColumn: "2" })).toEqual(["b"]);
  });

  it("says so where there is a header and nothing else", async () => {
    await expect(rowsOf("text,label\n", csv)).rejects.toThrow("standard input has a header but no rows");
    await expect(rowsOf("text,label\n\n\n", csv)).rejects.toThrow("standard input has a header but no rows");
    await expect(rowsOf("", csv)).rejects.toThrow("standard input is empty");
  });
});
