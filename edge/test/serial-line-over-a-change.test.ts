/** A serial line stays open over changes of the configuration, and no answer is taken for another's. */

import { join } from "node:path";
import { silentLogger } from "@weir/runtime/logger.ts";
import { seeded } from "@weir/runtime/random.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test } from "vitest";
import { createLiveControl } from "../src/control/live-control.ts";
import type { Notice } from "../src/hand-over.ts";
import { openLatchFile } from "../src/safety/latch-store.file.ts";
import { configurationOf, startMs } from "./control-rig.ts";
import { SynchronousClock } from "./synchronous-clock.ts";
import { VirtualLine } from "./virtual-line.ts";

/** Requests that differ in nothing but the register: their answers look alike. */
const yaml = (every: string) => `
version: 1
site: {id: riverside}
edge: edge-k
connections: {line: {type: modbus-rtu, port: /dev/ttyUSB0, baud: 19200, timeout: 200ms}}
devices:
  - {id: A, connection: line, unit: 1, tags: {T0: {read: "holding:0", type: int16, every: ${every}}, T1: {read: "holding:100", type: int16, every: ${every}}, T2: {read: "holding:200", type: int16, every: ${every}}}}
`;

test("two hundred changes at odd moments: every value is its own register's, the port is opened once", () => {
  const clock = new SynchronousClock(startMs);
  const random = seeded(3, "line");
  const line = new VirtualLine(clock, { baud: 19_200, random });
  const values = [111, 222, 333];
  values.forEach((value, i) => {
    line.slave.holding[100 * i] = value;
  });
  let opened = 0;
  const notices: Notice[] = [];
  const control = createLiveControl({
    configuration: configurationOf(yaml("250ms")),
    clock,
    ioClock: clock,
    channelFor: () => (events) => {
      opened++;
      return line.open(events);
    },
    latchStore: openLatchFile(join(tempDir(), "latched-trips")),
    notify: (notice) => notices.push(notice),
    logger: silentLogger,
    random,
  });
  control.start();
  clock.advance(5_000);
  for (let i = 0; i < 200; i++) {
    const configuration = configurationOf(yaml(i % 2 ? "250ms" : "300ms"));
    const ref = `r${i}`;
    control.order({ kind: "reconfigure", ref, by: "ana", configuration, answer: "applied" });
    clock.advance(300 + random.uniform() * 400);
  }
  clock.advance(5_000);
  control.stop();
  let good = 0;
  for (const notice of notices) {
    if (notice.kind !== "readings") continue;
    const { tags, values: read, qualities } = notice.batch;
    tags.forEach((tag, i) => {
      if (qualities[i] !== 0) return;
      good++;
      expect(read[i]).toBe(values[tag]);
    });
  }
  expect(good).toBeGreaterThan(500);
  expect(opened).toBe(1);
  const lost = notices.filter(
    (x) => x.kind === "event" && x.event.body?.case === "deviceLink" && !x.event.body.value.up,
  );
  expect(lost).toEqual([]);
});
