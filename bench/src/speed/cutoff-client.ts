/**
 * Thread: cuts off what cutoff-slave.ts raises, by turns as a bare socket does it and as Weir's control
 * loop does it. The loop is the product's own, on a real latch file; trips are reset by orders.
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parentPort } from "node:worker_threads";
import { u8 } from "@weir/contracts/elements.ts";
import { channelOf } from "@weir/edge/acquisition/connection-types.ts";
import { loadConfiguration } from "@weir/edge/configuration/load-configuration.ts";
import { createControl } from "@weir/edge/control/control-loop.ts";
import { rehearse } from "@weir/edge/control/rehearsal.ts";
import type { Notice } from "@weir/edge/hand-over.ts";
import { openLatchFile } from "@weir/edge/safety/latch-store.file.ts";
import type { LatchStore } from "@weir/edge/safety/latch-store.ts";
import { takePriority } from "@weir/edge/thread-priority.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { formatProblems } from "@weir/runtime/problem.ts";
import { seeded } from "@weir/runtime/random.ts";
import { type Disk, registerCount, slowDiskMs, unsafeValue } from "./cutoff-plant.ts";

/** Bench → client: one round. */
export interface ClientOrder {
  client: "socket" | "weir";
  port: number;
  tripCount: number;
  /** What becomes of a stored trip. */
  disk: Disk;
}

/** Client → bench: from the answer in memory to the write handed to the socket, of each trip. */
export interface ClientMessage {
  microseconds: number[];
}

const pollEveryMs = 10;
/** Rather more than one poll, so that an answer below the limit lies between trip and reset. */
const resetAfterMs = 15;

const wholeYaml = (port: number): string => `
version: 1
site: {id: bench}
edge: bench
connections: {plc: {type: modbus-tcp, host: 127.0.0.1, port: ${port}, timeout: 5s, roundTrip: 1ms}}
devices:
  - id: D
    connection: plc
    tags:
${Array.from(
  { length: registerCount },
  (_, i) =>
    `      T${i}: {read: "holding:${i}", type: uint16, every: ${pollEveryMs}ms, min: 0, max: 1000,
        detect: {delta: {max: 300}, z: {}, stuck: {}, noise: {}, spike: {}}}`,
).join("\n")}
outputs: {pump: {write: "coil plc/1:0", safe: off}}
safety:
  - {id: HIGH, when: {tag: T0, above: ${unsafeValue - 100}, for: 0s, samples: 1},
     then: [{set: pump, to: off, afterReset: on}], tripsPerHour: 1000}
`;

/** The least that Node can do: poll, look at the register, write. */
function socketRound({ port, tripCount }: ClientOrder): Promise<number[]> {
  const poll = Buffer.from([0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, registerCount]);
  const off = Buffer.from([0, 2, 0, 0, 0, 6, 1, 5, 0, 0, 0, 0]);
  const on = Buffer.from([0, 3, 0, 0, 0, 6, 1, 5, 0, 0, 0xff, 0]);
  const microseconds: number[] = [];
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout;
    let isPolling = false;
    const take = (size: number, bytes: Uint8Array): true => {
      const answeredMs = performance.now();
      // On a busy machine two answers may arrive as one.
      for (let at = 0; at < size; at += 6 + ((u8(bytes, at + 4) << 8) | u8(bytes, at + 5))) {
        if (bytes[at + 7] !== 3) continue;
        isPolling = false;
        if (((u8(bytes, at + 9) << 8) | u8(bytes, at + 10)) < unsafeValue) continue;
        socket.write(off);
        microseconds.push((performance.now() - answeredMs) * 1_000);
        setTimeout(next, resetAfterMs);
      }
      return true;
    };
    const buffer = new Uint8Array(4_096);
    const onread = { buffer, callback: take };
    const socket = connect({ host: "127.0.0.1", port, noDelay: true, onread });
    const next = () => {
      if (microseconds.length < tripCount) {
        socket.write(on);
        return;
      }
      clearInterval(timer);
      socket.destroy();
      resolve(microseconds);
    };
    socket.on("connect", () => {
      timer = setInterval(() => {
        if (isPolling) return;
        isPolling = true;
        socket.write(poll);
      }, pollEveryMs);
    });
    socket.on("error", reject);
  });
}

/** A disk that takes its time to say that it is full. */
const fullDisk: LatchStore = {
  load: () => ({ ok: true, state: undefined }),
  save: (_, settled) => {
    setTimeout(() => settled({ ok: false, reason: "ENOSPC" }), slowDiskMs);
  },
};

let isRehearsed = false;

async function weirRound({ port, tripCount, disk }: ClientOrder): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), "weir-bench-"));
  const file = join(folder, "edge.yaml");
  writeFileSync(file, wholeYaml(port));
  const loaded = loadConfiguration(file);
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
  const microseconds: number[] = [];
  const clock = systemClock();
  const latchFile = openLatchFile(join(folder, "latched-trips"), true);
  const latchStore = disk === "full" ? fullDisk : latchFile;
  // As the control thread does when it starts.
  if (!isRehearsed) rehearse(loaded.configuration, clock);
  isRehearsed = true;
  let stop = () => {};
  await new Promise<void>((resolve) => {
    const reset = () => {
      if (microseconds.length >= tripCount) resolve();
      else control.order({ kind: "reset-trip", ref: "r", rule: "HIGH", by: "bench", reason: "" });
    };
    const notify = (notice: Notice) => {
      if (notice.kind === "answer" && !notice.accepted) setTimeout(reset, resetAfterMs);
      if (notice.kind !== "event" || notice.event.body?.case !== "trip") return;
      microseconds.push((notice.event.body.value.writtenAfterMs ?? Number.NaN) * 1_000);
      setTimeout(reset, resetAfterMs);
    };
    const control = createControl({
      configuration: loaded.configuration,
      clock,
      ioClock: clock,
      channelFor: channelOf,
      latchStore,
      notify,
      logger: silentLogger,
      random: seeded(1, "bench/cutoff"),
    });
    stop = () => control.kill();
    control.start();
  });
  stop();
  latchFile.close();
  rmSync(folder, { recursive: true });
  return microseconds;
}

// As the product's control thread does; the bare socket gains by it as well.
takePriority("control");

const rounds = { socket: socketRound, weir: weirRound };

parentPort?.on("message", async (order: ClientOrder) => {
  const microseconds = await rounds[order.client](order);
  parentPort?.postMessage({ microseconds } satisfies ClientMessage);
});
