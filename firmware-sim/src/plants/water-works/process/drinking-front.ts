/** D01–D05: intake, pre-aeration, coagulation, flocculation, sedimentation. */

import { elementAt, f64 } from "@weir/contracts/elements.ts";
import { OrnsteinUhlenbeck } from "../../../process/ornstein-uhlenbeck.ts";
import { indexIn } from "../../../process/signal-board.ts";
import type { Step, Surroundings } from "../../../process/step.ts";
import { PhSolver } from "./carbonate.ts";
import { TankChain } from "./tank-chain.ts";
import { ALK, COND, CT, DO, NH, NO, ORG, TEMP, TSS, type Water, water } from "./water.ts";
import { oxygenSaturation, rawWaterTemperature } from "./water-temperature.ts";

export const rawMedianNtu = 6;
const coagulantAlk = 0.3; // meq/L
const sludgeShare = 0.004;

export class DrinkingFront {
  flow: number;
  readonly #around: Surroundings;
  readonly #intake: TankChain;
  readonly #aeration: TankChain;
  readonly #mixer: TankChain;
  readonly #floc: TankChain;
  readonly #sedimentation: TankChain;
  readonly #raw: Water = water();
  readonly #dosed: Water = water();
  readonly #settling: Water = water();
  readonly #ph = Array.from({ length: 5 }, () => new PhSolver());
  readonly #noise: Record<
    "turbidity" | "alk" | "cond" | "org" | "level" | "blanket",
    OrnsteinUhlenbeck
  >;
  readonly #at: Record<string, number> = {};
  readonly #knob: Record<"turbidity" | "organic" | "cond" | "bloom", number>;

