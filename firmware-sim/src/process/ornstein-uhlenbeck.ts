/** Noise with memory: o ← o·e^(−dt/τ) + σ√(1−e^(−2dt/τ))·N(0,1). Exact for every step length. */
import { NoiseStream } from "./noise-stream.ts";

export class OrnsteinUhlenbeck {
  value = 0;
  readonly #tauS: number;
  readonly #sigma: number;
  readonly #random: NoiseStream;
  #dtS = 0;
  #keep = 0;
  #kick = 0;

  constructor(options: { tauS: number; sigma: number; seed: number; id: string }) {
    this.#tauS = options.tauS;
    this.#sigma = options.sigma;
    this.#random = new NoiseStream(options.seed, options.id);
    this.value = options.sigma * this.#random.gaussian();
  }

  step(dtS: number): number {
    if (dtS !== this.#dtS) {
      this.#dtS = dtS;
      this.#keep = Math.exp(-dtS / this.#tauS);
      this.#kick = this.#sigma * Math.sqrt(1 - this.#keep * this.#keep);
    }
    this.value = this.value * this.#keep + this.#kick * this.#random.gaussian();
    return this.value;
  }
}
