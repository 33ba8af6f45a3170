/**
 * All 280 sensors as columns: true quantity → sample line → lag → gain, bias → noise → faults → clamp →
 * display step (plant.md §1.6). One stream of chance for each sensor.
 */
import assert from "node:assert";
import { type Random, seeded } from "@weir/runtime/random.ts";
import type { Sensor } from "../plant/sensors.ts";
import type { SignalBoard } from "../process/signal-board.ts";
import { grown, type SensorFault } from "./sensor-fault.ts";

/** Slow noise beside the white: its share of the white noise and its memory. */
const slowShare = 0.4;
const slowTauS = 600;
const slowEvery = 10;
/** A 90 % answer of two equal lags takes 3.89 of their time constants. */
const lagsPerT90 = 3.89;
const sampleLossTauS = 600;

/** Status bits of a sensor. */
export const statusStale = 1;
export const statusLoopLow = 2;
export const statusLoopHigh = 4;
export const statusMaintenance = 8;

/** Told of every sample taken. */
export type SampleSink = (index: number, value: number, atMs: number) => void;

export interface SensorBankOptions {
  sensors: readonly Sensor[];
  signals: SignalBoard;
  seed: number;
  profile: "tidy" | "realistic";
}

export class SensorBank {
  readonly measured: Float64Array;
  readonly status: Uint8Array;
  readonly sampledMs: Float64Array;
  readonly #sensors: readonly Sensor[];
  readonly #signals: SignalBoard;
  readonly #signalAt: Int32Array;
  readonly #lag1: Float64Array;
  readonly #lag2: Float64Array;
  readonly #slow: Float64Array;
  readonly #count: Int32Array;
  readonly #gain: Float64Array;
  readonly #bias: Float64Array;
  readonly #random: Random[];
  readonly #faults: (SensorFault[] | undefined)[];
  readonly #spikes: { left: number; height: number }[];
  readonly #lines: (Float64Array | undefined)[];
  readonly #bubblesPerDay: number;
  readonly #byPeriod: { periodS: number; indexes: number[] }[] = [];
  #keep = new Float64Array(0);
  #slowKeep = new Float64Array(0);
  #stepS = 0;
  sink: SampleSink | undefined;

