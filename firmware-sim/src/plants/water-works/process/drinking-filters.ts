/** D06–D10: four rapid gravity filters, washed in turn, and an ultrafiltration skid beside them. */

import { f64 } from "@weir/contracts/elements.ts";
import { OrnsteinUhlenbeck } from "../../../process/ornstein-uhlenbeck.ts";
import { indexIn } from "../../../process/signal-board.ts";
import type { Step, Surroundings } from "../../../process/step.ts";
import { PhSolver } from "./carbonate.ts";
import { cleaningAtKpa, Membrane } from "./membrane.ts";
import { TankChain } from "./tank-chain.ts";
import { ALK, blend, CT, TEMP, TSS, type Water, water } from "./water.ts";

const skidShare = 0.12;
const washS = 900;
const washHours = 48;
const washAtM = 2.2;
const cleanHeadM = 0.45;
const ripeningTauS = 720;
const kpaPerM = 9.81;
const ordinaryFouling = 0.0012; // 1/d

class GravityFilter {
  flow = 0;
  readonly tank: TankChain;
  readonly #id: string;
  readonly #around: Surroundings;
  readonly #noise: OrnsteinUhlenbeck;
  readonly #at: { filtrate: number; flow: number; level: number; head: number };
  readonly #rate: number;
  readonly #wash: number;
  #headM: number;
  #sinceWashS: number;
  washingS = 0;

