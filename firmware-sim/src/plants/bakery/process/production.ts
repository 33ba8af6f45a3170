/** What the bakery works at: two shifts from Monday to Saturday, breaks, a cold oven on Sunday; and its weather. */
import { f64 } from "@weir/contracts/elements.ts";
import type { Calendar } from "../../../process/calendar.ts";
import { OrnsteinUhlenbeck } from "../../../process/ornstein-uhlenbeck.ts";
import type { Surroundings } from "../../../process/step.ts";

const sunday = 0;
const shiftsFromH = 4;
const shiftsUntilH = 20;
/** Breaks and the change of shifts, hours of the day. */
const pauses: readonly (readonly [from: number, to: number])[] = [
  [8, 8.5],
  [12, 12.25],
  [16, 16.5],
];
/** What still runs through the oven while people eat. */
const pauseRate = 0.2;
const ordinaryRate = 0.78;
/** A belt is loaded and runs empty in some minutes. */
const beltTauS = 240;
const ovenFromH = 2.5;
const ovenUntilH = 20.5;
const hallTauS = 7_200;

const isPause = (hour: number): boolean => pauses.some(([from, to]) => hour >= from && hour < to);

function plannedRate({ hour, dayOfWeek }: Calendar): number {
  if (dayOfWeek === sunday || hour < shiftsFromH || hour >= shiftsUntilH) return 0;
  return isPause(hour) ? pauseRate : ordinaryRate;
}

export class Production {
  /** 0 … 1: dough on the belt. */
  rate: number;
  /** The oven is wanted hot: from before the first shift until after the last. */
  isOvenOn = false;
  /** Outside, °C. */
  outdoor: number;
  /** In the hall, °C. */
  hall = 23;
  /** Share of its usual heat that the present product takes to bake. */
  heatShare = 1;
  readonly #around: Surroundings;
  readonly #pace: OrnsteinUhlenbeck;
  readonly #recipe: OrnsteinUhlenbeck;
  readonly #weather: OrnsteinUhlenbeck;
  readonly #heatShareKnob: number;

  /** `restless`: how much more products and paces vary than on a tidy day. */
  constructor(around: Surroundings, first: Calendar, restless: number) {
    const { seed } = around;
    this.#around = around;
    this.#pace = new OrnsteinUhlenbeck({
      seed,
      id: "production/pace",
      tauS: 1_200,
      sigma: 0.03 * restless,
    });
    this.#recipe = new OrnsteinUhlenbeck({
      seed,
      id: "production/recipe",
      tauS: 5_400,
      sigma: 0.03 * restless,
    });
    this.#weather = new OrnsteinUhlenbeck({ seed, id: "weather", tauS: 172_800, sigma: 1.5 });
    this.#heatShareKnob = around.knobs.add("production.heat-share", 1);
    this.rate = plannedRate(first);
    this.outdoor = 16;
  }

  step(calendar: Calendar, dtS: number): void {
    const { hour, dayOfWeek, dayOfYear } = calendar;
    const planned = plannedRate(calendar) * (1 + this.#pace.step(dtS));
    this.rate += (Math.min(1, planned) - this.rate) * (1 - Math.exp(-dtS / beltTauS));
    this.isOvenOn = dayOfWeek !== sunday && hour >= ovenFromH && hour < ovenUntilH;
    const knob = f64(this.#around.knobs.values, this.#heatShareKnob);
    this.heatShare = knob + this.#recipe.step(dtS);
    const season = 10 + 11 * Math.cos((2 * Math.PI * (dayOfYear - 200)) / 365);
    const day = 5 * Math.cos((2 * Math.PI * (hour - 15)) / 24);
    this.outdoor = season + day + this.#weather.step(dtS);
    const goal = 19 + (this.isOvenOn ? 4 : 0) + 0.25 * Math.max(0, this.outdoor - 10);
    this.hall += (goal - this.hall) * (1 - Math.exp(-dtS / hallTauS));
  }
}
