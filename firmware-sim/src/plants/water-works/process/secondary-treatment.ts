/** W15–W20: two membrane trains and three clarifiers in parallel, and the pumps that return their sludge. */

import { f64 } from "@weir/contracts/elements.ts";
import { OrnsteinUhlenbeck } from "../../../process/ornstein-uhlenbeck.ts";
import { RotatingMachine } from "../../../process/rotating-machine.ts";
import type { Step, Surroundings } from "../../../process/step.ts";
import { PhSolver } from "./carbonate.ts";
import { meanFlow } from "./influent.ts";
import { cleaningAtKpa, Membrane } from "./membrane.ts";
import { TankChain } from "./tank-chain.ts";
import { ALK, blend, CT, DO, TEMP, TSS, type Water, water } from "./water.ts";

const membraneShare = 0.15;
/** m³/s a train can pass; more goes to the clarifiers. */
const membraneFlowMax = 0.05;
export const wasteFlow = 0.004;
const relaxPeriodS = 600;
const ordinaryFouling = 0.0012; // 1/d

class MembraneTrain {
  readonly membrane = new Membrane();
  readonly tank: TankChain;
  flow = 0;
  readonly #id: string;
  readonly #around: Surroundings;
  readonly #ph = new PhSolver();
  readonly #noise: OrnsteinUhlenbeck;
  readonly #at: Record<
    "ph" | "permeate" | "oxygen" | "returned" | "flow" | "level" | "tmp" | "scour" | "mlss",
    number
  >;
  readonly #k: number;
  #level = 3.2;
  #cleanedMs = 0;

  constructor(around: Surroundings, id: string, initial: Water) {
    this.#id = id;
    this.#around = around;
    this.tank = new TankChain([600], initial);
    this.#noise = new OrnsteinUhlenbeck({
      seed: around.seed,
      id: `${id}/noise`,
      tauS: 3600,
      sigma: 0.02,
    });
    const add = (name: string) => around.signals.add(`${id}.${name}`);
    this.#at = {
      ph: add("ph"),
      permeate: add("permeate-turbidity"),
      oxygen: add("do"),
      returned: add("do.return"),
      flow: add("flow"),
      level: add("level"),
      tmp: add("tmp"),
      scour: add("scour"),
      mlss: add("mlss"),
    };
    this.#k = around.knobs.add(`${id}.fouling-per-day`, ordinaryFouling);
  }

  step(step: Step, from: { inflow: Water; flow: number; mlss: number }): void {
    const { dtS, nowMs } = step;
    const v = this.#around.signals.values;
    this.flow = from.flow;
    this.tank.mix(from.inflow, from.flow * 3, dtS); // with its own recirculation
    const w = this.tank.out;
    const noise = this.#noise.step(dtS);
    w[DO] = f64(w, DO) + (3.2 + 5 * noise - f64(w, DO)) * (1 - Math.exp(-dtS / 300));
    const relative = 0.6 + 0.4 * (from.flow / (membraneShare * meanFlow));
    const tmp = this.membrane.step({
      k: f64(this.#around.knobs.values, this.#k),
      flow: relative,
      temperature: f64(w, TEMP),
      dtS,
    });
    // Cassettes relax in turn: a saw tooth of 1–2 kPa every ten minutes.
    const phase = ((nowMs / 1000) % relaxPeriodS) / relaxPeriodS;
    if (tmp > cleaningAtKpa) this.#cleanInPlace(nowMs);
    this.#level += (3.2 + 0.4 * (relative - 1) - this.#level) * (1 - Math.exp(-dtS / 1200));
    const at = this.#at;
    v[at.ph] = this.#ph.of(f64(w, ALK), Math.max(0.05, f64(w, CT)));
    v[at.permeate] = 0.08 * (1 + noise);
    v[at.oxygen] = w[DO];
    v[at.returned] = w[DO] * 0.9;
    v[at.flow] = from.flow * 1000;
    v[at.level] = this.#level;
    v[at.tmp] = tmp + 1.5 * (phase - 0.5);
    v[at.scour] = 38 + 10 * noise;
    v[at.mlss] = (from.mlss / 1000) * 2.4 * (1 + 0.3 * noise);
  }

  #cleanInPlace(nowMs: number): void {
    this.membrane.clean();
    this.#cleanedMs = nowMs;
    this.#around.operation({
      type: "cleaning-in-place",
      stage: this.#id,
      sensors: [`${this.#id}/PR01`],
      onsetMs: this.#cleanedMs,
      endMs: this.#cleanedMs + 4 * 3_600_000,
    });
  }
}

class SecondaryClarifier {
  readonly tank: TankChain;
  flow = 0;
  readonly #around: Surroundings;
  readonly #ph = new PhSolver();
  readonly #noise: OrnsteinUhlenbeck;
  readonly #at: Record<"ph" | "tss" | "do" | "flow" | "blanket", number>;
  readonly #feed = water();
  #blanketM = 0.9;

