/** Worker thread of the scorer: one request in, one answer out, matched by number. */
import { parentPort, workerData } from "node:worker_threads";
import { inlineScorer, type Scorer } from "./scorer.ts";

export type ScorerCall = { number: number; verb: "load" | "train" | "score"; args: unknown[] };
export type ScorerAnswer = { number: number; value?: unknown; error?: string };

const scorer = inlineScorer((workerData as { seed: number }).seed);
const verbs: Record<ScorerCall["verb"], (...args: never[]) => Promise<unknown>> = {
  load: scorer.load,
  train: scorer.train,
  score: scorer.score as Scorer["score"],
};

parentPort?.on("message", async (call: ScorerCall) => {
  try {
    const value = await verbs[call.verb](...(call.args as never[]));
    parentPort?.postMessage({ number: call.number, value } satisfies ScorerAnswer);
  } catch (error) {
    parentPort?.postMessage({
      number: call.number,
      error: (error as Error).message,
    } satisfies ScorerAnswer);
  }
});
