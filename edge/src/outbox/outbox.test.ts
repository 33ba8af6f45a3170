import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { elementAt } from "@weir/contracts/elements.ts";
import { open } from "@weir/contracts/envelope.ts";
import { PanesSchema } from "@weir/contracts/generated/weir/v1/telemetry_pb.ts";
import { balanced, type LedgerCounts } from "@weir/contracts/ledger.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import { sized } from "@weir/testing/test-size.ts";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { edgeMigrations } from "../edge-schema.ts";
import { Outbox } from "./outbox.ts";
import { asBacklog, type Parcel } from "./parcel.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "weir-outbox-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const openDb = (file: string): SqlDatabase =>
  openSqlite(file, { synchronous: "NORMAL", migrations: edgeMigrations });

function openOutbox(db: SqlDatabase, quotaBytes = 1_000_000): Outbox {
  const clock = new SimulatedClock(1_780_000_000_000);
  return new Outbox({
    edge: "edge-w",
    db,
    ioClock: clock,
    plantClock: clock,
    quotaBytes,
    reserveBytes: 0,
    freeDiskBytes: () => Number.POSITIVE_INFINITY,
  });
}

let instant = 1_780_000_000_000;
const block = (count: number, thinned = 0, sizeBytes = 40) => {
  instant += 1_000;
  return {
    bytes: new Uint8Array(sizeBytes),
    count,
    thinned,
    firstMs: instant,
    lastMs: instant + 900,
  };
};
const alert = () => ({
  atMs: instant,
  body: { case: "alert" as const, value: { tag: "D11/CL01", active: true } },
});

const readable = (parcel: Parcel) => {
  const opened = open("blocks", parcel.bytes);
  return opened.ok ? opened.value : expect.fail(opened.detail);
};

