/** OV1–OV3, CB1: a tunnel oven of two gas-fired zones, its exhaust fan, and the conveyor on which bread cools. */
import { f64 } from "@weir/contracts/elements.ts";
import { OrnsteinUhlenbeck } from "../../../process/ornstein-uhlenbeck.ts";
import { PiLoop } from "../../../process/pi-loop.ts";
import { RotatingMachine } from "../../../process/rotating-machine.ts";
import type { Step, Surroundings } from "../../../process/step.ts";
import type { Production } from "./production.ts";

/** kJ/K of steel, stone and air of one zone; kW/K through its walls and flue. */
const zoneKjPerK = 170;
const lossKwPerK = 0.22;
const burnerKw = 120;
const bakingKw = 40;
const gasKwhPerM3 = 10.2;
/** Zones are heated up no faster than this, for the sake of the stone. */
const heatUpKPerS = 0.1;
/** Kept so warm over night; on Sundays only dry. */
const standbyC = 160;
const sundayC = 80;
const zones = [
  { id: "OV1", bakeC: 235 },
  { id: "OV2", bakeC: 250 },
] as const;
const beltMPerMin = 3.2;
const coolingAirM3h = 6_400;

/** A burner as whoever may command it: controller, edge, fault. */
export interface Burner {
  /** 0 … 1 of full fire, when the loop asks for `wanted`. */
  fires: (wanted: number) => number;
  /** False while it is switched off: the controller waits. */
  commanded: () => boolean;
}

class OvenZone {
  /** m³/h */
  gas = 0;
  temperature: number;
  readonly #around: Surroundings;
  readonly #burner: Burner;
  readonly #bakeC: number;
  readonly #measured: () => number;
  readonly #loop = new PiLoop({ gain: 0.012, integralS: 420, min: 0, max: 1, rest: 0.5 });
  readonly #draught: OrnsteinUhlenbeck;
  readonly #at: { temperature: number; crown: number; gas: number };
  #setpoint: number;

  constructor(around: Surroundings, zone: (typeof zones)[number], burner: Burner) {
    const { id, bakeC } = zone;
    const { seed, signals } = around;
    this.#around = around;
    this.#burner = burner;
    this.#bakeC = bakeC;
    this.temperature = bakeC;
    this.#setpoint = bakeC;
    this.#measured = around.measured(`${id}/TE01`);
    this.#draught = new OrnsteinUhlenbeck({ seed, id: `${id}/draught`, tauS: 600, sigma: 0.02 });
    this.#at = {
      temperature: signals.add(`${id}.temperature`, bakeC),
      crown: signals.add(`${id}.crown-temperature`, bakeC + 4),
      gas: signals.add(`${id}.gas`, 8),
    };
  }

  step(production: Production, isSunday: boolean, dtS: number): void {
    const { rate, heatShare, hall, isOvenOn } = production;
    const goal = isOvenOn ? this.#bakeC : isSunday ? sundayC : standbyC;
    const most = heatUpKPerS * dtS;
    this.#setpoint += Math.max(-most, Math.min(most, goal - this.#setpoint));
    const measured = this.#measured();
    const error = this.#setpoint - (Number.isFinite(measured) ? measured : this.temperature);
    if (!this.#burner.commanded()) this.#loop.hold();
    const fire = this.#burner.fires(this.#loop.step(error, dtS));
    const lost = lossKwPerK * (1 + this.#draught.step(dtS)) * (this.temperature - hall);
    const baked = bakingKw * rate * heatShare;
    this.temperature += ((fire * burnerKw - lost - baked) * dtS) / zoneKjPerK;
    this.gas = (fire * burnerKw) / gasKwhPerM3;
    const v = this.#around.signals.values;
    v[this.#at.temperature] = this.temperature;
    // The limiter's thermocouple sits under the crown, nearer to the flame.
    v[this.#at.crown] = this.temperature + 6 * fire;
    v[this.#at.gas] = this.gas;
  }
}

export class Oven {
  readonly fan: RotatingMachine;
  readonly #around: Surroundings;
  readonly #production: Production;
  readonly #fanRuns: () => number;
  readonly #zones: readonly OvenZone[];
  readonly #at: { belt: number; flue: number; product: number; air: number };
  readonly #airLoss: number;
  readonly #trays: OrnsteinUhlenbeck;

  constructor(
    around: Surroundings,
    production: Production,
    elements: { burners: readonly [Burner, Burner]; fan: () => number },
  ) {
    const { seed, signals, knobs } = around;
    this.#around = around;
    this.#production = production;
    this.#fanRuns = elements.fan;
    this.#zones = [
      new OvenZone(around, zones[0], elements.burners[0]),
      new OvenZone(around, zones[1], elements.burners[1]),
    ];
    this.fan = new RotatingMachine(around, { stage: "OV3", nominalCurrentA: 22 });
    this.#at = {
      belt: signals.add("oven.belt", 2.4),
      flue: signals.add("OV3.flue", 160),
      product: signals.add("CB1.product", 30),
      air: signals.add("CB1.air", coolingAirM3h),
    };
    this.#airLoss = knobs.add("CB1.air-loss", 0);
    this.#trays = new OrnsteinUhlenbeck({ seed, id: "cooling/trays", tauS: 240, sigma: 0.4 });
  }

  /** m³/h of both zones. */
  get gas(): number {
    return this.#zones.reduce((sum, { gas }) => sum + gas, 0);
  }

  step({ dtS, calendar }: Step): void {
    const v = this.#around.signals.values;
    const production = this.#production;
    for (const zone of this.#zones) zone.step(production, calendar.dayOfWeek === 0, dtS);
    const { rate, hall, isOvenOn } = production;
    const mean = this.#zones.reduce((sum, { temperature }) => sum + temperature, 0) / 2;
    const share = this.gas / ((2 * burnerKw) / gasKwhPerM3);
    const fan = (isOvenOn ? 0.45 : 0.25) + 0.4 * rate;
    this.fan.step(fan * this.#fanRuns(), dtS);
    v[this.#at.belt] = isOvenOn ? 0.4 + beltMPerMin * rate : 0;
    v[this.#at.flue] = 40 + 0.45 * mean + 45 * share;
    const lost = Math.min(0.9, f64(this.#around.knobs.values, this.#airLoss));
    const air = coolingAirM3h * (isOvenOn ? 1 : 0.1) * (1 - lost);
    v[this.#at.air] = air;
    const warmth = rate * (16 / Math.max(0.3, air / coolingAirM3h)) * 0.6;
    v[this.#at.product] = hall + warmth + rate * this.#trays.step(dtS);
  }
}
