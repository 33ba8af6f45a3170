/** Brings notices to every sink, in order a sink, with retries that survive a restart. Never blocks the desk. */
import type { Cancel, Clock } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import type { TicketNotice, TicketSink } from "./ticket-sink.ts";

export const deliveryMigration = `
  CREATE TABLE delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sink TEXT NOT NULL, notice TEXT NOT NULL, attempts INTEGER NOT NULL
  ) STRICT;
`;

/** Longest one attempt may take, real milliseconds. */
const attemptMsMax = 10_000;
const retryFirstMs = 2_000;
const retryMsMax = 15 * 60_000;
/** Attempts before a notice is given up: with the waits above about a week. */
const attemptsMax = 700;
/** Notices waiting for one sink; beyond it the oldest are given up. */
export const waitingCountMax = 5_000;

export interface SinkState {
  name: string;
  waiting: number;
  /** Since when it takes nothing, plant time, and what it answers; undefined while it takes what comes. */
  refusing: { sinceMs: number; why: string } | undefined;
  /** Notices given up since the start: tried for a week, or too many waiting. */
  givenUp: number;
}

export interface Dispatcher {
  /** Joins the open transaction. */
  queue(notice: Omit<TicketNotice, "key">): void;
  start(): void;
  waitingCount(): number;
  /** Every sink that is configured, and every one that is not and has notices left. */
  states(): SinkState[];
  stop(): void;
}

export interface DispatcherOptions {
  db: SqlDatabase;
  /** Names are unique. */
  sinks: readonly TicketSink[];
  /** Real time: attempts and waits. */
  io: Clock;
  /** What states are dated by. */
  plant: Clock;
  logger: Logger;
}

interface Row {
  id: number;
  notice: string;
  attempts: number;
}

/** What waits for whom, oldest first. */
function deliveriesIn(db: SqlDatabase) {
  const insert = db.prepare("INSERT INTO delivery (sink, notice, attempts) VALUES (?, ?, 0)");
  const excess = db.prepare(
    `DELETE FROM delivery WHERE sink = ? AND id <= coalesce(
       (SELECT id FROM delivery WHERE sink = ? ORDER BY id DESC LIMIT 1 OFFSET ${waitingCountMax}), 0)`,
  );
  const oldest = db.prepare(
    "SELECT id, notice, attempts FROM delivery WHERE sink = ? ORDER BY id LIMIT 1",
  );
  const remove = db.prepare("DELETE FROM delivery WHERE id = ?");
  const counts = db.prepare("SELECT sink, count(*) AS count FROM delivery GROUP BY sink");
  const failed = db.prepare("UPDATE delivery SET attempts = attempts + 1 WHERE id = ?");
  return {
    /** How many of the oldest had to give way. */
    add(sink: string, notice: Omit<TicketNotice, "key">): number {
      insert.run(sink, JSON.stringify(notice));
      return excess.run(sink, sink).changes;
    },
    oldest: (sink: string) => oldest.get<Row>(sink),
    remove: (id: number) => remove.run(id),
    failed: (id: number) => failed.run(id),
    waiting: () =>
      new Map(counts.all<{ sink: string; count: number }>().map((row) => [row.sink, row.count])),
  };
}

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { db, sinks, io, plant, logger } = options;
  const deliveries = deliveriesIn(db);
  const stopping = new AbortController();
  const isBusy = new Set<TicketSink>();
  const timers = new Map<TicketSink, Cancel>();
  const refusing = new Map<string, { sinceMs: number; why: string }>();
  const givenUp = new Map<string, number>();
  giveEachItsOwn(db, sinks);

  const giveUp = (sink: string, count: number) => {
    if (count === 0) return;
    givenUp.set(sink, (givenUp.get(sink) ?? 0) + count);
    logger.error("ticket notices are given up", { sink, count });
  };
  const deliverNext = async (sink: TicketSink): Promise<void> => {
    const row = deliveries.oldest(sink.name);
    if (!row || stopping.signal.aborted) return;
    const limit = new AbortController();
    const stopLimit = io.after(attemptMsMax, () => limit.abort());
    try {
      const notice = JSON.parse(row.notice) as Omit<TicketNotice, "key">;
      const signal = AbortSignal.any([limit.signal, stopping.signal]);
      await sink.deliver({ ...notice, key: `${sink.name}/${row.id}` }, signal);
      if (stopping.signal.aborted) return;
      refusing.delete(sink.name);
      deliveries.remove(row.id);
      return deliverNext(sink);
    } catch (error) {
      if (stopping.signal.aborted) return;
      const why = error instanceof Error ? error.message : String(error);
      const { sinceMs } = refusing.get(sink.name) ?? { sinceMs: plant.nowMs() };
      refusing.set(sink.name, { sinceMs, why });
      if (row.attempts === 0) logger.warn("a ticket waits", { sink: sink.name, why });
      if (row.attempts + 1 >= attemptsMax) {
        deliveries.remove(row.id);
        giveUp(sink.name, 1);
      } else deliveries.failed(row.id);
      const waitMs = Math.min(retryMsMax, retryFirstMs * 2 ** Math.min(20, row.attempts));
      const retry = () => {
        timers.delete(sink);
        wake(sink);
      };
      timers.set(sink, io.after(waitMs, retry));
    } finally {
      stopLimit();
    }
  };
  const wake = (sink: TicketSink) => {
    if (isBusy.has(sink) || timers.has(sink) || stopping.signal.aborted) return;
    isBusy.add(sink);
    void deliverNext(sink).finally(() => isBusy.delete(sink));
  };

  return {
    queue(notice) {
      for (const sink of sinks) {
        giveUp(sink.name, deliveries.add(sink.name, notice));
        // After the open transaction: what is rolled back must not be sent.
        if (!timers.has(sink)) io.after(0, () => wake(sink));
      }
    },
    start() {
      for (const sink of sinks) wake(sink);
    },
    waitingCount: () => [...deliveries.waiting().values()].reduce((sum, count) => sum + count, 0),
    states() {
      const waiting = deliveries.waiting();
      const names = new Set([...sinks.map(({ name }) => name), ...waiting.keys()]);
      return [...names].map((name) => ({
        name,
        waiting: waiting.get(name) ?? 0,
        refusing: refusing.get(name),
        givenUp: givenUp.get(name) ?? 0,
      }));
    },
    stop() {
      stopping.abort();
      for (const cancel of timers.values()) cancel();
    },
  };
}

/**
 * Notices that an older version kept under one name for several sinks: each sink gets every one of
 * them. Who has had which is not known, and delivery is at least once.
 */
function giveEachItsOwn(db: SqlDatabase, sinks: readonly TicketSink[]): void {
  const insert = db.prepare("INSERT INTO delivery (sink, notice, attempts) VALUES (?, ?, 0)");
  const old = db.prepare(
    "SELECT min(id) AS id, notice FROM delivery WHERE sink = ? GROUP BY notice ORDER BY 1",
  );
  const forget = db.prepare("DELETE FROM delivery WHERE sink = ?");
  const names = new Set(sinks.map(({ name }) => name));
  const former = Map.groupBy(
    sinks.filter(({ formerName }) => formerName !== undefined && !names.has(formerName)),
    ({ formerName }) => formerName as string,
  );
  for (const [name, heirs] of former) {
    db.transaction(() => {
      for (const { notice } of old.all<Row>(name)) {
        for (const heir of heirs) insert.run(heir.name, notice);
      }
      forget.run(name);
    });
  }
}