  constructor(options: SensorBankOptions) {
    const { sensors, signals, seed, profile } = options;
    const n = sensors.length;
    this.#sensors = sensors;
    this.#signals = signals;
    this.measured = new Float64Array(n);
    this.status = new Uint8Array(n);
    this.sampledMs = new Float64Array(n);
    this.#lag1 = new Float64Array(n);
    this.#lag2 = new Float64Array(n);
    this.#slow = new Float64Array(n);
    this.#count = new Int32Array(n);
    this.#gain = new Float64Array(n);
    this.#bias = new Float64Array(n);
    this.#random = sensors.map((sensor) => seeded(seed, `sensor/${sensor.id}`));
    this.#faults = sensors.map(() => undefined);
    this.#spikes = sensors.map(() => ({ left: 0, height: 0 }));
    this.#lines = sensors.map(() => undefined);
    this.#bubblesPerDay = profile === "realistic" ? 4 : 0.1;
    this.#signalAt = Int32Array.from(sensors, (sensor) => {
      const index = signals.indexOf(sensor.signal);
      assert(index !== undefined, `${sensor.id} sees ${sensor.signal}, which no process shows`);
      return index;
    });
    this.#tolerances(profile === "realistic" ? 2 : 1);
    for (const sensor of sensors) {
      const group = this.#byPeriod.find((g) => g.periodS === sensor.periodS);
      if (group) group.indexes.push(sensor.index);
      else this.#byPeriod.push({ periodS: sensor.periodS, indexes: [sensor.index] });
    }
  }

  /** No two instruments agree: a small bias of each, half of it shared by its class (ρ = 0.5). */
  #tolerances(scale: number): void {
    const shared = new Map<string, number>();
    for (const sensor of this.#sensors) {
      const { instrument, sensorClass, index } = sensor;
      const random = seeded(0, `tolerance/${sensor.id}`);
      const common =
        shared.get(sensorClass) ?? seeded(0, `tolerance/${sensorClass}`).gaussian() * 0.7;
      shared.set(sensorClass, common);
      const z = scale * (0.7 * random.gaussian() + common);
      this.#gain[index] = 1 + Math.max(-0.01, Math.min(0.01, 0.002 * z));
      this.#bias[index] = instrument.noise * z;
    }
  }

  /** Brings all sensors to rest on the present truth. */
  settle(nowMs: number): void {
    for (let i = 0; i < this.#sensors.length; i++) {
      const x = this.#signals.values[this.#signalAt[i] as number] as number;
      this.#lag1[i] = x;
      this.#lag2[i] = x;
      this.#lines[i]?.fill(x);
      this.measured[i] = x;
      this.sampledMs[i] = nowMs;
    }
  }

  addFault(index: number, fault: SensorFault): void {
    this.#faults[index] = [...(this.#faults[index] ?? []), fault];
  }

  removeFault(index: number, fault: SensorFault): void {
    const rest = (this.#faults[index] ?? []).filter((other) => other !== fault);
    this.#faults[index] = rest.length === 0 ? undefined : rest;
    if (rest.length === 0) this.status[index] = 0;
  }

  setMaintenance(index: number, on: boolean): void {
    const bits = this.status[index] as number;
    this.status[index] = on ? bits | statusMaintenance : bits & ~statusMaintenance;
  }

  faultsOf(index: number): readonly SensorFault[] {
    return this.#faults[index] ?? [];
  }

  /** Samples every sensor that is due at `nowMs`; steps longer than a sensor's period sample it once. */
  step(nowMs: number, dtS: number): void {
    if (dtS !== this.#stepS) this.#prepare(dtS);
    const second = Math.round(nowMs / 1000);
    for (const group of this.#byPeriod) {
      if (dtS < group.periodS && second % group.periodS !== 0) continue;
      const { indexes } = group;
      for (let j = 0; j < indexes.length; j++) this.#sample(indexes[j] as number, nowMs);
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
    this.#sensors.forEach((sensor, i) => {
      const { sampleLineS } = sensor.instrument;
      if (sampleLineS === 0) return;
      const slots = Math.max(1, Math.round(sampleLineS / Math.max(dtS, sensor.periodS)));
      const before = this.#lines[i];
      const x = before?.[0] ?? (this.#signals.values[this.#signalAt[i] as number] as number);
      this.#lines[i] = new Float64Array(slots).fill(x);
    });
  }

  #sample(i: number, nowMs: number): void {
    const { instrument } = this.#sensors[i] as Sensor;
    const random = this.#random[i] as Random;
    const count = (this.#count[i] as number) + 1;
    this.#count[i] = count;
    let x = this.#signals.values[this.#signalAt[i] as number] as number;
    const line = this.#lines[i];
    if (line !== undefined) {
      const slot = count % line.length;
      const delayed = line[slot] as number;
      line[slot] = x;
      x = delayed;
    }
    const faults = this.#faults[i];
    let keep = this.#keep[i] as number;
    if (faults !== undefined) {
      x = this.#beforeLag(i, { x, faults, nowMs });
      keep **= 1 / slowness(faults, nowMs);
    }
    const a = (this.#lag1[i] as number) * keep + x * (1 - keep);
    const b = (this.#lag2[i] as number) * keep + a * (1 - keep);
    this.#lag1[i] = a;
    this.#lag2[i] = b;
    const noise = instrument.noise + instrument.noiseRelative * Math.abs(b);
    const sd =
      instrument.noiseRelative > 0 && instrument.noise > 0
        ? Math.max(instrument.noise, instrument.noiseRelative * Math.abs(b))
        : noise;
    if (count % slowEvery === 0) {
      const slowKeep = this.#slowKeep[i] as number;
      this.#slow[i] =
        (this.#slow[i] as number) * slowKeep +
        slowShare * Math.sqrt(1 - slowKeep * slowKeep) * random.gaussian();
    }
    const white = random.gaussian();
    let y =
      b * (this.#gain[i] as number) +
      (this.#bias[i] as number) +
      sd * (white + (this.#slow[i] as number));
    if (instrument.kind === "turbidity") y += this.#bubble(i, random);
    if (faults !== undefined) {
      const faulty = this.#afterLag(i, { y, sd, faults, nowMs });
      if (Number.isNaN(faulty)) return; // no new sample: the register keeps the last one
      if (this.status[i] !== undefined && (this.status[i] as number) & 6) {
        this.#take(i, faulty, nowMs);
        return;
      }
      y = faulty;
    }
    const clamped = Math.min(instrument.max, Math.max(instrument.min, y));
    this.#take(i, Math.round(clamped / instrument.resolution) * instrument.resolution, nowMs);
  }

  #take(i: number, value: number, nowMs: number): void {
    this.measured[i] = value;
    this.sampledMs[i] = nowMs;
    this.sink?.(i, value, nowMs);
  }

  /** Bubbles before a turbidimeter's window: 1–3 samples high. */
  #bubble(i: number, random: Random): number {
    const spike = this.#spikes[i] as { left: number; height: number };
    if (spike.left > 0) {
      spike.left--;
      return spike.height;
    }
    const { periodS } = this.#sensors[i] as Sensor;
    const chance = (this.#bubblesPerDay * Math.max(this.#stepS, periodS)) / 86_400;
    if (random.uniform() < chance) {
      spike.left = random.integer(3);
      spike.height = 0.3 + 1.2 * random.uniform();
      return spike.height;
    }
    return 0;
  }

  #beforeLag(i: number, at: { x: number; faults: SensorFault[]; nowMs: number }): number {
    const { kind } = (this.#sensors[i] as Sensor).instrument;
    for (const fault of at.faults) {
      if (fault.kind !== "sample-flow-loss") continue;
      const goal = kind === "ph" ? 8.2 : 0;
      const ageS = (at.nowMs - fault.onsetMs) / 1000;
      return goal + (at.x - goal) * Math.exp(-Math.max(0, ageS) / sampleLossTauS);
    }
    return at.x;
  }

  /** NaN: no new sample. Values outside the range (NE 43) set the status. */
  #afterLag(
    i: number,
    at: { y: number; sd: number; faults: SensorFault[]; nowMs: number },
  ): number {
    const { instrument, periodS } = this.#sensors[i] as Sensor;
    const random = this.#random[i] as Random;
    let { y } = at;
    let status = (this.status[i] as number) & statusMaintenance;
    for (const fault of at.faults) {
      const share = grown(fault, at.nowMs);
      const ageMs = Math.max(0, at.nowMs - fault.onsetMs);
      if (fault.kind === "drift") y += (fault.value * ageMs) / 86_400_000;
      else if (fault.kind === "bias") y += fault.value * share;
      else if (fault.kind === "gain") y *= 1 + (fault.value - 1) * share;
      else if (fault.kind === "scale") y *= fault.value;
      else if (fault.kind === "noise") y += at.sd * (fault.value - 1) * random.gaussian();
      else if (fault.kind === "spike") {
        const spike = this.#spikes[i] as { left: number; height: number };
        if (spike.left > 0) {
          spike.left--;
          y += spike.height;
        } else if (random.uniform() < (fault.value * Math.max(this.#stepS, periodS)) / 86_400) {
          spike.left = random.integer(3);
          spike.height = (random.uniform() < 0.5 ? -1 : 1) * at.sd * (5 + 15 * random.uniform());
          y += spike.height;
        }
      } else if (fault.kind === "stuck") {
        y = this.measured[i] as number;
        const flicker = fault.value > 0 ? random.uniform() : 1;
        if (flicker < 0.02) y += instrument.resolution * (flicker < 0.01 ? 1 : -1);
      } else if (fault.kind === "dropout") {
        this.status[i] = status | statusStale;
        return Number.NaN;
      } else if (fault.kind === "ne43") {
        status |= fault.value < 3.6 ? statusLoopLow : fault.value > 21 ? statusLoopHigh : 0;
        y = instrument.min + ((instrument.max - instrument.min) * (fault.value - 4)) / 16;
      }
    }
    this.status[i] = status;
    return y;
  }
}

function slowness(faults: readonly SensorFault[], nowMs: number): number {
  let factor = 1;
  for (const fault of faults) {
    if (fault.kind === "slow") factor *= 1 + (fault.value - 1) * grown(fault, nowMs);
  }
  return factor;
}