  constructor(around: Surroundings, id: string, initial: Water) {
    this.#around = around;
    const clear = Float64Array.from(initial);
    clear[TSS] = 12;
    this.tank = new TankChain([666, 667, 667], clear);
    this.#noise = new OrnsteinUhlenbeck({
      seed: around.seed,
      id: `${id}/noise`,
      tauS: 7200,
      sigma: 0.04,
    });
    const add = (name: string) => around.signals.add(`${id}.${name}`);
    this.#at = {
      ph: add("ph"),
      tss: add("tss"),
      do: add("do"),
      flow: add("flow"),
      blanket: add("blanket"),
    };
  }

  /** Blanket: solids in minus solids returned, as a first-order answer to the solids load. */
  step(dtS: number, from: { inflow: Water; flow: number; underflow: number }): void {
    this.flow = Math.max(0, from.flow - from.underflow);
    const loading = from.flow / (from.underflow + 0.05);
    const goal = 0.9 + 0.35 * (loading - 1.15) + this.#noise.step(dtS);
    this.#blanketM += (Math.max(0.3, goal) - this.#blanketM) * (1 - Math.exp(-dtS / 10_800));
    const feed = this.#feed;
    feed.set(from.inflow);
    feed[TSS] = 12 + 0.6 * Math.max(0, this.#blanketM - 1.5) ** 2 + 8 * Math.max(0, loading - 1.6);
    this.tank.mix(feed, from.flow, dtS);
    const out = this.tank.out;
    out[DO] = f64(out, DO) * Math.exp(-dtS / 3600);
    const v = this.#around.signals.values;
    v[this.#at.ph] = this.#ph.of(f64(out, ALK), Math.max(0.05, f64(out, CT)));
    v[this.#at.tss] = f64(out, TSS);
    v[this.#at.do] = out[DO];
    v[this.#at.flow] = this.flow * 1000;
    v[this.#at.blanket] = this.#blanketM;
  }
}

export class SecondaryTreatment {
  /** Returned sludge, m³/s; its water is that of the last aerobic tank. */
  returnFlow = 0.9 * meanFlow;
  readonly permeate = { flow: 0, water: water() };
  readonly overflow = { flow: 0, water: water() };
  readonly #around: Surroundings;
  readonly #trains: MembraneTrain[];
  readonly #clarifiers: SecondaryClarifier[];
  readonly pump: RotatingMachine;
  readonly #mlss: OrnsteinUhlenbeck;
  readonly #motor: () => number;
  readonly #at: { flow: number; pressure: number; mlss: number };

  constructor(around: Surroundings, initial: Water, motor: () => number) {
    this.#around = around;
    this.#motor = motor;
    this.#trains = ["W15", "W16"].map((id) => new MembraneTrain(around, id, initial));
    this.#clarifiers = ["W17", "W18", "W19"].map(
      (id) => new SecondaryClarifier(around, id, initial),
    );
    this.pump = new RotatingMachine(around, { stage: "W20", nominalCurrentA: 75 });
    this.#mlss = new OrnsteinUhlenbeck({
      seed: around.seed,
      id: "W20/mlss",
      tauS: 86_400,
      sigma: 0.02,
    });
    this.#at = {
      flow: around.signals.add("W20.flow"),
      pressure: around.signals.add("W20.pressure"),
      mlss: around.signals.add("W20.mlss"),
    };
  }

  step(step: Step, inflow: Water, flow: number): void {
    const { dtS } = step;
    const mlss = 3500 * (1 + this.#mlss.step(dtS));
    const forward = flow - this.returnFlow;
    const perTrain = Math.min(membraneFlowMax, Math.max(0, forward * membraneShare));
    for (const train of this.#trains) train.step(step, { inflow, flow: perTrain, mlss });
    this.permeate.flow = blend(
      this.permeate.water,
      this.#trains.map((train) => ({ flow: train.flow, water: train.tank.out })),
    );
    this.permeate.water[TSS] = 0.3;
    const perClarifier = (flow - this.permeate.flow) / 3;
    const underflow = (this.returnFlow + wasteFlow) / 3;
    for (const clarifier of this.#clarifiers) {
      clarifier.step(dtS, { inflow, flow: perClarifier, underflow });
    }
    this.overflow.flow = blend(
      this.overflow.water,
      this.#clarifiers.map((clarifier) => ({ flow: clarifier.flow, water: clarifier.tank.out })),
    );
    const goal = 0.75 * meanFlow + 0.15 * Math.max(0, forward);
    const tauS = this.#motor() < 0.99 ? 60 : 1800;
    this.returnFlow += (goal * this.#motor() - this.returnFlow) * (1 - Math.exp(-dtS / tauS));
    this.pump.step((0.3 + 2 * this.returnFlow) * this.#motor(), dtS);
    const v = this.#around.signals.values;
    const pumped = this.returnFlow + wasteFlow * this.#motor();
    v[this.#at.flow] = pumped * 1000;
    v[this.#at.pressure] = 90 + 900 * pumped ** 2;
    v[this.#at.mlss] = ((mlss / 1000) * perClarifier) / underflow;
  }
}
