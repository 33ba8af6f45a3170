/** From a telemetry message to columns, or why not. */
import { peekBlock } from "@weir/contracts/block/block-header.ts";
import type { BlockColumn } from "@weir/contracts/block/column-block.ts";
import { decodeBlock } from "@weir/contracts/block/decode-block.ts";
import type { Telemetry } from "@weir/contracts/generated/weir/v1/telemetry_pb.ts";
import { decodePanes } from "@weir/contracts/panes/decode-panes.ts";
import type { TagPane } from "@weir/contracts/panes/tag-pane.ts";
import { paneLengthMs } from "@weir/detectors/pane.ts";
import { ageWords } from "../freshness/freshness.ts";
import { minuteMs } from "../historian/minute-book.ts";
import type { EdgeDictionary, EdgeRecord } from "./edge-book.ts";
import { pastMaxMs } from "./message-bounds.ts";

/** Readings from further ahead than this in plant time are a wrong clock, and kept nowhere. */
const futureMaxMs = 86_400_000;
/** Readings of one batch; an edge sends some thousand. A packet of some bytes can hold many more. */
const batchReadingsMax = 200_000;
/** Minutes of which one batch may hold readings: a day's, and each costs memory until it is sealed. */
const batchMinutesMax = 1_500;

/** Live batches are far smaller. */
const bulkyMinutes = 10;
const bulkyReadings = 5_000;

export interface ReadableBlock {
  at: "readable";
  table: EdgeDictionary;
  /** By index of `table`. */
  columns: BlockColumn[];
  /** Of readings that are in no column; by index of `table`. */
  panes: TagPane[];
  /** Time of the newest reading; NaN without columns. */
  lastMs: number;
  /** Time of the newest reading or pane; −∞ without any. */
  toMs: number;
  /** It adds so much to open minutes that it must wait while those are many. */
  isBulky: boolean;
  backlog: boolean;
}

export type ReadBlock =
  | ReadableBlock
  /** Its tag table is not known yet. */
  | { at: "waiting" }
  | {
      at: "unreadable";
      reason: string;
      /** Of times that are neither history nor now: how far ahead of the fog's clock, milliseconds; below 0: behind. */
      clockAheadMs?: number;
    };

/** `nowMs` undefined: its times were checked when it came. */
export function readBlock(
  record: EdgeRecord,
  telemetry: Telemetry,
  nowMs: number | undefined,
): ReadBlock {
  const peeked = peekBlock(telemetry.block);
  if (!peeked.ok) return { at: "unreadable", reason: `${peeked.fault}: ${peeked.detail}` };
  if (peeked.readings > batchReadingsMax) {
    const reason = `${peeked.readings} readings in one batch, at most ${batchReadingsMax}`;
    return { at: "unreadable", reason };
  }
  const table = record.table(telemetry, peeked.dictionary);
  if (!table) return { at: "waiting" };
  const packed = telemetry.panes;
  const unpacked = packed && decodePanes(table.block, packed, paneLengthMs);
  if (unpacked && !unpacked.ok) return { at: "unreadable", reason: `panes: ${unpacked.detail}` };
  const panes = unpacked?.panes ?? [];
  const decoded = decodeBlock(table.block, telemetry.block);
  if (!decoded.ok) return { at: "unreadable", reason: `${decoded.fault}: ${decoded.detail}` };
  const { columns } = decoded;
  const span = spanOf(columns, panes);
  const fault = spanFault(span, nowMs);
  if (fault) return { at: "unreadable", ...fault };
  const lastMs = peeked.readings > 0 ? peeked.lastMs : Number.NaN;
  return {
    at: "readable",
    table,
    columns,
    panes,
    lastMs,
    toMs: span.toMs,
    isBulky: span.minutes > bulkyMinutes || peeked.readings > bulkyReadings,
    backlog: telemetry.backlog,
  };
}

interface Span {
  fromMs: number;
  toMs: number;
  /** Different minutes; counted no further than needed to know that they are too many. */
  minutes: number;
}

/** By the readings themselves, whatever the header says. */
function spanOf(columns: readonly BlockColumn[], panes: readonly TagPane[]): Span {
  let fromMs = Number.POSITIVE_INFINITY;
  let toMs = Number.NEGATIVE_INFINITY;
  const minutes = new Set<number>();
  const take = (atMs: number): void => {
    // NaN stays: it is no time, and is found out below.
    fromMs = Math.min(fromMs, atMs);
    toMs = Math.max(toMs, atMs);
    if (minutes.size <= batchMinutesMax) minutes.add(Math.floor(atMs / minuteMs));
  };
  for (const { timesMs } of columns) for (const atMs of timesMs) take(atMs);
  for (const { startMs, lastAtMs } of panes) {
    take(startMs);
    take(startMs + lastAtMs);
  }
  return { fromMs, toMs, minutes: minutes.size };
}

type SpanFault = Pick<Extract<ReadBlock, { at: "unreadable" }>, "reason" | "clockAheadMs">;

function spanFault(
  { fromMs, toMs, minutes }: Span,
  nowMs: number | undefined,
): SpanFault | undefined {
  if (minutes === 0) return undefined;
  if (minutes > batchMinutesMax) {
    return { reason: `readings of more than ${batchMinutesMax} minutes in one batch` };
  }
  const [leastMs, mostMs] =
    nowMs === undefined ? [0, 2 ** 48] : [nowMs - pastMaxMs, nowMs + futureMaxMs];
  if (fromMs >= leastMs && toMs <= mostMs) return undefined;
  const reason = `readings of ${instant(fromMs)} to ${instant(toMs)}: the edge's clock is wrong`;
  const aheadMs = toMs > mostMs ? toMs - (nowMs ?? 0) : fromMs - (nowMs ?? 0);
  const isDate = Math.abs(toMs) <= dateMaxMs && Math.abs(fromMs) <= dateMaxMs;
  if (nowMs === undefined || !isDate) return { reason };
  const way = `${ageWords(Math.abs(aheadMs))} ${aheadMs > 0 ? "ahead of" : "behind"} this fog`;
  return { reason: `${way}: ${reason}`, clockAheadMs: aheadMs };
}

const dateMaxMs = 8.64e15;

const instant = (atMs: number): string =>
  Math.abs(atMs) <= dateMaxMs ? new Date(atMs).toISOString() : "no date";