describe("outbox", () => {
  test("numbers batches from 1 in each boot epoch, and seals both into the message", () => {
    const db = openDb(join(folder, "a.db"));
    const first = openOutbox(db);
    first.stageBlock(block(3));
    first.stageBlock(block(4));
    const committed = first.commit(10);
    if (!committed.ok) expect.fail(committed.reason);
    expect(committed.telemetry.map(readable).map((m) => [m.epoch, m.sequence, m.backlog])).toEqual([
      [1, 1, false],
      [1, 2, false],
    ]);
    db.close();
    const again = openOutbox(openDb(join(folder, "a.db")));
    again.stageBlock(block(5));
    again.commit(0);
    const page = again.claim("telemetry", { afterId: 0, beforeId: 1e9, limit: 10 });
    expect(page.parcels.map(readable).map((m) => [m.epoch, m.sequence])).toEqual([
      [1, 1],
      [1, 2],
      [2, 1],
    ]);
    expect(again.ledger(0)).toEqual({
      acquired: 12,
      delivered: 0,
      thinned: 0,
      dropped: 0,
      pending: 12,
    });
  });

  test("a stored message is marked as backlog without decoding it", () => {
    const outbox = openOutbox(openDb(":memory:"));
    outbox.stageBlock(block(1));
    outbox.stageEvent(alert());
    const committed = outbox.commit(1);
    if (!committed.ok) expect.fail(committed.reason);
    const telemetry = open("blocks", asBacklog(elementAt(committed.telemetry, 0).bytes));
    const events = open("events", asBacklog(elementAt(committed.events, 0).bytes));
    expect(telemetry).toMatchObject({ ok: true, value: { backlog: true, sequence: 1 } });
    expect(events).toMatchObject({ ok: true, value: { backlog: true, sequence: 1 } });
  });

  test("a new database may begin at a later epoch, an old one never goes back", () => {
    const db = openDb(join(folder, "a.db"));
    const clock = new SimulatedClock(0);
    const options = {
      edge: "e",
      db,
      ioClock: clock,
      plantClock: clock,
      quotaBytes: 1e6,
      reserveBytes: 0,
      freeDiskBytes: () => 1e12,
      firstEpoch: 500,
    };
    expect(new Outbox(options).epoch).toBe(500);
    expect(new Outbox(options).epoch).toBe(501);
  });

  test("a database that was rolled back gives no number twice: each boot numbers under its own incarnation", () => {
    const file = join(folder, "a.db");
    const db = openDb(file);
    const first = openOutbox(db);
    for (let i = 0; i < 3; i++) first.stageBlock(block(1));
    first.commit(0);
    db.exec(`VACUUM INTO '${join(folder, "backup.db")}'`);
    for (let i = 0; i < 4; i++) first.stageBlock(block(1));
    first.stageEvent(alert());
    const lost = first.commit(10);
    db.close();
    const again = openOutbox(openDb(join(folder, "backup.db")));
    expect(again.boot.store).toBe(first.boot.store);
    expect(again.boot.previous).toEqual({
      epoch: first.epoch,
      incarnation: first.boot.incarnation,
      sequence: { telemetry: 3, events: 0 },
    });
    // A second one of the same backup, as a cloned disk is.
    const clone = openOutbox(openDb(file));
    for (const outbox of [again, clone]) {
      outbox.stageBlock(block(1));
      outbox.stageEvent(alert());
    }
    const committed = [lost, again.commit(10), clone.commit(10)];
    const numbers = committed.flatMap((turn) =>
      turn.ok
        ? turn.telemetry.map(({ incarnation, sequence }) => `${incarnation}/${sequence}`)
        : [],
    );
    expect(numbers).toHaveLength(6);
    expect(new Set(numbers).size).toBe(6);
    const ids = committed.flatMap((turn) => {
      const parcel = turn.ok ? turn.events[0] : undefined;
      const opened = parcel && open("events", parcel.bytes);
      return opened?.ok ? opened.value.events.map(({ id }) => id) : [];
    });
    expect(new Set(ids).size).toBe(3);
    // What had been numbered before keeps its number: the fog knows it again.
    const kept = again.claim("telemetry", { afterId: 0, beforeId: 4, limit: 10 }).parcels;
    expect(kept.map(({ incarnation, sequence }) => [incarnation, sequence])).toEqual([
      [first.boot.incarnation, 1],
      [first.boot.incarnation, 2],
      [first.boot.incarnation, 3],
    ]);
  });

  test("it says from where on batches are still to come: older ones are delivered or dropped", () => {
    const outbox = openOutbox(openDb(":memory:"));
    const { epoch, incarnation } = outbox.boot;
    expect(outbox.pendingFrom("telemetry")).toEqual({ epoch, incarnation, sequence: 1 });
    for (let i = 0; i < 3; i++) outbox.stageBlock(block(1));
    outbox.commit(0);
    expect(outbox.pendingFrom("telemetry").sequence).toBe(1);
    const page = outbox.claim("telemetry", { afterId: 0, beforeId: 1e9, limit: 10 });
    for (const { id } of page.parcels) outbox.acknowledge("telemetry", id);
    outbox.commit(0);
    expect(outbox.pendingFrom("telemetry")).toEqual({ epoch, incarnation, sequence: 4 });
    expect(outbox.numbered.sequence).toEqual({ telemetry: 3, events: 0 });
  });

  test("evicts the oldest telemetry at the quota, never events, and reports the range", () => {
    const outbox = openOutbox(openDb(":memory:"), 2_000);
    const firstMs = instant + 1_000;
    outbox.stageEvent(alert());
    for (let i = 0; i < 30; i++) {
      outbox.stageBlock(block(2, 0, 60));
      outbox.commit(0);
    }
    const ledger = outbox.ledger(0);
    expect(balanced(ledger)).toBe(true);
    expect(ledger.dropped).toBeGreaterThan(20);
    expect(outbox.storedBytes).toBeLessThanOrEqual(2_000 + 30 * 100);
    const events = outbox
      .claim("events", { afterId: 0, beforeId: 1e9, limit: 100 })
      .parcels.flatMap((parcel) => {
        const opened = open("events", parcel.bytes);
        return opened.ok ? opened.value.events : [];
      });
    expect(events[0]?.body.case).toBe("alert");
    const drops = events.flatMap((e) => (e.body.case === "dropped" ? [e.body.value] : []));
    expect(drops.reduce((sum, drop) => sum + drop.readings, 0)).toBe(ledger.dropped);
    expect(drops[0]?.fromMs).toBe(firstMs);
    // Their numbers are told, so that the fog does not wait for them, nor take them for lost on its side.
    const numbers = drops.flatMap(({ batches }) => batches);
    expect(numbers.reduce((sum, { from, to }) => sum + 2 * (to - from + 1), 0)).toBe(
      ledger.dropped,
    );
    expect(numbers[0]).toMatchObject({ incarnation: outbox.boot.incarnation, from: 1 });
    expect(new Set(events.map((e) => e.id)).size).toBe(events.length);
  });

  test("evicted panes count no readings, and the gap that they leave is reported", () => {
    const outbox = openOutbox(openDb(":memory:"), 600);
    const panes = create(PanesSchema, { startMs: 0, lengthMs: 5_000, tags: [0], counts: [5] });
    for (let i = 0; i < 10; i++) {
      outbox.stageBlock({ ...block(0, 5), panes });
      outbox.commit(0);
    }
    const { parcels } = outbox.claim("telemetry", { afterId: 0, beforeId: 1e9, limit: 20 });
    expect(parcels.length).toBeLessThan(10);
    expect(parcels.map(readable).every((message) => message.panes?.counts[0] === 5)).toBe(true);
    expect(outbox.ledger(0)).toMatchObject({ acquired: 50, thinned: 50, dropped: 0, pending: 0 });
    const events = outbox.claim("events", { afterId: 0, beforeId: 1e9, limit: 20 }).parcels;
    const opened = open("events", elementAt(events, 0).bytes);
    const body = opened.ok ? opened.value.events[0]?.body : undefined;
    expect(body).toMatchObject({ case: "dropped", value: { readings: 0 } });
  });

  test("what may already be at the fog is evicted last", () => {
    const outbox = openOutbox(openDb(":memory:"), 600);
    outbox.stageBlock(block(7, 0, 60));
    outbox.commit(1);
    for (let i = 0; i < 6; i++) {
      outbox.stageBlock(block(1, 0, 60));
      outbox.commit(0);
    }
    const page = outbox.claim("telemetry", { afterId: 0, beforeId: 1e9, limit: 1 });
    expect(page.parcels[0]?.count).toBe(7);
  });

  test("with half the quota full of events, alerts are turned away and trips are not", () => {
    const outbox = openOutbox(openDb(":memory:"), 400);
    for (let i = 0; i < 10; i++) {
      outbox.stageEvent(alert());
      outbox.commit(0);
    }
    expect(outbox.refusedEvents).toBeGreaterThan(0);
    const before = outbox.refusedEvents;
    outbox.stageEvent({ atMs: 1, body: { case: "trip", value: { rule: "CL-HIGH" } } });
    outbox.commit(0);
    expect(outbox.refusedEvents).toBe(before);
  });
});

