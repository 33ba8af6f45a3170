/** Sewage as it arrives: BSM1's dry-weather pattern as harmonics, week, noise, rain. */
import type { Calendar } from "../../../process/calendar.ts";
import { OrnsteinUhlenbeck } from "../../../process/ornstein-uhlenbeck.ts";
import type { Rain } from "./rain.ts";
import { ALK, COND, CT, DO, NH, NO, ORG, TEMP, TSS, type Water, water } from "./water.ts";
import { sewageTemperature } from "./water-temperature.ts";

/** m³/s */
export const meanFlow = 0.2135;
export const meanAmmonia = 30.1;

type Harmonics = readonly (readonly [amplitude: number, phaseH: number])[];
const flowHarmonics: Harmonics = [
  [0.217, 16.16],
  [0.245, 11.51],
  [0.073, 3.72],
];
const ammoniaHarmonics: Harmonics = [
  [0.071, 18.12],
  [0.232, 11.55],
  [0.149, 2.91],
];
const solidsHarmonics: Harmonics = [
  [0.271, 17.75],
  [0.251, 0.85],
  [0.068, 4.92],
];

function daily(harmonics: Harmonics, hour: number): number {
  let sum = 1;
  for (const [k, [amplitude, phaseH]] of harmonics.entries()) {
    sum += amplitude * Math.cos((2 * Math.PI * (k + 1) * (hour - phaseH)) / 24);
  }
  return sum;
}

/** Factor of the day; Saturday and Sunday fade in and out over two hours so that midnight is no step. */
function weekly(calendar: Calendar, weekend: number): number {
  const isWeekend = (day: number) => day === 0 || day === 6;
  const today = isWeekend(calendar.dayOfWeek) ? weekend : 1;
  const yesterday = isWeekend((calendar.dayOfWeek + 6) % 7) ? weekend : 1;
  return yesterday + (today - yesterday) * Math.min(1, calendar.hour / 2);
}

export class Influent {
  /** m³/s */
  flow = meanFlow;
  readonly water: Water = water();
  readonly #rain: Rain;
  readonly #flowNoise: OrnsteinUhlenbeck;
  readonly #loadNoise: OrnsteinUhlenbeck;
  readonly #solidsNoise: OrnsteinUhlenbeck;
  readonly #alkNoise: OrnsteinUhlenbeck;

  constructor(seed: number, rain: Rain) {
    this.#rain = rain;
    const noise = (id: string, tauS: number, sigma: number) =>
      new OrnsteinUhlenbeck({ id: `influent/${id}`, tauS, sigma, seed });
    this.#flowNoise = noise("flow", 1800, 0.03);
    this.#loadNoise = noise("load", 7200, 0.06);
    this.#solidsNoise = noise("solids", 7200, 0.06);
    this.#alkNoise = noise("alkalinity", 7200, 0.015);
  }

  step(calendar: Calendar, dtS: number): void {
    const w = this.water;
    const { hour } = calendar;
    const pattern = daily(flowHarmonics, hour);
    const dry =
      meanFlow * 1.049 * weekly(calendar, 0.84) * pattern * (1 + this.#flowNoise.step(dtS));
    this.flow = Math.max(0.06, dry) + meanFlow * this.#rain.flow;
    const dilution = 1 + (meanFlow * this.#rain.flow) / dry;
    const load = 1 + this.#loadNoise.step(dtS);
    w[NH] = (meanAmmonia * daily(ammoniaHarmonics, hour) * load) / dilution;
    const solids = daily(solidsHarmonics, hour) * (1 + this.#solidsNoise.step(dtS));
    w[TSS] = (198.6 * 1.06 * weekly(calendar, 0.81) * solids * this.#rain.flush) / dilution;
    w[ORG] = (65.2 * pattern * load) / dilution;
    const alkalinity =
      (7 * (1 + 0.04 * (pattern - 1) + this.#alkNoise.step(dtS))) / (1 + 0.8 * (dilution - 1));
    w[ALK] = alkalinity;
    w[CT] = (alkalinity * 7.99) / 7;
    w[NO] = 0.2;
    w[DO] = 1;
    w[COND] = (950 + 120 * (pattern - 1)) * (1 - 0.3 * (1 - 1 / dilution));
    w[TEMP] = sewageTemperature(calendar.dayOfYear + hour / 24) - 1.5 * (1 - 1 / dilution);
  }
}
