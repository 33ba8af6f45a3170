/** One trained model of the small plant, and rows to judge with it, for the tests. */
import { historyOfBuckets, type StageHistory } from "../src/stage-history.ts";
import type { StageModel } from "../src/stage-model.ts";
import { trainStageModel } from "../src/stage-training.ts";
import { type AerationFault, aerationBuckets, aerationTags } from "./aeration-plant.ts";
import { seeded } from "./seeded.ts";

const hourMs = 3_600_000;

export const aerationMinutes = (
  seed: number,
  days: { fromDay: number; toDay: number },
  fault: AerationFault = {},
): StageHistory =>
  historyOfBuckets(aerationTags, aerationBuckets(seed, { ...days, bucketMs: 60_000 }, fault), {
    bucketMs: 60_000,
    windowMs: 300_000,
  });

/** Trained on three days of minutes and two weeks of hours. */
export function aerationModel(seed: number): StageModel {
  const minutes = aerationMinutes(seed, { fromDay: 11, toDay: 14 });
  const hours = historyOfBuckets(
    aerationTags,
    aerationBuckets(seed, { fromDay: 0, toDay: 14, bucketMs: hourMs }),
    { bucketMs: hourMs, windowMs: hourMs },
  );
  return trainStageModel(minutes, { stage: "W13", zone: "UTC", hours }, seeded(seed));
}
