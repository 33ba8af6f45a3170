/** Entry of the control thread: adapters built, the control loop started, notices posted. */
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { plantClock, systemClock } from "@weir/runtime/clock.ts";
import { createLogger, type Level } from "@weir/runtime/logger.ts";
import { seeded } from "@weir/runtime/random.ts";
import { channelOf } from "../acquisition/connection-types.ts";
import { loadConfiguration } from "../configuration/load-configuration.ts";
import type { Notice, Order } from "../hand-over.ts";
import { openLatchFile } from "../safety/latch-store.file.ts";
import { createControl } from "./control-loop.ts";

/** What `spawnControl` gives the thread. */
export interface ControlThreadData {
  configurationFile: string;
  /** `--clock` text; undefined on a real plant. */
  clockSpec: string | undefined;
  /** Holds the file of latched trips. */
  dataDir: string;
  logLevel: Level;
  logJson: boolean;
}

/** Posted once the control loop has stopped for good. */
export interface StoppedMessage {
  kind: "stopped";
}

export const latchFileName = "latched-trips";

if (parentPort) main(workerData as ControlThreadData, parentPort);

function main(data: ControlThreadData, port: NonNullable<typeof parentPort>): void {
  const ioClock = systemClock();
  const logger = createLogger({
    level: data.logLevel,
    json: data.logJson,
    nowMs: () => ioClock.nowMs(),
    write: (line) => process.stderr.write(`${line}\n`),
  }).child({ thread: "control" });
  const loaded = loadConfiguration(data.configurationFile);
  if (!loaded.ok) {
    // The main thread has checked the same file before; it changed in between.
    logger.error("the configuration is not valid any more", { file: data.configurationFile });
    process.exit(1);
  }
  const latchStore = openLatchFile(join(data.dataDir, latchFileName));
  const control = createControl({
    configuration: loaded.configuration,
    clock: plantClock(data.clockSpec),
    ioClock,
    channelFor: channelOf,
    latchStore,
    notify: (notice) => port.postMessage(notice, transferOf(notice)),
    logger,
    random: seeded(ioClock.nowMs(), "control"),
  });
  port.on("message", (order: Order) => {
    control.order(order);
    if (order.kind !== "stop") return;
    latchStore.close();
    port.postMessage({ kind: "stopped" } satisfies StoppedMessage);
    port.close();
  });
  control.start();
}

/** Columns of readings change hands without being copied. */
function transferOf(notice: Notice): ArrayBuffer[] {
  if (notice.kind !== "readings") return [];
  const { tags, timesMs, values, qualities } = notice.batch;
  return [tags.buffer, timesMs.buffer, values.buffer, qualities.buffer] as ArrayBuffer[];
}
