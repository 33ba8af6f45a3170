/** CW1–CW3 and CS1: two chillers with air-cooled condensers share the load of a cold-water loop; a cold store hangs on it. */
import { f64 } from "@weir/contracts/elements.ts";
import { OrnsteinUhlenbeck } from "../../../process/ornstein-uhlenbeck.ts";
import { PiLoop } from "../../../process/pi-loop.ts";
import type { Step, Surroundings } from "../../../process/step.ts";
import type { Production } from "./production.ts";

const supplyC = 6;
/** kJ/K of the water in loop and buffer. */
const loopKjPerK = 10_450;
const chillerKw = 75;
/** kW of cooling at which the differences of a chiller are those written below. */
const nominalKw = 50;
const waterFlow = 17; // m³/h
const kwPerFlowK = 1.163; // m³/h of water warmed by 1 K
/** Share of Carnot's efficiency that such machines reach. */
const carnotShare = 0.42;
const zeroC = 273.15;

/** Saturation pressure of R134a between −10 and 70 °C, bar above the air's; within 3 %. */
const saturationBar = (celsius: number): number => 2.93 * Math.exp(0.0311 * celsius) - 1;

const storeC = 3.5;
const storeKjPerK = 4_000;
const storeCoilKw = 16;

interface Chiller {
  fouling: number;
  share: OrnsteinUhlenbeck;
  at: { head: number; suction: number; power: number; leaving: number };
}

export class ColdWater {
  /** kW of both chillers and the cold store. */
  power = 0;
  readonly #around: Surroundings;
  readonly #production: Production;
  readonly #supplyMeasured: () => number;
  readonly #storeMeasured: () => number;
  readonly #loop = new PiLoop({
    gain: 40,
    integralS: 900,
    min: 0,
    max: 2 * chillerKw,
    rest: 60,
  });
  readonly #storeLoop = new PiLoop({
    gain: 5,
    integralS: 1_800,
    min: 0,
    max: storeCoilKw,
    rest: 5,
  });
  readonly #chillers: readonly Chiller[];
  readonly #loadNoise: OrnsteinUhlenbeck;
  readonly #doors: OrnsteinUhlenbeck;
  readonly #at: Record<"supply" | "return" | "flow" | "store" | "humidity" | "fans", number>;
  readonly #ice: number;
  #supply = supplyC;
  #store = storeC;

  constructor(around: Surroundings, production: Production) {
    const { seed, signals, knobs } = around;
    this.#around = around;
    this.#production = production;
    this.#supplyMeasured = around.measured("CW3/TE01");
    this.#storeMeasured = around.measured("CS1/TE01");
    this.#chillers = ["CW1", "CW2"].map((id) => ({
      fouling: knobs.add(`${id}.fouling`, 0),
      share: new OrnsteinUhlenbeck({ seed, id: `${id}/share`, tauS: 1_800, sigma: 0.02 }),
      at: {
        head: signals.add(`${id}.head-pressure`, 7),
        suction: signals.add(`${id}.suction-pressure`, 2),
        power: signals.add(`${id}.power`),
        leaving: signals.add(`${id}.leaving`, supplyC),
      },
    }));
    this.#loadNoise = new OrnsteinUhlenbeck({ seed, id: "cold/load", tauS: 900, sigma: 0.03 });
    this.#doors = new OrnsteinUhlenbeck({ seed, id: "cold/doors", tauS: 400, sigma: 0.25 });
    this.#at = {
      supply: signals.add("CW3.supply", supplyC),
      return: signals.add("CW3.return", 9),
      flow: signals.add("CW3.flow", waterFlow),
      store: signals.add("CS1.temperature", storeC),
      humidity: signals.add("CS1.humidity", 82),
      fans: signals.add("CS1.power", 1),
    };
    this.#ice = knobs.add("CS1.ice", 0);
  }

  step({ dtS }: Step): void {
    const v = this.#around.signals.values;
    const { rate, outdoor } = this.#production;
    const coil = this.#coolStore(dtS);
    const load =
      (16 + 48 * rate + 1.1 * Math.max(0, outdoor - 14)) * (1 + this.#loadNoise.step(dtS)) + coil;
    const measured = this.#supplyMeasured();
    const error = (Number.isFinite(measured) ? measured : this.#supply) - supplyC;
    const wanted = this.#loop.step(error, dtS);
    const given = this.#chill(wanted, dtS);
    this.#supply += ((load - given) * dtS) / loopKjPerK;
    const flow = waterFlow * (0.75 + 0.25 * Math.min(1, load / 80));
    v[this.#at.supply] = this.#supply;
    v[this.#at.return] = this.#supply + load / (flow * kwPerFlowK);
    v[this.#at.flow] = flow;
  }

  /** kW of cooling, and what it costs at the present weather. */
  #chill(wanted: number, dtS: number): number {
    const { signals, knobs } = this.#around;
    const v = signals.values;
    let given = 0;
    for (const [i, { fouling, share, at }] of this.#chillers.entries()) {
      const part = 0.5 + (i === 0 ? 1 : -1) * 0.03 + share.step(dtS);
      const kw = Math.min(chillerKw, Math.max(0, wanted * part));
      given += kw;
      const difference = (8 + 10 * (kw / nominalKw)) * (1 + f64(knobs.values, fouling));
      const condensing = Math.min(75, this.#production.outdoor + difference);
      const evaporating = this.#supply - 4 - 2 * (kw / nominalKw);
      const efficiency =
        (carnotShare * (evaporating + zeroC)) / Math.max(10, condensing - evaporating);
      v[at.head] = saturationBar(condensing);
      v[at.suction] = saturationBar(evaporating);
      v[at.power] = 0.6 + kw / efficiency;
      v[at.leaving] = this.#supply - 0.5 * (kw / nominalKw);
      this.power += f64(v, at.power);
    }
    return given;
  }

  /** kW that the store's cooler takes from the loop. */
  #coolStore(dtS: number): number {
    const v = this.#around.signals.values;
    const { rate, hall } = this.#production;
    const ice = Math.min(0.95, f64(this.#around.knobs.values, this.#ice));
    const measured = this.#storeMeasured();
    const error = (Number.isFinite(measured) ? measured : this.#store) - storeC;
    const coil = this.#storeLoop.step(error, dtS) * (1 - ice);
    const doors = 4 * rate * Math.max(0, 1 + this.#doors.step(dtS));
    const heat = 0.13 * (hall - this.#store) + doors;
    this.#store += ((heat - coil) * dtS) / storeKjPerK;
    v[this.#at.store] = this.#store;
    v[this.#at.humidity] = Math.min(98, 84 - 1.5 * (this.#store - storeC) + 2 * (doors - 2) * 0.5);
    v[this.#at.fans] = 0.6 + 0.12 * (coil / (1 - ice));
    this.power = f64(v, this.#at.fans);
    return coil;
  }
}
