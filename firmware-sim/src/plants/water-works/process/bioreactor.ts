/**
 * W09–W14: selector, two anoxic and three aerobic tanks, each aerobic tank with its own air loop
 * (equations, loop and figures of a benchmark plant).
 */

import { elementAt, f64, numberAt } from "@weir/contracts/elements.ts";
import { OrnsteinUhlenbeck } from "../../../process/ornstein-uhlenbeck.ts";
import { indexIn } from "../../../process/signal-board.ts";
import type { Step, Surroundings } from "../../../process/step.ts";
import { PhSolver } from "./carbonate.ts";
import { meanAmmonia, meanFlow } from "./influent.ts";
import { TankChain } from "./tank-chain.ts";
import { ALK, CT, DO, NH, NO, ORG, TEMP, type Water } from "./water.ts";
import { oxygenSaturation } from "./water-temperature.ts";

export const kLaMax = 360; // 1/d
const actuatorTauS = 240 / 3.89;
export const airMax = 5000; // Nm³/h at kLaMax
const setpoint = 2;
/** mg/L/h of oxygen demand at mean load, tank by tank. */
const loadDemand = [30, 18, 6] as const;
/** The returned sludge carries ammonia round again; this makes the mean load of the aerobic tanks 1. */
const loadShare = 0.87;

export interface Blower {
  /** 0 when stopped or tripped, else 1. */
  running: () => number;
}

class AerobicTank {
  readonly tank: TankChain;
  kLa: number;
  #integral: number;
  readonly #id: string;
  readonly #demand: number;
  readonly #around: Surroundings;
  readonly #blower: Blower;
  readonly #measured: () => number;
  readonly #noise: OrnsteinUhlenbeck;
  readonly #ph = new PhSolver();
  readonly #at: Record<"ph" | "do" | "in" | "out" | "air" | "nh" | "no", number>;
  readonly #knob: { nitrification: number; diffuser: number };

