/**
 * Vibration of one machine, second by second: severity, shape and spectrum of three axes sampled at 1 kHz.
 *
 * RMS, peak, crest factor and kurtosis are those of the velocity between 10 and 400 Hz in the newest
 * second. Half of the sampling rate is 500 Hz and the sensor's own filter needs room, so this is less than
 * the 10 to 1000 Hz of the standards, and the resonances of 2 to 5 kHz in which bearings are usually heard
 * are out of reach; their lines of low order are not. Lines are taken from the newest 4.096 s (0.24 Hz a
 * bin). Kurtosis is 3 for a Gaussian signal.
 *
 * About 0.4 MB of state a machine. Not a number where there are not yet samples enough.
 */

import { strict as assert } from "node:assert";
import { f64 } from "@weir/contracts/elements.ts";
import { AxisAnalysis } from "./axis-analysis.ts";
import { type BearingGeometry, type BearingOrders, bearingOrders } from "./bearing-lines.ts";
import { axisFeatures, axisNames, featureNames } from "./machine-features.ts";
import { type SeverityLimits, zoneNumber } from "./severity.ts";
import { lineTolerance } from "./spectral-line.ts";

export const sampleRateHz = 1_000;
export const samplesPerSecond = sampleRateHz;
/** A spectrum looks back over so many seconds, the oldest in part. */
const spectrumSeconds = 5;

export interface MachineModel {
  /** What the sensor sends: mm/s, or g. */
  signal: "velocity" | "acceleration";
  /** Of one count, in the unit of the signal. */
  scale: number;
  /** Speed of the shaft, turns a minute. */
  rpm: number;
  bearing: BearingGeometry | undefined;
  limits: SeverityLimits;
}

export class MachineAnalysis {
  /** By `featureNames`; overwritten by each second. */
  readonly values = new Float64Array(featureNames.length).fill(Number.NaN);
  readonly #model: MachineModel;
  readonly #orders: BearingOrders | undefined;
  readonly #axes: AxisAnalysis[];
  /** Of the seconds in the spectrum, newest last. */
  readonly #rpms: number[] = [];

  constructor(model: MachineModel) {
    this.#model = model;
    this.#orders = model.bearing && bearingOrders(model.bearing);
    this.#axes = axisNames.map(() => new AxisAnalysis(model));
  }

  /**
   * The next 1000 instants, x y z side by side in counts, without a gap to the second before. `rpm`: speed
   * of the shaft in this second; while it is unknown or changes, no line is where it is looked for, and
   * lines are not a number.
   */
  second(samples: Int16Array, rpm: number = this.#model.rpm): Float64Array {
    assert(samples.length === samplesPerSecond * axisNames.length);
    const { values } = this;
    const steadyRpm = this.#steadyRpm(rpm);
    const count = axisFeatures.length;
    let rms = 0;
    this.#axes.forEach((axis, i) => {
      const own = values.subarray(i * count, (i + 1) * count);
      axis.second(samples, i, { rpm: steadyRpm, orders: this.#orders, values: own });
      rms = Math.max(rms, f64(own, 0));
    });
    values[values.length - 2] = rms;
    values[values.length - 1] = zoneNumber(this.#model.limits, rms);
    return values;
  }

  /** The speed where it was the same in the whole of the spectrum's time, else not a number. */
  #steadyRpm(rpm: number): number {
    this.#rpms.push(rpm);
    if (this.#rpms.length > spectrumSeconds) this.#rpms.shift();
    const low = Math.min(...this.#rpms);
    const high = Math.max(...this.#rpms);
    return low > 0 && high <= low * (1 + lineTolerance) ? rpm : Number.NaN;
  }

  /** There was a gap: what comes next does not follow what came before. */
  reset(): void {
    this.#rpms.length = 0;
    for (const axis of this.#axes) axis.reset();
  }
}
