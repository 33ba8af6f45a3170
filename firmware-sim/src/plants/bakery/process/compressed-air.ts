/** CA1–CA4: two speed-controlled compressors, a refrigeration dryer, a receiver with its ring main. */
import { f64 } from "@weir/contracts/elements.ts";
import type { Calendar } from "../../../process/calendar.ts";
import { NoiseStream } from "../../../process/noise-stream.ts";
import { OrnsteinUhlenbeck } from "../../../process/ornstein-uhlenbeck.ts";
import { PiLoop } from "../../../process/pi-loop.ts";
import type { Step, Surroundings } from "../../../process/step.ts";
import type { Production } from "./production.ts";

const receiverM3 = 3;
const setpointBar = 7;
/** m³/min of free air that one compressor gives at full speed. */
const capacity = 4.2;
const idleKw = 0.4;
const turningKw = 1.5;
const kwPerFlow = 6.3;
/** What leaks in any works, and what people and machines take at full rate, m³/min. */
const usualLeak = 0.45;
const workDemand = 3.6;
/** Flour is blown to the mixers in shots: m³/min while one lasts, s, and how often in an hour at full rate. */
const shotFlow = 1.1;
const shotS = 40;
const shotsPerHour = 14;
/** Duty changes from one compressor to the other. */
const changeOverH = 6;
const heatTauS = 300;

interface Compressor {
  running: () => number;
  wear: number;
  outletC: number;
  at: { power: number; temperature: number; air: number };
}

export class CompressedAir {
  /** kW of both compressors. */
  power = 0;
  readonly #around: Surroundings;
  readonly #production: Production;
  readonly #measured: () => number;
  readonly #loop = new PiLoop({ gain: 2.5, integralS: 180, min: 0, max: 2 * capacity, rest: 3 });
  readonly #compressors: readonly Compressor[];
  readonly #demandNoise: OrnsteinUhlenbeck;
  readonly #drain: OrnsteinUhlenbeck;
  readonly #shots: NoiseStream;
  readonly #at: { dewPoint: number; drop: number; pressure: number; demand: number };
  readonly #knob: { leak: number; dewPoint: number };
  #bar = setpointBar;
  #shotLeftS = 0;

  constructor(
    around: Surroundings,
    production: Production,
    running: readonly [() => number, () => number],
  ) {
    const { seed, signals, knobs } = around;
    this.#around = around;
    this.#production = production;
    this.#measured = around.measured("CA4/PT01");
    this.#compressors = ["CA1", "CA2"].map((id, i) => ({
      running: running[i] ?? (() => 1),
      wear: knobs.add(`${id}.valve-wear`, 0),
      outletC: 70,
      at: {
        power: signals.add(`${id}.power`),
        temperature: signals.add(`${id}.outlet-temperature`, 70),
        air: signals.add(`${id}.air`),
      },
    }));
    this.#demandNoise = new OrnsteinUhlenbeck({ seed, id: "air/demand", tauS: 300, sigma: 0.05 });
    this.#drain = new OrnsteinUhlenbeck({ seed, id: "air/drain", tauS: 1_800, sigma: 0.25 });
    this.#shots = new NoiseStream(seed, "air/shots");
    this.#at = {
      dewPoint: signals.add("CA3.dew-point", 4),
      drop: signals.add("CA3.pressure-drop", 50),
      pressure: signals.add("CA4.pressure", setpointBar),
      demand: signals.add("CA4.demand", 3),
    };
    this.#knob = { leak: knobs.add("CA4.leak", 0), dewPoint: knobs.add("CA3.dew-point-shift", 0) };
  }

  step({ dtS, calendar }: Step): void {
    const { signals, knobs } = this.#around;
    const v = signals.values;
    const demand = this.#demand(dtS);
    const measured = this.#measured();
    const error = setpointBar - (Number.isFinite(measured) ? measured : this.#bar);
    const flow = this.#deliver(this.#loop.step(error, dtS), calendar, dtS);
    // What flows out falls with the pressure behind it, so that an empty receiver stays at nothing.
    const drawn = demand * Math.min(1, this.#bar / 4);
    this.#bar = Math.max(0, this.#bar + ((flow - drawn) * dtS) / 60 / receiverM3);
    v[this.#at.pressure] = this.#bar;
    v[this.#at.demand] = drawn;
    const load = (flow / capacity) ** 2;
    v[this.#at.drop] = 10 + 45 * load;
    v[this.#at.dewPoint] =
      3 +
      1.1 * load +
      0.12 * (this.#production.hall - 22) +
      this.#drain.step(dtS) +
      f64(knobs.values, this.#knob.dewPoint);
  }

  #demand(dtS: number): number {
    const { rate } = this.#production;
    if (this.#shotLeftS > 0) this.#shotLeftS -= dtS;
    else if (this.#shots.uniform() < (rate * shotsPerHour * dtS) / 3_600) this.#shotLeftS = shotS;
    const shot = this.#shotLeftS > 0 ? shotFlow * Math.min(1, shotS / dtS) : 0;
    const work = workDemand * rate * (1 + this.#demandNoise.step(dtS));
    return usualLeak + f64(this.#around.knobs.values, this.#knob.leak) + work + shot;
  }

  /** m³/min that arrive; the compressor on duty gives what it can, the other the rest. */
  #deliver(wanted: number, { hour, dayOfYear }: Calendar, dtS: number): number {
    const duty = (dayOfYear + (hour >= changeOverH ? 1 : 0)) % 2;
    const { signals, knobs } = this.#around;
    let given = 0;
    this.power = 0;
    for (const compressor of [this.#compressors[duty], this.#compressors[1 - duty]]) {
      if (compressor === undefined) continue;
      const wear = Math.min(0.9, f64(knobs.values, compressor.wear));
      const most = capacity * (1 - 0.5 * wear) * compressor.running();
      const air = Math.min(most, Math.max(0, wanted - given));
      given += air;
      const kw = air < 0.05 ? idleKw : turningKw + kwPerFlow * air * (1 + 0.6 * wear);
      this.power += kw * compressor.running();
      const goal = this.#production.hall + 8 + 45 * (air / capacity) + (air < 0.05 ? 0 : 25 * wear);
      compressor.outletC += (goal - compressor.outletC) * (1 - Math.exp(-dtS / heatTauS));
      signals.values[compressor.at.power] = kw * compressor.running();
      signals.values[compressor.at.temperature] = compressor.outletC;
      signals.values[compressor.at.air] = air;
    }
    return given;
  }
}
