/** Which alert rules of the edge watch which tags of the works. */
import type { YamlValue } from "../../configuration/yaml-text.ts";
import type { Sensor } from "../../plant-definition/sensor.ts";

/** None of these stands still for this long at its resolution, unless it has stopped measuring. */
const stuckAfter = "10m";

/** Classes whose instruments always show some noise. */
const restless: ReadonlySet<string> = new Set(["CL", "PH", "TU", "DO"]);

/**
 * Jumps of chlorine within 30 s, steps of turbidity against their learned floor; on every tag values that no
 * longer move, noise that grew, spikes that came too often. What guards people and biology is read faster
 * while it looks suspicious.
 */
export function detectOf({ sensorClass }: Sensor): YamlValue {
  return {
    delta: sensorClass === "CL" ? { max: 0.3, window: "30s" } : undefined,
    z: sensorClass === "TU" ? { max: 4 } : undefined,
    stuck: restless.has(sensorClass) ? { after: stuckAfter } : {},
    noise: { ratio: 3 },
    spike: { perDay: 12 },
    boost: sensorClass === "CL" ? { factor: 5, for: "10m" } : undefined,
  };
}
