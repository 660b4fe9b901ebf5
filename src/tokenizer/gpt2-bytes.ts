/**
 * GPT-2's way to write bytes as printable characters: those that are printable as they are, the others from U+0100 on.
 */
export const GPT2_BYTES: ReadonlyMap<string, number> = new Map(
  (() => {
    let next = 0x100;
    const printable = (byte: number): boolean =>
      (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
    return Array.from({ length: 256 }, (_, byte): [string, number] => [
      String.fromCharCode(printable(byte) ? byte : next++),
      byte,
    ]);
  })(),
);