/** What can happen to an outbox, in any order. */
type Step =
  | { do: "gather"; count: number; thinned: number }
  | { do: "event" }
  | { do: "commit"; claim: number }
  | { do: "claim" }
  | { do: "acknowledge"; pick: number }
  | { do: "acknowledge-again"; pick: number }
  | { do: "kill" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("gather" as const),
      count: fc.nat(9),
      thinned: fc.nat(3),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ do: "event" as const }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("commit" as const), claim: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.constant({ do: "claim" as const }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("acknowledge" as const), pick: fc.nat(50) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("acknowledge-again" as const), pick: fc.nat(50) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "kill" as const }) },
);

/** A fog that takes everything it is sent, once. */
class Fog {
  readonly seen = new Map<string, number>();
  readonly sent: Parcel[] = [];

  take(parcel: Parcel): void {
    const key = `${parcel.epoch}/${parcel.sequence}`;
    const before = this.seen.get(key);
    expect(before === undefined || before === parcel.count).toBe(true);
    this.seen.set(key, parcel.count);
    this.sent.push(parcel);
  }

  get stored(): number {
    return [...this.seen.values()].reduce((sum, count) => sum + count, 0);
  }
}

test("the ledger balances through any order of readings, commits, acknowledgements, evictions and kills", () => {
  let run = 0;
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 120 }),
      fc.constantFrom(600, 3_000, 1_000_000),
      (steps, quotaBytes) => {
        const file = join(folder, `${run++}.db`);
        let db = openDb(file);
        let outbox = openOutbox(db, quotaBytes);
        const fog = new Fog();
        let durable: LedgerCounts = outbox.ledger(0);
        let lastId = 0;
        for (const each of steps) {
          switch (each.do) {
            case "gather":
              outbox.stageBlock(block(each.count, each.thinned));
              break;
            case "event":
              outbox.stageEvent(alert());
              break;
            case "commit": {
              const committed = outbox.commit(each.claim);
              if (!committed.ok) expect.fail(committed.reason);
              for (const parcel of committed.telemetry.slice(0, each.claim)) fog.take(parcel);
              for (const parcel of committed.telemetry) {
                expect(parcel.id).toBeGreaterThan(lastId);
                lastId = parcel.id;
              }
              durable = outbox.ledger(0);
              break;
            }
            case "claim": {
              const { parcels } = outbox.claim("telemetry", {
                afterId: 0,
                beforeId: 1e9,
                limit: 4,
              });
              for (const parcel of parcels) fog.take(parcel);
              expect(parcels.map((p) => p.id)).toEqual(
                parcels.map((p) => p.id).sort((a, b) => a - b),
              );
              break;
            }
            case "acknowledge":
            case "acknowledge-again": {
              const parcel = fog.sent[each.pick % Math.max(1, fog.sent.length)];
              if (parcel) outbox.acknowledge("telemetry", parcel.id);
              if (parcel && each.do === "acknowledge-again")
                outbox.acknowledge("telemetry", parcel.id);
              break;
            }
            case "kill":
              // Dropped without closing: a process that is gone holds nothing.
              db.close();
              db = openDb(file);
              outbox = openOutbox(db, quotaBytes);
              expect(outbox.ledger(0)).toEqual(durable);
              break;
          }
          expect(balanced(outbox.ledger(3))).toBe(true);
        }
        // The link is idle at last: everything left is sent and acknowledged.
        outbox.commit(0);
        for (let page = outbox.claim("telemetry", { afterId: 0, beforeId: 1e9, limit: 50 }); ; ) {
          for (const parcel of page.parcels) {
            fog.take(parcel);
            outbox.acknowledge("telemetry", parcel.id);
          }
          if (page.isLast) break;
          page = outbox.claim("telemetry", { afterId: page.afterId, beforeId: 1e9, limit: 50 });
        }
        for (const parcel of fog.sent) outbox.acknowledge("telemetry", parcel.id);
        outbox.commit(0);
        const ledger = outbox.ledger(0);
        expect(ledger.pending).toBe(0);
        expect(balanced(ledger)).toBe(true);
        // Only an outbox too small for what is on its way may drop what the fog already has.
        if (quotaBytes > 600) expect(ledger.delivered).toBe(fog.stored);
        db.close();
      },
    ),
    { numRuns: sized(100, 5_000) },
  );
});
