/** PB1: a warm, damp chamber in which dough rises. Steam comes through a nozzle that scales up. */
import { f64 } from "@weir/contracts/elements.ts";
import { OrnsteinUhlenbeck } from "../../../process/ornstein-uhlenbeck.ts";
import { PiLoop } from "../../../process/pi-loop.ts";
import type { Step, Surroundings } from "../../../process/step.ts";
import type { Production } from "./production.ts";

const warmC = 34;
const dampRh = 80;
/** %RH that a fully open, clean nozzle adds in a second. */
const steamRhPerS = 0.12;
/** Share of what it has over the hall's air that the chamber loses in a second, closed and at full rate. */
const lossPerS = 0.0006;
const openingLossPerS = 0.0012;
const hallRh = 45;
const warmTauS = 1_200;

export class Proofer {
  readonly #around: Surroundings;
  readonly #production: Production;
  readonly #measured: () => number;
  readonly #loop = new PiLoop({ gain: 0.03, integralS: 900, min: 0, max: 1, rest: 0.35 });
  readonly #openings: OrnsteinUhlenbeck;
  readonly #warmth: OrnsteinUhlenbeck;
  readonly #at: { temperature: number; humidity: number; valve: number };
  readonly #steamLoss: number;
  #temperature = warmC;
  #humidity = dampRh;

  constructor(around: Surroundings, production: Production) {
    const { seed, signals, knobs } = around;
    this.#around = around;
    this.#production = production;
    this.#measured = around.measured("PB1/MT01");
    this.#openings = new OrnsteinUhlenbeck({ seed, id: "proofer/openings", tauS: 300, sigma: 0.1 });
    this.#warmth = new OrnsteinUhlenbeck({ seed, id: "proofer/warmth", tauS: 2_400, sigma: 0.15 });
    this.#at = {
      temperature: signals.add("PB1.temperature", warmC),
      humidity: signals.add("PB1.humidity", dampRh),
      valve: signals.add("PB1.steam-valve", 40),
    };
    this.#steamLoss = knobs.add("PB1.steam-loss", 0);
  }

  step({ dtS }: Step): void {
    const v = this.#around.signals.values;
    const { rate, isOvenOn } = this.#production;
    const measured = this.#measured();
    // Between two working days it is kept warm and only half as damp.
    const goal = isOvenOn ? dampRh : 60;
    const error = goal - (Number.isFinite(measured) ? measured : this.#humidity);
    const valve = this.#loop.step(error, dtS);
    const clean = 1 - Math.min(0.98, f64(this.#around.knobs.values, this.#steamLoss));
    const lost = lossPerS + openingLossPerS * rate * Math.max(0, 1 + this.#openings.step(dtS));
    const change = steamRhPerS * clean * valve - lost * (this.#humidity - hallRh);
    this.#humidity = Math.min(100, this.#humidity + change * dtS);
    const warm = (isOvenOn ? warmC : 28) - 0.8 * rate;
    this.#temperature += (warm - this.#temperature) * (1 - Math.exp(-dtS / warmTauS));
    v[this.#at.temperature] = this.#temperature + this.#warmth.step(dtS);
    v[this.#at.humidity] = this.#humidity;
    v[this.#at.valve] = 100 * valve;
  }
}
