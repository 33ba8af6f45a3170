/** The scorer elsewhere than on the thread that takes readings in. */
import { fork } from "node:child_process";
import { Worker } from "node:worker_threads";
import type { Cancel, Clock } from "@weir/runtime/clock.ts";
import { FogFault } from "../faults.ts";
import type { Scorer } from "./scorer.ts";
import type { ScorerAnswer, ScorerCall } from "./scorer-entry.ts";

export interface RemoteScorerOptions {
  seed: number;
  /** Hears of an end that nobody asked for; open calls are rejected with FOG_SCORER_ENDED. */
  onEnd: (reason: string) => void;
  /** Real time; with it a scorer that does not answer is ended, and started again by the next call. */
  ioClock?: Clock;
}

/** Scoring and loading take milliseconds; learning may take as long as it likes. */
const answerWithinMs = 60_000;

/** A stage of 24 tags over three days of minutes is learned in well under this, MiB. */
const oldSpaceMax = 192;
const youngSpaceMax = 16;
const entry = new URL("./scorer-entry.ts", import.meta.url);

export interface Remote {
  send(call: ScorerCall): void;
  onAnswer(take: (answer: ScorerAnswer) => void): void;
  onEnd(take: (reason: string) => void): void;
  end(): Promise<unknown>;
}

/** In a worker thread: prompt, for judging every minute. */
export const threadedScorer = (options: RemoteScorerOptions): Scorer =>
  remoteScorer(options, () => {
    const worker = new Worker(entry, {
      workerData: { seed: options.seed },
      resourceLimits: {
        maxOldGenerationSizeMb: oldSpaceMax,
        maxYoungGenerationSizeMb: youngSpaceMax,
      },
    });
    worker.unref();
    return {
      send: (call) => worker.postMessage(call),
      onAnswer: (take) => void worker.on("message", take),
      onEnd: (take) => {
        worker.on("error", (error) => take((error as Error).message));
        worker.on("exit", (code) => take(`the thread ended with code ${code}`));
      },
      end: () => worker.terminate(),
    };
  });

/** In a process of its own: for learning, whose memory goes back to the system when it is closed. */
export const processScorer = (options: RemoteScorerOptions): Scorer =>
  remoteScorer(options, () => {
    const child = fork(entry, [String(options.seed)], {
      serialization: "advanced",
      execArgv: [`--max-old-space-size=${oldSpaceMax}`],
    });
    child.unref();
    child.channel?.unref();
    return {
      send: (call) => void child.send(call),
      onAnswer: (take) => void child.on("message", (answer) => take(answer as ScorerAnswer)),
      onEnd: (take) => {
        child.on("error", (error) => take(error.message));
        child.on("exit", (code) => take(`the process ended with code ${code}`));
      },
      end: async () => child.kill(),
    };
  });

interface Waiting {
  cancel: Cancel;
  resolve: (value: never) => void;
  reject: (error: Error) => void;
}

/** Started with the first call. */
export function remoteScorer(options: RemoteScorerOptions, start: () => Remote): Scorer {
  const waiting = new Map<number, Waiting>();
  let remote: Remote | undefined;
  let number = 0;
  let closing = false;
  let resting = false;
  const fail = (reason: string) => {
    for (const one of waiting.values()) {
      one.cancel();
      one.reject(new FogFault("FOG_SCORER_ENDED", { reason }));
    }
    waiting.clear();
    remote = undefined;
    if (!closing && !resting) options.onEnd(reason);
    resting = false;
  };
  const begin = (): Remote => {
    const begun = start();
    // One that was given up says that it has ended when another one works already.
    begun.onEnd((reason) => {
      if (remote === begun) fail(reason);
    });
    begun.onAnswer((answer) => {
      const one = waiting.get(answer.number);
      waiting.delete(answer.number);
      one?.cancel();
      if (answer.error === undefined) one?.resolve(answer.value as never);
      else one?.reject(new FogFault("FOG_SCORER_ENDED", { reason: answer.error }));
    });
    return begun;
  };
  const deadline = (verb: ScorerCall["verb"]): Cancel =>
    options.ioClock?.after(answerWithinMs, () => {
      const hung = remote;
      fail(`no answer to "${verb}" within ${answerWithinMs / 1_000} s`);
      void hung?.end();
    }) ?? (() => {});
  const call = <T>(verb: ScorerCall["verb"], ...args: unknown[]): Promise<T> =>
    new Promise((resolve, reject) => {
      if (closing) return reject(new FogFault("FOG_SCORER_ENDED", { reason: "it was closed" }));
      remote ??= begin();
      number += 1;
      const cancel = verb === "train" ? () => {} : deadline(verb);
      waiting.set(number, { resolve: resolve as Waiting["resolve"], reject, cancel });
      remote.send({ number, verb, args });
    });
  return {
    load: (stage, onnx) => call("load", stage, onnx),
    train: (request) => call("train", request),
    score: (rows) => call("score", rows),
    rest: async () => {
      if (waiting.size > 0 || !remote) return;
      resting = true;
      await remote.end();
    },
    close: async () => {
      closing = true;
      await remote?.end();
    },
  };
}
