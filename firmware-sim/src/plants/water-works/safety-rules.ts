/** Limits and cause-and-effect rules of the works. */
import type { YamlValue } from "../../configuration/yaml-text.ts";
import { actuators } from "./actuators.ts";

/** Safety limits of a tag. */
export const limits: Record<string, Record<string, YamlValue>> = {
  "D11/CL01": { hardLow: 0.2, hardHigh: 4, onDelay: "3s", deadband: 0.1 },
  "W22/CL01": { hardLow: 0.2, hardHigh: 4, onDelay: "3s", deadband: 0.1 },
  "W01/PH01": { hardLow: 5, hardHigh: 10, onDelay: "3s", deadband: 0.2 },
  "W04/PH01": { hardLow: 5, hardHigh: 10, onDelay: "3s", deadband: 0.2 },
  // 70 % of 2000 m³ on 500 m²: an hour and a half of inflow has room, and somebody must decide.
  "W05/LV01": { hardHigh: 2.8, onDelay: "30s", deadband: 0.1 },
  "W01/MO01": { hardHigh: 5, onDelay: "3s", deadband: 0.3 },
  "W01/MO02": { hardHigh: 95, onDelay: "5s", deadband: 2 },
  "W20/MO01": { hardHigh: 5, onDelay: "3s", deadband: 0.3 },
  "W20/MO02": { hardHigh: 95, onDelay: "5s", deadband: 2 },
  "D14/MO01": { hardHigh: 5, onDelay: "3s", deadband: 0.3 },
};

const outputOf = (actuator: string): string =>
  actuators.find((spec) => spec.id === actuator)?.name ?? actuator;

/**
 * High chlorine stops the pump. Low chlorine only tells: stopping for it would latch itself, because a
 * stopped pump guarantees low chlorine; and while it is still high there is nothing to tell of low.
 */
function chlorineRules(stage: string, suffix: string): YamlValue[] {
  const pump = outputOf(`${stage}.dosing`);
  const when = { tag: `${stage}/CL01`, for: "3s", samples: 3, deadband: 0.1, quality: "good" };
  const group = `chlorine-${stage.toLowerCase()}`;
  return [
    {
      id: `CL-HIGH${suffix}`,
      group,
      when: { ...when, above: "hardHigh" },
      // biome-ignore lint/suspicious/noThenProperty: the key of the documented format
      then: [{ set: pump, to: "off", afterReset: "on" }],
      latch: true,
      reset: "manual",
      onBad: "alarm",
    },
    {
      id: `CL-LOW${suffix}`,
      group,
      when: { ...when, below: "hardLow" },
      // biome-ignore lint/suspicious/noThenProperty: the key of the documented format
      then: [{ set: pump, to: "off", afterReset: "on" }],
      action: "alarm_only",
      latch: true,
      reset: "manual",
      suppressedBy: [`CL-HIGH${suffix}`],
    },
  ];
}

function acidityRules(tag: string, suffix: string): YamlValue[] {
  const divert = [{ set: outputOf("W04.divert"), to: "on", afterReset: "off" }];
  const when = { tag, for: "3s", samples: 3, deadband: 0.2, quality: "good" };
  return (
    [
      [`PH-LOW${suffix}`, { ...when, below: "hardLow" }],
      [`PH-HIGH${suffix}`, { ...when, above: "hardHigh" }],
    ] as const
  ).map(([id, cause]) => ({
    id,
    group: "acidity",
    when: cause,
    // biome-ignore lint/suspicious/noThenProperty: the key of the documented format
    then: divert,
    latch: true,
    reset: "manual",
    onBad: "alarm",
  }));
}

/** Vibration and temperature of a machine stop it. */
function machineRules(options: { stage: string; device: string; thermal: boolean }): YamlValue[] {
  const stop = [{ set: outputOf(`${options.stage}.motor`), to: "off", afterReset: "on" }];
  const rule = (name: string, tag: string, delay: string): YamlValue => ({
    id: `${name}-${options.stage}`,
    group: `machine-${options.stage.toLowerCase()}`,
    when: { tag: `${options.device}/${tag}`, above: "hardHigh", for: delay, samples: 3 },
    // biome-ignore lint/suspicious/noThenProperty: the key of the documented format
    then: stop,
    latch: true,
    reset: "manual",
  });
  const rules = [rule("VIBRATION-HIGH", "MO01", "3s")];
  if (options.thermal) rules.push(rule("TEMPERATURE-HIGH", "MO02", "5s"));
  return rules;
}

/** The holding tank fills while sewage is diverted: told in time, nothing is switched. */
const holdingRule: YamlValue = {
  id: "HOLDING-HIGH",
  when: { tag: "W05/LV01", above: "hardHigh", for: "30s", samples: 3, deadband: 0.1 },
  action: "alarm_only",
  latch: true,
  reset: "manual",
};

export const safety: Readonly<Record<"edge-w" | "edge-d", readonly YamlValue[]>> = {
  "edge-w": [
    ...chlorineRules("W22", ""),
    ...acidityRules("W01/PH01", ""),
    ...acidityRules("W04/PH01", "-W04"),
    holdingRule,
  ],
  "edge-d": [
    ...chlorineRules("D11", ""),
    ...machineRules({ stage: "W01", device: "W01", thermal: true }),
    ...machineRules({ stage: "W20", device: "W20", thermal: true }),
    ...machineRules({ stage: "D14", device: "D14-M", thermal: false }),
  ],
};
