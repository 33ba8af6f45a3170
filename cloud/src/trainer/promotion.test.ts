import { expect, test } from "vitest";
import { promotionFault } from "./promotion.ts";

const good = { threshold: 1, heldOutError: 0.5, heldOutAlarmShare: 0.01 };
const fault = (metrics: Record<string, number>, champion?: Record<string, number>) =>
  promotionFault({ kind: "autoencoder", metrics }, champion && { metrics: champion });

test("a challenger is held back by a sentence, or not at all", () => {
  expect(fault(good)).toBeUndefined();
  expect(fault({ ...good, heldOutError: Number.NaN })).toBe("its heldOutError is not a number");
  expect(fault({ ...good, threshold: 0 })).toBe("its threshold is not above zero");
  expect(fault({ ...good, heldOutAlarmShare: 0.2 })).toContain("20.0 % of the held-out windows");
  expect(fault(good, { heldOutError: 0.3 })).toContain("worse than the champion's 0.300");
  expect(fault(good, { heldOutError: 0.45 })).toBeUndefined();
  expect(promotionFault({ kind: "thresholds", metrics: { tags: 0 } }, undefined)).toContain(
    "no tag",
  );
  expect(promotionFault({ kind: "forest", metrics: { trees: 100 } }, undefined)).toBeUndefined();
});
