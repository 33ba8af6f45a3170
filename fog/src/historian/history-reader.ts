/** Reading the past: trends for people, minutes and hours for trainers, columns for evidence. */

import type { BlockColumn } from "@weir/contracts/block/column-block.ts";
import { decodeBlock } from "@weir/contracts/block/decode-block.ts";
import { f64, i32 } from "@weir/contracts/elements.ts";
import type { TagPane } from "@weir/contracts/panes/tag-pane.ts";
import type { DayFiles, SealedMinute } from "./day-files.ts";
import { type MinuteBook, minuteMs } from "./minute-book.ts";
import { type Series, SeriesBuckets } from "./series-buckets.ts";
import type { SiteTags } from "./site-tags.ts";
import { isUsable, unpackSummaries } from "./summaries.ts";

/** Decoded minutes kept for close-up trends; 90 × 8 400 readings × 17 bytes = 13 MB. */
const decodedMax = 90;

/** Where live messages wait for a request. */
const decodePerRequestMax = 30;

const hourMs = 3_600_000;

/** One minute (or hour) of the tags asked for; index = position in the question. NaN and n = 0: no value. */
export interface HistoryRow {
  atMs: number;
  n: Uint32Array;
  mean: Float32Array;
  min: Float32Array;
  max: Float32Array;
  sd: Float32Array;
  /** Unit per second. */
  slope: Float32Array;
}

export interface HistoryReaderOptions {
  days: DayFiles;
  /** Minutes that are not on disk yet. */
  book: Pick<MinuteBook, "columnsOf" | "panesOf">;
  tags: {
    find(id: string): { index: number } | undefined;
    dictionaryOf: SiteTags["dictionaryOf"];
  };
  /** Blocks decoded for one request at most; further minutes are drawn from their summaries. */
  decodeMax?: number;
}

export class HistoryReader {
  readonly #days: DayFiles;
  readonly #book: HistoryReaderOptions["book"];
  readonly #tags: HistoryReaderOptions["tags"];
  readonly #decodeMax: number;
  readonly #decoded = new Map<number, DecodedMinute>();

  constructor(options: HistoryReaderOptions) {
    this.#days = options.days;
    this.#book = options.book;
    this.#tags = options.tags;
    this.#decodeMax = options.decodeMax ?? decodePerRequestMax;
  }

  /** Trend of each tag id over [fromMs, toMs) in `buckets` equal parts. Unknown tags are all gaps. */
  series(tags: readonly string[], fromMs: number, toMs: number, buckets: number): Series[] {
    const wanted = tags.map((id) => ({
      id,
      index: this.#tags.find(id)?.index ?? -1,
      into: new SeriesBuckets(fromMs, toMs, buckets),
    }));
    const bucketMs = (toMs - fromMs) / buckets;
    if (bucketMs < minuteMs) this.#fillClose(wanted, fromMs, toMs);
    else this.#fillFromPanes(wanted, fromMs, toMs, bucketMs >= 2 * hourMs);
    for (const { index, into } of wanted) {
      for (const column of index < 0 ? [] : this.#book.columnsOf(index)) {
        into.addColumn(clipped(column, fromMs, toMs));
      }
      addSummaries(into, index < 0 ? [] : this.#book.panesOf(index), { fromMs, toMs });
    }
    return wanted.map(({ id, into }) => into.finish(id));
  }

  /** Sealed minutes of [fromMs, toMs), oldest first. */
  minutes(tags: readonly string[], fromMs: number, toMs: number): Generator<HistoryRow> {
    return this.#rows(tags, this.#days.minutePanes(fromMs, toMs));
  }

  /** Full hours of [fromMs, toMs), oldest first; imported ones included. */
  hours(tags: readonly string[], fromMs: number, toMs: number): Generator<HistoryRow> {
    return this.#rows(tags, this.#days.hourPanes(fromMs, toMs));
  }

  /** Every reading of a sealed minute by site-wide tag index; empty when only summaries are known. */
  readings(startMs: number): ReadonlyMap<number, BlockColumn> {
    return this.#minute(startMs).columns;
  }

  #minute(startMs: number): DecodedMinute {
    const kept = this.#decoded.get(startMs);
    if (kept) return kept;
    const minute = this.#days.minute(startMs);
    if (!minute) return { columns: new Map(), panes: [] };
    return this.remember(startMs, this.decode(minute), this.summaries(minute));
  }

