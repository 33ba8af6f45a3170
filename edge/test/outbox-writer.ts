/** A process that lives to be killed: fills an outbox, says what it sends, takes every third as acknowledged. */
import { writeSync } from "node:fs";
import { systemClock } from "@weir/runtime/clock.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { edgeMigrations } from "../src/edge-schema.ts";
import { Outbox } from "../src/outbox/outbox.ts";
import type { Parcel } from "../src/outbox/parcel.ts";

const [file = "", quota = "1000000"] = process.argv.slice(2);
const clock = systemClock();
const outbox = new Outbox({
  edge: "edge-w",
  db: openSqlite(file, { synchronous: "FULL", migrations: edgeMigrations }),
  ioClock: clock,
  plantClock: clock,
  quotaBytes: Number(quota),
  reserveBytes: 0,
  freeDiskBytes: () => Number.POSITIVE_INFINITY,
});

/** Whoever reads this has it, whether or not we live to hear so. */
function send({ id, epoch, sequence, count }: Parcel): void {
  writeSync(1, `${JSON.stringify({ event: "sent", epoch, sequence, count })}\n`);
  if (sequence % 3 === 0) outbox.acknowledge("telemetry", id);
}

let afterId = 0;
for (let n = 0; ; n++) {
  for (let i = 0; i <= n % 3; i++) {
    const count = 1 + ((n + i) % 7);
    const atMs = clock.nowMs();
    outbox.stageBlock({
      bytes: new Uint8Array(100),
      count,
      thinned: n % 2,
      firstMs: atMs,
      lastMs: atMs,
    });
  }
  const committed = outbox.commit(1);
  if (!committed.ok) process.exit(3);
  for (const parcel of committed.telemetry.slice(0, 1)) send(parcel);
  if (n % 4 === 0) {
    const page = outbox.claim("telemetry", {
      afterId,
      beforeId: Number.MAX_SAFE_INTEGER,
      limit: 3,
    });
    afterId = page.afterId;
    for (const parcel of page.parcels) send(parcel);
  }
}
