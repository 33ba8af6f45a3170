/** A pump or centrifuge as the three figures a summary channel sends: vibration RMS, temperature, current. */
import { OrnsteinUhlenbeck } from "./ornstein-uhlenbeck.ts";
import type { Surroundings } from "./step.ts";

const healthyRms = 0.99; // mm/s
/** RMS² gained per (bearing amplitude)², fitted to plant.md §1.11: a = 4 → 3.47 mm/s, a = 6 → 5.09. */
const bearingGain = 0.69;
const thermalTauS = 1500;
const ambient = 25;
const riseAtFullLoad = 37;

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
  readonly #fan: number;
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
    this.#fan = around.knobs.add(`${stage}.fan-blocked`, 1);
  }

  changeOver(): void {
    this.#character = this.#character === 0 ? 1 : 0;
  }

  /** `load` 0…1 of nominal power; a stopped machine is quiet and cools down. */
  step(load: number, dtS: number): void {
    const { signals, knobs } = this.#around;
    const tauDays = knobs.values[this.#tauDays];
    if (tauDays > 0) {
      this.bearing =
        this.bearing === 0 ? 0.1 : Math.min(12, this.bearing * Math.exp(dtS / 86_400 / tauDays));
    } else this.bearing = 0;
    const running = load > 0.02;
    const own = 1 + 0.03 * this.#character + this.#wobble.step(dtS);
    const unbalance = knobs.values[this.#unbalance];
    const square =
      (healthyRms * own) ** 2 * (0.85 + 0.2 * load) +
      bearingGain * this.bearing ** 2 +
      unbalance ** 2 / 2;
    signals.values[this.#vibration] = running ? Math.sqrt(square) : 0.05;
    const heat =
      ambient +
      (running ? riseAtFullLoad * load * knobs.values[this.#fan] : 0) +
      6 * (this.bearing / 4) ** 2;
    this.temperature += (heat - this.temperature) * (1 - Math.exp(-dtS / thermalTauS));
    signals.values[this.#temperature] = this.temperature;
    const drawn = running ? (0.25 + 0.75 * load) * (1 + this.#load.step(dtS)) : 0;
    signals.values[this.#current] = this.#options.nominalCurrentA * drawn;
  }
}
