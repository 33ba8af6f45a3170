/** What a receipt is for: the numbers and fingerprints of the items that its giver has made durable. */
import { crc32 } from "./block/crc32.ts";

export interface ReceiptItem {
  sequence: number;
  /** 32 bits. */
  print: number;
}

/** The same for the same items in the same order, on both sides; decimal, as PushResponse carries it. */
export function receiptDigest(items: readonly ReceiptItem[]): string {
  const bytes = new Uint8Array(8 * items.length);
  const view = new DataView(bytes.buffer);
  for (const [i, { sequence, print }] of items.entries()) {
    view.setUint32(8 * i, sequence, true);
    view.setUint32(8 * i + 4, print, true);
  }
  return String(crc32(bytes, 0, bytes.length));
}
