/** Others fill the disk: the outbox lives on what its file holds, and recovers when there is room. */
import { spawnSync } from "node:child_process";
import { statfsSync, writeFileSync } from "node:fs";
import { balanced } from "@weir/contracts/ledger.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, onTestFinished, test } from "vitest";
import { edgeMigrations } from "../src/edge-schema.ts";
import { Outbox } from "../src/outbox/outbox.ts";

const mebibyte = 1024 * 1024;

/** A file system of its own, or undefined where this user may not mount one. */
function smallDisk(): string | undefined {
  const folder = tempDir();
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=48m", "tmpfs", folder]).status !== 0)
    return undefined;
  onTestFinished(() => void spawnSync("umount", ["-l", folder]));
  return folder;
}

function fill(file: string): void {
  for (const size of [mebibyte, 64 * 1024, 4096]) {
    for (let n = 0; ; n++) {
      try {
        writeFileSync(`${file}-${size}-${n}`, Buffer.alloc(size, 1));
      } catch {
        break;
      }
    }
  }
}

const open = (db: SqlDatabase, clock: SimulatedClock, folder?: string): Outbox =>
  new Outbox({
    edge: "edge-w",
    db,
    ioClock: clock,
    plantClock: clock,
    quotaBytes: 1e9,
    reserveBytes: folder ? 8 * mebibyte : 0,
    freeDiskBytes: () => {
      if (!folder) return Number.POSITIVE_INFINITY;
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize;
    },
  });

const block = (atMs: number) => ({
  bytes: new Uint8Array(20_000),
  count: 10,
  thinned: 0,
  firstMs: atMs,
  lastMs: atMs,
});

test("a disk that others filled", async (context) => {
  const folder = smallDisk();
  if (!folder) {
    process.stderr.write("SKIPPED: needs the right to mount a tmpfs\n");
    context.skip();
    return;
  }
  const clock = new SimulatedClock(0);
  const outbox = open(
    openSqlite(`${folder}/edge.db`, { synchronous: "FULL", migrations: edgeMigrations }),
    clock,
    folder,
  );
  outbox.stageBlock(block(0));
  expect(outbox.commit(0).ok).toBe(true);
  fill(`${folder}/filler`);
  // 20 MB of readings through 8 MB of reserve.
  for (let n = 1; n <= 1_000; n++) {
    await clock.advance(100);
    outbox.stageBlock(block(n));
    expect(outbox.commit(0), `block ${n}`).toMatchObject({ ok: true });
  }
  expect(outbox.diskFull).toBe(true);
  expect(outbox.ledger(0).dropped).toBeGreaterThan(0);
  expect(balanced(outbox.ledger(0))).toBe(true);
  const page = outbox.claim("telemetry", { afterId: 0, beforeId: 1e9, limit: 5 });
  for (const { id } of page.parcels) outbox.acknowledge("telemetry", id);
  expect(outbox.commit(0).ok).toBe(true);
  expect(outbox.ledger(0).delivered).toBe(50);

  spawnSync("sh", ["-c", `rm -f ${folder}/filler*`]);
  await clock.advance(5_000);
  outbox.stageBlock(block(2_000));
  expect(outbox.commit(0).ok).toBe(true);
  expect(outbox.diskFull).toBe(false);
  const before = outbox.ledger(0).dropped;
  for (let n = 0; n < 400; n++) {
    await clock.advance(100);
    outbox.stageBlock(block(3_000 + n));
    outbox.commit(0);
  }
  expect(outbox.ledger(0).dropped).toBe(before);
});

test("a disk that refuses every write: readings wait in memory, the oldest go, all are counted", () => {
  const real = openSqlite(":memory:", { synchronous: "NORMAL", migrations: edgeMigrations });
  let refuses = false;
  const db: SqlDatabase = {
    ...real,
    transaction: (work) => {
      if (refuses)
        throw Object.assign(new RangeError("database or disk is full"), { code: "SQLITE_FULL" });
      return real.transaction(work);
    },
  };
  const outbox = open(db, new SimulatedClock(0));
  refuses = true;
  for (let n = 0; n < 1_000; n++) {
    outbox.stageBlock(block(n));
    const committed = outbox.commit(10);
    expect(committed.ok).toBe(false);
  }
  const waiting = outbox.ledger(0);
  expect(waiting.acquired).toBe(10_000);
  expect(waiting.dropped).toBeGreaterThan(1_000);
  expect(balanced(waiting)).toBe(true);
  refuses = false;
  expect(outbox.commit(10)).toMatchObject({ ok: true });
  expect(outbox.ledger(0)).toEqual(waiting);
  expect(outbox.storedParcels("events")).toBe(1);
  expect(outbox.storedParcels("telemetry")).toBe(waiting.pending / 10);
});