  constructor(around: Surroundings, flow: number, dayOfYear: number) {
    this.#around = around;
    this.flow = flow;
    const noise = (id: string, tauH: number, sigma: number) =>
      new OrnsteinUhlenbeck({ seed: around.seed, id: `D/${id}`, tauS: tauH * 3600, sigma });
    this.#noise = {
      turbidity: noise("turbidity", 12, 0.35),
      alk: noise("alkalinity", 24, 0.015),
      cond: noise("conductivity", 24, 4),
      org: noise("organic", 24, 0.05),
      level: noise("level", 6, 0.04),
      blanket: noise("blanket", 6, 0.05),
    };
    const names =
      "D01.ph D01.turbidity D01.do D01.flow D01.level D01.cond D01.temperature D01.uv254 D02.ph " +
      "D02.do D02.flow D02.orp D03.inlet.ph D03.ph D03.turbidity D03.flow D04.turbidity.1 " +
      "D04.turbidity.2 D04.flow D05.ph D05.turbidity D05.flow D05.level D05.blanket";
    for (const name of names.split(" ")) this.#at[name] = around.signals.add(name);
    this.#knob = {
      turbidity: around.knobs.add("raw.turbidity-factor", 1),
      organic: around.knobs.add("raw.organic", 0),
      cond: around.knobs.add("raw.conductivity", 0),
      bloom: around.knobs.add("raw.algae", 0),
    };
    this.#raw.set([
      1.6,
      1.65,
      rawMedianNtu,
      0.02,
      2,
      8.5,
      245,
      3,
      0,
      rawWaterTemperature(dayOfYear),
    ]);
    this.#intake = new TankChain([200], this.#raw);
    this.#aeration = new TankChain([150], this.#raw);
    this.#dosed.set(this.#raw);
    this.#dosed[ALK] = 1.3;
    this.#mixer = new TankChain([15], this.#dosed);
    this.#floc = new TankChain([200, 200], this.#dosed);
    this.#settling.set(this.#dosed);
    this.#settling[TSS] = 0.12 * rawMedianNtu + 0.4;
    this.#settling[ORG] = 1.5;
    this.#sedimentation = new TankChain([533, 533, 534], this.#settling);
  }

  get water(): Water {
    return this.#sedimentation.out;
  }

  /** `flow` m³/s drawn from the river; the settled flow is a little less. */
  step(step: Step, flow: number): void {
    const { dtS } = step;
    this.#draw(step);
    this.#intake.mix(this.#raw, flow, dtS);
    this.#aeration.mix(this.#intake.out, flow, dtS);
    const aerated = this.#aeration.out;
    const temperature = f64(aerated, TEMP);
    const saturation = oxygenSaturation(temperature) * 0.97;
    aerated[DO] = f64(aerated, DO) + (saturation - f64(aerated, DO)) * (1 - Math.exp(-dtS / 400));
    const carbon = f64(aerated, ALK) * 1.02;
    if (f64(aerated, CT) > carbon) {
      aerated[CT] = f64(aerated, CT) + (carbon - f64(aerated, CT)) * (1 - Math.exp(-dtS / 4000));
    }
    this.#dosed.set(aerated);
    this.#dosed[ALK] = f64(aerated, ALK) - coagulantAlk;
    this.#mixer.mix(this.#dosed, flow, dtS);
    this.#floc.mix(this.#mixer.out, flow, dtS);
    this.#settling.set(this.#floc.out);
    this.#settling[TSS] = 0.12 * f64(this.#floc.out, TSS) + 0.4;
    this.#settling[ORG] = f64(this.#floc.out, ORG) * 0.5;
    this.#sedimentation.mix(this.#settling, flow, dtS);
    this.flow = flow * (1 - sludgeShare);
    this.#show(flow, dtS);
  }

  #draw(step: Step): void {
    const { dtS, calendar } = step;
    const { values } = this.#around.knobs;
    const bloom = f64(values, this.#knob.bloom);
    // Photosynthesis peaks at 16 h: oxygen and pH swing with it.
    const sun = Math.max(-0.6, Math.cos((2 * Math.PI * (calendar.hour - 16)) / 24));
    const raw = this.#raw;
    const temperature = rawWaterTemperature(calendar.dayOfYear + calendar.hour / 24);
    raw[TEMP] = temperature;
    raw[TSS] =
      rawMedianNtu *
      Math.exp(this.#noise.turbidity.step(dtS)) *
      f64(values, this.#knob.turbidity) *
      (1 + 1.2 * bloom);
    raw[ALK] = 1.6 * (1 + this.#noise.alk.step(dtS));
    raw[CT] = raw[ALK] * (1.031 - 0.055 * bloom * (0.5 + 0.5 * sun));
    raw[COND] = 245 + this.#noise.cond.step(dtS) + f64(values, this.#knob.cond);
    raw[ORG] = 3 * (1 + this.#noise.org.step(dtS)) + f64(values, this.#knob.organic) + 1.2 * bloom;
    raw[NH] = 0.02;
    raw[NO] = 2;
    raw[DO] = oxygenSaturation(temperature) * (0.85 + 0.02 * sun + bloom * (0.15 + 0.45 * sun));
  }

  #show(flow: number, dtS: number): void {
    const v = this.#around.signals.values;
    const set = (name: string, value: number) => {
      v[indexIn(this.#at, name)] = value;
    };
    const ph = (i: number, w: Water) =>
      elementAt(this.#ph, i).of(f64(w, ALK), Math.max(0.02, f64(w, CT)));
    const intake = this.#intake.out;
    const litres = flow * 1000;
    set("D01.ph", ph(0, intake));
    set("D01.turbidity", f64(intake, TSS));
    set("D01.do", f64(intake, DO));
    set("D01.flow", litres);
    set("D01.level", 3.4 + this.#noise.level.step(dtS));
    set("D01.cond", f64(intake, COND));
    set("D01.temperature", f64(intake, TEMP));
    set("D01.uv254", 3.1 * f64(intake, ORG));
    set("D02.ph", ph(1, this.#aeration.out));
    set("D02.do", f64(this.#aeration.out, DO));
    set("D02.flow", litres);
    set("D02.orp", 210 + 8 * (f64(this.#aeration.out, DO) - 9));
    set("D03.inlet.ph", ph(2, this.#aeration.out));
    set("D03.ph", ph(3, this.#mixer.out));
    set("D03.turbidity", f64(this.#mixer.out, TSS) * 1.1);
    set("D03.flow", litres);
    set("D04.turbidity.1", f64(elementAt(this.#floc.cells, 0), TSS) * 1.6);
    set("D04.turbidity.2", f64(this.#floc.out, TSS) * 1.9);
    set("D04.flow", litres);
    set("D05.ph", ph(4, this.water));
    set("D05.turbidity", f64(this.water, TSS));
    set("D05.flow", this.flow * 1000);
    set("D05.level", 4 + 0.2 * (flow - 0.138));
    set("D05.blanket", 0.8 + this.#noise.blanket.step(dtS));
  }
}
