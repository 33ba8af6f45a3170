/** What is wrong is told in one list, since when, and is gone when it is over. */
import { renameSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "@weir/runtime/clock.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { createMetrics } from "@weir/runtime/metrics.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { openAccounts } from "@weir/runtime/web/accounts.ts";
import { expect, onTestFinished, test } from "vitest";
import { createConsole } from "../src/api/console-server.ts";
import { createCloud } from "../src/cloud.ts";
import { silenceMaxMs } from "../src/fleet/presence.ts";
import { monitorLog } from "../src/health/monitored-log.ts";
import { consumerMigration, createConsumer } from "../src/log/consumer.ts";
import { createSqliteLog, sqliteLogMigrations } from "../src/log/event-log.sqlite.ts";
import type { TicketSink } from "../src/tickets/sinks/ticket-sink.ts";
import { inlineRunner } from "../src/trainer/runner.inline.ts";
import { failedOutputBody, item, modelBody, push, site } from "./site-feed.ts";
import { temporaryDir } from "./temporary-dir.ts";

const startMs = Date.UTC(2026, 5, 2);

async function openRig(sinks: readonly TicketSink[] = []) {
  const clock = new SimulatedClock(startMs);
  const dataDir = temporaryDir();
  const metrics = createMetrics();
  let free: number | undefined = 2 ** 40;
  const cloud = await createCloud({
    ...{ dataDir, plant: clock, io: clock, logger: silentLogger, runner: inlineRunner, metrics },
    training: { automatic: true, include: [], exclude: [], epochCount: 1, seed: 1 },
    freeBytes: () => free,
    sinks,
  });
  onTestFinished(() => cloud.close());
  cloud.start();
  const codes = () =>
    cloud.problems.look().problems.map(({ code, subject }) => `${code} ${subject}`);
  const of = (code: string) => cloud.problems.look().problems.find((one) => one.code === code);
  return { cloud, clock, dataDir, metrics, codes, of, setFree: (bytes: number) => (free = bytes) };
}

test("a site that falls silent is told since it was last heard, and is over when it comes back", async () => {
  const { cloud, clock, codes, of } = await openRig();
  expect(cloud.problems.look()).toMatchObject({ ok: true, problems: [] });
  await cloud.door.push(push([item(1, modelBody())]), site);
  await cloud.settled();
  await clock.advance(silenceMaxMs + 1);
  expect(of("site-silent")).toMatchObject({ subject: site, severity: "medium", sinceMs: startMs });
  await clock.advance(3_600_000);
  expect(of("site-silent")?.sinceMs).toBe(startMs);
  expect(cloud.fleetView().sites[0]).toMatchObject({ online: false, silentSinceMs: startMs });
  await cloud.door.push(push([item(2, modelBody())]), site);
  expect(codes()).toEqual([]);
});

test("a disk that fills is told, and is over when there is room again", async () => {
  const { codes, of, setFree } = await openRig();
  setFree(2 ** 20);
  expect(of("disk-full")).toMatchObject({
    severity: "high",
    text: expect.stringContaining("1 MiB"),
  });
  setFree(2 ** 40);
  expect(codes()).toEqual([]);
});

test("pushes that cannot be stored are told since the first, until one is stored again", async () => {
  const plant = new SimulatedClock(startMs);
  const db = openSqlite(":memory:", { synchronous: "NORMAL", migrations: sqliteLogMigrations });
  const { log, refusing } = monitorLog(createSqliteLog(db), plant);
  const append = (sequence: number) =>
    log.append({
      ...{ source: site, epoch: 1, atMs: startMs },
      items: [{ sequence, kind: "label", body: new Uint8Array(20_000) }],
    });
  await append(1);
  expect(refusing()).toBeUndefined();
  // As a full disk does it.
  db.exec("PRAGMA max_page_count = 1");
  await expect(append(2)).rejects.toThrow("full");
  await plant.advance(60_000);
  await expect(append(2)).rejects.toThrow("full");
  expect(refusing()).toMatchObject({ sinceMs: startMs, why: expect.stringContaining("full") });
  db.exec("PRAGMA max_page_count = 1000000");
  await append(2);
  expect(refusing()).toBeUndefined();
});

test("a consumer that cannot apply says why, tries again when asked, and has lost nothing", async () => {
  const db = openSqlite(":memory:", {
    synchronous: "NORMAL",
    migrations: [consumerMigration],
  });
  const log = createSqliteLog(
    openSqlite(":memory:", { synchronous: "NORMAL", migrations: sqliteLogMigrations }),
  );
  const applied: number[] = [];
  let isBroken = true;
  const consumer = createConsumer({
    ...{ group: "test", log, db, logger: silentLogger },
    apply: ({ sequence }) => {
      if (isBroken)
        throw Object.assign(new Error("database or disk is full"), { code: "SQLITE_FULL" });
      applied.push(sequence);
      return undefined;
    },
  });
  onTestFinished(() => consumer.stop());
  const items = [1, 2].map((sequence) => ({ sequence, kind: "label", body: new Uint8Array(1) }));
  await log.append({ source: site, epoch: 1, atMs: startMs, items });
  await expect(consumer.drain()).rejects.toThrow("full");
  expect(consumer.failing).toBe("database or disk is full");
  isBroken = false;
  consumer.retry();
  await consumer.drain();
  expect(consumer.failing).toBeUndefined();
  expect(applied).toEqual([1, 2]);
});

test("an item that cannot be used is set aside whole and told; those of other sites go on", async () => {
  const db = openSqlite(":memory:", {
    synchronous: "NORMAL",
    migrations: [
      consumerMigration,
      "CREATE TABLE value (source TEXT, number REAL NOT NULL) STRICT",
    ],
  });
  const log = createSqliteLog(
    openSqlite(":memory:", { synchronous: "NORMAL", migrations: sqliteLogMigrations }),
  );
  const insert = db.prepare("INSERT INTO value VALUES (?, ?)");
  const consumer = createConsumer({
    ...{ group: "test", log, db, logger: silentLogger },
    apply: ({ source, body }) => {
      insert.run(source, body[0] ?? 0);
      if (body[0] === 7) insert.run(source, null);
      if (body[0] === 8) new Date(Number.NaN).toISOString();
      return undefined;
    },
  });
  onTestFinished(() => consumer.stop());
  expect(consumer.setAside()).toBeUndefined();
  const items = (...numbers: number[]) =>
    numbers.map((number, i) => ({
      ...{ sequence: i + 1, kind: "label", body: Uint8Array.of(number) },
    }));
  await log.append({ source: "a", epoch: 1, atMs: startMs, items: items(1, 7, 2, 8, 3) });
  await log.append({ source: "b", epoch: 1, atMs: startMs, items: items(4) });
  await consumer.drain();
  const rows = db.prepare("SELECT source, number FROM value ORDER BY source, number").all();
  expect(rows).toEqual([
    ...[1, 2, 3].map((number) => ({ source: "a", number })),
    { source: "b", number: 4 },
  ]);
  expect(consumer.setAside()).toMatchObject({ count: 2, source: "a", kind: "label" });
  expect(consumer.failing).toBeUndefined();
});

test("a planner's system that refuses tickets is told until it takes them", async () => {
  let refuses = true;
  const taken: string[] = [];
  const deliver: TicketSink["deliver"] = async ({ ticket }) => {
    if (refuses) throw new TypeError("it answered 503");
    taken.push(ticket.id);
  };
  const { cloud, clock, of } = await openRig([{ name: "planner", deliver }]);
  await cloud.door.push(push([item(1, failedOutputBody("edge-d/1/7", startMs))]), site);
  await cloud.settled();
  await clock.advance(10_000);
  expect(of("sink-refusing")).toMatchObject({ subject: "planner", severity: "medium" });
  expect(of("sink-refusing")?.text).toContain("1 ticket notices wait: ");
  refuses = false;
  await clock.advance(3_600_000);
  expect(taken).toEqual(cloud.desk.list("all").map(({ id }) => id));
  expect(of("sink-refusing")).toBeUndefined();
});

test("a store that is removed under a running cloud is told by its name", async () => {
  const { dataDir, of } = await openRig();
  renameSync(join(dataDir, "models"), join(dataDir, "elsewhere"));
  expect(of("store-lost")).toMatchObject({ subject: "models", severity: "high" });
  renameSync(join(dataDir, "elsewhere"), join(dataDir, "models"));
  expect(of("store-lost")).toBeUndefined();
});

test("healthz, metrics and the API tell the same list; healthz answers 503", async () => {
  const { cloud, clock, metrics, setFree } = await openRig();
  const accounts = openAccounts(
    openSqlite(":memory:", { synchronous: "NORMAL", migrations: [] }),
    systemClock(),
  );
  const server = await createConsole({
    ...{ cloud, accounts, metrics, host: "127.0.0.1", port: 0, logger: silentLogger },
    ...{ plant: clock, io: systemClock(), clockSpec: undefined },
  });
  const { url } = await server.listen();
  onTestFinished(() => server.close());
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  setFree(1);
  const answer = await fetch(`${url}/healthz`);
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({
    ok: false,
    problems: [{ code: "disk-full", sinceMs: startMs }],
  });
  expect(await (await fetch(`${url}/metrics`)).text()).toContain(
    'weir_cloud_problem{code="disk-full",subject="",severity="high"} 1',
  );
  expect(cloud.fleetView().health?.problems).toHaveLength(1);
});
