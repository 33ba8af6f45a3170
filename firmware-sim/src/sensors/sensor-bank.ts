/**
 * All sensors of a plant as columns: true quantity → sample line → lag → gain, bias → noise → faults → clamp →
 * display step. One stream of chance for each sensor. Nothing is allocated while sampling
 * sensors without faults.
 */

import assert from "node:assert";
import { elementAt, f64, i32, u8 } from "@weir/contracts/elements.ts";
import { seeded } from "@weir/runtime/random.ts";
import type { SensingTraits } from "../plant-definition/plant-definition.ts";
import type { Sensor } from "../plant-definition/sensor.ts";
import { NoiseStream } from "../process/noise-stream.ts";
import type { SignalBoard } from "../process/signal-board.ts";
import type { SensorFault } from "./sensor-fault.ts";
import { applyFaults, lostFlow, slowness } from "./sensor-fault-effects.ts";
import { statusMaintenance } from "./sensor-status.ts";

/** Slow noise beside the white: its share of the white noise and its memory. */
const slowShare = 0.4;
const slowTauS = 600;
const slowEvery = 10;
/** A 90 % answer of two equal lags takes 3.89 of their time constants. */
const lagsPerT90 = 3.89;

/** By how much of their span a day ageing instruments drift (1 sd). */
const driftShareADay = 0.0002;
const dayMs = 86_400_000;
const wholeShare = (): number => 1;

/** Told of every sample taken. */
export type SampleSink = (index: number, value: number, atMs: number) => void;

export interface SensorBankOptions {
  sensors: readonly Sensor[];
  sensing: SensingTraits;
  signals: SignalBoard;
  seed: number;
  profile: "tidy" | "realistic";
}

export class SensorBank {
  readonly measured: Float64Array;
  readonly status: Uint8Array;
  readonly sampledMs: Float64Array;
  sink: SampleSink | undefined;
  readonly #sensors: readonly Sensor[];
  readonly #signals: Float64Array;
  readonly #signalAt: Int32Array;
  readonly #lag1: Float64Array;
  readonly #lag2: Float64Array;
  readonly #slow: Float64Array;
  readonly #count: Int32Array;
  readonly #gain: Float64Array;
  readonly #bias: Float64Array;
  readonly #noise: Float64Array;
  readonly #noiseRelative: Float64Array;
  readonly #min: Float64Array;
  readonly #max: Float64Array;
  readonly #resolution: Float64Array;
  /** Units a day that the instrument drifts, and since when. */
  readonly #drift: Float64Array;
  readonly #calibratedMs: Float64Array;
  /** Signal of what a cell also feels, or −1; the share of its own quantity that it saw at calibration. */
  readonly #feltAt: Int32Array;
  readonly #feltShare: (felt: number) => number;
  readonly #calibratedShare: Float64Array;
  readonly #chance: NoiseStream[];
  readonly #faults: (SensorFault[] | undefined)[];
  readonly #lines: (Float64Array | undefined)[];
  readonly #bubbles: (Bubbles | undefined)[];
  readonly #byPeriod: { periodS: number; indexes: Int32Array }[] = [];
  #keep = new Float64Array(0);
  #slowKeep = new Float64Array(0);
  #stepS = 0;

