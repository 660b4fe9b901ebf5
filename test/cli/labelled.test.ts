import type { InputRow } from "../../src/certify/result.js";
import { requireLabels } from "../../src/cli/labelled.js";

async function through(rows: InputRow[]): Promise<InputRow[]> {
  async function* given(): AsyncGenerator<InputRow> {
    yield* rows;
  }
  const out: InputRow[] = [];
  for await (const row of requireLabels(given(), "a.csv", "evaluate")) out.push(row);
  return out;
}

test("rows with labels and rows with errors pass; a single missing label becomes an error", async () => {
  const rows = [
    { id: 0, text: "?", label: null, error: "not UTF-8" },
    { id: 1, text: "a", label: "spam" },
    { id: 2, text: "b", label: null },
  ];
  expect(await through(rows)).toEqual([rows[0], rows[1], { ...rows[2], error: "row 2 has no label" }]);
});

test("an input without labels is refused at its first row", async () => {
  await expect(through([{ id: 0, text: "a", label: null }])).rejects.toThrow(
    "a.csv has no labels, which evaluate needs; choose the column with --label-column <name or number>",
  );
});
