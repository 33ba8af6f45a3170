/** Sends questions about the past to their thread, a bounded number of them, and starts another when it is gone. */
import { Worker } from "node:worker_threads";
import type { Cancel, Clock } from "@weir/runtime/clock.ts";
import { FogFault } from "../faults.ts";
import type { AnswerTo, HistoryQueries, OpenTag, Question } from "./history-query.ts";
import type { WorkerAnswer, WorkerQuestion } from "./history-query-worker.ts";

/** Questions that may wait. */
const waitingMax = 64;
/** A question that is not answered within this, I/O clock, has hung the thread; a year of minutes takes a tenth. */
const patienceMs = 60_000;
const retryAfterMs = 2_000;
/** A month of minutes of eight tags fits many times, MiB. */
const oldSpaceMax = 96;
const youngSpaceMax = 8;

export interface HistoryThreadOptions {
  dataDir: string;
  ioClock: Clock;
  /** What is not on disk yet. */
  openTag: (id: string) => OpenTag | undefined;
  /** The thread ended or hung, and was replaced; what it was asked is refused. */
  onLost: (why: string) => void;
}

interface Asked {
  question: Question;
  resolve: (value: never) => void;
  reject: (error: Error) => void;
  signal: AbortSignal | undefined;
}

const entry = new URL("./history-query-worker.ts", import.meta.url);

export const historyThread = (options: HistoryThreadOptions): HistoryQueries =>
  new HistoryThread(options);

class HistoryThread implements HistoryQueries {
  readonly #options: HistoryThreadOptions;
  readonly #waiting: Asked[] = [];
  #worker: Worker | undefined;
  #current: (Asked & { number: number; patience: Cancel }) | undefined;
  #number = 0;
  #trouble: string | undefined;
  #closed = false;

  constructor(options: HistoryThreadOptions) {
    this.#options = options;
  }

  ask<Q extends Question>(question: Q, signal?: AbortSignal): Promise<AnswerTo<Q>> {
    if (this.#closed)
      return Promise.reject(new FogFault("FOG_HISTORY_SILENT", { why: "the fog is stopping" }));
    if (this.#waiting.length >= waitingMax) {
      const busy = { waiting: this.#waiting.length, waitMs: retryAfterMs };
      return Promise.reject(new FogFault("FOG_HISTORY_BUSY", busy));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ question, resolve, reject, signal });
      this.#next();
    });
  }

  readonly trouble = (): string | undefined => this.#trouble;

  async close(): Promise<void> {
    this.#closed = true;
    this.#refuseAll("the fog is stopping");
    await this.#worker?.terminate();
  }

  #next(): void {
    if (this.#current || this.#closed) return;
    const asked = this.#waiting.shift();
    if (!asked) return;
    if (asked.signal?.aborted) {
      asked.reject(new FogFault("FOG_HISTORY_SILENT", { why: "nobody waits for it any more" }));
      this.#next();
      return;
    }
    this.#number += 1;
    const number = this.#number;
    const patience = this.#options.ioClock.after(patienceMs, () =>
      this.#lost(`no answer within ${patienceMs / 1_000} s`),
    );
    this.#current = { ...asked, number, patience };
    const open = new Map<string, OpenTag>();
    for (const id of asked.question.tags) {
      const tag = this.#options.openTag(id);
      if (tag) open.set(id, tag);
    }
    this.#worker ??= this.#start();
    this.#worker.postMessage({ number, question: asked.question, open } satisfies WorkerQuestion);
  }

  #start(): Worker {
    const worker = new Worker(entry, {
      workerData: { dataDir: this.#options.dataDir },
      resourceLimits: {
        maxOldGenerationSizeMb: oldSpaceMax,
        maxYoungGenerationSizeMb: youngSpaceMax,
      },
    });
    worker.unref();
    const isCurrent = () => this.#worker === worker;
    worker.on("message", (answer: WorkerAnswer) => {
      if (isCurrent()) this.#answered(answer);
    });
    worker.on("error", (error) => {
      if (isCurrent()) this.#lost((error as Error).message);
    });
    worker.on("exit", (code) => {
      if (isCurrent()) this.#lost(`its thread ended with code ${code}`);
    });
    return worker;
  }

  #answered(answer: WorkerAnswer): void {
    const current = this.#current;
    if (!current || current.number !== answer.number) return;
    current.patience();
    this.#current = undefined;
    if ("error" in answer)
      current.reject(new FogFault("FOG_HISTORY_SILENT", { why: answer.error }));
    else {
      this.#trouble = undefined;
      current.resolve(answer.value as never);
    }
    this.#next();
  }

  /** The next question starts another thread. */
  #lost(why: string): void {
    const worker = this.#worker;
    this.#worker = undefined;
    void worker?.terminate();
    const current = this.#current;
    current?.patience();
    this.#current = undefined;
    if (this.#closed) return;
    current?.reject(new FogFault("FOG_HISTORY_SILENT", { why }));
    this.#trouble = why;
    this.#options.onLost(why);
    this.#next();
  }

  #refuseAll(why: string): void {
    this.#current?.patience();
    const all = [...(this.#current ? [this.#current] : []), ...this.#waiting.splice(0)];
    this.#current = undefined;
    for (const asked of all) asked.reject(new FogFault("FOG_HISTORY_SILENT", { why }));
  }
}
