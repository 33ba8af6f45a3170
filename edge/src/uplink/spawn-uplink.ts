/**
 * Starts the uplink thread, passes hand-overs to and from it, and starts it again when it falls or
 * stands still. The control thread notices none of that.
 */
import { Worker } from "node:worker_threads";
import type { Cancel, Clock } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { Random } from "@weir/runtime/random.ts";
import { EdgeFault } from "../faults.ts";
import type { ControlPort } from "../hand-over.ts";
import { passLog } from "../thread-log.ts";
import { backoffMs } from "./link.ts";
import type { News } from "./news.ts";
import { NoticeBuffer } from "./notice-buffer.ts";
import type { UplinkFall } from "./uplink-fall.ts";
import {
  type FromUplink,
  silenceMaxMs,
  type ToUplink,
  type UplinkThreadSettings,
} from "./uplink-message.ts";

export interface SpawnUplinkOptions {
  settings: UplinkThreadSettings;
  control: ControlPort;
  ioClock: Clock;
  random: Random;
  logger: Logger;
  onReady: () => void;
  onAddress: (url: string) => void;
  onNews: (news: News) => void;
  /** Takes the thread's log; it goes to stderr without. */
  onLog?: (line: string) => void;
  /** Heap of the thread, MiB; beyond it the thread falls and is started again. */
  heapMiB?: number;
  /** The thread's program; a test gives one that falls. */
  program?: URL;
}

export interface SpawnedUplink {
  /** Orderly; resolves when the thread has ended. */
  stop(): Promise<void>;
}

const heapMiBDefault = 128;
/** A gateway has little memory; a small nursery costs a few collections more. */
const youngMiB = 4;

export function spawnUplink(options: SpawnUplinkOptions): SpawnedUplink {
  return new UplinkKeeper(options);
}

class UplinkKeeper implements SpawnedUplink {
  readonly #options: SpawnUplinkOptions;
  readonly #buffer = new NoticeBuffer();
  #worker: Worker | undefined;
  /** Why it is being ended, when it was given up. */
  #stoodStill: string | undefined;
  #isReady = false;
  #isStopping = false;
  /** In a row: it has not come to work between them. */
  #falls = 0;
  #fall: UplinkFall | undefined;
  #cancelSilence: Cancel = () => {};
  #cancelRestart: Cancel = () => {};
  #ended: () => void = () => {};

  constructor(options: SpawnUplinkOptions) {
    this.#options = options;
    options.control.onNotice((notice) => {
      this.#buffer.note(notice, !this.#isReady);
      if (this.#isReady) this.#post({ kind: "notice", notice });
    });
    this.#start();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#cancelRestart();
    this.#cancelSilence();
    if (!this.#worker) return;
    const ended = new Promise<void>((resolve) => {
      this.#ended = resolve;
    });
    this.#post({ kind: "stop" });
    await ended;
  }

  #start(): void {
    const { settings, program, heapMiB = heapMiBDefault, onLog } = this.#options;
    const worker = new Worker(program ?? new URL("./uplink-thread.ts", import.meta.url), {
      workerData: { ...settings, fall: this.#fall } satisfies UplinkThreadSettings,
      stderr: onLog !== undefined,
      resourceLimits: { maxOldGenerationSizeMb: heapMiB, maxYoungGenerationSizeMb: youngMiB },
    });
    this.#worker = worker;
    if (onLog) passLog(worker, onLog);
    let why: unknown;
    worker.on("message", (message: FromUplink) => this.#onMessage(message));
    worker.on("error", (error) => {
      why = error;
    });
    worker.on("exit", (code) => this.#onExit(worker, why ?? `exit code ${code}`));
    this.#watch();
  }

  #onMessage(message: FromUplink): void {
    const { control, onAddress, onNews, onReady, logger } = this.#options;
    this.#watch();
    switch (message.kind) {
      case "ready": {
        this.#isReady = true;
        for (const notice of this.#buffer.replay()) this.#post({ kind: "notice", notice });
        const lost = this.#buffer.takeLost();
        if (lost > 0)
          logger.warn("hand-overs were lost while the uplink was down", { count: lost });
        onReady();
        return;
      }
      case "address":
        onAddress(message.url);
        return;
      case "order":
        control.order(message.order);
        return;
      case "news":
        onNews(message.news);
        return;
      case "alive":
        this.#falls = 0;
        return;
    }
  }

  #onExit(worker: Worker, why: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#isReady = false;
    this.#cancelSilence();
    this.#ended();
    if (this.#isStopping) return;
    const { logger, ioClock, random } = this.#options;
    const waitMs = Math.round(backoffMs(this.#falls++, random.uniform()));
    const text = why instanceof Error ? why.message : String(why);
    this.#fall = { count: (this.#fall?.count ?? 0) + 1, why: this.#stoodStill ?? text };
    this.#stoodStill = undefined;
    logger.error(`the uplink thread ended: ${text}; control goes on, it is started again`, {
      waitMs,
    });
    this.#cancelRestart = ioClock.after(waitMs, () => this.#start());
  }

  /** A thread that turns in a circle does not end by itself. */
  #watch(): void {
    this.#cancelSilence();
    if (this.#isStopping) return;
    this.#cancelSilence = this.#options.ioClock.after(silenceMaxMs, () => {
      this.#stoodStill = new EdgeFault("EDGE_UPLINK_SILENT", { silentMs: silenceMaxMs }).message;
      this.#options.logger.error(this.#stoodStill);
      void this.#worker?.terminate();
    });
  }

  #post(message: ToUplink): void {
    this.#worker?.postMessage(message, transferOf(message));
  }
}

/** Columns of readings change hands without being copied. */
function transferOf(message: ToUplink): ArrayBuffer[] {
  if (message.kind !== "notice" || message.notice.kind !== "readings") return [];
  const { tags, timesMs, values, qualities } = message.notice.batch;
  return [tags.buffer, timesMs.buffer, values.buffer, qualities.buffer] as ArrayBuffer[];
}
