/** Limits and cause-and-effect rules of the bakery, and which alert rules watch which tags. */
import type { YamlValue } from "../../configuration/yaml-text.ts";
import type { Sensor } from "../../plant-definition/sensor.ts";
import { actuators } from "./actuators.ts";

/** Safety limits of a tag. */
export const limits: Readonly<Record<string, Readonly<Record<string, YamlValue>>>> = {
  // The oven's steel and insulation are made for 300 °C.
  "OV1/TE02": { hardHigh: 290, onDelay: "3s", deadband: 5 },
  "OV2/TE02": { hardHigh: 290, onDelay: "3s", deadband: 5 },
  // Oil of screw compressors cokes above.
  "CA1/TE01": { hardHigh: 110, onDelay: "5s", deadband: 3 },
  "CA2/TE01": { hardHigh: 110, onDelay: "5s", deadband: 3 },
  "CA4/PT01": { hardLow: 5, onDelay: "30s", deadband: 0.3 },
  "CW1/PT01": { hardHigh: 18, onDelay: "10s", deadband: 0.5 },
  "CW2/PT01": { hardHigh: 18, onDelay: "10s", deadband: 0.5 },
  // Above, dough rises in the store and eggs spoil.
  "CS1/TE01": { hardHigh: 8, onDelay: "60s", deadband: 0.5 },
};

const outputOf = (actuator: string): string =>
  actuators.find((spec) => spec.id === actuator)?.name ?? actuator;

/** Too hot at the limiter's own thermocouple: that zone's burner goes out and stays out. */
const overTemperature = (stage: string): YamlValue => ({
  id: `OVER-TEMPERATURE-${stage}`,
  group: "burners",
  when: {
    tag: `${stage}/TE02`,
    above: "hardHigh",
    for: "3s",
    samples: 2,
    deadband: 5,
    quality: "good",
  },
  // biome-ignore lint/suspicious/noThenProperty: the key of the documented format
  then: [{ set: outputOf(`${stage}.burner`), to: "off", afterReset: "on" }],
  latch: true,
  reset: "manual",
  onBad: "alarm",
});

const compressorHot = (stage: string): YamlValue => ({
  id: `COMPRESSOR-HOT-${stage}`,
  group: "compressors",
  when: { tag: `${stage}/TE01`, above: "hardHigh", for: "5s", samples: 3, deadband: 3 },
  // biome-ignore lint/suspicious/noThenProperty: the key of the documented format
  then: [{ set: outputOf(`${stage}.compressor`), to: "off", afterReset: "on" }],
  latch: true,
  reset: "manual",
});

/** Told in time, nothing is switched. */
const told = (id: string, when: Record<string, YamlValue>): YamlValue => ({
  id,
  when: { samples: 3, ...when },
  action: "alarm_only",
  latch: true,
  reset: "manual",
});

export const safety: Readonly<Record<"edge-utilities" | "edge-baking", readonly YamlValue[]>> = {
  "edge-utilities": [
    compressorHot("CA1"),
    compressorHot("CA2"),
    told("AIR-LOW", { tag: "CA4/PT01", below: "hardLow", for: "30s", deadband: 0.3 }),
    told("HEAD-PRESSURE-CW1", { tag: "CW1/PT01", above: "hardHigh", for: "10s", deadband: 0.5 }),
    told("HEAD-PRESSURE-CW2", { tag: "CW2/PT01", above: "hardHigh", for: "10s", deadband: 0.5 }),
    told("STORE-WARM", { tag: "CS1/TE01", above: "hardHigh", for: "60s", deadband: 0.5 }),
  ],
  "edge-baking": [overTemperature("OV1"), overTemperature("OV2")],
};

/** Values that always show some noise at their resolution, unless nothing is measured any more. */
const restless: ReadonlySet<string> = new Set(["PT", "MT", "MD"]);

/** An oven zone moves 0.1 K/s when it is heated up, and twice that when nobody holds its burner. */
const zoneDelta = { max: 5.5, window: "30s" };
/** A hose that comes off empties the receiver; ordinary work moves it by some tenths of a bar. */
const receiverDelta = { max: 1.5, window: "30s" };

export function detectOf({ id, sensorClass }: Sensor): YamlValue {
  const isLimiter = id.startsWith("OV") && id.endsWith("/TE02");
  return {
    delta: isLimiter ? zoneDelta : id === "CA4/PT01" ? receiverDelta : undefined,
    stuck: restless.has(sensorClass) ? { after: "15m" } : {},
    noise: { ratio: 3 },
    spike: { perDay: 12 },
    boost: isLimiter ? { factor: 2, for: "10m" } : undefined,
  };
}
