/** Entry of the control thread: adapters built, the control loop started, notices posted. */
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { parentPort, workerData } from "node:worker_threads";
import { plantClock, systemClock } from "@weir/runtime/clock.ts";
import { createLogger, type Level } from "@weir/runtime/logger.ts";
import { seeded } from "@weir/runtime/random.ts";
import { channelOf } from "../acquisition/connection-types.ts";
import { spawnAnalysis } from "../acquisition/vibration/vibration-analysis.worker.ts";
import type { Configuration } from "../configuration/configuration.ts";
import { loadLearned } from "../detection/learned-file.ts";
import type { Notice, Order } from "../hand-over.ts";
import { openLatchFile } from "../safety/latch-store.file.ts";
import { takePriority } from "../thread-priority.ts";
import { latchFileName, learnedFileName } from "./control-files.ts";
import { createLiveControl } from "./live-control.ts";
import { rehearse } from "./rehearsal.ts";

/** What `spawnControl` gives the thread. */
export interface ControlThreadData {
  /** Loaded and checked by who starts the thread. */
  configuration: Configuration;
  /** `--clock` text; undefined on a real plant. */
  clockSpec: string | undefined;
  /** Holds the file of latched trips. */
  dataDir: string;
  /** This edge has run on the folder before: a file of latched trips that is missing was lost. */
  hasRun?: boolean | undefined;
  logLevel: Level;
  logJson: boolean;
}

/** Posted once the control loop has stopped for good. */
export interface StoppedMessage {
  kind: "stopped";
}

if (parentPort) main(workerData as ControlThreadData, parentPort);

function main(data: ControlThreadData, port: NonNullable<typeof parentPort>): void {
  const ioClock = systemClock();
  const logger = createLogger({
    level: data.logLevel,
    json: data.logJson,
    nowMs: () => ioClock.nowMs(),
    write: (line) => process.stderr.write(`${line}\n`),
  }).child({ thread: "control" });
  if (!takePriority("control")) logger.debug("the control thread may not go before others");
  // What is rarely called must still be compiled when it is needed.
  setFlagsFromString("--no-flush-bytecode");
  const rehearsed = rehearse(data.configuration, ioClock);
  logger.debug("trips rehearsed", { trips: rehearsed });
  const latchStore = openLatchFile(join(data.dataDir, latchFileName), true, data.hasRun);
  const analysis = spawnAnalysis({ ioClock, logger });
  const learned = loadLearned(join(data.dataDir, learnedFileName));
  if (!learned.ok) {
    logger.warn("what detection had learned cannot be read; it is learned anew", {
      reason: learned.reason,
    });
  }
  const control = createLiveControl({
    learned: learned.ok ? learned.bytes : undefined,
    learnedLost: learned.ok ? undefined : learned.reason,
    configuration: data.configuration,
    clock: plantClock(data.clockSpec),
    ioClock,
    channelFor: channelOf,
    latchStore,
    notify: (notice) => port.postMessage(notice, transferOf(notice)),
    logger,
    random: seeded(ioClock.nowMs(), "control"),
    analysis,
  });
  port.on("message", (order: Order) => {
    control.order(order);
    if (order.kind !== "stop") return;
    analysis.close();
    latchStore.close();
    port.postMessage({ kind: "stopped" } satisfies StoppedMessage);
    port.close();
  });
  control.start();
}

/** Columns of readings change hands without being copied. */
function transferOf(notice: Notice): ArrayBuffer[] {
  if (notice.kind === "learned") return [notice.bytes.buffer as ArrayBuffer];
  if (notice.kind !== "readings") return [];
  const { tags, timesMs, values, qualities } = notice.batch;
  return [tags.buffer, timesMs.buffer, values.buffer, qualities.buffer] as ArrayBuffer[];
}
