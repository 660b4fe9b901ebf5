/**
 * Spellings (spelling.ts) for byte-level BPE without a normaliser: units are the bytes of the text in UTF-8, behind the
 * space that some tokenizers put in front of a text.
 *
 * Proof of the claims. 1: a code point is one to four bytes (a lone surrogate those of U+FFFD), so an edit is at most four
 * edits of bytes. 2: the pre-tokenizer parts the bytes of the text, or of a space and the text, and BPE joins neighbouring
 * bytes of a part. 3: a token has at least one byte; an added one stands for at least one code point of the text.
 */
import { utf8Encode } from "../text/utf8.js";
import type { Spelling } from "./spelling.js";

const SPREAD = 4;

/** @param written the bytes of a token, or null for added tokens and the unknown one */
export function byteSpelling(written: (id: number) => Uint8Array | null): Spelling {
  const bytes = (text: string): Uint8Array => utf8Encode(` ${text}`);
  return {
    units: bytes,
    spread: SPREAD,
    of: written,
    tokens: (text, edits) => ({ least: 0, most: bytes(text).length + SPREAD * edits }),
  };
}
