import { codeBody } from "./block-body.ts";
import { crcBytes, peekBlock, u32At } from "./block-header.ts";
import type { BlockDictionary, DecodedBlock } from "./column-block.ts";
import { crc32 } from "./crc32.ts";
import { MalformedBlock, RangeDecoder } from "./range-coder.ts";

/**
 * Unpacks what `encodeBlock` wrote. Never throws; memory is bounded by the header's count of
 * readings, itself at most `readingsMax`. Columns sampled at the same instants share one `timesMs`.
 */
export function decodeBlock(dictionary: BlockDictionary, bytes: Uint8Array): DecodedBlock {
  const header = peekBlock(bytes);
  if (!header.ok) return header;
  const end = bytes.length - crcBytes;
  if (end < header.bytes) {
    return { ok: false, fault: "truncated", detail: `${bytes.length} bytes end before the CRC` };
  }
  const crc = crc32(bytes, 0, end);
  if (crc !== u32At(bytes, end)) {
    return {
      ok: false,
      fault: "bad-crc",
      detail: `CRC ${hex(crc)}, the block says ${hex(u32At(bytes, end))}`,
    };
  }
  if (header.dictionary !== dictionary.hash) {
    const detail = `dictionary ${hex(header.dictionary)}, this table is ${hex(dictionary.hash)}`;
    return { ok: false, fault: "wrong-dictionary", detail };
  }
  if (header.readings === 0) return { ok: true, columns: [] };
  try {
    const coder = new RangeDecoder(bytes, header.bytes, end);
    return { ok: true, columns: codeBody(coder, dictionary, [], header) };
  } catch (error) {
    if (error instanceof MalformedBlock || error instanceof RangeError) {
      return { ok: false, fault: "malformed", detail: error.message };
    }
    throw error;
  }
}

const hex = (value: number): string => value.toString(16).padStart(8, "0");
