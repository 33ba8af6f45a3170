/** The whole works: the three lines joined in flow order, one step at a time. */
import type { PlantProcess } from "../../../plant-definition/plant-definition.ts";
import { calendarAt } from "../../../process/calendar.ts";
import { Rhythm } from "../../../process/rhythm.ts";
import type { RotatingMachine } from "../../../process/rotating-machine.ts";
import type { Step, Surroundings } from "../../../process/step.ts";
import { Bioreactor, type Blower } from "./bioreactor.ts";
import type { DosingPump } from "./chlorination.ts";
import { DrinkingFilters } from "./drinking-filters.ts";
import { DrinkingFront } from "./drinking-front.ts";
import { DrinkingSupply, meanProduction } from "./drinking-supply.ts";
import { Effluent } from "./effluent.ts";
import { Influent } from "./influent.ts";
import { type DivertValve, InletWorks } from "./inlet-works.ts";
import { PrimaryClarifiers } from "./primary-clarifiers.ts";
import type { Rain } from "./rain.ts";
import { SecondaryTreatment } from "./secondary-treatment.ts";
import { SludgeLine } from "./sludge-line.ts";
import { blend, water } from "./water.ts";

/** Seconds between two steps of what changes slowly; loops, wells and dosing take every step. */
const reactorPeriodS = 2;
const settlingPeriodS = 5;
const frontPeriodS = 5;
const sludgePeriodS = 10;

/** The final elements that others may command. */
export interface FinalElements {
  divert: DivertValve;
  effluentDosing: DosingPump;
  supplyDosing: DosingPump;
  /** Of W12, W13, W14. */
  blowers: readonly [Blower, Blower, Blower];
  /** 0…1: how far each pump set turns. */
  motors: { inlet: () => number; sludge: () => number; supply: () => number };
}

export class Works implements PlantProcess {
  readonly rain: Rain;
  readonly inlet: InletWorks;
  readonly secondary: SecondaryTreatment;
  readonly sludge: SludgeLine;
  readonly supply: DrinkingSupply;
  readonly effluent: Effluent;
  readonly #influent: Influent;
  readonly #primary: PrimaryClarifiers;
  readonly #reactor: Bioreactor;
  readonly #front: DrinkingFront;
  readonly #filters: DrinkingFilters;
  readonly #mixed = water();
  #total: number;
  readonly #reactorRhythm: Rhythm;
  readonly #settlingRhythm: Rhythm;
  readonly #sludgeRhythm: Rhythm;
  readonly #frontRhythm: Rhythm;
  /** mg/L: slow wander of the residual in the realistic profile, 0 in the tidy one. */
  readonly #wander: number;

  constructor(
    around: Surroundings,
    elements: FinalElements,
    options: { rain: Rain; realistic: boolean },
  ) {
    this.rain = options.rain;
    this.#wander = options.realistic ? 0.08 : 0;
    this.#reactorRhythm = new Rhythm(reactorPeriodS, around.startMs);
    this.#settlingRhythm = new Rhythm(settlingPeriodS, around.startMs);
    this.#sludgeRhythm = new Rhythm(sludgePeriodS, around.startMs);
    this.#frontRhythm = new Rhythm(frontPeriodS, around.startMs);
    const calendar = calendarAt(around.startMs);
    this.#influent = new Influent(around.seed, this.rain);
    this.#influent.step(calendar, 1);
    const sewage = this.#influent.water;
    this.inlet = new InletWorks(around, this.#influent, {
      divert: elements.divert,
      motor: elements.motors.inlet,
    });
    this.#primary = new PrimaryClarifiers(around, sewage);
    this.#primary.flow = this.inlet.flow;
    this.#reactor = new Bioreactor(around, sewage, elements.blowers);
    this.secondary = new SecondaryTreatment(around, this.#reactor.water, elements.motors.sludge);
    this.effluent = new Effluent(around, this.#reactor.water, elements.effluentDosing);
    this.sludge = new SludgeLine(around);
    this.#total = this.#primary.flow + this.secondary.returnFlow;
    this.#front = new DrinkingFront(around, meanProduction, calendar.dayOfYear);
    this.#filters = new DrinkingFilters(around, this.#front.water, meanProduction);
    this.supply = new DrinkingSupply(around, {
      initial: this.#filters.water,
      pump: elements.supplyDosing,
      nowMs: around.startMs,
      motor: elements.motors.supply,
    });
  }

  /** The machines that may carry a vibration sensor, by stage. */
  machines(): ReadonlyMap<string, RotatingMachine> {
    return new Map([
      ["W01", this.inlet.pump],
      ["W20", this.secondary.pump],
      ["S06", this.sludge.centrifuge],
      ["D14", this.supply.pump],
    ]);
  }

  storm(atMs: number, amplitude: number): void {
    this.rain.storm(atMs, amplitude);
  }

  step(step: Step): void {
    const { nowMs } = step;
    this.#stepSewage(step);
    const sludge = this.#sludgeRhythm.due(nowMs);
    if (sludge > 0) this.sludge.step({ ...step, dtS: sludge });
    this.#stepDrinking(step);
  }

  #stepSewage(step: Step): void {
    const { nowMs } = step;
    this.rain.step(nowMs);
    this.#influent.step(step.calendar, step.dtS);
    this.inlet.step(step);
    const reactor = this.#reactorRhythm.due(nowMs);
    if (reactor > 0) {
      this.#total = blend(this.#mixed, [
        { flow: this.#primary.flow, water: this.#primary.water },
        { flow: this.secondary.returnFlow, water: this.#reactor.water },
        { flow: this.sludge.rejectFlow, water: this.sludge.rejectWater },
      ]);
      this.#reactor.step({ ...step, dtS: reactor }, this.#mixed, this.#total);
    }
    const settling = this.#settlingRhythm.due(nowMs);
    if (settling > 0) {
      const slow = { ...step, dtS: settling };
      this.#primary.step(slow, this.inlet.water, this.inlet.flow);
      this.secondary.step(slow, this.#reactor.water, this.#total);
    }
    this.effluent.step(step, this.secondary, this.#wander);
  }

  #stepDrinking(step: Step): void {
    const front = this.#frontRhythm.due(step.nowMs);
    if (front > 0) {
      const slow = { ...step, dtS: front };
      this.#front.step(slow, this.supply.production);
      this.#filters.step(slow, this.#front.water, this.#front.flow);
    }
    this.supply.step(step, {
      inflow: this.#filters.water,
      flow: this.#filters.flow,
      realistic: this.#wander,
    });
  }
}
