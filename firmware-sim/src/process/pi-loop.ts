/** A controller of the plant's own: proportional and integral, with an output that stays within its bounds. */

export interface PiLoopOptions {
  /** Output for each unit of error. */
  gain: number;
  /** Seconds in which a constant error adds as much as the proportional part. */
  integralS: number;
  min: number;
  max: number;
  /** Output at no error before anything is learned. */
  rest: number;
}

export class PiLoop {
  readonly #options: PiLoopOptions;
  #integral = 0;

  constructor(options: PiLoopOptions) {
    this.#options = options;
  }

  /** Output after `dtS` seconds with this error. At a bound the integral waits. */
  step(error: number, dtS: number): number {
    const { gain, integralS, min, max, rest } = this.#options;
    const more = this.#integral + (gain * error * dtS) / integralS;
    const wanted = rest + gain * error + more;
    if ((wanted < max || error < 0) && (wanted > min || error > 0)) this.#integral = more;
    return Math.min(max, Math.max(min, rest + gain * error + this.#integral));
  }

  /** While its element is switched off it waits, and starts without a bump. */
  hold(): void {
    this.#integral = 0;
  }
}
