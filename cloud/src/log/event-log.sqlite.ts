/** The embedded event log: one partition, one SQLite file, one fsync an append. */
import assert from "node:assert";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import type {
  AppendBatch,
  Appended,
  EventLog,
  LogPosition,
  LogRecord,
  LogSize,
} from "./event-log.ts";

export const sqliteLogMigrations = [
  `
  CREATE TABLE record (
    offset INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL, epoch INTEGER NOT NULL, sequence INTEGER NOT NULL,
    kind TEXT NOT NULL, received_at_ms REAL NOT NULL, body BLOB NOT NULL
  ) STRICT;
  CREATE TABLE producer (
    source TEXT NOT NULL, epoch INTEGER NOT NULL, sequence INTEGER NOT NULL,
    PRIMARY KEY (source, epoch)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE consumer (
    consumer_group TEXT PRIMARY KEY, next_offset INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
];

interface Row {
  offset: number;
  source: string;
  epoch: number;
  sequence: number;
  kind: string;
  received_at_ms: number;
  body: Uint8Array;
}

const onlyPartition = 0;

/** `db`: opened with `sqliteLogMigrations` and synchronous FULL, else power loss undoes an answer. */
export function createSqliteLog(db: SqlDatabase): EventLog {
  const last = db.prepare("SELECT sequence FROM producer WHERE source = ? AND epoch = ?");
  const advance = db.prepare(
    "INSERT INTO producer VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET sequence = excluded.sequence",
  );
  const insert = db.prepare(
    "INSERT INTO record (source, epoch, sequence, kind, received_at_ms, body) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const select = db.prepare("SELECT * FROM record WHERE offset >= ? ORDER BY offset LIMIT ?");
  const commit = db.prepare(
    "INSERT INTO consumer VALUES (?, ?) ON CONFLICT DO UPDATE SET next_offset = max(next_offset, excluded.next_offset)",
  );
  const committed = db.prepare("SELECT next_offset FROM consumer WHERE consumer_group = ?");
  const trim = db.prepare("DELETE FROM record WHERE offset < ? AND received_at_ms < ?");
  const measure = db.prepare(
    "SELECT count(*) AS itemCount, coalesce(sum(length(body)), 0) AS bytes FROM record",
  );
  const listeners = new Set<() => void>();
  const size: LogSize = measure.get<LogSize>() ?? { itemCount: 0, bytes: 0 };

  const appendNow = (batch: AppendBatch): Appended => {
    const { source, epoch, items, atMs } = batch;
    const before = last.get<{ sequence: number }>(source, epoch)?.sequence ?? 0;
    const fresh = items.filter((item) => item.sequence > before);
    for (const { sequence, kind, body } of fresh) {
      insert.run(source, epoch, sequence, kind, atMs, body);
    }
    const durableSequence = fresh.at(-1)?.sequence ?? before;
    if (fresh.length > 0) advance.run(source, epoch, durableSequence);
    return { durableSequence, appendedCount: fresh.length };
  };

  return {
    async append(batch) {
      assertRising(batch);
      const appended = db.transaction(() => appendNow(batch));
      if (appended.appendedCount > 0) {
        size.itemCount += appended.appendedCount;
        const fresh = batch.items.slice(batch.items.length - appended.appendedCount);
        for (const item of fresh) size.bytes += item.body.length;
        for (const listener of listeners) listener();
      }
      return appended;
    },
    async read(position: LogPosition, limit) {
      return select.all<Row>(position.get(onlyPartition) ?? 0, limit).map(recordOf);
    },
    async commit(group, partition, nextOffset) {
      assert(partition === onlyPartition);
      commit.run(group, nextOffset);
    },
    async committed(group) {
      const row = committed.get<{ next_offset: number }>(group);
      return new Map(row ? [[onlyPartition, row.next_offset]] : []);
    },
    onAppend(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async retain(beforeMs, groups) {
      const offsets = groups.map(
        (group) => committed.get<{ next_offset: number }>(group)?.next_offset ?? 0,
      );
      const { changes } = trim.run(Math.min(...offsets), beforeMs);
      if (changes > 0) Object.assign(size, measure.get<LogSize>());
      return changes;
    },
    size: () => ({ ...size }),
    close: () => db.close(),
  };
}

function assertRising({ items }: AppendBatch): void {
  for (let i = 1; i < items.length; i++) {
    assert((items[i]?.sequence ?? 0) > (items[i - 1]?.sequence ?? 0));
  }
}

const recordOf = (row: Row): LogRecord => ({
  partition: onlyPartition,
  offset: row.offset,
  source: row.source,
  epoch: row.epoch,
  sequence: row.sequence,
  kind: row.kind,
  receivedAtMs: row.received_at_ms,
  body: row.body,
});
