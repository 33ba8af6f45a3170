/**
 * Fouling of a membrane as loss of area (Cho & Fane): dφ/dt = k/(1−φ)², which first
 * creeps and then jumps. TMP = μ(T)·J·R/(1−φ).
 */

const flux = 20 / 3.6e6; // 20 L/m²h in m/s
const resistance = 1.6e12; // 1/m
const residualAfterCleaning = 0.07;
/** kPa at which the train is cleaned in place. */
export const cleaningAtKpa = 50;

export class Membrane {
  /** Share of the area lost. */
  fouling = residualAfterCleaning;

  /** Returns the transmembrane pressure, kPa; `k` in 1/d, `flow` relative to nominal. */
  step(options: { k: number; flow: number; temperature: number; dtS: number }): number {
    const open = 1 - this.fouling;
    this.fouling = Math.min(0.95, this.fouling + (options.k / open ** 2) * (options.dtS / 86_400));
    const viscosity = 1.2e-3 * (1 - 0.024 * (options.temperature - 15));
    return (viscosity * flux * options.flow * resistance) / (1 - this.fouling) / 1000;
  }

  clean(): void {
    this.fouling = residualAfterCleaning;
  }
}
