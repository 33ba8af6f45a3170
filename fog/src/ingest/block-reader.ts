/** From a telemetry message to columns, or why not. */
import { peekBlock } from "@weir/contracts/block/block-header.ts";
import type { BlockColumn } from "@weir/contracts/block/column-block.ts";
import { decodeBlock } from "@weir/contracts/block/decode-block.ts";
import type { Telemetry } from "@weir/contracts/generated/weir/v1/telemetry_pb.ts";
import { decodePanes } from "@weir/contracts/panes/decode-panes.ts";
import type { TagPane } from "@weir/contracts/panes/tag-pane.ts";
import { paneLengthMs } from "@weir/detectors/pane.ts";
import type { EdgeDictionary, EdgeRecord } from "./edge-book.ts";

/** Readings from further away than this in plant time are a wrong clock, not history. */
const pastMaxMs = 400 * 86_400_000;
const futureMaxMs = 86_400_000;

export interface ReadableBlock {
  at: "readable";
  table: EdgeDictionary;
  /** By index of `table`. */
  columns: BlockColumn[];
  /** Of readings that are in no column; by index of `table`. */
  panes: TagPane[];
  /** Time of the newest reading; NaN without columns. */
  lastMs: number;
  backlog: boolean;
}

export type ReadBlock =
  | ReadableBlock
  /** Its tag table is not known yet. */
  | { at: "waiting" }
  | { at: "unreadable"; reason: string };

/** `nowMs` undefined: its times were checked when it came. */
export function readBlock(
  record: EdgeRecord,
  telemetry: Telemetry,
  nowMs: number | undefined,
): ReadBlock {
  const peeked = peekBlock(telemetry.block);
  if (!peeked.ok) return { at: "unreadable", reason: `${peeked.fault}: ${peeked.detail}` };
  const table = record.table(telemetry, peeked.dictionary);
  if (!table) return { at: "waiting" };
  const packed = telemetry.panes;
  const unpacked = packed && decodePanes(table.block, packed, paneLengthMs);
  if (unpacked && !unpacked.ok) return { at: "unreadable", reason: `panes: ${unpacked.detail}` };
  const panes = unpacked?.panes ?? [];
  const { lastMs } = peeked;
  const times = panes.flatMap((pane) => [pane.startMs, pane.startMs + pane.lastAtMs]);
  if (peeked.readings > 0) times.push(peeked.firstMs, lastMs);
  const [fromMs, toMs] = [Math.min(...times), Math.max(...times)];
  const isOff = nowMs !== undefined && (fromMs < nowMs - pastMaxMs || toMs > nowMs + futureMaxMs);
  if (isOff) {
    const span = [fromMs, toMs].map((ms) => new Date(ms).toISOString()).join(" to ");
    return { at: "unreadable", reason: `readings of ${span}: the edge's clock is wrong` };
  }
  const decoded = decodeBlock(table.block, telemetry.block);
  if (!decoded.ok) return { at: "unreadable", reason: `${decoded.fault}: ${decoded.detail}` };
  return {
    at: "readable",
    table,
    columns: decoded.columns,
    panes,
    lastMs,
    backlog: telemetry.backlog,
  };
}
