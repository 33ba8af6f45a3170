/** Verified figures from above, taken over by detection or refused; never limits, outputs or rules. */
import type { Configuration } from "../configuration/configuration.ts";
import type { Detection } from "../detection/detection.ts";
import type { Notice, Order } from "../hand-over.ts";

type ArtifactOrder = Extract<Order, { kind: "apply-thresholds" | "apply-detector" }>;

export function applyArtifact(
  order: ArtifactOrder,
  detection: Detection,
  { downlink }: Configuration,
): Extract<Notice, { kind: "answer" }> {
  const answer = { kind: "answer" as const, ref: order.ref };
  if (order.kind === "apply-detector" && downlink.detectors !== "allow") {
    const reason = "this site does not take detectors from above (downlink)";
    return { ...answer, accepted: false, reason };
  }
  const applied =
    order.kind === "apply-thresholds"
      ? detection.apply(order.thresholds)
      : detection.applyDetector(order.detector);
  return { ...answer, accepted: applied.ok, reason: applied.ok ? "" : applied.reason };
}
