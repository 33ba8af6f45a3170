/** CRC-32 of ISO 3309 (zlib's), reflected polynomial EDB88320. */
import { u8, u32 } from "../elements.ts";

const table = new Uint32Array(256);
for (let i = 0; i < 256; i++) {
  let c = i;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  table[i] = c;
}

/** CRC of `bytes[from..to)`, unsigned. */
export function crc32(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0xffffffff;
  for (let i = from; i < to; i++) {
    crc = (crc >>> 8) ^ u32(table, (crc ^ u8(bytes, i)) & 0xff);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
