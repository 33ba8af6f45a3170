/**
 * What travels down, one queue a site. A cursor names the last item received; asking again with the
 * same cursor gives the same answer, so an answer lost on the way costs nothing.
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { SignedArtifact } from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import {
  type DownlinkItem,
  DownlinkItemSchema,
} from "@weir/contracts/generated/weir/v1/cloud_pb.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import { pullItemCountMax, pullSizeMaxBytes } from "../limits.ts";

export const downlinkMigration = `
  CREATE TABLE downlink (
    cursor INTEGER PRIMARY KEY AUTOINCREMENT,
    site TEXT NOT NULL,
    edge TEXT NOT NULL,            -- "" for the fog itself
    slot TEXT NOT NULL,            -- a newer item of the same slot replaces an older one
    body BLOB NOT NULL,            -- serialised DownlinkItem
    at_ms REAL NOT NULL
  ) STRICT;
  CREATE INDEX downlink_by_site ON downlink (site, cursor);
`;

export interface DownlinkQueue {
  /** Queues `artifact`; an older one of the same `slot` that nobody fetched yet is replaced. */
  send(site: string, options: { edge: string; slot: string; artifact: SignedArtifact }): number;
  /** Items after `cursor`, oldest first, within the limits of one answer; at least one if there is any. */
  after(site: string, cursor: number): DownlinkItem[];
  /** Resolves when something is queued for `site`, time is up, or `signal` aborts. */
  changed(
    site: string,
    options: { withinMs: number; clock: Clock; signal: AbortSignal | undefined },
  ): Promise<void>;
}

export function createDownlinkQueue(db: SqlDatabase, plant: Clock): DownlinkQueue {
  // The calendar's milliseconds, or one more than the last: a queue that was restored to an earlier state
  // never gives a cursor that a site has passed already.
  const insert = db.prepare(
    `INSERT INTO downlink (cursor, site, edge, slot, body, at_ms)
     VALUES (max(?, coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'downlink'), 0) + 1),
       ?, ?, ?, ?, ?)`,
  );
  const supersede = db.prepare("DELETE FROM downlink WHERE site = ? AND slot = ?");
  const select = db.prepare(
    "SELECT cursor, body FROM downlink WHERE site = ? AND cursor > ? ORDER BY cursor LIMIT ?",
  );
  const waiting = new Map<string, Set<() => void>>();
  const wake = (site: string) => {
    for (const resolve of [...(waiting.get(site) ?? [])]) resolve();
  };

  return {
    send(site, { edge, slot, artifact }) {
      const body = toBinary(
        DownlinkItemSchema,
        create(DownlinkItemSchema, { edge, body: { case: "artifact", value: artifact } }),
      );
      const nowMs = Math.floor(plant.nowMs());
      const cursor = db.transaction(() => {
        supersede.run(site, slot);
        return insert.run(nowMs, site, edge, slot, body, nowMs).lastInsertRowid;
      });
      wake(site);
      return cursor;
    },

    after(site, cursor) {
      const items: DownlinkItem[] = [];
      let bytes = 0;
      const rows = select.iterate<{ cursor: number; body: Uint8Array }>(
        site,
        cursor,
        pullItemCountMax,
      );
      for (const row of rows) {
        bytes += row.body.length;
        if (items.length > 0 && bytes > pullSizeMaxBytes) break;
        const item = fromBinary(DownlinkItemSchema, row.body);
        item.cursor = row.cursor;
        items.push(item);
      }
      return items;
    },

    changed(site, { withinMs, clock, signal }) {
      return new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const set = waiting.get(site) ?? new Set();
        waiting.set(site, set);
        const done = () => {
          set.delete(done);
          cancel();
          signal?.removeEventListener("abort", done);
          resolve();
        };
        const cancel = clock.after(withinMs, done);
        set.add(done);
        signal?.addEventListener("abort", done, { once: true });
      });
    },
  };
}
