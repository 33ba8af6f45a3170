/** Panes of summarised tags in the historian: kept as they came, 5 seconds each, beside the readings. */

import { fromBinary, toBinary } from "@bufbuild/protobuf";
import type { BlockColumn, BlockDictionary } from "@weir/contracts/block/column-block.ts";
import { elementAt } from "@weir/contracts/elements.ts";
import { Quality } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import { type Panes, PanesSchema } from "@weir/contracts/generated/weir/v1/telemetry_pb.ts";
import { decodePanes } from "@weir/contracts/panes/decode-panes.ts";
import { encodePanes } from "@weir/contracts/panes/encode-panes.ts";
import { figuresFrom, type TagPane } from "@weir/contracts/panes/tag-pane.ts";
import { emptyPane, mergeInto, paneLengthMs } from "@weir/detectors/pane.ts";

const minuteMs = 60_000;

/** Good or uncertain, and with values: what counts in charts, minutes and hours. */
export const isUsable = ({ quality, figures }: TagPane): boolean =>
  quality <= Quality.UNCERTAIN && figures.count > 0;

/** Null when there are none. */
export function packSummaries(
  dictionary: BlockDictionary,
  panes: readonly TagPane[],
): Uint8Array | null {
  return panes.length === 0
    ? null
    : toBinary(PanesSchema, encodePanes(dictionary, panes, paneLengthMs));
}

export function unpackSummaries(
  dictionary: BlockDictionary | undefined,
  bytes: Uint8Array | null,
): TagPane[] {
  if (!dictionary || !bytes) return [];
  const decoded = decodePanes(dictionary, fromBinary(PanesSchema, bytes), paneLengthMs);
  return decoded.ok ? decoded.panes : [];
}

/** For the cloud: of each tag and quality one pane, of the minute that starts at `startMs`. */
export function minutePanes(
  dictionary: BlockDictionary,
  panes: readonly TagPane[],
  startMs: number,
): Panes | undefined {
  if (panes.length === 0) return undefined;
  const groups = Map.groupBy(panes, ({ tag, quality }) => `${tag}/${quality}`);
  const merged = [...groups.values()].map((group): TagPane => {
    const { tag, quality } = elementAt(group, 0);
    const figures = emptyPane();
    for (const pane of group) mergeInto(figures, figuresFrom(pane, startMs));
    const lastAtMs =
      figures.count > 0
        ? figures.lastAtMs
        : Math.max(...group.map((pane) => pane.startMs - startMs + pane.lastAtMs));
    const holes = group.reduce((sum, pane) => sum + pane.holes, 0);
    return { tag, quality, startMs, holes, lastAtMs, figures };
  });
  return encodePanes(dictionary, merged, minuteMs);
}

/** The newest thing that a pane knows, as a column of one reading: what a stage page shows. */
export const newestOf = ({ tag, startMs, quality, lastAtMs, figures }: TagPane): BlockColumn => ({
  tag,
  timesMs: Float64Array.of(startMs + lastAtMs),
  values: Float64Array.of(figures.count > 0 ? figures.last : Number.NaN),
  qualities: Uint8Array.of(quality),
});
