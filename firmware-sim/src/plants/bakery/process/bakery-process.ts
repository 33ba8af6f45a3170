/** The whole bakery, one step at a time: who works, what that takes of air, cold and heat, and what it costs. */
import type { PlantProcess } from "../../../plant-definition/plant-definition.ts";
import type { Calendar } from "../../../process/calendar.ts";
import { OrnsteinUhlenbeck } from "../../../process/ornstein-uhlenbeck.ts";
import type { RotatingMachine } from "../../../process/rotating-machine.ts";
import type { Step, Surroundings } from "../../../process/step.ts";
import { ColdWater } from "./cold-water.ts";
import { CompressedAir } from "./compressed-air.ts";
import { type Burner, Oven } from "./oven.ts";
import { Production } from "./production.ts";
import { Proofer } from "./proofer.ts";

/** kW of light, mixers and ovens' drives: always, and at full rate. */
const restKw = 9;
const workKw = 26;
/** m³/h that the steam boiler burns beside the oven. */
const boilerM3h = 1.4;

/** The final elements that others may command. */
export interface BakeryElements {
  /** 0 … 1: how far each turns. */
  compressors: readonly [() => number, () => number];
  exhaustFan: () => number;
  burners: readonly [Burner, Burner];
}

export class BakeryProcess implements PlantProcess {
  readonly production: Production;
  readonly air: CompressedAir;
  readonly cold: ColdWater;
  readonly oven: Oven;
  readonly #around: Surroundings;
  readonly #proofer: Proofer;
  readonly #rest: OrnsteinUhlenbeck;
  readonly #at: { power: number; gas: number };

  constructor(
    around: Surroundings,
    elements: BakeryElements,
    options: { first: Calendar; restless: number },
  ) {
    this.#around = around;
    this.production = new Production(around, options.first, options.restless);
    this.air = new CompressedAir(around, this.production, elements.compressors);
    this.cold = new ColdWater(around, this.production);
    this.#proofer = new Proofer(around, this.production);
    const { burners, exhaustFan } = elements;
    this.oven = new Oven(around, this.production, { burners, fan: exhaustFan });
    const { seed } = around;
    this.#rest = new OrnsteinUhlenbeck({ seed, id: "power/rest", tauS: 600, sigma: 0.04 });
    this.#at = {
      power: around.signals.add("EM1.power", 60),
      gas: around.signals.add("EM1.gas", 15),
    };
  }

  machines(): ReadonlyMap<string, RotatingMachine> {
    return new Map([["OV3", this.oven.fan]]);
  }

  step(step: Step): void {
    const { dtS, calendar } = step;
    this.production.step(calendar, dtS);
    this.air.step(step);
    this.cold.step(step);
    this.#proofer.step(step);
    this.oven.step(step);
    const { rate } = this.production;
    const rest = (restKw + workKw * rate) * (1 + this.#rest.step(dtS));
    const v = this.#around.signals.values;
    v[this.#at.power] = rest + this.air.power + this.cold.power;
    v[this.#at.gas] = this.oven.gas + boilerM3h * (0.3 + rate);
  }
}
