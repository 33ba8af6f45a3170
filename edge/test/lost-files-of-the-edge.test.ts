/** The real program on a data folder that has lost a file: what protects is safe, and it says so. */
import { existsSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { systemClock } from "@weir/runtime/clock.ts";
import { startProgram } from "@weir/testing/child-process.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test } from "vitest";
import { startSlave } from "./slave-server.ts";

async function gateway() {
  const { slave, port } = await startSlave();
  slave.coils[0] = 1;
  slave.holding[0] = 100;
  const folder = tempDir();
  const config = `${folder}/edge.yaml`;
  writeFileSync(
    config,
    `
version: 1
site: {id: harbour}
edge: edge-a
connections: {plc: {type: modbus-tcp, host: 127.0.0.1, port: ${port}}}
devices: [{id: TANK1, connection: plc, tags: {LEVEL: {read: "holding:0", type: int16, scale: 0.01, every: 100ms, min: 0, max: 10}}}]
outputs: {pump: {write: "coil plc/1:0", safe: off}}
safety: [{id: HIGH, when: {tag: LEVEL, above: 4}, then: [{set: pump, to: off}]}]
`,
  );
  const data = `${folder}/data`;
  const weirEdge = (...args: string[]) =>
    startProgram({ program: "weir-edge", args: [...args, "--data-dir", data] });
  return {
    slave,
    folder,
    data,
    weirEdge,
    run: () => weirEdge("run", "--config", config, "--json"),
  };
}

test("a backup does not hold latched trips; on a new disk everything that switches is latched until somebody resets it", async () => {
  const { slave, folder, data, weirEdge, run } = await gateway();
  const first = run();
  await first.waitFor("started");
  await first.waitFor("address");
  const refused = weirEdge("restore", `${folder}/nothing`);
  expect(await refused.exited).toBe(1);
  expect(await weirEdge("backup", `${folder}/backup`).exited).toBe(0);
  expect(readdirSync(`${folder}/backup`)).not.toContain("latched-trips");
  const held = weirEdge("restore", `${folder}/backup`);
  expect(await held.exited).toBe(1);
  expect(held.stderr()).toMatch(/is in use by the running process/);
  expect(await first.stop()).toBe(0);
  expect(slave.coils[0]).toBe(1);

  rmSync(data, { recursive: true });
  expect(await weirEdge("restore", `${folder}/backup`).exited).toBe(0);
  const second = run();
  const trip = await second.waitFor("trip");
  expect(trip).toMatchObject({ rule: "HIGH", cause: expect.stringContaining("is missing") });
  while (slave.coils[0] !== 0) await systemClock().sleep(20);
  await second.waitFor("address");
  const status = weirEdge("status", "--json");
  await status.exited;
  expect(JSON.stringify(status.events)).toMatch(/this state was restored from .*backup/);
  expect(await second.stop()).toBe(0);
  expect(await weirEdge("audit", "verify").exited).toBe(0);
}, 120_000);

test("an edge.db that was emptied is told and replaced; latched trips stay", async () => {
  const { slave, data, weirEdge, run } = await gateway();
  const first = run();
  await first.waitFor("started");
  slave.holding[0] = 500;
  await first.waitFor("trip");
  expect(await first.stop()).toBe(0);
  for (const tail of ["-wal", "-shm"]) rmSync(`${data}/edge.db${tail}`, { force: true });
  truncateSync(`${data}/edge.db`, 0);

  const second = run();
  await second.waitFor("started");
  await second.waitFor("address");
  const status = weirEdge("status", "--json");
  await status.exited;
  expect(JSON.stringify(status.events)).toMatch(
    /edge\.db was empty though this edge has run before/,
  );
  expect(status.events[0]).toMatchObject({ control: { latchedTrips: ["HIGH"] } });
  expect(await second.stop()).toBe(0);
  expect(readdirSync(data)).toContainEqual(expect.stringMatching(/^edge\.db\.empty-/));
  expect(existsSync(`${data}/edge.db`)).toBe(true);
}, 120_000);
