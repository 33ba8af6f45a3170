import assert from "node:assert";
import { elementAt, f64 } from "../elements.ts";
import { codeBody } from "./block-body.ts";
import {
  crcBytes,
  headerBytesMax,
  readingsMax,
  timeMsMax,
  writeHeader,
  writeU32,
} from "./block-header.ts";
import type { BlockColumn, BlockDictionary } from "./column-block.ts";
import { crc32 } from "./crc32.ts";
import { RangeEncoder } from "./range-coder.ts";

/**
 * Packs `columns` into one block. Lossless: values within 1e-9 (relative) of a multiple of their
 * tag's resolution come back as that multiple, all others bit for bit. Columns without readings are
 * left out; the others come back in the order of their tags. At most `readingsMax` readings.
 */
export function encodeBlock(
  dictionary: BlockDictionary,
  columns: readonly BlockColumn[],
): Uint8Array {
  const sorted = inOrder(columns);
  let readings = 0;
  let firstMs = Number.POSITIVE_INFINITY;
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const column of sorted) {
    assertColumn(dictionary, column);
    readings += column.timesMs.length;
    firstMs = Math.min(firstMs, f64(column.timesMs, 0));
    lastMs = Math.max(lastMs, f64(column.timesMs, column.timesMs.length - 1));
  }
  assert(readings <= readingsMax, `${readings} readings, at most ${readingsMax} fit a block`);
  const header = new Uint8Array(headerBytesMax);
  const headerBytes = writeHeader(header, {
    dictionary: dictionary.hash,
    readings,
    firstMs,
    lastMs,
  });
  const coder = new RangeEncoder(headerBytes, 2 * readings + 64);
  if (readings > 0) codeBody(coder, dictionary, sorted, { readings, firstMs, lastMs });
  const bytes = coder.finish(crcBytes);
  bytes.set(header.subarray(0, headerBytes));
  const end = bytes.length - crcBytes;
  writeU32(bytes, end, crc32(bytes, 0, end));
  return bytes;
}

function inOrder(columns: readonly BlockColumn[]): readonly BlockColumn[] {
  let ordered = true;
  for (let i = 0; i < columns.length && ordered; i++) {
    const column = elementAt(columns, i);
    ordered = column.timesMs.length > 0 && (i === 0 || elementAt(columns, i - 1).tag < column.tag);
  }
  if (ordered) return columns;
  const kept = columns.filter((column) => column.timesMs.length > 0).sort((a, b) => a.tag - b.tag);
  for (let i = 1; i < kept.length; i++) {
    assert(kept[i - 1]?.tag !== kept[i]?.tag, `two columns of tag ${kept[i]?.tag}`);
  }
  return kept;
}

function assertColumn(dictionary: BlockDictionary, column: BlockColumn): void {
  const { tag, timesMs, values, qualities } = column;
  assert(Number.isInteger(tag) && tag >= 0 && tag < dictionary.tags.length, `no tag ${tag}`);
  assert(values.length === timesMs.length && qualities.length === timesMs.length, "column lengths");
  let before = 0;
  for (let i = 0; i < timesMs.length; i++) {
    const time = f64(timesMs, i);
    if (time >= before && time < timeMsMax && Math.floor(time) === time) before = time;
    else assert.fail(`time ${time} after ${before} in the column of tag ${tag}`);
  }
}
