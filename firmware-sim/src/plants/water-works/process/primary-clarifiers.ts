/** W06–W08: three primary clarifiers in parallel; half of the solids go to the sludge line. */

import { f64, numberAt } from "@weir/contracts/elements.ts";
import { OrnsteinUhlenbeck } from "../../../process/ornstein-uhlenbeck.ts";
import type { Step, Surroundings } from "../../../process/step.ts";
import { PhSolver } from "./carbonate.ts";
import { TankChain } from "./tank-chain.ts";
import { ALK, blend, CT, DO, TSS, type Water, water } from "./water.ts";

const shares = [0.334, 0.331, 0.335] as const;
const sludgeShare = 0.004;
const passingSolids = 0.45;

interface Clarifier {
  tank: TankChain;
  ph: PhSolver;
  blanketM: number;
  noise: OrnsteinUhlenbeck;
  at: { ph: number; tss: number; flow: number; blanket: number };
}

export class PrimaryClarifiers {
  flow = 0;
  readonly water: Water = water();
  /** m³/s to the thickeners. */
  sludgeFlow = 0;
  readonly #around: Surroundings;
  readonly #clarifiers: Clarifier[];
  readonly #feed = water();

  constructor(around: Surroundings, inflow: Water) {
    this.#around = around;
    const settled = Float64Array.from(inflow);
    settled[TSS] = f64(settled, TSS) * passingSolids;
    this.water.set(settled);
    this.#clarifiers = ["W06", "W07", "W08"].map((id) => ({
      tank: new TankChain([100, 100, 100], settled),
      ph: new PhSolver(),
      blanketM: 0.6,
      noise: new OrnsteinUhlenbeck({
        seed: around.seed,
        id: `${id}/blanket`,
        tauS: 7200,
        sigma: 0.04,
      }),
      at: {
        ph: around.signals.add(`${id}.ph`),
        tss: around.signals.add(`${id}.tss`),
        flow: around.signals.add(`${id}.flow`),
        blanket: around.signals.add(`${id}.blanket`, 0.6),
      },
    }));
  }

  step(step: Step, inflow: Water, flow: number): void {
    const { dtS } = step;
    const { values } = this.#around.signals;
    const feed = this.#feed;
    feed.set(inflow);
    const solids = f64(feed, TSS);
    const parts = this.#clarifiers.map((clarifier, i) => {
      const q = flow * numberAt(shares, i);
      // Overflow solids rise with the surface load.
      feed[TSS] = solids * passingSolids * Math.min(1.6, 0.7 + 0.3 * (q / 0.071));
      clarifier.tank.mix(feed, q, dtS);
      const out = clarifier.tank.out;
      out[DO] = f64(out, DO) * Math.exp(-dtS / 1800);
      const target = 0.55 + (0.05 * (q * solids)) / (0.071 * 200) + clarifier.noise.step(dtS);
      clarifier.blanketM += (target - clarifier.blanketM) * (1 - Math.exp(-dtS / 5400));
      const { at } = clarifier;
      const overflow = q * (1 - sludgeShare);
      values[at.ph] = clarifier.ph.of(f64(out, ALK), Math.max(0.05, f64(out, CT)));
      values[at.tss] = f64(out, TSS);
      values[at.flow] = overflow * 1000;
      values[at.blanket] = clarifier.blanketM;
      return { flow: overflow, water: out };
    });
    this.flow = blend(this.water, parts);
    this.sludgeFlow = flow - this.flow;
  }
}
