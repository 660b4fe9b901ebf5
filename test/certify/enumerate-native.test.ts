/** `enumerate` and `exact` say the same of one edit: shipped model, shipped texts. */
import { asciiAlphabet, unicodeAlphabet } from "../../src/edits/alphabet.js";
import { bothMethodsAgree, spreadTexts } from "./enumerate-native.js";

test("support tickets, ASCII and all of Unicode", async () => {
  const texts = (await spreadTexts("tickets:train", 400)).filter((text) => text.length < 60).slice(0, 8);
  expect(texts).toHaveLength(8);
  for (const alphabet of [asciiAlphabet(), unicodeAlphabet()]) {
    const { certified, refuted } = await bothMethodsAgree("sms-spam", texts, alphabet);
    expect(certified + refuted).toBe(texts.length);
    expect(certified).toBeGreaterThan(0);
  }
}, 60_000);
