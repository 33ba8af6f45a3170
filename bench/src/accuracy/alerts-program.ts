/** One seed of the benchmark `alerts`, in a thread of its own. */
import { parentPort, workerData } from "node:worker_threads";
import { faultTrials } from "./fault-trials.ts";
import { watchWorks } from "./watch-works.ts";
import { worksConfigurations } from "./works-configuration.ts";

export interface AlertsTask {
  seed: number;
  learnDays: number;
  days: number;
  /** Of the kinds of fault, the first so many. */
  trialCount: number;
  /** On every tag. */
  stream: { threshold: number; everyMs: number };
}

function carryOut({ seed, learnDays, days, trialCount, stream }: AlertsTask) {
  const configurations = worksConfigurations();
  for (const { tags } of configurations) for (const { detect } of tags) detect.stream = stream;
  const trials = faultTrials.slice(0, trialCount);
  return watchWorks({ seed, configurations, learnDays, days, trials });
}

if (parentPort) parentPort.postMessage(carryOut(workerData as AlertsTask));
