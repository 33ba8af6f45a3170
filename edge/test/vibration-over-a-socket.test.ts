/** Real bytes through a real socket, worked out on the real analysis thread. */

import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { f64 } from "@weir/contracts/elements.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { seeded } from "@weir/runtime/random.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test } from "vitest";
import { channelOf } from "../src/acquisition/connection-types.ts";
import { spawnAnalysis } from "../src/acquisition/vibration/vibration-analysis.worker.ts";
import { createControl } from "../src/control/control-loop.ts";
import type { ReadingBatch } from "../src/hand-over.ts";
import { openLatchFile } from "../src/safety/latch-store.file.ts";
import { configurationOf } from "./control-rig.ts";
import { encodeFrame } from "./virtual-sensor.ts";

const yaml = (port: number) => `
version: 1
site: {id: riverside, tz: UTC}
edge: edge-d
connections:
  vib: {type: frames, host: 127.0.0.1, port: ${port}}
devices:
  - id: P01
    connection: vib
    machine: {speed: 1500, kW: 30}
    tags:
      rms: {read: feature x.rms}
      shaft: {read: feature x.1x}
`;

/** Six seconds that a device server kept back, and then sends as fast as it can. */
function sixSeconds(): Uint8Array {
  const frames = Array.from({ length: 60 }, (_, frame) => {
    const samples = Int16Array.from({ length: 300 }, (_, k) =>
      Math.round(200 * Math.sin((2 * Math.PI * 25 * (100 * frame + Math.floor(k / 3))) / 1_000)),
    );
    return encodeFrame(frame, frame * 100_000, samples);
  });
  return Buffer.concat([Uint8Array.of(1, 2, 3), ...frames]);
}

test("what comes in a burst after a stall is worked out second by second", async () => {
  const server = createServer((socket) => socket.write(sixSeconds()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const configuration = configurationOf(yaml((server.address() as AddressInfo).port));
  const clock = systemClock();
  const analysis = spawnAnalysis({ ioClock: clock, logger: silentLogger });
  const batches: ReadingBatch[] = [];
  const of = (tag: number) =>
    batches.flatMap(({ tags, values, timesMs }) =>
      [...tags].flatMap((index, i) =>
        index === tag ? [{ value: f64(values, i), atMs: f64(timesMs, i) }] : [],
      ),
    );
  const control = await new Promise<ReturnType<typeof createControl>>((resolve) => {
    const created = createControl({
      configuration,
      clock,
      ioClock: clock,
      channelFor: channelOf,
      latchStore: openLatchFile(join(tempDir(), "latched-trips")),
      notify: (notice) => {
        if (notice.kind === "readings") batches.push(notice.batch);
        if (of(1).length >= 2) resolve(created);
      },
      logger: silentLogger,
      random: seeded(1, "socket"),
      analysis,
    });
    created.start();
  });
  control.stop();
  analysis.close();
  server.close();
  const [rms, shaft] = [of(0), of(1)];
  for (const { value } of [...rms, ...shaft]) expect(value).toBeCloseTo(Math.SQRT2, 2);
  const times = rms.map(({ atMs }) => atMs);
  expect(new Set(times).size).toBe(times.length);
});
