/** A pump or centrifuge as the three figures a summary channel sends: vibration RMS, temperature, current. */
import { f64 } from "@weir/contracts/elements.ts";
import { OrnsteinUhlenbeck } from "./ornstein-uhlenbeck.ts";
import type { Surroundings } from "./step.ts";

const healthyRms = 0.99; // mm/s
/** RMS² gained per (bearing amplitude)², fitted to the spectrum of the fast sensor: a = 4 → 3.47 mm/s, a = 6 → 5.09. */
const bearingGain = 0.69;
/** RMS² gained per (amplitude at 1×)² of looseness, with its 0.5×, 1.5× and 2.5×. */
const loosenessGain = 0.885;
/** Broadband noise of a healthy machine, mm/s, and how many times more of it full cavitation adds. */
const noiseSigma = 0.25;
const cavitationNoise = 3;
const thermalTauS = 1500;
const ambient = 25;
const riseAtFullLoad = 37;

/** What a fast sensor on the machine would feel; amplitudes in mm/s. */
export interface MachineVibration {
  isRunning: boolean;
  /** Share of the nominal healthy vibration. */
  level: number;
  /** Of a bearing line, with its harmonics. */
  bearing: number;
  /** More at 1×. */
  unbalance: number;
  /** More at 2×, most along the shaft. */
  misalignment: number;
  /** At 1×, with halves of it. */
  looseness: number;
  /** 0 none … 1 full: broadband noise. */
  cavitation: number;
}

export interface MachineOptions {
  stage: string;
  nominalCurrentA: number;
  /** Which of the three summaries exist. */
  torque?: boolean;
}

export class RotatingMachine {
  /** Bearing fault amplitude a(t); grows once a wear event has begun. */
  bearing = 0;
  temperature = ambient + riseAtFullLoad * 0.7;
  readonly #options: MachineOptions;
  readonly #around: Surroundings;
  readonly #wobble: OrnsteinUhlenbeck;
  readonly #load: OrnsteinUhlenbeck;
  readonly #vibration: number;
  readonly #temperature: number;
  readonly #current: number;
  readonly #tauDays: number;
  readonly #unbalance: number;
  readonly #misalignment: number;
  readonly #looseness: number;
  readonly #cavitation: number;
  readonly #fan: number;
  #isRunning = false;
  /** Share of the nominal healthy vibration, now. */
  #level = 1;
  /** Each pump of the set is a little different. */
  #character = 0;

  constructor(around: Surroundings, options: MachineOptions) {
    this.#around = around;
    this.#options = options;
    const { stage } = options;
    const noise = { seed: around.seed, tauS: 900 };
    this.#wobble = new OrnsteinUhlenbeck({ ...noise, id: `${stage}/vibration`, sigma: 0.02 });
    this.#load = new OrnsteinUhlenbeck({ ...noise, id: `${stage}/load`, sigma: 0.005 });
    this.#vibration = around.signals.add(`${stage}.vibration`, healthyRms);
    this.#temperature = around.signals.add(`${stage}.motor-temperature`, this.temperature);
    this.#current = around.signals.add(`${stage}.${options.torque ? "torque" : "current"}`);
    this.#tauDays = around.knobs.add(`${stage}.bearing-tau-days`, 0);
    this.#unbalance = around.knobs.add(`${stage}.unbalance`, 0);
    this.#misalignment = around.knobs.add(`${stage}.misalignment`, 0);
    this.#looseness = around.knobs.add(`${stage}.looseness`, 0);
    this.#cavitation = around.knobs.add(`${stage}.cavitation`, 0);
    this.#fan = around.knobs.add(`${stage}.fan-blocked`, 1);
  }

  changeOver(): void {
    this.#character = this.#character === 0 ? 1 : 0;
  }

  /** As it is at this step. */
  vibration(): MachineVibration {
    const { values } = this.#around.knobs;
    return {
      isRunning: this.#isRunning,
      level: this.#level,
      bearing: this.bearing,
      unbalance: f64(values, this.#unbalance),
      misalignment: f64(values, this.#misalignment),
      looseness: f64(values, this.#looseness),
      cavitation: f64(values, this.#cavitation),
    };
  }

  /** `load` 0…1 of nominal power; a stopped machine is quiet and cools down. */
  step(load: number, dtS: number): void {
    const { signals, knobs } = this.#around;
    const tauDays = f64(knobs.values, this.#tauDays);
    if (tauDays > 0) {
      this.bearing =
        this.bearing === 0 ? 0.1 : Math.min(12, this.bearing * Math.exp(dtS / 86_400 / tauDays));
    } else this.bearing = 0;
    const running = load > 0.02;
    this.#isRunning = running;
    const own = 1 + 0.03 * this.#character + this.#wobble.step(dtS);
    this.#level = own * Math.sqrt(0.85 + 0.2 * load);
    const square =
      (healthyRms * this.#level) ** 2 + bearingGain * this.bearing ** 2 + this.#ailments();
    signals.values[this.#vibration] = running ? Math.sqrt(square) : 0.05;
    const heat =
      ambient +
      (running ? riseAtFullLoad * load * f64(knobs.values, this.#fan) : 0) +
      6 * (this.bearing / 4) ** 2;
    this.temperature += (heat - this.temperature) * (1 - Math.exp(-dtS / thermalTauS));
    signals.values[this.#temperature] = this.temperature;
    const drawn = running ? (0.25 + 0.75 * load) * (1 + this.#load.step(dtS)) : 0;
    signals.values[this.#current] = this.#options.nominalCurrentA * drawn;
  }

  /** RMS² that faults of balance, alignment, mounting and suction add. */
  #ailments(): number {
    const { values } = this.#around.knobs;
    const orders = f64(values, this.#unbalance) ** 2 + f64(values, this.#misalignment) ** 2;
    const loose = loosenessGain * f64(values, this.#looseness) ** 2;
    const noisy = this.#level + cavitationNoise * f64(values, this.#cavitation);
    return orders / 2 + loose + noiseSigma ** 2 * (noisy ** 2 - this.#level ** 2);
  }
}
