/** S01–S08: thickeners, flotation, digesters, dewatering, reject water, gas. Slow, so kept simple. */

import { f64, numberAt } from "@weir/contracts/elements.ts";
import { OrnsteinUhlenbeck } from "../../../process/ornstein-uhlenbeck.ts";
import { RotatingMachine } from "../../../process/rotating-machine.ts";
import { indexIn } from "../../../process/signal-board.ts";
import type { Step, Surroundings } from "../../../process/step.ts";
import { Thickener } from "./thickener.ts";
import { ALK, COND, CT, NH, TEMP, type Water, water } from "./water.ts";

const m3dToLs = 1000 / 86_400;
const rejectAmmonia = 480; // mg N/L

interface ThickenerStage {
  thickener: Thickener;
  noise: OrnsteinUhlenbeck;
  lossPerDay: number;
  at: Record<string, number>;
}

export class SludgeLine {
  readonly thickeners: readonly ThickenerStage[];
  /** m³/s of reject water back to the bioreactor. */
  rejectFlow = 0.0022;
  readonly rejectWater: Water = water();
  readonly #around: Surroundings;
  readonly centrifuge: RotatingMachine;
  readonly #noise = new Map<string, OrnsteinUhlenbeck>();
  readonly #at: Record<string, number> = {};
  #rejectLevelM = 1.5;
  #digesterFeed = [2.1, 2.1];
  readonly #temperature = [35.2, 35.0];

  constructor(around: Surroundings) {
    this.#around = around;
    this.thickeners = ["S01", "S02"].map((id) => ({
      thickener: new Thickener(),
      noise: new OrnsteinUhlenbeck({
        seed: around.seed,
        id: `${id}/feed`,
        tauS: 14_400,
        sigma: 0.05,
      }),
      lossPerDay: around.knobs.add(`${id}.compaction-loss-per-day`, 0),
      at: Object.fromEntries(
        "ph overflow-tss underflow blanket torque underflow-solids"
          .split(" ")
          .map((name) => [name, around.signals.add(`${id}.${name}`)]),
      ),
    }));
    this.centrifuge = new RotatingMachine(around, {
      stage: "S06",
      nominalCurrentA: 62,
      torque: true,
    });
    const names =
      "S03.ph S03.subnatant-tss S03.feed S03.float S03.saturator S04.ph S04.feed S04.level " +
      "S04.temperature S04.orp S05.ph S05.feed S05.level S05.temperature S05.orp S06.centrate-tss " +
      "S06.feed S06.cake S07.ph S07.flow S07.level S07.nh S08.gas S08.pressure S08.h2s";
    for (const name of names.split(" ")) this.#at[name] = around.signals.add(name);
    this.rejectWater.set([30, 32, 300, rejectAmmonia, 1, 0.5, 4500, 40, 0, 25]);
  }

  step(step: Step): void {
    const { dtS } = step;
    let underflow = 0;
    for (const stage of this.thickeners) underflow += this.#thicken(stage, dtS);
    this.#floatAndDigest(dtS, underflow);
    this.#dewater(dtS);
  }

