/** Outputs and cause-and-effect rules of the simulated works (plant.md §1.9, §1.10). */
import { actuatorSpecs } from "../actuators/actuator-specs.ts";
import type { RegisterMap } from "../devices/register-map.ts";
import { registerMaps } from "../devices/register-map.ts";
import type { EdgeId, GatewayId } from "../plant/gateways.ts";
import type { YamlValue } from "./yaml-text.ts";

/** Time in which the feedback must follow, of the plant. */
const feedbackWithin = {
  "dosing-pump": "10s",
  "divert-valve": "30s",
  motor: "15s",
  blower: "60s",
  breaker: "5s",
};

export function outputsOf(own: readonly GatewayId[]): Record<string, YamlValue> {
  const outputs: Record<string, YamlValue> = {};
  for (const id of own) {
    const { actuators } = registerMaps.get(id) as RegisterMap;
    for (const { actuator, coil, feedback } of actuators) {
      outputs[actuator.name] = {
        write: `coil ${id}/1:${coil}`,
        safe: actuator.safe ? "on" : "off",
        feedback: {
          read: `discrete ${id}/1:${feedback}`,
          within: feedbackWithin[actuator.kind],
        },
        secondary: breakerOf(actuator.id, own),
      };
    }
  }
  return outputs;
}

/** The second way to stop an element, if this edge reaches it. */
const breakerOf = (id: string, own: readonly GatewayId[]): string | undefined =>
  actuatorSpecs.find(({ feeds, gateway }) => feeds === id && own.includes(gateway))?.name;

const outputOf = (actuator: string): string =>
  actuatorSpecs.find((spec) => spec.id === actuator)?.name ?? actuator;

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

/** Vibration and temperature of a machine stop it (plant.md §1.11). */
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

export function safetyOf(edge: EdgeId): YamlValue[] {
  if (edge === "edge-w") {
    return [
      ...chlorineRules("W22", ""),
      ...acidityRules("W01/PH01", ""),
      ...acidityRules("W04/PH01", "-W04"),
      holdingRule,
    ];
  }
  return [
    ...chlorineRules("D11", ""),
    ...machineRules({ stage: "W01", device: "W01", thermal: true }),
    ...machineRules({ stage: "W20", device: "W20", thermal: true }),
    ...machineRules({ stage: "D14", device: "D14-M", thermal: false }),
  ];
}
