/**
 * n completely mixed tanks in series: dC_i/dt = (Q/V_i)(C_{i−1} − C_i).
 *
 * Implicit Euler: C' = (C + x·C_in)/(1 + x) with x = Q·dt/V. It is stable for every step and keeps mass
 * exactly: what leaves in a step is Q·dt·C'. So a 10-s step needs no sub-steps.
 */
import { elementAt, f64, numberAt } from "@weir/contracts/elements.ts";
import { type Water, width } from "./water.ts";

export class TankChain {
  readonly cells: readonly Water[];
  readonly volumesM3: number[];

  constructor(volumesM3: readonly number[], initial: Water) {
    this.volumesM3 = [...volumesM3];
    this.cells = volumesM3.map(() => Float64Array.from(initial));
  }

  /** Water that leaves the last tank. */
  get out(): Water {
    return elementAt(this.cells, this.cells.length - 1);
  }

  /** Pushes `flowM3S` of `inflow` through all tanks for `dtS`. */
  mix(inflow: Water, flowM3S: number, dtS: number): void {
    let from = inflow;
    for (let i = 0; i < this.cells.length; i++) {
      const cell = elementAt(this.cells, i);
      const x = (flowM3S * dtS) / numberAt(this.volumesM3, i);
      const share = 1 / (1 + x);
      for (let k = 0; k < width; k++) {
        cell[k] = (f64(cell, k) + x * f64(from, k)) * share;
      }
      from = cell;
    }
  }

  fill(content: Water): void {
    for (const cell of this.cells) cell.set(content);
  }
}
