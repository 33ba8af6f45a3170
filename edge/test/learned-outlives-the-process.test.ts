/** What detection has learned, over the end of a process: orderly, or with a file that nobody can read. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test } from "vitest";
import { learnedFileName } from "../src/control/control-files.ts";
import { spawnControl } from "../src/control/spawn-control.ts";
import { loadLearned } from "../src/detection/learned-file.ts";
import type { Notice } from "../src/hand-over.ts";
import { configurationOf } from "./control-rig.ts";
import { startSlave } from "./slave-server.ts";

async function plant(): Promise<number> {
  const { slave, port } = await startSlave();
  slave.holding[0] = 123;
  return port;
}

/** One life: readings come, then it is stopped. */
async function live(port: number, dataDir: string): Promise<void> {
  const yaml = `
version: 1
site: {id: riverside}
edge: edge-d
connections: {plc: {type: modbus-tcp, host: 127.0.0.1, port: ${port}}}
devices: [{id: D, connection: plc, tags: {TU: {read: "holding:0", type: int16, scale: 0.01, every: 50ms, min: 0, max: 10, detect: {z: {max: 4}, stuck: {after: 1h}}}}}]
`;
  let first: () => void = () => {};
  const reading = new Promise<void>((resolve) => {
    first = resolve;
  });
  const control = spawnControl({
    configuration: configurationOf(yaml),
    clockSpec: undefined,
    dataDir,
    logLevel: "error",
    logJson: true,
    onNotice: (notice: Notice) => {
      if (notice.kind === "readings") first();
    },
    onDeath: (reason) => expect.fail(reason),
  });
  await reading;
  await control.stop();
}

test("it is on disk when the agent has stopped, and taken up by the next one", async () => {
  const [port, dataDir] = [await plant(), tempDir()];
  const file = join(dataDir, learnedFileName);
  await live(port, dataDir);
  const [before, written] = [loadLearned(file), readFileSync(file)];
  expect(before.ok && before.bytes !== undefined).toBe(true);
  await live(port, dataDir);
  expect(loadLearned(file).ok).toBe(true);
  expect(readFileSync(file).length).toBe(written.length);
  expect(readFileSync(file).equals(written)).toBe(false);
});

test("a file that is damaged is learned anew and replaced", async () => {
  const [port, dataDir] = [await plant(), tempDir()];
  const file = join(dataDir, learnedFileName);
  writeFileSync(file, "no such thing");
  expect(loadLearned(file).ok).toBe(false);
  await live(port, dataDir);
  expect(loadLearned(file).ok).toBe(true);
});
