import { seeded } from "../oracle/random-model.js";
import { compare } from "./golden.js";

test.each(["words", "pieces"] as const)(
  "20,000 hostile texts of %s",
  (kind) => {
    expect(compare(kind, 20_000, seeded(20_000))).toMatchObject({ texts: 20_000 });
  },
  120_000,
);
