/** The whole edge on one thread and a simulated clock, as simulations of the whole system build it. */
import { join } from "node:path";
import { balanced } from "@weir/contracts/ledger.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { seeded } from "@weir/runtime/random.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test } from "vitest";
import { createEdge, type Edge } from "../src/edge.ts";
import { edgeMigrations } from "../src/edge-schema.ts";
import { openLatchFile } from "../src/safety/latch-store.file.ts";
import { configurationOf, startMs } from "./control-rig.ts";
import { ScriptedFog } from "./scripted-fog.ts";
import { VirtualSlave } from "./virtual-slave.ts";

const yaml = `
version: 1
site: {id: riverside}
edge: edge-w
connections:
  plc: {type: modbus-tcp, host: plc}
devices:
  - id: D11
    connection: plc
    tags:
      CL01: {read: "holding:0", type: int16, scale: 0.01, unit: mg/L, kind: chlorine_free, every: 1s, min: 0, max: 10,
             limits: {hardHigh: 4.0, onDelay: 3s, deadband: 0.1}}
      PH01: {read: "holding:1", type: int16, scale: 0.01, unit: pH, kind: ph, every: 1s, min: 0, max: 14}
outputs:
  dosing_pump: {write: "coil plc/1:0", safe: off}
safety:
  - {id: CL-HIGH, when: {tag: CL01, above: hardHigh}, then: [{set: dosing_pump, to: off}]}
`;

test("readings, a trip, a fallen uplink and a kill: counts agree, control never stops", async () => {
  const folder = tempDir();
  const configuration = configurationOf(yaml);
  const clock = new SimulatedClock(startMs);
  const slave = new VirtualSlave(clock);
  slave.holding[0] = 120;
  slave.holding[1] = 720;
  slave.coils[0] = 1;
  const fog = new ScriptedFog();
  const build = (): Edge => {
    const db = openSqlite(join(folder, "edge.db"), {
      synchronous: "NORMAL",
      migrations: edgeMigrations,
    });
    return createEdge({
      configuration,
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
  };
  let edge = build();
  edge.start();
  await clock.advance(20_000);
  expect(edge.uplink.snapshot().link.state).toBe("live");
  expect(fog.stored).toBeGreaterThanOrEqual(36);

  edge.restartUplink();
  slave.holding[0] = 450;
  await clock.advance(10_000);
  expect(slave.coils[0]).toBe(0);
  expect(fog.events.map(({ event }) => event.body.case)).toContain("trip");

  edge.kill();
  const storedBefore = fog.stored;
  await clock.advance(60_000);
  expect(fog.stored).toBe(storedBefore);

  edge = build();
  edge.start();
  await clock.advance(20_000);
  expect(edge.uplink.snapshot()).toMatchObject({
    epoch: 3,
    control: { latchedTrips: ["CL-HIGH"] },
  });
  const stopping = edge.stop();
  await clock.advance(5_000);
  await stopping;
  const { ledger } = edge.uplink.snapshot();
  expect(balanced(ledger)).toBe(true);
  expect(ledger).toMatchObject({ pending: 0, dropped: 0, delivered: fog.stored });
});
