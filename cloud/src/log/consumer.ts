/**
 * One consumer group in this process: reads on, applies a batch and its position in one transaction
 * of the consumer's own database. A crash before the commit applies nothing, after it applies all:
 * exactly-once effect over an at-least-once log.
 */
import type { Cancel } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import { consumeCountMax } from "../limits.ts";
import type { EventLog, LogRecord } from "./event-log.ts";

/** To be part of the migrations of every database that holds a consumer's state. */
export const consumerMigration = `
  CREATE TABLE consumer_position (
    consumer_group TEXT NOT NULL, partition INTEGER NOT NULL, next_offset INTEGER NOT NULL,
    PRIMARY KEY (consumer_group, partition)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE dead_letter (
    consumer_group TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
    source TEXT NOT NULL, kind TEXT NOT NULL, why TEXT NOT NULL, at_ms REAL NOT NULL,
    PRIMARY KEY (consumer_group, partition, offset)
  ) STRICT, WITHOUT ROWID;
`;

export interface ConsumerOptions {
  group: string;
  log: EventLog;
  db: SqlDatabase;
  logger: Logger;
  /**
   * Folds one record into `db`, inside the transaction. Text: why the record is unusable. One that it throws over
   * is set aside as well, unless the system refused: that is tried again.
   */
  apply: (record: LogRecord) => string | undefined;
  /** After the commit of a batch. */
  onApplied?: (records: readonly LogRecord[]) => void;
}

export interface SetAside {
  count: number;
  source: string;
  kind: string;
  why: string;
  atMs: number;
}

export interface Consumer {
  /** Starts to follow the log; returns at once. */
  start(): void;
  /** Resolves when everything appended so far is applied. */
  drain(): Promise<void>;
  /** Runs `work` between two batches, so that it sees no half of one. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  /** Why the newest batch could not be applied; undefined while all goes well. */
  readonly failing: string | undefined;
  /** Records of this group that could not be used: how many since the database was made, and the newest. */
  setAside(): SetAside | undefined;
  /** Tries what failed again; nothing happens where nothing has. */
  retry(): void;
  stop(): Promise<void>;
}

export function createConsumer(options: ConsumerOptions): Consumer {
  const { group, log, db, logger } = options;
  const positions = positionsOf(db, group);
  let stopped = false;
  let unsubscribe: Cancel = () => {};
  /** Everything of this consumer runs one after the other on this chain. */
  let chain: Promise<unknown> = Promise.resolve();
  let drainQueued = false;
  let failing: string | undefined;

  const letters = deadLettersOf({ db, group, logger });

  const applyOne = (record: LogRecord) => {
    const why = options.apply(record);
    if (why !== undefined) letters.put(record, why);
  };
  const applyBatch = (records: readonly LogRecord[], apply: (record: LogRecord) => void) =>
    db.transaction(() => {
      for (const record of records) apply(record);
      for (const record of records) positions.set(record.partition, record.offset + 1);
    });
  /** Each on its own: what one record has begun is undone before it is set aside. */
  const applyEach = (record: LogRecord) => {
    try {
      db.transaction(() => applyOne(record));
    } catch (error) {
      if (isOfTheSystem(error)) throw error;
      letters.put(record, error instanceof Error ? error.message : String(error));
    }
  };
  const applyAll = (records: readonly LogRecord[]) => {
    try {
      applyBatch(records, applyOne);
    } catch (error) {
      if (isOfTheSystem(error)) throw error;
      // One site's record stops no other's.
      applyBatch(records, applyEach);
    }
  };

  const drainNow = async () => {
    while (!stopped) {
      const records = await log.read(positions.all(), consumeCountMax);
      if (records.length === 0 || stopped) break;
      applyAll(records);
      options.onApplied?.(records);
      for (const [partition, next] of positions.all()) await log.commit(group, partition, next);
    }
    failing = undefined;
  };
  const drain = () =>
    drainNow().catch((error: unknown) => {
      failing = error instanceof Error ? error.message : String(error);
      throw error;
    });

  const enqueue = <T>(work: () => Promise<T>): Promise<T> => {
    const result = chain.then(work);
    chain = result.catch((error: unknown) => {
      if (stopped) return; // the database may be closed under a consumer that is dropped
      logger.error("consumer failed", { group, error: String(error) });
    });
    return result;
  };

  const wake = () => {
    if (drainQueued || stopped) return;
    drainQueued = true;
    void enqueue(() => {
      drainQueued = false;
      return drain();
    }).catch(() => {});
  };

  return {
    start() {
      unsubscribe = log.onAppend(wake);
      wake();
    },
    drain: () => enqueue(drain),
    get failing() {
      return failing;
    },
    setAside: () => letters.summary(),
    retry: () => {
      if (failing !== undefined) wake();
    },
    exclusively: (work) => enqueue(work),
    async stop() {
      stopped = true;
      unsubscribe();
      await chain;
    },
  };
}

function positionsOf(db: SqlDatabase, group: string) {
  const save = db.prepare(
    "INSERT INTO consumer_position VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET next_offset = excluded.next_offset",
  );
  const load = db.prepare(
    "SELECT partition, next_offset FROM consumer_position WHERE consumer_group = ?",
  );
  return {
    /** Read from the database each time: after a rolled-back batch it is what still holds. */
    all: () =>
      new Map(
        load
          .all<{ partition: number; next_offset: number }>(group)
          .map((row) => [row.partition, row.next_offset]),
      ),
    set: (partition: number, nextOffset: number) => save.run(group, partition, nextOffset),
  };
}

/** A disk that is full, a lock, a damaged file: it says nothing of the record. A broken constraint does. */
function isOfTheSystem(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === "string" && !code.startsWith("SQLITE_CONSTRAINT");
}

function deadLettersOf({ db, group, logger }: Pick<ConsumerOptions, "db" | "group" | "logger">) {
  const insert = db.prepare("INSERT OR REPLACE INTO dead_letter VALUES (?, ?, ?, ?, ?, ?, ?)");
  const count = db.prepare("SELECT count(*) AS count FROM dead_letter WHERE consumer_group = ?");
  const newest = db.prepare(
    "SELECT source, kind, why, at_ms AS atMs FROM dead_letter WHERE consumer_group = ? ORDER BY at_ms DESC LIMIT 1",
  );
  return {
    put(record: LogRecord, why: string) {
      const { partition, offset, source, kind, receivedAtMs } = record;
      logger.warn("record set aside", { group, source, kind, why });
      insert.run(group, partition, offset, source, kind, why, receivedAtMs);
    },
    summary(): SetAside | undefined {
      const last = newest.get<Omit<SetAside, "count">>(group);
      return last && { ...last, count: count.get<{ count: number }>(group)?.count ?? 0 };
    },
  };
}
