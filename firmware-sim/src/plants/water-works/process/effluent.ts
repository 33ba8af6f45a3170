/** W21–W22: tertiary filters and the disinfection of the effluent. */

import { f64 } from "@weir/contracts/elements.ts";
import { indexIn } from "../../../process/signal-board.ts";
import type { Step, Surroundings } from "../../../process/step.ts";
import { PhSolver } from "./carbonate.ts";
import { Chlorination, type DosingPump } from "./chlorination.ts";
import type { SecondaryTreatment } from "./secondary-treatment.ts";
import { TankChain } from "./tank-chain.ts";
import { ALK, blend, CL, CT, DO, NH, TEMP, TSS, type Water, water } from "./water.ts";

const washAtKpa = 16;

export class Effluent {
  readonly chlorination: Chlorination;
  flow = 0;
  readonly #around: Surroundings;
  readonly #filter: TankChain;
  readonly #mixed: Water = water();
  readonly #ph = [new PhSolver(), new PhSolver()] as const;
  readonly #at: Record<string, number> = {};
  #headKpa = 6;

  constructor(around: Surroundings, initial: Water, pump: DosingPump) {
    this.#around = around;
    const clear = Float64Array.from(initial);
    clear[TSS] = 5;
    this.#filter = new TankChain([200], clear);
    this.chlorination = new Chlorination(around, {
      stage: "W22",
      volumesM3: [40, 140, 140, 140, 140],
      pump,
      decay20: 8,
      fullFlow: 0.5,
      // The effluent carries far more than drinking water does; the base dose already covers it.
      usual: { organic: 60, ammonia: 100 },
      initial: clear,
    });
    const names =
      "W21.ph W21.inlet.tss W21.tss W21.flow W21.level W21.head-loss W22.ph W22.inlet.tss W22.tss " +
      "W22.do W22.flow W22.nh W22.temperature";
    for (const name of names.split(" ")) this.#at[name] = around.signals.add(name);
  }

  step(step: Step, from: SecondaryTreatment, realistic: number): void {
    const { dtS } = step;
    const { overflow, permeate } = from;
    this.#filter.mix(overflow.water, overflow.flow, dtS);
    const filtered = this.#filter.out;
    const arriving = f64(overflow.water, TSS);
    filtered[TSS] = arriving * 0.3 + (f64(filtered, TSS) - arriving * 0.3) * 0.98 ** dtS;
    this.#headKpa += (dtS / 86_400) * 5 * (arriving / 12) * (overflow.flow / 0.15);
    if (this.#headKpa > washAtKpa) this.#wash(step.nowMs);
    this.flow = blend(this.#mixed, [
      { flow: overflow.flow, water: filtered },
      { flow: permeate.flow, water: permeate.water },
    ]);
    this.#mixed[CL] = 0;
    this.chlorination.step(step, { inflow: this.#mixed, flow: this.flow, realistic });
    for (const cell of this.chlorination.tank.cells) {
      cell[DO] = f64(cell, DO) + (6.5 - f64(cell, DO)) * (1 - Math.exp(-dtS / 900));
    }
    this.#show(overflow.flow, arriving);
  }

  #wash(nowMs: number): void {
    this.#headKpa = 5;
    this.#around.operation({
      type: "backwash",
      stage: "W21",
      sensors: ["W21/PR01"],
      onsetMs: nowMs,
      endMs: nowMs + 900_000,
    });
  }

  #show(filterFlow: number, arriving: number): void {
    const v = this.#around.signals.values;
    const set = (name: string, value: number) => {
      v[indexIn(this.#at, name)] = value;
    };
    const filtered = this.#filter.out;
    const out = this.chlorination.tank.out;
    const phOf = (i: 0 | 1, w: Water) => this.#ph[i].of(f64(w, ALK), Math.max(0.05, f64(w, CT)));
    set("W21.ph", phOf(0, filtered));
    set("W21.inlet.tss", arriving);
    set("W21.tss", f64(filtered, TSS));
    set("W21.flow", filterFlow * 1000);
    set("W21.level", 1.6 + 0.05 * this.#headKpa);
    set("W21.head-loss", this.#headKpa * (0.5 + 0.5 * (filterFlow / 0.15)));
    set("W22.ph", phOf(1, out));
    set("W22.inlet.tss", f64(this.#mixed, TSS));
    set("W22.tss", f64(out, TSS));
    set("W22.do", f64(out, DO));
    set("W22.flow", this.flow * 1000);
    set("W22.nh", f64(out, NH));
    set("W22.temperature", f64(out, TEMP));
  }
}
