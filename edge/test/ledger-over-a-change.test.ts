/** Every reading is accounted for while configurations come and go, and the fog understands each of them. */
import { join } from "node:path";
import { balanced } from "@weir/contracts/ledger.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { seeded } from "@weir/runtime/random.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test } from "vitest";
import { createEdge } from "../src/edge.ts";
import { edgeMigrations } from "../src/edge-schema.ts";
import { openLatchFile } from "../src/safety/latch-store.file.ts";
import { configurationOf, startMs } from "./control-rig.ts";
import { ScriptedFog } from "./scripted-fog.ts";
import { VirtualSlave } from "./virtual-slave.ts";

const yaml = (count: number, every: string) => `
version: 1
site: {id: riverside}
edge: edge-w
connections: {plc: {type: modbus-tcp, host: plc}}
devices:
  - id: D11
    connection: plc
    tags:
${Array.from({ length: count }, (_, i) => `      TU0${i}: {read: "holding:${i}", type: int16, scale: 0.01, every: ${every}, min: 0, max: 10}`).join("\n")}
`;

test("forty changes, with the fog away for half of them: acquired = delivered + thinned + dropped + pending", async () => {
  const folder = tempDir();
  const clock = new SimulatedClock(startMs);
  const slave = new VirtualSlave(clock);
  slave.holding.fill(120);
  const fog = new ScriptedFog();
  const db = openSqlite(join(folder, "edge.db"), {
    synchronous: "NORMAL",
    migrations: edgeMigrations,
  });
  const edge = createEdge({
    configuration: configurationOf(yaml(2, "1s")),
    clock,
    ioClock: clock,
    random: seeded(1),
    logger: silentLogger,
    channelFor: () => slave.open,
    latchStore: openLatchFile(join(folder, "latched-trips")),
    db,
    line: fog.line(),
    trusted: () => [],
  });
  edge.start();
  await clock.advance(5_000);
  for (let i = 0; i < 40; i++) {
    fog.isUp = i < 10 || i >= 30;
    slave.holding[0] = 100 + i;
    const configuration = configurationOf(yaml(1 + (i % 5), i % 2 ? "1s" : "250ms"));
    const ref = `c${i}`;
    edge.control.order({ kind: "reconfigure", ref, by: "ana", configuration, answer: "applied" });
    // Odd times: readings are on the wire and in memory when the change comes.
    await clock.advance(1_337 + 61 * i);
    expect(balanced(edge.uplink.snapshot().ledger)).toBe(true);
  }
  await clock.advance(120_000);
  const stopping = edge.stop();
  await clock.advance(10_000);
  await stopping;
  const { ledger, control } = edge.uplink.snapshot();
  expect(balanced(ledger)).toBe(true);
  expect(ledger).toMatchObject({ pending: 0, dropped: 0, acquired: control?.acquired });
  expect(ledger.delivered).toBe(fog.stored);
  expect(fog.births.map(({ revision }) => revision).at(-1)).toBe(41);
  db.close();
});