  constructor(options: SensorBankOptions) {
    const { sensors, sensing, signals, seed, profile } = options;
    const column = (of: (sensor: Sensor) => number) => Float64Array.from(sensors, of);
    const n = sensors.length;
    this.#sensors = sensors;
    this.#signals = signals.values;
    this.measured = new Float64Array(n);
    this.status = new Uint8Array(n);
    this.sampledMs = new Float64Array(n);
    this.#lag1 = new Float64Array(n);
    this.#lag2 = new Float64Array(n);
    this.#slow = new Float64Array(n);
    this.#count = new Int32Array(n);
    this.#gain = new Float64Array(n);
    this.#bias = new Float64Array(n);
    this.#noise = column(({ instrument }) => instrument.noise);
    this.#noiseRelative = column(({ instrument }) => instrument.noiseRelative);
    this.#min = column(({ instrument }) => instrument.min);
    this.#max = column(({ instrument }) => instrument.max);
    this.#resolution = column(({ instrument }) => instrument.resolution);
    this.#chance = sensors.map((sensor) => new NoiseStream(seed, `sensor/${sensor.id}`));
    this.#faults = sensors.map(() => undefined);
    this.#lines = sensors.map(() => undefined);
    const perDay = profile === "realistic" ? 4 : 0.1;
    this.#bubbles = sensors.map((sensor) =>
      sensing.bubbles(sensor)
        ? new Bubbles(perDay, new NoiseStream(seed, `bubbles/${sensor.id}`))
        : undefined,
    );
    this.#signalAt = Int32Array.from(sensors, (sensor) => {
      const index = signals.indexOf(sensor.signal);
      assert(index !== undefined, `${sensor.id} sees ${sensor.signal}, which no process shows`);
      return index;
    });
    this.#drift = new Float64Array(n);
    this.#calibratedMs = new Float64Array(n);
    this.#calibratedShare = new Float64Array(n).fill(1);
    this.#feltAt = new Int32Array(n).fill(-1);
    this.#feltShare = sensing.feltShare ?? wholeShare;
    if (profile === "realistic") this.#age(sensing, signals);
    this.#tolerances(profile === "realistic" ? 2 : 1);
    for (const periodS of new Set(sensors.map((sensor) => sensor.periodS))) {
      const group = sensors.filter((sensor) => sensor.periodS === periodS);
      this.#byPeriod.push({ periodS, indexes: Int32Array.from(group, (sensor) => sensor.index) });
    }
  }

  /** No two instruments agree: a small bias of each, half of it shared by its class (ρ = 0.5). */
  #tolerances(scale: number): void {
    const shared = new Map<string, number>();
    for (const { id, index, instrument, sensorClass } of this.#sensors) {
      const common = shared.get(sensorClass) ?? 0.7 * seeded(0, `class/${sensorClass}`).gaussian();
      shared.set(sensorClass, common);
      const z = scale * (0.7 * seeded(0, `tolerance/${id}`).gaussian() + common);
      this.#gain[index] = 1 + Math.max(-0.01, Math.min(0.01, 0.002 * z));
      this.#bias[index] = instrument.noise * z;
    }
  }

  /** What instruments do between two calibrations: they drift, and some feel what they should not. */
  #age(sensing: SensingTraits, signals: SignalBoard): void {
    for (const sensor of this.#sensors) {
      if (!sensing.drifts(sensor)) continue;
      const { id, index, instrument, sensorClass } = sensor;
      const z = seeded(0, `drift/${id}`).gaussian() + seeded(0, `drift/${sensorClass}`).gaussian();
      const span = instrument.max - instrument.min;
      this.#drift[index] = driftShareADay * span * Math.SQRT1_2 * z;
      this.#feltAt[index] = sensing.feels?.(sensor, signals) ?? -1;
    }
  }

  /** The instrument of `index` is as new: `nowMs` is that of its last sample. */
  calibrated(index: number): void {
    this.#calibratedMs[index] = f64(this.sampledMs, index);
    const felt = i32(this.#feltAt, index);
    if (felt >= 0) this.#calibratedShare[index] = this.#feltShare(f64(this.#signals, felt));
  }

  /** Brings all sensors to rest on the present truth. */
  settle(nowMs: number): void {
    for (let i = 0; i < this.#sensors.length; i++) {
      const x = f64(this.#signals, i32(this.#signalAt, i));
      this.#lag1[i] = x;
      this.#lag2[i] = x;
      this.#lines[i]?.fill(x);
      this.measured[i] = x;
      this.sampledMs[i] = nowMs;
      this.calibrated(i);
    }
  }

  addFault(index: number, fault: SensorFault): void {
    this.#faults[index] = [...(this.#faults[index] ?? []), fault];
  }

  removeFault(index: number, fault: SensorFault): void {
    const rest = (this.#faults[index] ?? []).filter((other) => other !== fault);
    this.#faults[index] = rest.length === 0 ? undefined : rest;
    if (rest.length === 0) this.status[index] = u8(this.status, index) & statusMaintenance;
  }

  setMaintenance(index: number, on: boolean): void {
    if (on) this.status[index] = u8(this.status, index) | statusMaintenance;
    else this.status[index] = u8(this.status, index) & ~statusMaintenance;
  }

  faultsOf(index: number): readonly SensorFault[] {
    return this.#faults[index] ?? [];
  }

  /** Samples every sensor that is due at `nowMs`; steps longer than a sensor's period sample it once. */
  step(nowMs: number, dtS: number): void {
    if (dtS !== this.#stepS) this.#prepare(dtS);
    const second = Math.round(nowMs / 1000);
    for (const { periodS, indexes } of this.#byPeriod) {
      if (dtS < periodS && second % periodS !== 0) continue;
      for (let j = 0; j < indexes.length; j++) this.#sample(i32(indexes, j), nowMs);
    }
  }

  /** Constants of a step length: lags, slow noise, sample lines. */
  #prepare(dtS: number): void {
    this.#stepS = dtS;
    this.#keep = Float64Array.from(this.#sensors, ({ periodS, instrument }) =>
      Math.exp((-Math.max(dtS, periodS) * lagsPerT90) / instrument.t90S),
    );
    this.#slowKeep = Float64Array.from(this.#sensors, ({ periodS }) =>
      Math.exp((-Math.max(dtS, periodS) * slowEvery) / slowTauS),
    );
    for (const { index, instrument, periodS } of this.#sensors) {
      const intervalS = Math.max(dtS, periodS);
      this.#bubbles[index]?.sampleEvery(intervalS);
      if (instrument.sampleLineS === 0) continue;
      const slots = Math.max(1, Math.round(instrument.sampleLineS / intervalS));
      const x = this.#lines[index]?.[0] ?? f64(this.#signals, i32(this.#signalAt, index));
      this.#lines[index] = new Float64Array(slots).fill(x);
    }
  }

  #sample(i: number, nowMs: number): void {
    const chance = elementAt(this.#chance, i);
    const sensor = elementAt(this.#sensors, i);
    const count = i32(this.#count, i) + 1;
    this.#count[i] = count;
    let x = f64(this.#signals, i32(this.#signalAt, i));
    const felt = i32(this.#feltAt, i);
    if (felt >= 0) x *= this.#feltShare(f64(this.#signals, felt)) / f64(this.#calibratedShare, i);
    const line = this.#lines[i];
    if (line !== undefined) {
      const slot = count % line.length;
      const delayed = f64(line, slot);
      line[slot] = x;
      x = delayed;
    }
    const faults = this.#faults[i];
    let keep = f64(this.#keep, i);
    if (faults !== undefined) {
      x = lostFlow(faults, { x, nowMs, sensor });
      keep **= 1 / slowness(faults, nowMs);
    }
    const a = x + (f64(this.#lag1, i) - x) * keep;
    const b = a + (f64(this.#lag2, i) - a) * keep;
    this.#lag1[i] = a;
    this.#lag2[i] = b;
    const relative = f64(this.#noiseRelative, i) * Math.abs(b);
    const sd = relative > f64(this.#noise, i) ? relative : f64(this.#noise, i);
    if (count % slowEvery === 0) {
      const slowKeep = f64(this.#slowKeep, i);
      this.#slow[i] =
        f64(this.#slow, i) * slowKeep +
        slowShare * Math.sqrt(1 - slowKeep * slowKeep) * chance.gaussian();
    }
    let y =
      b * f64(this.#gain, i) + f64(this.#bias, i) + sd * (chance.gaussian() + f64(this.#slow, i));
    if (this.#drift[i] !== 0)
      y += (f64(this.#drift, i) * (nowMs - f64(this.#calibratedMs, i))) / dayMs;
    const bubbles = this.#bubbles[i];
    if (bubbles !== undefined) y += bubbles.next();
    if (faults !== undefined) {
      const result = applyFaults(faults, {
        y,
        sd,
        nowMs,
        chance,
        sensor,
        intervalS: Math.max(this.#stepS, sensor.periodS),
        held: f64(this.measured, i),
      });
      this.status[i] = (u8(this.status, i) & statusMaintenance) | result.status;
      if (Number.isNaN(result.y)) return; // no new sample: the register keeps the last one
      if (result.status !== 0) {
        this.#take(i, result.y, nowMs); // outside the range on purpose
        return;
      }
      y = result.y;
    }
    const clamped = Math.min(f64(this.#max, i), Math.max(f64(this.#min, i), y));
    const resolution = f64(this.#resolution, i);
    this.#take(i, Math.round(clamped / resolution) * resolution, nowMs);
  }

  #take(i: number, value: number, nowMs: number): void {
    this.measured[i] = value;
    this.sampledMs[i] = nowMs;
    if (this.sink !== undefined) this.sink(i, value, nowMs);
  }
}

/** Bubbles before a turbidimeter's window: Poisson, 1–3 samples high. */
class Bubbles {
  readonly #perDay: number;
  readonly #chance: NoiseStream;
  #intervalS = 1;
  #waitCount = Number.POSITIVE_INFINITY;
  #left = 0;
  #height = 0;

  constructor(perDay: number, chance: NoiseStream) {
    this.#perDay = perDay;
    this.#chance = chance;
  }

  sampleEvery(intervalS: number): void {
    this.#intervalS = intervalS;
    this.#wait();
  }

  /** What they add to this sample, NTU. */
  next(): number {
    if (this.#left > 0) {
      this.#left--;
      return this.#height;
    }
    if (--this.#waitCount > 0) return 0;
    this.#wait();
    this.#left = this.#chance.integer(3);
    this.#height = 0.3 + 1.2 * this.#chance.uniform();
    return this.#height;
  }

  #wait(): void {
    const meanCount = 86_400 / this.#perDay / this.#intervalS;
    this.#waitCount = Math.ceil(-Math.log(1 - this.#chance.uniform()) * meanCount);
  }
}
