/**
 * Rain on the sewer: Poisson events, a double-exponential hydrograph, a first flush, then dilution.
 */
import { type Random, seeded } from "@weir/runtime/random.ts";
import { dayMs } from "../../../process/calendar.ts";

const riseMs = 45 * 60_000;
const fallMs = 8 * 3_600_000;
const flushMs = 30 * 60_000;
/** A storm this old adds nothing any more. */
const forgottenMs = 6 * fallMs;
const shape = (t: number): number => Math.exp(-t / fallMs) - Math.exp(-t / riseMs);
const peakMs = Math.log(fallMs / riseMs) / (1 / riseMs - 1 / fallMs);
const norm = shape(peakMs);

export interface RainOptions {
  seed: number;
  fromMs: number;
  /** No storm begins at or after this instant, except by `storm`. */
  untilMs: number;
  amplitudeMin: number;
  amplitudeMax: number;
}

export class Rain {
  /** Extra flow as a multiple of the mean dry flow. */
  flow = 0;
  /** Factor on suspended solids before dilution. */
  flush = 1;
  readonly #random: Random;
  readonly #options: RainOptions;
  #nextMs: number;
  #storms: { atMs: number; amplitude: number }[] = [];

  constructor(options: RainOptions) {
    this.#options = options;
    this.#random = seeded(options.seed, "rain");
    this.#nextMs = options.fromMs + this.#waitMs(options.fromMs);
  }

  storm(atMs: number, amplitude: number): void {
    this.#storms.push({ atMs, amplitude });
  }

  step(nowMs: number): void {
    while (nowMs >= this.#nextMs) {
      const { amplitudeMin, amplitudeMax, untilMs } = this.#options;
      const amplitude = amplitudeMin + (amplitudeMax - amplitudeMin) * this.#random.uniform();
      if (this.#nextMs < untilMs) this.storm(this.#nextMs, amplitude);
      this.#nextMs += this.#waitMs(this.#nextMs);
    }
    this.flow = 0;
    this.flush = 1;
    if (this.#storms.length === 0) return;
    this.#storms = this.#storms.filter((storm) => nowMs - storm.atMs < forgottenMs);
    for (const storm of this.#storms) {
      const t = nowMs - storm.atMs;
      if (t < 0) continue;
      this.flow += (storm.amplitude * shape(t)) / norm;
      this.flush += 1.5 * Math.exp(-t / flushMs) * (1 - Math.exp(-t / 300_000));
    }
  }

  #waitMs(atMs: number): number {
    const month = new Date(atMs).getUTCMonth();
    const meanDays = month <= 1 || month === 11 ? 3 : 4;
    return -Math.log(1 - this.#random.uniform()) * meanDays * dayMs;
  }
}
