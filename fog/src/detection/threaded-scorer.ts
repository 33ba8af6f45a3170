/** The scorer in threads of its own, so that neither training nor scoring delays ingest. */
import { Worker } from "node:worker_threads";
import { Fault } from "@weir/runtime/fault.ts";
import type { Scorer } from "./scorer.ts";
import type { ScorerAnswer, ScorerCall } from "./scorer-thread.ts";
import "./detection-faults.ts";

/** A stage of 24 tags over three days of minutes is learned in well under this. MiB */
const resourceLimits = { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 16 };

interface Waiting {
  resolve: (value: never) => void;
  reject: (error: Error) => void;
}

/** `onEnd` hears of a thread that died; its open calls are rejected with FOG_SCORER_ENDED. */
export function threadedScorer(options: { seed: number; onEnd: (reason: string) => void }): Scorer {
  const worker = new Worker(new URL("./scorer-thread.ts", import.meta.url), {
    workerData: { seed: options.seed },
    resourceLimits,
  });
  const waiting = new Map<number, Waiting>();
  let number = 0;
  let closing = false;
  const fail = (reason: string) => {
    for (const one of waiting.values()) one.reject(new Fault("FOG_SCORER_ENDED", { reason }));
    waiting.clear();
    if (!closing) options.onEnd(reason);
  };
  worker.on("message", (answer: ScorerAnswer) => {
    const one = waiting.get(answer.number);
    waiting.delete(answer.number);
    if (answer.error === undefined) one?.resolve(answer.value as never);
    else one?.reject(new Fault("FOG_SCORER_ENDED", { reason: answer.error }));
  });
  worker.on("error", (error) => fail((error as Error).message));
  worker.on("exit", (code) => fail(`the thread ended with code ${code}`));
  worker.unref();
  const call = <T>(verb: ScorerCall["verb"], ...args: unknown[]): Promise<T> =>
    new Promise((resolve, reject) => {
      number += 1;
      waiting.set(number, { resolve: resolve as Waiting["resolve"], reject });
      worker.postMessage({ number, verb, args } satisfies ScorerCall);
    });
  return {
    load: (stage, onnx) => call("load", stage, onnx),
    train: (request) => call("train", request),
    score: (rows) => call("score", rows),
    close: async () => {
      closing = true;
      await worker.terminate();
    },
  };
}