  /** Panes of the tags that are summarised. */
  summaries(minute: SealedMinute): TagPane[] {
    return unpackSummaries(this.#tags.dictionaryOf(minute.dictionary), minute.summaries);
  }

  /** Keeps a minute's columns and panes for close-up trends. */
  remember(
    startMs: number,
    columns: readonly BlockColumn[],
    panes: readonly TagPane[],
  ): DecodedMinute {
    const minute = { columns: new Map(columns.map((column) => [column.tag, column])), panes };
    this.#decoded.delete(startMs);
    this.#decoded.set(startMs, minute);
    if (this.#decoded.size > decodedMax) {
      this.#decoded.delete(this.#decoded.keys().next().value as number);
    }
    return minute;
  }

  decode(minute: SealedMinute): BlockColumn[] {
    const dictionary = minute.block && this.#tags.dictionaryOf(minute.dictionary);
    if (!dictionary || !minute.block) return [];
    const decoded = decodeBlock(dictionary, minute.block);
    return decoded.ok ? decoded.columns : [];
  }

  #fillClose(wanted: Wanted[], fromMs: number, toMs: number): void {
    let decodes = 0;
    for (const { atMs, panes } of this.#days.minutePanes(fromMs - minuteMs, toMs)) {
      const kept = this.#decoded.has(atMs);
      if (!kept) decodes += 1;
      const minute = kept || decodes <= this.#decodeMax ? this.#minute(atMs) : undefined;
      for (const { index, into } of wanted) {
        const column = minute?.columns.get(index);
        const summaries = minute?.panes.filter(({ tag }) => tag === index) ?? [];
        addSummaries(into, summaries, { fromMs, toMs });
        if (column) into.addColumn(clipped(column, fromMs, toMs));
        else if (summaries.length === 0 && index >= 0 && atMs >= fromMs)
          into.addPane(atMs, paneOf(panes, index));
      }
    }
  }

  #fillFromPanes(wanted: Wanted[], fromMs: number, toMs: number, byHour: boolean): void {
    let from = fromMs;
    if (byHour) {
      for (const { atMs, panes } of this.#days.hourPanes(fromMs, toMs)) {
        for (const { index, into } of wanted) {
          if (index >= 0) into.addPane(atMs, paneOf(panes, index));
        }
        from = atMs + hourMs;
      }
    }
    for (const { atMs, panes } of this.#days.minutePanes(from, toMs)) {
      for (const { index, into } of wanted) {
        if (index >= 0) into.addPane(atMs, paneOf(panes, index));
      }
    }
  }

  *#rows(
    tags: readonly string[],
    rows: Iterable<{ atMs: number; panes: Uint8Array }>,
  ): Generator<HistoryRow> {
    const indices = Int32Array.from(tags, (id) => this.#tags.find(id)?.index ?? -1);
    for (const { atMs, panes } of rows) yield rowOf(atMs, panes, indices);
  }
}

/** The tags `indices` out of a pane blob without decoding the others: trainers ask per stage. */
function rowOf(atMs: number, blob: Uint8Array, indices: Int32Array): HistoryRow {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  const count = view.getUint16(2, true);
  const pick = (column: number): Float32Array => {
    const picked = new Float32Array(indices.length);
    for (let i = 0; i < indices.length; i++) {
      const tag = i32(indices, i);
      const isKnown = tag >= 0 && tag < count;
      picked[i] = isKnown ? view.getFloat32(4 + 4 * (column * count + tag), true) : Number.NaN;
    }
    return picked;
  };
  const n = new Uint32Array(indices.length);
  for (let i = 0; i < indices.length; i++) {
    const tag = i32(indices, i);
    if (tag >= 0 && tag < count) n[i] = view.getUint32(4 + 4 * (5 * count + tag), true);
  }
  return { atMs, n, mean: pick(0), min: pick(1), max: pick(2), sd: pick(3), slope: pick(4) };
}

interface DecodedMinute {
  columns: ReadonlyMap<number, BlockColumn>;
  panes: readonly TagPane[];
}

/** Each pane lies in one bucket, that of its middle; those outside [fromMs, toMs) are left out. */
function addSummaries(
  into: SeriesBuckets,
  panes: readonly TagPane[],
  { fromMs, toMs }: { fromMs: number; toMs: number },
): void {
  for (const pane of panes) {
    const { count: n, timeMean, mean, min, max } = pane.figures;
    const atMs = pane.startMs + timeMean;
    if (isUsable(pane) && atMs >= fromMs && atMs < toMs) into.addPane(atMs, { n, mean, min, max });
  }
}

interface Wanted {
  id: string;
  index: number;
  into: SeriesBuckets;
}

/** One tag out of a pane blob without decoding the others; see pane-row.ts for the layout. */
function paneOf(
  blob: Uint8Array,
  tag: number,
): { n: number; mean: number; min: number; max: number } {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  const count = view.getUint16(2, true);
  if (tag >= count) return { n: 0, mean: Number.NaN, min: Number.NaN, max: Number.NaN };
  const float = (column: number) => view.getFloat32(4 + 4 * (column * count + tag), true);
  return {
    n: view.getUint32(4 + 4 * (5 * count + tag), true),
    mean: float(0),
    min: float(1),
    max: float(2),
  };
}

/** Readings outside [fromMs, toMs) would fall into no bucket; cut them off. */
function clipped(column: BlockColumn, fromMs: number, toMs: number): BlockColumn {
  const { timesMs } = column;
  if ((timesMs[0] ?? fromMs) >= fromMs && (timesMs[timesMs.length - 1] ?? fromMs) < toMs) {
    return column;
  }
  let from = 0;
  while (from < timesMs.length && f64(timesMs, from) < fromMs) from += 1;
  let to = timesMs.length;
  while (to > from && f64(timesMs, to - 1) >= toMs) to -= 1;
  return {
    tag: column.tag,
    timesMs: timesMs.subarray(from, to),
    values: column.values.subarray(from, to),
    qualities: column.qualities.subarray(from, to),
  };
}
