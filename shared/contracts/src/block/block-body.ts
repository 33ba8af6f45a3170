/*
  The body: for each tag of the dictionary a bit whether it has a column; each column's times,
  states and values. One description for both directions (see range-coder.ts).
*/
import { elementAt, u8 } from "../elements.ts";
import { AdaptiveBits } from "./adaptive-bits.ts";
import type { BlockColumn, BlockDictionary } from "./column-block.ts";
import { type Coder, MalformedBlock } from "./range-coder.ts";
import { SeriesModel } from "./series.ts";
import { StateRuns } from "./state-runs.ts";
import { TimeColumns } from "./time-column.ts";
import { ValueColumns } from "./value-column.ts";

const absent: BlockColumn = {
  tag: -1,
  timesMs: new Float64Array(0),
  values: new Float64Array(0),
  qualities: new Uint8Array(0),
};

/** Codes `columns` (sorted by tag, none empty); returns them, decoded when decoding. */
export function codeBody(
  coder: Coder,
  dictionary: BlockDictionary,
  columns: readonly BlockColumn[],
  frame: { readings: number; firstMs: number; lastMs: number },
): BlockColumn[] {
  const { classCount } = dictionary;
  const presence = new AdaptiveBits(2 * classCount);
  const lastPresent = new Uint8Array(classCount).fill(1);
  const series = new SeriesModel(classCount + 1);
  const { readings, firstMs, lastMs } = frame;
  const times = new TimeColumns({
    periodCount: dictionary.periodCount,
    series,
    seriesClass: classCount,
    firstMs,
    lastMs,
    readings,
  });
  const states = new StateRuns();
  const values = new ValueColumns({ classCount, series, readings });
  const coded: BlockColumn[] = [];
  const pool = coder.decoding ? new Float64Array(readings) : absent.values;
  const qualityPool = coder.decoding ? new Uint8Array(readings) : absent.qualities;
  let next = 0;
  let done = 0;
  for (let tag = 0; tag < dictionary.tags.length && done < readings; tag++) {
    const tagClass = u8(dictionary.classes, tag);
    const given = columns[next]?.tag === tag ? elementAt(columns, next++) : absent;
    const context = 2 * tagClass + u8(lastPresent, tagClass);
    const present = presence.bit(coder, context, given === absent ? 0 : 1);
    lastPresent[tagClass] = present;
    if (present === 0) continue;
    const { resolution, periodMs } = elementAt(dictionary.tags, tag);
    const period = u8(dictionary.periods, tag);
    const timesMs = times.code(coder, given.timesMs, period, periodMs);
    const end = done + timesMs.length;
    if (end > readings) throw new MalformedBlock("more readings than the header says");
    const column = coder.decoding
      ? {
          tag,
          timesMs,
          values: pool.subarray(done, end),
          qualities: qualityPool.subarray(done, end),
        }
      : given;
    const valued = states.code(coder, column.qualities, column.values);
    values.code(coder, column.values, valued, { class: tagClass, resolution });
    if (coder.decoding) coded.push(column);
    done = end;
  }
  if (done !== readings) throw new MalformedBlock(`${done} readings, the header says ${readings}`);
  return coded;
}