  constructor(around: Surroundings, id: string, options: { ageHours: number; initial: Water }) {
    this.#id = id;
    this.#around = around;
    this.tank = new TankChain([80], options.initial);
    this.#sinceWashS = options.ageHours * 3600;
    this.#headM = cleanHeadM + options.ageHours * 0.028;
    this.#noise = new OrnsteinUhlenbeck({
      seed: around.seed,
      id: `${id}/filtrate`,
      tauS: 3600,
      sigma: 0.03,
    });
    const add = (name: string) => around.signals.add(`${id}.${name}`);
    this.#at = {
      filtrate: add("filtrate"),
      flow: add("flow"),
      level: add("level"),
      head: add("head-loss"),
    };
    this.#rate = around.knobs.add(`${id}.clogging-factor`, 1);
    this.#wash = around.knobs.add(`${id}.wash-now`, 0);
  }

  get due(): boolean {
    const { values } = this.#around.knobs;
    return (
      this.#headM > washAtM || this.#sinceWashS > washHours * 3600 || f64(values, this.#wash) > 0
    );
  }

  startWash(nowMs: number): void {
    this.washingS = washS;
    this.#around.operation({
      type: "backwash",
      stage: this.#id,
      sensors: ["TU01", "TU02", "FL01", "LV01", "PR01"].map((name) => `${this.#id}/${name}`),
      onsetMs: nowMs,
      endMs: nowMs + (washS + 3 * ripeningTauS) * 1000,
    });
  }

  step(dtS: number, inflow: Water, wanted: number): void {
    if (this.washingS > 0) {
      this.washingS -= dtS;
      if (this.washingS <= 0) {
        this.#headM = cleanHeadM;
        this.#sinceWashS = 0;
      }
    } else this.#sinceWashS += dtS;
    // Valves take two minutes, so a wash is no step for the neighbours.
    this.flow += (wanted - this.flow) * (1 - Math.exp(-dtS / 60));
    const settled = f64(inflow, TSS);
    const load = (settled / 1.1) * (this.flow / 0.03);
    this.#headM += (dtS / 3600) * 0.028 * load * f64(this.#around.knobs.values, this.#rate);
    this.tank.mix(inflow, Math.max(0.001, this.flow), dtS);
    const breakthrough = Math.max(0, (this.#headM - 2) / 0.5) ** 2;
    const filtrate =
      (0.06 + 0.004 * settled) * (1 + this.#noise.step(dtS)) +
      0.35 * Math.exp(-this.#sinceWashS / ripeningTauS) +
      0.5 * breakthrough;
    this.tank.out[TSS] = filtrate;
    const v = this.#around.signals.values;
    const flowing = this.flow / 0.0305;
    v[this.#at.filtrate] = filtrate;
    v[this.#at.flow] = this.flow * 1000;
    v[this.#at.level] = 1.7 + 0.15 * flowing + 0.05 * this.#headM;
    v[this.#at.head] = this.#headM * (0.2 + 0.8 * flowing) * kpaPerM;
  }
}

export class DrinkingFilters {
  flow = 0;
  readonly water: Water = water();
  readonly #around: Surroundings;
  readonly #filters: GravityFilter[];
  readonly #skid: TankChain;
  readonly #membrane = new Membrane();
  readonly #ph = new PhSolver();
  readonly #at: Record<string, number> = {};
  readonly #fouling: number;
  readonly #noise: OrnsteinUhlenbeck;
  #skidFlow = 0;

  constructor(around: Surroundings, initial: Water, flow: number) {
    this.#around = around;
    this.#filters = ["D06", "D07", "D08", "D09"].map(
      (id, i) => new GravityFilter(around, id, { ageHours: 2 + i * 12, initial }),
    );
    for (const filter of this.#filters) filter.flow = (flow * (1 - skidShare)) / 4;
    this.#skidFlow = flow * skidShare;
    this.#skid = new TankChain([10], initial);
    for (const name of "ph feed-turbidity permeate-turbidity flow level tmp feed-pressure".split(
      " ",
    )) {
      this.#at[name] = around.signals.add(`D10.${name}`);
    }
    this.#fouling = around.knobs.add("D10.fouling-per-day", ordinaryFouling);
    this.#noise = new OrnsteinUhlenbeck({
      seed: around.seed,
      id: "D10/noise",
      tauS: 3600,
      sigma: 0.02,
    });
    this.water.set(initial);
  }

  step(step: Step, inflow: Water, flow: number): void {
    const { dtS, nowMs } = step;
    const washing = this.#filters.some((filter) => filter.washingS > 0);
    const due = washing ? undefined : this.#filters.find((filter) => filter.due);
    due?.startWash(nowMs);
    const onFilters = flow - this.#skidFlow;
    const working = this.#filters.filter((filter) => filter.washingS <= 0).length;
    for (const filter of this.#filters) {
      filter.step(dtS, inflow, filter.washingS > 0 ? 0 : onFilters / working);
    }
    // What the valves cannot pass at once stands in the inlet channel; it is shared out so that flow closes.
    const passed = this.#filters.reduce((sum, filter) => sum + filter.flow, 0);
    const parts = this.#filters.map((filter) => ({
      flow: (filter.flow / Math.max(1e-6, passed)) * onFilters,
      water: filter.tank.out,
    }));
    this.#skidStep(step, inflow, flow * skidShare);
    parts.push({ flow: this.#skidFlow, water: this.#skid.out });
    this.flow = blend(this.water, parts);
  }

  #skidStep(step: Step, inflow: Water, wanted: number): void {
    const { dtS, nowMs } = step;
    this.#skidFlow += (wanted - this.#skidFlow) * (1 - Math.exp(-dtS / 120));
    this.#skid.mix(inflow, this.#skidFlow, dtS);
    const noise = this.#noise.step(dtS);
    this.#skid.out[TSS] = 0.04 * (1 + noise);
    const tmp = this.#membrane.step({
      k: f64(this.#around.knobs.values, this.#fouling),
      flow: this.#skidFlow / 0.0166,
      temperature: f64(inflow, TEMP),
      dtS,
    });
    if (tmp > cleaningAtKpa) {
      this.#membrane.clean();
      this.#around.operation({
        type: "cleaning-in-place",
        stage: "D10",
        sensors: ["D10/PR01", "D10/PR02"],
        onsetMs: nowMs,
        endMs: nowMs + 4 * 3_600_000,
      });
    }
    const phase = ((nowMs / 1000) % 1800) / 1800;
    const v = this.#around.signals.values;
    const set = (name: string, value: number) => {
      v[indexIn(this.#at, name)] = value;
    };
    const out = this.#skid.out;
    set("ph", this.#ph.of(f64(out, ALK), Math.max(0.02, f64(out, CT))));
    set("feed-turbidity", f64(inflow, TSS));
    set("permeate-turbidity", f64(out, TSS));
    set("flow", this.#skidFlow * 1000);
    set("level", 1.8 + 0.1 * noise);
    set("tmp", tmp + 1.2 * (phase - 0.5));
    set("feed-pressure", 110 + tmp + 1.2 * (phase - 0.5));
  }
}
