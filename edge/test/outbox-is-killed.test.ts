/** kill -9 at any moment: nothing sent is unknown to the ledger, nothing committed is lost. */
import { fileURLToPath } from "node:url";
import { balanced } from "@weir/contracts/ledger.ts";
import { seeded } from "@weir/runtime/random.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { startProgram } from "@weir/testing/child-process.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test } from "vitest";
import { edgeMigrations } from "../src/edge-schema.ts";
import { Outbox } from "../src/outbox/outbox.ts";

const program = fileURLToPath(new URL("./outbox-writer.ts", import.meta.url));
const kills = 6;

test.each([
  ["roomy", 1_000_000_000],
  ["that evicts", 60_000],
])("an outbox %s, killed again and again", async (_, quotaBytes) => {
  const file = `${tempDir()}/edge.db`;
  const random = seeded(quotaBytes, "kills");
  const fog = new Map<string, number>();
  for (let kill = 0; kill < kills; kill++) {
    const writer = startProgram({ program, args: [file, String(quotaBytes)] });
    const target = 1 + random.integer(150);
    let heard = 0;
    await writer.waitFor("sent", () => ++heard > target);
    await writer.kill();
    for (const { epoch, sequence, count } of writer.events) {
      const key = `${epoch}/${sequence}`;
      expect(epoch).toBeLessThanOrEqual(kill + 1);
      expect(fog.get(key) ?? count).toBe(count);
      fog.set(key, count as number);
    }
  }
  const db = openSqlite(file, { synchronous: "FULL", migrations: edgeMigrations });
  const clock = new SimulatedClock(0);
  const outbox = new Outbox({
    edge: "edge-w",
    db,
    ioClock: clock,
    plantClock: clock,
    quotaBytes: 1e9,
    reserveBytes: 0,
    freeDiskBytes: () => Number.POSITIVE_INFINITY,
  });
  expect(balanced(outbox.ledger(0))).toBe(true);
  const { parcels } = outbox.claim("telemetry", { afterId: 0, beforeId: 1e9, limit: 1e6 });
  for (const { id, epoch, sequence, count } of parcels) {
    fog.set(`${epoch}/${sequence}`, count);
    outbox.acknowledge("telemetry", id);
  }
  outbox.commit(0);
  const ledger = outbox.ledger(0);
  expect(ledger.pending).toBe(0);
  expect(balanced(ledger)).toBe(true);
  expect(ledger.delivered).toBe([...fog.values()].reduce((sum, count) => sum + count, 0));
  db.close();
});