  /** A slow wander about `mean`, relative spread `sigma`. */
  #about(
    name: string,
    mean: number,
    options: { sigma: number; tauS?: number; dtS: number },
  ): number {
    let noise = this.#noise.get(name);
    if (noise === undefined) {
      const { sigma, tauS = 7200 } = options;
      noise = new OrnsteinUhlenbeck({ seed: this.#around.seed, id: name, tauS, sigma });
      this.#noise.set(name, noise);
    }
    return mean * (1 + noise.step(options.dtS));
  }

  #set(name: string, value: number): void {
    this.#around.signals.values[indexIn(this.#at, name)] = value;
  }

  #thicken(stage: ThickenerStage, dtS: number): number {
    const { thickener, at } = stage;
    const v = this.#around.signals.values;
    thickener.step({
      lossPerDay: f64(this.#around.knobs.values, stage.lossPerDay),
      feed: 1 + stage.noise.step(dtS),
      dtS,
    });
    v[indexIn(at, "ph")] = 6.5 - 0.5 * thickener.loss + 0.3 * stage.noise.value;
    v[indexIn(at, "overflow-tss")] =
      thickener.overflowSolids * 1000 * (1 + 0.5 * stage.noise.value);
    v[indexIn(at, "underflow")] = thickener.underflow * m3dToLs;
    v[indexIn(at, "blanket")] = thickener.blanketM;
    v[indexIn(at, "torque")] = thickener.torquePercent;
    v[indexIn(at, "underflow-solids")] = thickener.underflowSolids;
    return thickener.underflow;
  }

  #floatAndDigest(dtS: number, thickenedM3D: number): void {
    const dtSlow = { dtS, sigma: 0.01 };
    this.#set("S03.ph", this.#about("S03/ph", 6.7, { ...dtSlow, sigma: 0.004 }));
    this.#set("S03.subnatant-tss", this.#about("S03/tss", 120, { ...dtSlow, sigma: 0.06 }));
    this.#set("S03.feed", this.#about("S03/feed", 4, { ...dtSlow, sigma: 0.02 }));
    this.#set("S03.float", this.#about("S03/float", 0.35, { ...dtSlow, sigma: 0.05 }));
    this.#set("S03.saturator", this.#about("S03/pressure", 480, { ...dtSlow, sigma: 0.003 }));
    for (const [i, id] of ["S04", "S05"].entries()) {
      const feed = (thickenedM3D / 2 + 30) * m3dToLs;
      const fed = numberAt(this.#digesterFeed, i);
      this.#digesterFeed[i] = fed + (feed - fed) * (1 - Math.exp(-dtS / 3600));
      const t =
        numberAt(this.#temperature, i) + this.#about(`${id}/t`, 1, { ...dtSlow, sigma: 0.08 }) - 1;
      this.#set(`${id}.ph`, this.#about(`${id}/ph`, 7.25, { dtS, sigma: 0.003, tauS: 43_200 }));
      this.#set(`${id}.feed`, this.#digesterFeed[i]);
      this.#set(`${id}.level`, this.#about(`${id}/level`, 9.4, { dtS, sigma: 0.002 }));
      this.#set(`${id}.temperature`, t);
      this.#set(`${id}.orp`, this.#about(`${id}/orp`, -480, { dtS, sigma: 0.01, tauS: 21_600 }));
    }
    const gas = 60 * numberAt(this.#digesterFeed, 0) + 60 * numberAt(this.#digesterFeed, 1);
    this.#set("S08.gas", this.#about("S08/gas", gas, { dtS, sigma: 0.02 }));
    this.#set("S08.pressure", this.#about("S08/pressure", 2.6, { dtS, sigma: 0.02, tauS: 1200 }));
    this.#set("S08.h2s", this.#about("S08/h2s", 420, { dtS, sigma: 0.04 }));
  }

  #dewater(dtS: number): void {
    const feed = this.#about("S06/feed", 2.4, { dtS, sigma: 0.015, tauS: 1800 });
    this.centrifuge.step(0.3 + 0.14 * feed, dtS);
    this.#set("S06.feed", feed);
    this.#set("S06.centrate-tss", this.#about("S06/centrate", 650, { dtS, sigma: 0.06 }));
    this.#set("S06.cake", this.#about("S06/cake", 23.5, { dtS, sigma: 0.01 }));
    const wanted = 0.0022 * (1 + 0.4 * (this.#rejectLevelM - 1.5));
    this.rejectFlow += (wanted - this.rejectFlow) * (1 - Math.exp(-dtS / 600));
    this.#rejectLevelM += (((feed * 0.92) / 1000 - this.rejectFlow) * dtS) / 53;
    const ammonia = this.#about("S07/nh", rejectAmmonia, { dtS, sigma: 0.03, tauS: 43_200 });
    this.rejectWater[NH] = ammonia;
    this.rejectWater[ALK] = 30 * (ammonia / rejectAmmonia);
    this.rejectWater[CT] = 32 * (ammonia / rejectAmmonia);
    this.rejectWater[COND] = 4500;
    this.rejectWater[TEMP] = 25;
    this.#set("S07.ph", this.#about("S07/ph", 7.8, { dtS, sigma: 0.003 }));
    this.#set("S07.flow", this.rejectFlow * 1000);
    this.#set("S07.level", this.#rejectLevelM);
    this.#set("S07.nh", ammonia);
  }
}
