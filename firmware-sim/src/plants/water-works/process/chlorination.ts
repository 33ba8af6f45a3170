/**
 * A dosing point and its contact tank: flow-paced feed-forward, feedback from the first analyser, pump
 * lag, instantaneous demand, first-order decay. D11 and W22 are two of these.
 */
import { f64, numberAt } from "@weir/contracts/elements.ts";
import { OrnsteinUhlenbeck } from "../../../process/ornstein-uhlenbeck.ts";
import type { Step, Surroundings } from "../../../process/step.ts";
import { TankChain } from "./tank-chain.ts";
import { CL, NH, ORG, TEMP, type Water } from "./water.ts";

const setpoint = 1.2; // mg/L
const doseMax = 6; // mg/L
const pumpLagS = 3;
const instantDemand = 0.55; // mg/L

/** What the dosing pump of this point is told by whoever may: PLC, edge, fault. */
export interface DosingPump {
  /**
   * Turns the wanted share 0…1 of the pump's maximum into what the pump delivers; `sharePerDose` is the
   * share that doses 1 mg/L at the present flow.
   */
  delivers: (wantedShare: number, sharePerDose: number) => number;
  /** False while the run command is off: the controller waits and starts without a bump. */
  commanded: () => boolean;
}

export interface ChlorinationOptions {
  stage: string;
  /** Post-mix first, then the compartments, m³. */
  volumesM3: readonly number[];
  pump: DosingPump;
  /** Decay at 20 °C, 1/d. */
  decay20: number;
  /** m³/s at which the pump at full speed doses `doseMax`. */
  fullFlow: number;
  /** Extra demand for each mg/L of organic matter and ammonia above what is usual here. */
  usual: { organic: number; ammonia: number };
  initial: Water;
}

export class Chlorination {
  readonly tank: TankChain;
  /** mg/L delivered now. */
  dose = 1.75;
  readonly #options: ChlorinationOptions;
  readonly #around: Surroundings;
  readonly #measured: () => number;
  readonly #demand: OrnsteinUhlenbeck;
  readonly #wander: OrnsteinUhlenbeck;
  readonly #cells: number[];
  readonly #knob: { demand: number; setpoint: number; stock: number };
  readonly #feed: Water;
  #integral = 0;
  #delivered: number;

  constructor(around: Surroundings, options: ChlorinationOptions) {
    this.#around = around;
    this.#options = options;
    const { stage } = options;
    const initial = Float64Array.from(options.initial);
    initial[CL] = setpoint;
    this.#feed = Float64Array.from(initial);
    this.tank = new TankChain(options.volumesM3, initial);
    this.#measured = around.measured(`${stage}/CL01`);
    const seed = around.seed;
    this.#demand = new OrnsteinUhlenbeck({
      seed,
      id: `${stage}/demand`,
      tauS: 7200,
      sigma: 0.06,
    });
    this.#wander = new OrnsteinUhlenbeck({
      seed,
      id: `${stage}/wander`,
      tauS: 21_600,
      sigma: 1,
    });
    const names = ["post-mix", "1", "2", "3", "4"];
    this.#cells = names
      .slice(0, options.volumesM3.length)
      .map((name) => around.signals.add(`${stage}.cl.${name}`, setpoint));
    this.#knob = {
      demand: around.knobs.add(`${stage}.chlorine-demand`, 0),
      setpoint: around.knobs.add(`${stage}.setpoint-shift`, 0),
      stock: around.knobs.add(`${stage}.stock-strength`, 1),
    };
    this.#delivered = this.dose / doseMax;
  }

  /** `realistic`: scale of the slow wander of the residual that recorded plants show, mg/L. */
  step(step: Step, from: { inflow: Water; flow: number; realistic: number }): void {
    const { dtS } = step;
    const { inflow, flow } = from;
    const knob = (index: number) => f64(this.#around.knobs.values, index);
    const measured = this.#measured();
    const goal = setpoint + knob(this.#knob.setpoint);
    const error = goal - (Number.isFinite(measured) ? measured : goal);
    const { pump } = this.#options;
    if (pump.commanded()) {
      this.#integral = clamp(this.#integral + 0.0015 * error * dtS, -1.75, doseMax);
    } else this.#integral = 0;
    const wantedDose = clamp(1.75 + 0.35 * error + this.#integral, 0, doseMax);
    const sharePerDose = flow / this.#options.fullFlow / doseMax;
    const delivered = pump.delivers(Math.min(1, wantedDose * sharePerDose), sharePerDose);
    this.#delivered += (delivered - this.#delivered) * (1 - Math.exp(-dtS / pumpLagS));
    const stock = knob(this.#knob.stock);
    const paced = (this.#delivered * doseMax * this.#options.fullFlow) / Math.max(0.02, flow);
    this.dose = Math.min(doseMax * 2, paced) * stock;
    const { usual } = this.#options;
    const organic = Math.max(0, f64(inflow, ORG) - usual.organic);
    const ammonia = Math.max(0, f64(inflow, NH) - usual.ammonia);
    const noise = this.#demand.step(dtS);
    const wander = this.#wander.step(dtS) * from.realistic;
    const demand =
      instantDemand * (1 + noise) +
      knob(this.#knob.demand) +
      0.15 * organic +
      7.6 * 0.8 * ammonia +
      wander;
    this.#feed.set(inflow);
    this.#feed[CL] = Math.max(0, f64(inflow, CL) + this.dose - demand);
    this.tank.mix(this.#feed, flow, dtS);
    const perS = (this.#options.decay20 * 1.08 ** (f64(inflow, TEMP) - 20)) / 86_400;
    const keep = Math.exp(-perS * dtS);
    this.tank.cells.forEach((cell, i) => {
      cell[CL] = f64(cell, CL) * keep;
      this.#around.signals.values[numberAt(this.#cells, i)] = cell[CL];
    });
  }
}

const clamp = (x: number, low: number, high: number): number => Math.min(high, Math.max(low, x));
