/** The control half on its own thread, over a real socket, and killed for real. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { present } from "@weir/contracts/present.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { until } from "@weir/testing/until.ts";
import { beforeEach, expect, test } from "vitest";
import { spawnControl } from "../src/control/spawn-control.ts";
import type { Notice } from "../src/hand-over.ts";
import { configurationOf } from "./control-rig.ts";
import { startSlave } from "./slave-server.ts";
import type { VirtualSlave } from "./virtual-slave.ts";

let slave: VirtualSlave;
let yaml: string;
let dataDir: string;

beforeEach(async () => {
  const started = await startSlave();
  slave = started.slave;
  const { port } = started;
  dataDir = mkdtempSync(join(tmpdir(), "weir-control-"));
  yaml = `
version: 1
site: {id: riverside}
edge: edge-d
connections: {plc: {type: modbus-tcp, host: 127.0.0.1, port: ${port}}}
devices: [{id: D, connection: plc, tags: {CL: {read: "holding:0", type: int16, scale: 0.01, every: 50ms, min: 0, max: 10}}}]
outputs: {pump: {write: "coil plc/1:0", safe: off}}
safety: [{id: HIGH, when: {tag: CL, above: 4}, then: [{set: pump, to: off}]}]
`;
});

const clockSpec = (): string => `rate=20,from=2026-06-02T05:00:00Z,at=${systemClock().nowMs()}`;

test("the thread reads, trips, answers orders, and ends with its last readings handed over", async () => {
  const notices: Notice[] = [];
  const control = spawnControl({
    configuration: configurationOf(yaml),
    clockSpec: clockSpec(),
    dataDir,
    logLevel: "error",
    logJson: true,
    onNotice: (notice) => notices.push(notice),
    onDeath: (reason) => expect.fail(reason),
  });
  slave.holding[0] = 120;
  slave.coils[0] = 1;
  await until(() => notices.some((n) => n.kind === "readings"), "readings");
  expect(notices[0]).toMatchObject({ kind: "tags", tags: [{ id: "D/CL" }] });
  slave.holding[0] = 450;
  await until(() => slave.coils[0] === 0, "the pump that stops");
  control.order({ kind: "reset-trip", ref: "r1", rule: "HIGH", by: "ana", reason: "" });
  await until(() => notices.some((n) => n.kind === "answer"), "the answer");
  expect(notices.find((n) => n.kind === "answer")).toMatchObject({ ref: "r1", accepted: false });
  await control.stop();
  const handed = notices.reduce(
    (sum, n) => sum + (n.kind === "readings" ? n.batch.tags.length : 0),
    0,
  );
  const last = notices.findLast((n) => n.kind === "status");
  expect(last?.kind === "status" && last.status.acquired).toBe(handed);
});

const href = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);

const childProgram = `
import { loadConfiguration } from ${href("../src/configuration/load-configuration.ts")};
import { spawnControl } from ${href("../src/control/spawn-control.ts")};
spawnControl({
  configuration: loadConfiguration(process.argv[1]).configuration, clockSpec: process.argv[2], dataDir: process.argv[3],
  logLevel: "error", logJson: true, onDeath: () => process.exit(1),
  onNotice: (n) => { if (n.kind === "event" && n.event.body?.case === "trip") process.stdout.write("trip\\n"); },
});
`;

const startChild = (): ChildProcess =>
  spawn(
    process.execPath,
    ["--input-type=module", "-e", childProgram, configurationOf(yaml).file, clockSpec(), dataDir],
    { stdio: ["ignore", "pipe", "inherit"] },
  );

test("kill -9 right after a trip was told: it is latched in the next life and holds its output", async () => {
  slave.coils[0] = 1;
  slave.holding[0] = 450;
  const first = startChild();
  await once(present(first.stdout), "data");
  first.kill("SIGKILL");
  await once(first, "exit");
  // The cause is gone and somebody switched the pump on again: nothing but the latch can stop it now.
  slave.holding[0] = 120;
  slave.coils[0] = 1;
  const second = startChild();
  await until(() => slave.coils[0] === 0, "the pump that stops");
  second.kill("SIGKILL");
  await once(second, "exit");
});
