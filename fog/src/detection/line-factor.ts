/** The decision line of a stage, moved by the cloud's thresholds within bounds. */

/** A fog decision line may be moved by this factor at most, either way. */
const lineFactorMin = 0.5;
const lineFactorMax = 3;

/** Payload of fog thresholds: {"format":"weir-fog-thresholds-1","stage":"TANK1","threshold":1.2}, in decision lines. */
export function readLineFactor(payload: Uint8Array, stage: string): number | string {
  try {
    const value = JSON.parse(new TextDecoder().decode(payload)) as Record<string, unknown>;
    if (value["format"] !== "weir-fog-thresholds-1")
      return `format ${JSON.stringify(value["format"])} is not "weir-fog-thresholds-1"`;
    if (value["stage"] !== stage)
      return `made for stage ${JSON.stringify(value["stage"])}, not ${stage}`;
    const threshold = value["threshold"];
    if (
      typeof threshold !== "number" ||
      !(threshold >= lineFactorMin && threshold <= lineFactorMax)
    ) {
      return `threshold ${JSON.stringify(threshold)} is outside ${lineFactorMin} to ${lineFactorMax} decision lines`;
    }
    return threshold;
  } catch {
    return "the payload is not JSON";
  }
}
