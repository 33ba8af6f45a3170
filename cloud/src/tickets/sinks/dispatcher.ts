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
const waitingCountMax = 5_000;

export interface Dispatcher {
  /** Joins the open transaction. */
  queue(notice: Omit<TicketNotice, "key">): void;
  start(): void;
  waitingCount(): number;
  stop(): void;
}

export interface DispatcherOptions {
  db: SqlDatabase;
  sinks: readonly TicketSink[];
  io: Clock;
  logger: Logger;
}

export function createDispatcher({ db, sinks, io, logger }: DispatcherOptions): Dispatcher {
  const insert = db.prepare("INSERT INTO delivery (sink, notice, attempts) VALUES (?, ?, 0)");
  const trim = db.prepare(
    "DELETE FROM delivery WHERE sink = ? AND id <= (SELECT max(id) FROM delivery) - ?",
  );
  const oldest = db.prepare(
    "SELECT id, notice, attempts FROM delivery WHERE sink = ? ORDER BY id LIMIT 1",
  );
  const remove = db.prepare("DELETE FROM delivery WHERE id = ?");
  const count = db.prepare("SELECT count(*) AS count FROM delivery");
  const failed = db.prepare("UPDATE delivery SET attempts = attempts + 1 WHERE id = ?");
  const stopping = new AbortController();
  const isBusy = new Set<TicketSink>();
  const timers = new Map<TicketSink, Cancel>();

  const deliverNext = async (sink: TicketSink): Promise<void> => {
    const row = oldest.get<{ id: number; notice: string; attempts: number }>(sink.name);
    if (!row || stopping.signal.aborted) return;
    const limit = new AbortController();
    const stopLimit = io.after(attemptMsMax, () => limit.abort());
    try {
      const notice = JSON.parse(row.notice) as Omit<TicketNotice, "key">;
      const signal = AbortSignal.any([limit.signal, stopping.signal]);
      await sink.deliver({ ...notice, key: `${sink.name}/${row.id}` }, signal);
      if (stopping.signal.aborted) return;
      remove.run(row.id);
      return deliverNext(sink);
    } catch (error) {
      if (stopping.signal.aborted) return;
      if (row.attempts === 0)
        logger.warn("a ticket waits", { sink: sink.name, why: String(error) });
      if (row.attempts + 1 >= attemptsMax) remove.run(row.id);
      else failed.run(row.id);
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
    if (isBusy.has(sink) || stopping.signal.aborted) return;
    isBusy.add(sink);
    void deliverNext(sink).finally(() => isBusy.delete(sink));
  };

  return {
    queue(notice) {
      for (const sink of sinks) {
        insert.run(sink.name, JSON.stringify(notice));
        trim.run(sink.name, waitingCountMax);
        // After the open transaction: what is rolled back must not be sent.
        if (!timers.has(sink)) io.after(0, () => wake(sink));
      }
    },
    start() {
      for (const sink of sinks) wake(sink);
    },
    waitingCount: () => count.get<{ count: number }>()?.count ?? 0,
    stop() {
      stopping.abort();
      for (const cancel of timers.values()) cancel();
    },
  };
}
