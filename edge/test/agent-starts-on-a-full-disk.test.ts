/** A gateway that restarts while its disk is full guards the plant all the same, and goes on when there is room. */
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { startProgram } from "@weir/testing/child-process.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { until } from "@weir/testing/until.ts";
import { expect, onTestFinished, test } from "vitest";
import { startSlave } from "./slave-server.ts";

const fillSizes = [1024 * 1024, 4_096, 512];

/** A file system of its own, or undefined where this user may not mount one. */
function smallDisk(): string | undefined {
  const folder = tempDir();
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", folder]);
  if (mounted.status !== 0) return undefined;
  onTestFinished(() => void spawnSync("umount", ["-l", folder]));
  return folder;
}

function fill(folder: string): void {
  for (const size of fillSizes) {
    for (let n = 0; ; n++) {
      try {
        writeFileSync(`${folder}/filler-${size}-${n}`, Buffer.alloc(size, 1));
      } catch {
        break;
      }
    }
  }
}

test("killed, the disk filled, started again: it trips; with room again it is whole", async (context) => {
  const disk = smallDisk();
  if (!disk) {
    process.stderr.write("SKIPPED: needs the right to mount a tmpfs\n");
    context.skip();
    return;
  }
  const { slave, port } = await startSlave();
  slave.coils[0] = 1;
  slave.holding[0] = 100;
  const config = `${tempDir()}/edge.yaml`;
  writeFileSync(
    config,
    `
version: 1
site: {id: riverside}
edge: edge-d
connections: {plc: {type: modbus-tcp, host: 127.0.0.1, port: ${port}}}
devices: [{id: D, connection: plc, tags: {CL: {read: "holding:0", type: int16, scale: 0.01, every: 100ms, min: 0, max: 10}}}]
outputs: {pump: {write: "coil plc/1:0", safe: off}}
safety: [{id: HIGH, when: {tag: CL, above: 4}, then: [{set: pump, to: off}]}]
`,
  );
  const args = ["run", "--config", config, "--data-dir", `${disk}/data`, "--json"];
  const start = () => startProgram({ program: "weir-edge", args });
  const first = start();
  await first.waitFor("started");
  await first.waitFor("address");
  await first.kill();
  fill(disk);

  const second = start();
  slave.holding[0] = 500;
  await until(() => slave.coils[0] === 0, "the pump that stops");
  const told = "the disk is full: limits are guarded all the same";
  await until(() => second.stderr().includes(told), told);

  for (const name of readdirSync(disk)) if (name.startsWith("filler")) rmSync(`${disk}/${name}`);
  await second.waitFor("started");
  const trip = await second.waitFor("trip");
  expect(trip).toMatchObject({ rule: "HIGH" });
  expect(await second.stop()).toBe(0);
}, 120_000);
