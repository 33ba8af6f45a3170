/** The real program: its file is edited, broken, lost; a trip is simulated from the command line. */

import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { elementAt } from "@weir/contracts/elements.ts";
import { startProgram, type TierProcess } from "@weir/testing/child-process.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { until } from "@weir/testing/until.ts";
import { expect, test } from "vitest";
import { startModbusSerial } from "./modbus-serial-device.ts";

async function startDevice(): Promise<{ port: number; coils: Map<number, boolean> }> {
  const coils = new Map<number, boolean>([[0, true]]);
  const registers = {
    getHoldingRegister: (address: number) => 100 + address,
    getCoil: (address: number) => coils.get(address) ?? false,
    setCoil: (address: number, value: boolean) => void coils.set(address, value),
  };
  return { port: await startModbusSerial(registers), coils };
}

const yaml = (port: number, { every = "1s", unit = 1, high = 4, within = "2m" } = {}) => `
version: 1
site: {id: riverside}
edge: edge-w
reload: {healthWithin: ${within}}
connections: {plc: {type: modbus-tcp, host: 127.0.0.1, port: ${port}, timeout: 500ms}}
devices:
  - {id: W13, connection: plc, unit: ${unit}, tags: {TU01: {read: "holding:1", type: int16, scale: 0.01, every: ${every}, min: 0, max: 10, limits: {hardHigh: ${high}}}}}
outputs: {pump: {write: "coil plc/1:0", safe: off}}
safety: [{id: TU-HIGH, when: {tag: TU01, above: hardHigh}, then: [{set: pump, to: off}]}]
`;

function command(folder: string, ...args: string[]): TierProcess {
  return startProgram({
    program: "weir-edge",
    args: [elementAt(args, 0), "--data-dir", `${folder}/data`, "--json", ...args.slice(1)],
  });
}

const start = (folder: string): TierProcess =>
  command(folder, "run", "--config", `${folder}/edge.yaml`);

test("edited, broken, wrong, lost: the agent reads on, and says so", async () => {
  const folder = tempDir();
  const { port, coils } = await startDevice();
  const file = `${folder}/edge.yaml`;
  writeFileSync(file, yaml(port));
  const first = start(folder);
  await first.waitFor("address");
  expect(statSync(`${folder}/data/local-token`).mode & 0o077).toBe(0);
  const manifest = `${folder}/data/last-good/manifest.json`;
  await until(() => existsSync(manifest), "the copy of what was proven");

  // The file is saved: it is applied without being asked.
  writeFileSync(file, yaml(port, { every: "500ms" }));
  const active = await first.waitFor("configuration", (e) => e["outcome"] === "active");
  expect(active).toMatchObject({ by: "file" });
  expect(active["changes"]).toContain("tag W13/TU01 every: 1s → 500ms (safety)");

  const proven = command(folder, "reload", "--wait");
  expect(await proven.waitFor("configuration")).toMatchObject({ state: "good" });
  expect(await proven.exited).toBe(0);

  writeFileSync(file, "version: 1\nsite: riverside\n");
  const refused = await first.waitFor("configuration", (e) => e["outcome"] === "refused");
  expect(refused["reason"]).toMatch(/edge +is missing/);
  const asked = command(folder, "reload", "--by", "ana");
  expect(await asked.waitFor("reload")).toMatchObject({ accepted: false });
  expect(await asked.exited).toBe(1);

  // Valid, and wrong: nothing answers as unit 9.
  writeFileSync(file, yaml(port, { unit: 9, within: "5s" }));
  const back = await first.waitFor("configuration", (e) => e["outcome"] === "rolled back");
  expect(back["reason"]).toMatch(/no reading within 5s from W13 on plc/);
  const status = command(folder, "status");
  const said = await status.waitFor("status");
  expect(JSON.stringify(said["health"])).toMatch(/W13 on plc/);
  await status.exited;
  expect(await first.stop()).toBe(0);

  // What was taken back is not run again; neither is a file that is gone missed.
  const second = start(folder);
  const again = await second.waitFor("configuration", (e) => e["outcome"] === "rolled back");
  expect(again["reason"]).toMatch(/last good configuration runs instead/);
  expect(await second.stop()).toBe(0);
  rmSync(file);
  const third = start(folder);
  const lost = await third.waitFor("configuration", (e) => e["outcome"] === "rolled back");
  expect(lost["reason"]).toMatch(/does not exist/);

  // And it protects: the chain is shown from the decision to the coil.
  const hesitant = command(folder, "simulate-trip", "TU-HIGH");
  expect(await hesitant.exited).toBe(2);
  expect(coils.get(0)).toBe(true);
  const trip = command(folder, "simulate-trip", "TU-HIGH", "--by", "ana", "--yes");
  expect(await trip.waitFor("trip")).toMatchObject({ rule: "TU-HIGH", simulated: true });
  expect(await trip.waitFor("output", (e) => e["outcome"] === "verified")).toMatchObject({
    output: "pump",
  });
  expect(await trip.exited).toBe(0);
  expect(coils.get(0)).toBe(false);
  const { url } = await third.waitFor("address");
  const post = (token: string) =>
    fetch(new URL("/orders", String(url)), {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ kind: "simulate-trip", rule: "TU-HIGH", by: "eve" }),
    });
  expect((await post("guess")).status).toBe(401);
  expect((await fetch(String(url), { method: "POST" })).status).toBe(405);

  // The site's file is back, and reads what the latched rule reads otherwise: not while it is latched.
  writeFileSync(file, yaml(port));
  const latched = await third.waitFor("configuration", (e) => e["by"] === "file");
  expect(latched["reason"]).toMatch(/TU-HIGH tripped and is not reset/);

  // A reset needs a reason, and then the file is free to change.
  expect(await command(folder, "reset", "TU-HIGH", "--by", "ana").exited).toBe(2);
  const reset = command(folder, "reset", "TU-HIGH", "--by", "ana", "--reason", "seen to");
  expect(await reset.waitFor("reset")).toMatchObject({ accepted: true });
  expect(await reset.exited).toBe(0);
  expect(await third.stop()).toBe(0);
  expect(readFileSync(`${folder}/data/last-good/0-edge.yaml`, "utf8")).toContain("500ms");
}, 240_000);
