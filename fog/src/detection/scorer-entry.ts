/** The other end of a remote scorer, in a worker thread or a process of its own: one call in, one answer out. */
import { parentPort, workerData } from "node:worker_threads";
import { giveWay } from "@weir/runtime/background-priority.ts";
import { inlineScorer, type Scorer } from "./scorer.ts";

export type ScorerCall = { number: number; verb: "load" | "train" | "score"; args: unknown[] };
export type ScorerAnswer = { number: number; value?: unknown; error?: string };

const seed = parentPort ? (workerData as { seed: number }).seed : Number(process.argv[2]);
const scorer = inlineScorer(seed);
const verbs: Record<ScorerCall["verb"], (...args: never[]) => Promise<unknown>> = {
  load: scorer.load,
  train: scorer.train,
  score: scorer.score as Scorer["score"],
};

const answer = (message: ScorerAnswer): void => {
  if (parentPort) parentPort.postMessage(message);
  else process.send?.(message);
};

(parentPort ?? process).on("message", async (call: ScorerCall) => {
  try {
    answer({ number: call.number, value: await verbs[call.verb](...(call.args as never[])) });
  } catch (error) {
    answer({ number: call.number, error: (error as Error).message });
  }
});
if (!parentPort) {
  // A process of its own learns; judging is done in a thread of the gateway.
  giveWay({ isWholeProcess: true });
  // A process whose parent is gone has nobody to learn for.
  process.on("disconnect", () => process.exit(0));
  // A closed terminal tells all processes that were started from it; the gateway runs on.
  process.on("SIGHUP", () => {});
}
