/** The embedded event log: one partition, one SQLite file, one fsync an append. */
import assert from "node:assert";
import { crc32 } from "node:zlib";
import { noIncarnation } from "@weir/runtime/incarnation.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import type {
  AppendBatch,
  Appended,
  AppendItem,
  EventLog,
  LogPosition,
  LogRecord,
  LogSize,
} from "./event-log.ts";
import { contentOf, createItemOrder } from "./item-order.ts";

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
  // Numbers by who gave them ('0': a fog that is too old to say), and what each item looked like.
  `
  ALTER TABLE record ADD COLUMN incarnation TEXT NOT NULL DEFAULT '0';
  ALTER TABLE record ADD COLUMN print INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX record_number ON record (source, sequence);
  CREATE INDEX record_print ON record (source, print);
  ALTER TABLE producer RENAME TO producer_before;
  CREATE TABLE producer (
    source TEXT NOT NULL, epoch INTEGER NOT NULL, incarnation TEXT NOT NULL,
    sequence INTEGER NOT NULL, overlaps INTEGER NOT NULL, last_offset INTEGER NOT NULL,
    PRIMARY KEY (source, epoch, incarnation)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO producer SELECT source, epoch, '0', sequence, 0, 0 FROM producer_before;
  DROP TABLE producer_before;
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
  const order = createItemOrder(db);
  const insert = db.prepare(
    `INSERT INTO record (source, epoch, incarnation, sequence, kind, received_at_ms, body, print)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
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

  const appendNow = (given: AppendBatch): Taken => {
    const items = given.items.map((item) => ({ ...item, print: item.print ?? madePrint(item) }));
    const batch = { ...given, incarnation: given.incarnation ?? noIncarnation, items };
    const placed = order.place(batch);
    const { findings } = placed;
    if ("missingAfter" in placed) {
      const { missingAfter } = placed;
      return { durableSequence: 0, appendedCount: 0, bytes: 0, missingAfter, findings };
    }
    const { source, epoch, incarnation, atMs } = batch;
    let offset = 0;
    let bytes = 0;
    for (const { sequence, kind, body, print } of placed.fresh) {
      bytes += body.length;
      const row = [source, epoch, incarnation, sequence, kind, atMs, body, print ?? 0];
      offset = insert.run(...row).lastInsertRowid;
    }
    const durableSequence = Math.max(placed.before, items.at(-1)?.sequence ?? 0);
    if (durableSequence > placed.before) order.advance(batch, durableSequence, offset);
    return { durableSequence, appendedCount: placed.fresh.length, bytes, findings };
  };

  return {
    async append(batch) {
      assertRising(batch);
      const { bytes, ...appended } = db.transaction(() => appendNow(batch));
      if (appended.appendedCount > 0) {
        size.itemCount += appended.appendedCount;
        size.bytes += bytes;
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

/** What `append` answers, and the bytes it has added. */
type Taken = Appended & { bytes: number };

/** For sources that send none. */
const madePrint = ({ body }: AppendItem): number => crc32(contentOf(body));

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
