/** What faults do to a reading: before the sensor's lag (sample water), to the lag, and after it. */
import type { Sensor } from "../plant-definition/sensor.ts";
import type { NoiseStream } from "../process/noise-stream.ts";
import { grown, type SensorFault } from "./sensor-fault.ts";
import { statusLoopHigh, statusLoopLow, statusStale } from "./sensor-status.ts";

const sampleLossTauS = 600;
/** NAMUR NE 43: at or beyond these a 4–20 mA loop has failed. */
const loopLowMa = 3.6;
const loopHighMa = 21;

/** The cell gets no fresh water: chlorine is used up, pH drifts to that of standing water. */
export function lostFlow(
  faults: readonly SensorFault[],
  at: { x: number; nowMs: number; sensor: Sensor },
): number {
  const lost = faults.find((fault) => fault.kind === "sample-flow-loss");
  if (lost === undefined) return at.x;
  const goal = at.sensor.instrument.resting ?? 0;
  const ageS = Math.max(0, at.nowMs - lost.onsetMs) / 1000;
  return goal + (at.x - goal) * Math.exp(-ageS / sampleLossTauS);
}

/** Factor on T90. */
export function slowness(faults: readonly SensorFault[], nowMs: number): number {
  let factor = 1;
  for (const fault of faults) {
    if (fault.kind === "slow") factor *= 1 + (fault.value - 1) * grown(fault, nowMs);
  }
  return factor;
}

export interface Reading {
  y: number;
  /** Ordinary noise of the sensor, standard deviation. */
  sd: number;
  nowMs: number;
  chance: NoiseStream;
  sensor: Sensor;
  /** Seconds between two samples. */
  intervalS: number;
  /** The last value shown. */
  held: number;
}

/** `y` NaN: no new sample. */
export function applyFaults(
  faults: readonly SensorFault[],
  reading: Reading,
): { y: number; status: number } {
  let { y } = reading;
  let status = 0;
  for (const fault of faults) {
    if (fault.kind === "dropout") return { y: Number.NaN, status: statusStale };
    if (fault.kind === "ne43") {
      const { min, max } = reading.sensor.instrument;
      y = min + ((max - min) * (fault.value - 4)) / 16;
      if (fault.value <= loopLowMa) status |= statusLoopLow;
      else if (fault.value >= loopHighMa) status |= statusLoopHigh;
    } else y = changed(fault, y, reading);
  }
  return { y, status };
}

function changed(fault: SensorFault, y: number, reading: Reading): number {
  const { nowMs, chance, sd } = reading;
  const share = grown(fault, nowMs);
  switch (fault.kind) {
    case "drift":
      return y + (fault.value * Math.max(0, nowMs - fault.onsetMs)) / 86_400_000;
    case "bias":
      return y + fault.value * share;
    case "gain":
      return y * (1 + (fault.value - 1) * share);
    case "scale":
      return y * fault.value;
    case "noise":
      return y + sd * Math.sqrt(Math.max(0, fault.value ** 2 - 1)) * chance.gaussian();
    case "stuck": {
      const flicker = fault.value > 0 ? chance.uniform() : 1;
      const step = reading.sensor.instrument.resolution;
      return flicker >= 0.02 ? reading.held : reading.held + (flicker < 0.01 ? step : -step);
    }
    case "spike": {
      // On average two samples long, so half as many begin as samples are hit.
      if (chance.uniform() >= (2 * fault.value * reading.intervalS) / 86_400) return y;
      const sign = chance.uniform() < 0.5 ? -1 : 1;
      return y + sign * sd * (5 + 15 * chance.uniform());
    }
    default:
      return y;
  }
}
