/** Whether a challenger may become champion. Pure. */
import type { ModelRecord } from "../model-registry/model-registry.ts";

/** Held-out windows above the threshold may be this many at most; more means a threshold set too low. */
const alarmShareMax = 0.05;
/** A challenger's held-out error may exceed the champion's by this factor. */
const errorFactorMax = 1.25;

/** Why `challenger` stays one, or `undefined`. */
export function promotionFault(
  challenger: Pick<ModelRecord, "kind" | "metrics">,
  champion: Pick<ModelRecord, "metrics"> | undefined,
): string | undefined {
  const bad = Object.entries(challenger.metrics).find(([, value]) => !Number.isFinite(value));
  if (bad) return `its ${bad[0]} is not a number`;
  if (challenger.kind === "thresholds" && challenger.metrics["tags"] === 0) {
    return "no tag had enough history for a parameter";
  }
  if (challenger.kind !== "autoencoder") return undefined;
  const { threshold = 0, heldOutAlarmShare = 0, heldOutError = 0 } = challenger.metrics;
  if (!(threshold > 0)) return "its threshold is not above zero";
  if (heldOutAlarmShare > alarmShareMax) {
    return `${(100 * heldOutAlarmShare).toFixed(1)} % of the held-out windows lie above its threshold, at most ${100 * alarmShareMax} % may`;
  }
  const before = champion?.metrics["heldOutError"];
  if (before !== undefined && heldOutError > errorFactorMax * before) {
    return `its held-out error ${heldOutError.toPrecision(3)} is worse than the champion's ${before.toPrecision(3)}`;
  }
  return undefined;
}
