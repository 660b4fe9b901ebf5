/**
 * UTF-8: the bytes of a text and back.
 *
 * Promise: `utf8Decode(utf8Encode(s)) === s` for every string without lone surrogates, a byte order mark
 * included. Bytes that aren't UTF-8 are an error that names the first bad byte, never replaced in silence.
 *
 * A lone surrogate has no form in UTF-8: `utf8Encode` writes U+FFFD for it, as every encoder on the web does.
 */
import { UserError } from "../failure.js";

// Node and all browsers have both as globals, but they belong to the WHATWG Encoding Standard and not to the
// language, so lib ES2022 doesn't know them. Declaring just what is used keeps all other platform types out.
declare const TextEncoder: new () => { encode(text: string): Uint8Array };
declare const TextDecoder: new (
  label: "utf-8",
  options: { fatal: boolean; ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string };

export function utf8Encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The text of these bytes. A byte order mark stays in it as U+FEFF. */
export function utf8Decode(bytes: Uint8Array): string {
  const bad = firstInvalidByte(bytes);
  if (bad >= 0) {
    const seen = bytes[bad]!.toString(16).toUpperCase().padStart(2, "0");
    throw new UserError(`not UTF-8: byte ${bad} of ${bytes.length} (0x${seen}) starts no valid character`);
  }
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** Offset where the first ill-formed sequence starts, -1 if there is none (Unicode standard, table 3-7). */
function firstInvalidByte(bytes: Uint8Array): number {
  for (let i = 0; i < bytes.length; ) {
    const lead = bytes[i]!;
    if (lead < 0x80) {
      i++;
      continue;
    }
    const extra = lead < 0xc2 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : 0;
    if (extra === 0 || i + extra >= bytes.length) return i;
    // The second byte's range shuts out overlong forms, surrogates and values above 0x10FFFF.
    const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    if (bytes[i + 1]! < low || bytes[i + 1]! > high) return i;
    for (let j = 2; j <= extra; j++) if ((bytes[i + j]! & 0xc0) !== 0x80) return i;
    i += extra + 1;
  }
  return -1;
}
