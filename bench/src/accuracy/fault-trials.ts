/** Faults put on the sensors of the healthy works, one kind after another: which of them the edges tell, and how soon. */

import { f64 } from "@weir/contracts/elements.ts";
import { AlertRule } from "@weir/edge/detection/alert.ts";
import type { Plant } from "@weir/firmware-sim/create-plant.ts";
import type { Sensor } from "@weir/firmware-sim/plant-definition/sensor.ts";
import type { SensorFaultKind } from "@weir/firmware-sim/sensors/sensor-fault.ts";
import type { EdgeAlert } from "./edge-over-plant.ts";

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

export interface FaultTrial {
  name: string;
  rule: AlertRule;
  fault: SensorFaultKind;
  on: (sensor: Sensor) => boolean;
  /** In the fault's own measure, from what the sensor reads. */
  value: (sensor: Sensor, reading: number) => number;
  forMs: number;
  /** An alert later than this counts as none. */
  withinMs: number;
  /** Until the next kind. */
  restMs: number;
}

const isNtu = ({ instrument }: Sensor): boolean => instrument.unit === "NTU";
const isTurbidity = ({ sensorClass }: Sensor): boolean => sensorClass === "TU";
/** A value at the end of its range is saturated, not stuck. */
const moves = ({ index, instrument }: Sensor, plant: Plant): boolean =>
  f64(plant.bank.measured, index) > instrument.min &&
  f64(plant.bank.measured, index) < instrument.max;

/** Sizes at the small end of what happens. */
export const faultTrials: readonly FaultTrial[] = [
  {
    name: "step of +0.5 NTU or +35 %, whichever is more",
    rule: AlertRule.ROBUST_Z,
    fault: "bias",
    on: isNtu,
    value: (_, reading) => Math.max(0.5, 0.35 * reading),
    forMs: 2 * minuteMs,
    withinMs: 10 * secondMs,
    restMs: hourMs,
  },
  {
    name: "step of +35 % of suspended solids, at least 25 of its steps",
    rule: AlertRule.ROBUST_Z,
    fault: "bias",
    on: (sensor) => isTurbidity(sensor) && !isNtu(sensor),
    value: ({ instrument }, reading) => Math.max(25 * instrument.resolution, 0.35 * reading),
    forMs: 2 * minuteMs,
    withinMs: 10 * secondMs,
    restMs: hourMs,
  },
  {
    name: "50 spikes a day",
    rule: AlertRule.SPIKE,
    fault: "spike",
    on: () => true,
    value: () => 50,
    forMs: 24 * hourMs,
    withinMs: 24 * hourMs,
    restMs: hourMs,
  },
  {
    name: "noise × 6",
    rule: AlertRule.NOISE,
    fault: "noise",
    on: () => true,
    value: () => 6,
    forMs: 2 * hourMs,
    withinMs: 2 * hourMs,
    restMs: 4 * hourMs,
  },
  {
    name: "frozen",
    rule: AlertRule.STUCK,
    fault: "stuck",
    on: () => true,
    value: () => 0,
    forMs: 30 * minuteMs,
    withinMs: 30 * minuteMs,
    restMs: 30 * minuteMs,
  },
];

export interface TrialResult {
  name: string;
  tried: number;
  /** Milliseconds from the fault to its alert. */
  foundAfterMs: number[];
  missed: string[];
}

/** Lives on with the edges by `second`; `alerts` grows meanwhile. */
export function tryFaults(
  plant: Plant,
  { alerts, second }: { alerts: readonly EdgeAlert[]; second: () => void },
  trials: readonly FaultTrial[] = faultTrials,
): TrialResult[] {
  const live = (ms: number) => {
    const untilMs = plant.nowMs + ms;
    while (plant.nowMs < untilMs) second();
  };
  return trials.map((trial) => {
    const { fault, forMs, withinMs, restMs, rule } = trial;
    const tried = plant.definition.sensors.filter(
      (sensor) => trial.on(sensor) && moves(sensor, plant),
    );
    for (const sensor of tried) {
      const value = trial.value(sensor, f64(plant.bank.measured, sensor.index));
      plant.inject({ what: "fault", fault, sensor: sensor.id, value, rampMs: 0, forMs });
    }
    const fromMs = plant.nowMs;
    /** From the first reading that shows the fault. */
    const sinceMs = ({ periodS }: Sensor, atMs: number) => atMs - fromMs - periodS * secondMs;
    const first = alerts.length;
    live(Math.max(forMs, withinMs));
    const told = new Map<string, number>();
    for (const { isActive, rule: toldBy, tagId, atMs } of alerts.slice(first)) {
      if (isActive && toldBy === rule && !told.has(tagId)) told.set(tagId, atMs);
    }
    live(restMs);
    const nameOf = ({ device, name }: Sensor) => `${device}/${name}`;
    const result: TrialResult = {
      name: trial.name,
      tried: tried.length,
      foundAfterMs: [],
      missed: [],
    };
    for (const sensor of tried) {
      const atMs = told.get(nameOf(sensor));
      const afterMs = atMs === undefined ? Infinity : sinceMs(sensor, atMs);
      if (afterMs <= withinMs) result.foundAfterMs.push(afterMs);
      else result.missed.push(nameOf(sensor));
    }
    return result;
  });
}
