/**
 * What people do at a real works without anything being wrong: calibration
 * visits on Tuesdays and Thursdays, set-point changes twice a day, air-cleaning of the oxygen probes every six
 * hours, a weekly delivery of chlorine, a dip of the mains each month. Only the realistic profile has it; a scenario may inject the same.
 */
import { elementAt } from "@weir/contracts/elements.ts";
import { type Random, seeded } from "@weir/runtime/random.ts";
import type { Injection } from "../../faults/injection.ts";
import type { Routine } from "../../plant-definition/plant-definition.ts";
import type { Sensor } from "../../plant-definition/sensor.ts";
import { calendarAt } from "../../process/calendar.ts";

const minuteMs = 60_000;
const hourMs = 3_600_000;
const tuesday = 2;
const thursday = 4;
const monday = 1;
const calibrationMs = 15 * minuteMs;
const calibrationsAVisit = 3;
const cleaningEveryH = 6;
/** The mains dip once a month or so, for some seconds. */
const dipEveryH = 30 * 24;
const dipMsMin = 1_000;
const dipMsMax = 8_000;

/** Tags that hold a safety limit are calibrated only with their loop in hand, so never by routine. */
const guarded = new Set(["D11/CL01", "W22/CL01", "W01/PH01", "W04/PH01", "D13/PH02"]);

export class RoutineWork implements Routine {
  readonly #random: Random;
  readonly #grid: Random;
  readonly #probes: readonly Sensor[];
  readonly #oxygen: readonly Sensor[];
  #hourMs: number;

  constructor(seed: number, sensors: readonly Sensor[], nowMs: number) {
    this.#random = seeded(seed, "routine-work");
    this.#grid = seeded(seed, "power-grid");
    this.#probes = sensors.filter(
      ({ id, sensorClass }) => (sensorClass === "PH" || sensorClass === "CL") && !guarded.has(id),
    );
    // The controlling probes are cleaned by hand while their loop is held.
    this.#oxygen = sensors.filter(
      ({ sensorClass, name }) => sensorClass === "DO" && name !== "DO01",
    );
    this.#hourMs = Math.floor(nowMs / hourMs) * hourMs;
  }

  /** What begins between the last call and now. */
  due(nowMs: number): Injection[] {
    const work: Injection[] = [];
    while (nowMs >= this.#hourMs + hourMs) {
      this.#hourMs += hourMs;
      work.push(...this.#atHour(this.#hourMs));
    }
    return work;
  }

  #atHour(atMs: number): Injection[] {
    const { hour: exact, dayOfWeek } = calendarAt(atMs);
    const hour = Math.round(exact);
    const work: Injection[] = [];
    if ((dayOfWeek === tuesday || dayOfWeek === thursday) && (hour === 9 || hour === 10)) {
      for (let i = 0; i < calibrationsAVisit; i++) {
        const sensor = elementAt(this.#probes, this.#random.integer(this.#probes.length));
        work.push({ what: "calibration", sensor: sensor.id, forMs: calibrationMs });
      }
    }
    if (hour === 7 || hour === 19) work.push(this.#setpoint(hour === 7 ? 0.3 : -0.3));
    if (hour % cleaningEveryH === 0) {
      for (const { id } of this.#oxygen) {
        const value = 5 + this.#random.uniform();
        work.push({ what: "cleaning", sensor: id, value, forMs: minuteMs });
      }
    }
    if (this.#grid.uniform() < 1 / dipEveryH) {
      work.push({ what: "power-dip", forMs: dipMsMin + this.#grid.uniform() * dipMsMax });
    }
    if (dayOfWeek === monday && hour === 10) {
      work.push({
        what: "event",
        event: "stock-delivery",
        stage: "D11",
        params: { strength: 0.97 + 0.06 * this.#random.uniform() },
        forMs: 7 * 24 * hourMs,
      });
    }
    return work;
  }

  #setpoint(shift: number): Injection {
    const forMs = (3 + 3 * this.#random.uniform()) * hourMs;
    const params = { shift: shift * (0.5 + 0.5 * this.#random.uniform()) };
    return { what: "event", event: "setpoint-change", stage: "D11", params, forMs };
  }
}