  constructor(around: Surroundings, index: number, options: { initial: Water; blower: Blower }) {
    const id = `W${12 + index}`;
    this.#id = id;
    this.#demand = numberAt(loadDemand, index);
    this.#around = around;
    this.#blower = options.blower;
    this.#measured = around.measured(`${id}/DO01`);
    this.tank = new TankChain([1333], options.initial);
    this.kLa = 60 + this.#demand * 3;
    this.#integral = this.kLa - 60;
    this.#noise = new OrnsteinUhlenbeck({
      seed: around.seed,
      id: `${id}/demand`,
      tauS: 3600,
      sigma: 0.04,
    });
    const add = (name: string) => around.signals.add(`${id}.${name}`);
    this.#at = {
      ph: add("ph"),
      do: add("do"),
      in: add("do.inlet-end"),
      out: add("do.outlet-end"),
      air: add("air"),
      nh: add("nh"),
      no: add("no"),
    };
    around.signals.values[this.#at.do] = setpoint;
    this.#knob = {
      nitrification: around.knobs.add(`${id}.nitrification`, 1),
      diffuser: around.knobs.add(`${id}.diffuser-loss`, 0),
    };
  }

  get air(): number {
    return f64(this.#around.signals.values, this.#at.air);
  }

  /** PI loop on the measured oxygen, then the lag of valve and blower. */
  #aerate(dtS: number): void {
    const measured = this.#measured();
    const error = setpoint - (Number.isFinite(measured) ? measured : setpoint);
    const running = this.#blower.running() > 0;
    if (running) this.#integral = clamp(this.#integral + 0.01 * error * dtS, 0, kLaMax);
    const command = clamp(60 + 25 * error + this.#integral, 0, kLaMax);
    // When the blower stops, the air falls with the same lag: rotor and header run down.
    const goal = running ? command : 0;
    this.kLa += (goal - this.kLa) * (1 - Math.exp(-dtS / actuatorTauS));
  }

  /** `load`: ammonia entering the aerobic tanks relative to its mean. */
  step(dtS: number, from: { inflow: Water; flow: number; load: number }): void {
    const { signals, knobs } = this.#around;
    const { inflow, flow, load } = from;
    this.#aerate(dtS);
    this.tank.mix(inflow, flow, dtS);
    const w = this.tank.out;
    const temperature = f64(w, TEMP);
    const loss = Math.min(0.9, f64(knobs.values, this.#knob.diffuser));
    const warm = 1.07 ** (temperature - 15);
    const oxygen = f64(w, DO);
    const nitrification =
      (0.08 / 60) *
      warm *
      f64(knobs.values, this.#knob.nitrification) *
      (f64(w, NH) / (f64(w, NH) + 1)) *
      (oxygen / (oxygen + 0.4));
    const respiration = ((18 + this.#demand * load) / 3600) * (1 + this.#noise.step(dtS));
    const uptake = respiration / (oxygen + 0.2) + (0.35 * 4.57 * nitrification) / (oxygen + 1e-3);
    const gain = (this.kLa * (1 - loss)) / 86_400;
    const saturation = oxygenSaturation(temperature);
    // Implicit in oxygen: stable when the air stops and uptake/oxygen becomes large.
    w[DO] = Math.max(0, (oxygen + dtS * gain * saturation) / (1 + dtS * (gain + uptake)));
    const oxidised = Math.min(f64(w, NH), nitrification * dtS);
    w[NH] = f64(w, NH) - oxidised;
    w[NO] = f64(w, NO) + oxidised;
    w[ALK] = f64(w, ALK) - 0.143 * oxidised;
    settleCarbon(w, 1800, dtS);
    w[ORG] = f64(w, ORG) * Math.exp(-dtS / 2400);
    const v = signals.values;
    const at = this.#at;
    v[at.ph] = this.#ph.of(w[ALK], Math.max(0.05, f64(w, CT)));
    v[at.do] = w[DO];
    v[at.in] = w[DO] * 0.93;
    v[at.out] = w[DO] * 1.05;
    v[at.air] = airMax * (this.kLa / kLaMax) ** 0.9;
    v[at.nh] = w[NH];
    v[at.no] = w[NO];
  }

  get id(): string {
    return this.#id;
  }

  get diffuserLoss(): number {
    return f64(this.#around.knobs.values, this.#knob.diffuser);
  }
}

/** Respiration adds carbon dioxide and stripping removes it, towards the ratio of a pH near 7.1. */
function settleCarbon(w: Water, tauS: number, dtS: number): void {
  const goal = 1.16 * Math.max(0.1, f64(w, ALK));
  w[CT] = f64(w, CT) + (goal - f64(w, CT)) * (1 - Math.exp(-dtS / tauS));
}

const clamp = (x: number, low: number, high: number): number => Math.min(high, Math.max(low, x));

export class Bioreactor {
  readonly #around: Surroundings;
  readonly #unaerated: TankChain[];
  readonly #aerobic: AerobicTank[];
  readonly #ph = [new PhSolver(), new PhSolver(), new PhSolver()] as const;
  readonly #at: Record<string, number> = {};
  readonly #header: number[];
  readonly #basin: readonly { ph: number; oxygen: number; flow: number }[];
  readonly #potential: OrnsteinUhlenbeck;

  constructor(around: Surroundings, feed: Water, blowers: readonly Blower[]) {
    this.#around = around;
    // The recycle halves the ammonia of the feed; the aerobic tanks take 6–7 mg/L each.
    const start = (ammonia: number, nitrate: number, oxygen: number): Water => {
      const w = Float64Array.from(feed);
      w[NH] = ammonia;
      w[NO] = nitrate;
      w[DO] = oxygen;
      w[ALK] = f64(feed, ALK) - 0.143 * Math.max(0, 18 - ammonia);
      w[CT] = 1.16 * w[ALK];
      return w;
    };
    this.#unaerated = [
      new TankChain([500], start(18, 4, 0.05)),
      new TankChain([1000], start(18, 2, 0.1)),
      new TankChain([1000], start(18, 1, 0.1)),
    ];
    this.#aerobic = blowers.map(
      (blower, i) =>
        new AerobicTank(around, i, {
          initial: start(numberAt([13, 8, 4], i), numberAt([6, 11, 15], i), setpoint),
          blower,
        }),
    );
    this.#basin = ["W09", "W10", "W11"].map((id) => ({
      ph: around.signals.add(`${id}.ph`),
      oxygen: around.signals.add(`${id}.do`),
      flow: around.signals.add(`${id}.flow`),
    }));
    this.#at["W09.orp"] = around.signals.add("W09.orp", -250);
    this.#at["W10.no"] = around.signals.add("W10.no");
    this.#at["W11.nh"] = around.signals.add("W11.nh");
    this.#header = this.#aerobic.map((tank) => around.signals.add(`${tank.id}.header`, 60));
    this.#potential = new OrnsteinUhlenbeck({
      seed: around.seed,
      id: "W09/orp",
      tauS: 3600,
      sigma: 8,
    });
  }

  get water(): Water {
    return elementAt(this.#aerobic, 2).tank.out;
  }

  /** `flow` includes the returned sludge. */
  step(step: Step, inflow: Water, flow: number): void {
    const { dtS } = step;
    const v = this.#around.signals.values;
    let from = inflow;
    this.#unaerated.forEach((chain, i) => {
      chain.mix(from, flow, dtS);
      const w = chain.out;
      w[DO] = 0.08 + (f64(w, DO) - 0.08) * Math.exp(-dtS / 120);
      const reduced = f64(w, NO) * (1 - Math.exp(-dtS / (i === 0 ? 1500 : 2200)));
      w[NO] = f64(w, NO) - reduced;
      w[ALK] = f64(w, ALK) + 0.0714 * reduced;
      settleCarbon(w, 3600, dtS);
      const at = elementAt(this.#basin, i);
      v[at.ph] = elementAt(this.#ph, i).of(w[ALK], Math.max(0.05, f64(w, CT)));
      v[at.oxygen] = w[DO];
      v[at.flow] = flow * 1000;
      from = w;
    });
    v[indexIn(this.#at, "W09.orp")] =
      -280 + 12 * f64(elementAt(this.#unaerated, 0).out, NO) + this.#potential.step(dtS);
    v[indexIn(this.#at, "W10.no")] = f64(elementAt(this.#unaerated, 1).out, NO);
    v[indexIn(this.#at, "W11.nh")] = f64(elementAt(this.#unaerated, 2).out, NH);
    const load = (loadShare * flow * f64(from, NH)) / (meanFlow * meanAmmonia);
    let air = 0;
    for (const tank of this.#aerobic) {
      tank.step(dtS, { inflow: from, flow, load });
      from = tank.tank.out;
      air += tank.air;
    }
    const header = 58 + 12 * (air / (3 * airMax)) ** 2;
    this.#aerobic.forEach((tank, i) => {
      v[numberAt(this.#header, i)] = header + 15 * tank.diffuserLoss * (tank.air / airMax);
    });
  }
}
