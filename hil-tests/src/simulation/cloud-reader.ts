/** Reads the cloud's event log as a consumer group of its own, across every restart of the cloud. */

import type { Cloud } from "@weir/cloud/cloud.ts";
import { decodeItem } from "@weir/cloud/ingest/item-kind.ts";
import type { LogPosition, LogRecord } from "@weir/cloud/log/event-log.ts";
import type { BlockDictionary } from "@weir/contracts/block/column-block.ts";
import { decodeBlock } from "@weir/contracts/block/decode-block.ts";
import { makeDictionary } from "@weir/contracts/block/dictionary.ts";
import type { SiteMinute } from "@weir/contracts/generated/weir/v1/telemetry_pb.ts";
import { decodePanes } from "@weir/contracts/panes/decode-panes.ts";
import { summarisedCount } from "@weir/contracts/panes/tag-pane.ts";

const readCountMax = 1_000;
const minuteLengthMs = 60_000;

export class CloudReader {
  /** Readings by plant minute. */
  readonly minutes = new Map<number, number>();
  /** Readings of which only panes came. */
  summarised = 0;
  /** How often each edge event came, by its id. */
  readonly events = new Map<string, number>();
  /** Records that could not be read, and why. */
  readonly problems: string[] = [];
  readonly #position = new Map<number, number>();
  readonly #tables: BlockDictionary[] = [];

  /** Takes in what was appended since the last call. */
  async catchUp(cloud: Cloud): Promise<void> {
    for (;;) {
      const records = await cloud.log.read(this.#position as LogPosition, readCountMax);
      for (const record of records) {
        this.#take(record);
        this.#position.set(record.partition, record.offset + 1);
      }
      if (records.length < readCountMax) return;
    }
  }

  get readingCount(): number {
    return [...this.minutes.values()].reduce((sum, count) => sum + count, 0);
  }

  #take(record: LogRecord): void {
    const body = decodeItem(record.body)?.body;
    switch (body?.case) {
      case "tags": {
        const rows = body.value.tags.map(({ tag }) => ({
          resolution: tag?.resolution ?? 0,
          periodMs: tag?.periodMs ?? 0,
        }));
        this.#tables.unshift(makeDictionary(rows));
        return;
      }
      case "minute": {
        const { minuteMs } = body.value;
        const count = this.#countOf(body.value);
        if (count === undefined) this.problems.push(`minute ${minuteMs} cannot be decoded`);
        this.minutes.set(minuteMs, (this.minutes.get(minuteMs) ?? 0) + (count ?? 0));
        return;
      }
      case "event": {
        const id = body.value.event?.id ?? "";
        this.events.set(id, (this.events.get(id) ?? 0) + 1);
        return;
      }
    }
  }

  #countOf({ block, panes }: SiteMinute): number | undefined {
    for (const table of this.#tables) {
      const decoded = decodeBlock(table, block);
      if (!decoded.ok) continue;
      const summed = panes && decodePanes(table, panes, minuteLengthMs);
      if (summed && !summed.ok) this.problems.push(summed.detail);
      if (summed?.ok) this.summarised += summarisedCount(summed.panes);
      return decoded.columns.reduce((sum, { timesMs }) => sum + timesMs.length, 0);
    }
    return undefined;
  }
}
