/**
 * Strict UTF-8 decoding (RFC 3629).
 *
 * Promise: bytes either decode exactly or the place of the first sequence that isn't UTF-8 is given; no
 * character is ever replaced by U+FFFD.
 */
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export type Decoded =
  | { readonly text: string; readonly invalidAt: null }
  /** `text` is what stands before the invalid byte. */
  | { readonly text: string; readonly invalidAt: number };

export function decodeUtf8(bytes: Uint8Array): Decoded {
  try {
    return { text: strict.decode(bytes), invalidAt: null };
  } catch {
    const invalidAt = firstInvalid(bytes);
    return { text: strict.decode(bytes.subarray(0, invalidAt)), invalidAt };
  }
}

/** Index of the first byte that begins no well-formed sequence; the length if all are well formed. */
function firstInvalid(bytes: Uint8Array): number {
  let i = 0;
  while (i < bytes.length) {
    const lead = bytes[i]!;
    if (lead < 0x80) {
      i++;
      continue;
    }
    const more = lead < 0xc2 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : 0;
    if (more === 0 || i + more >= bytes.length) return i;
    // The second byte is narrower for leads that would allow overlong forms, surrogates or > U+10FFFF.
    const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    if (bytes[i + 1]! < low || bytes[i + 1]! > high) return i;
    for (let k = 2; k <= more; k++) if ((bytes[i + k]! & 0xc0) !== 0x80) return i;
    i += more + 1;
  }
  return bytes.length;
}
