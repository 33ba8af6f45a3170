/** What people do at the bakery without anything being wrong: another product with each shift, a dip of the mains each month. */
import { type Random, seeded } from "@weir/runtime/random.ts";
import type { Injection } from "../../faults/injection.ts";
import type { Routine } from "../../plant-definition/plant-definition.ts";
import type { Calendar } from "../../process/calendar.ts";

const hourMs = 3_600_000;
const productChangeHours: readonly number[] = [5, 9, 13, 17];
/** Once a month or so, for some seconds. */
const dipEveryH = 30 * 24;
const dipMsMin = 1_000;
const dipMsMax = 6_000;

export class BakeryRoutine implements Routine {
  readonly #random: Random;
  readonly #grid: Random;
  readonly #calendarAt: (nowMs: number) => Calendar;
  #hourMs: number;

  constructor(seed: number, calendarAt: (nowMs: number) => Calendar, nowMs: number) {
    this.#random = seeded(seed, "routine-work");
    this.#grid = seeded(seed, "power-grid");
    this.#calendarAt = calendarAt;
    this.#hourMs = Math.floor(nowMs / hourMs) * hourMs;
  }

  due(nowMs: number): Injection[] {
    const work: Injection[] = [];
    while (nowMs >= this.#hourMs + hourMs) {
      this.#hourMs += hourMs;
      work.push(...this.#atHour(this.#hourMs));
    }
    return work;
  }

  #atHour(atMs: number): Injection[] {
    const { hour, dayOfWeek } = this.#calendarAt(atMs);
    const work: Injection[] = [];
    if (dayOfWeek !== 0 && productChangeHours.includes(Math.round(hour))) {
      const params = { load: 0.2 * (this.#random.uniform() - 0.5) };
      const forMs = 3 * hourMs;
      work.push({ what: "event", event: "product-change", stage: "OV1", params, forMs });
    }
    if (this.#grid.uniform() < 1 / dipEveryH) {
      const forMs = dipMsMin + this.#grid.uniform() * (dipMsMax - dipMsMin);
      work.push({ what: "power-dip", forMs });
    }
    return work;
  }
}
