/** W01–W05: wet well and pumps, screens, grit chamber, divert valve, holding tank, equalisation tank. */

import { f64 } from "@weir/contracts/elements.ts";
import { RotatingMachine } from "../../../process/rotating-machine.ts";
import { indexIn } from "../../../process/signal-board.ts";
import type { Step, Surroundings } from "../../../process/step.ts";
import { PhSolver } from "./carbonate.ts";
import type { Influent } from "./influent.ts";
import { TankChain } from "./tank-chain.ts";
import { ALK, blend, COND, CT, DO, NH, ORG, TSS, type Water, water } from "./water.ts";

const wetWellAreaM2 = 12;
const pumpOffM = 1.2;
const pumpOnM = 2.2;
const wetWellMaxM = 4;
/** The duty pumps follow the inflow; the trim pump starts and stops, and gives the well its sawtooth. */
const trim = 0.1;
const inflowTauS = 900;
const equalisationAreaM2 = 750;
const holdingAreaM2 = 500;
export const holdingVolumeM3 = 2000;
const returnFlow = 0.02;
const returnAfterS = 1800;
const outflowTauS = 7200;

export interface DivertValve {
  /** 0 = all flow goes on to the equalisation tank, 1 = all goes to the holding tank. */
  position: () => number;
}

export class InletWorks {
  /** m³/s leaving the equalisation tank. */
  flow: number;
  readonly water: Water;
  /** Sums for the closure of the flow balance, m³. */
  readonly balance = { inflow: 0, outflow: 0 };
  readonly #around: Surroundings;
  readonly #influent: Influent;
  readonly #valve: DivertValve;
  readonly #motor: () => number;
  readonly pump: RotatingMachine;
  readonly #well: TankChain;
  readonly #screens: TankChain;
  readonly #grit: TankChain;
  readonly #equalisation: TankChain;
  readonly #holding: TankChain;
  readonly #inlet = water();
  readonly #mixed = water();
  readonly #ph = [new PhSolver(), new PhSolver(), new PhSolver()] as const;
  #smoothInflow: number;
  #trimOn = false;
  #pumped: number;
  #wellM: number;
  #equalisationM3 = 1650;
  holdingM3 = 60;
  #neutralS = 0;
  #duty = 0;
  #lastHour = 24;
  readonly #at: Record<string, number> = {};
  readonly #knob: Record<"alk" | "org" | "cond" | "wear", number>;

  constructor(
    around: Surroundings,
    influent: Influent,
    elements: { divert: DivertValve; motor: () => number },
  ) {
    this.#around = around;
    this.#influent = influent;
    this.#valve = elements.divert;
    this.#motor = elements.motor;
    this.pump = new RotatingMachine(around, { stage: "W01", nominalCurrentA: 120 });
    const first = influent.water;
    this.#well = new TankChain([60], first);
    this.#screens = new TankChain([20], first);
    this.#grit = new TankChain([150], first);
    this.#equalisation = new TankChain([this.#equalisationM3], first);
    this.#holding = new TankChain([holdingVolumeM3], first);
    this.#inlet.set(first);
    this.flow = influent.flow;
    this.water = this.#equalisation.out;
    this.#smoothInflow = influent.flow;
    this.#pumped = influent.flow;
    this.#wellM = 1.7;
    const names =
      "W01.ph W01.tss W01.flow W01.level W01.pressure W01.cond W01.nh W02.flow W02.level W03.tss " +
      "W03.flow W04.inlet.ph W04.do W04.flow W04.level W04.nh W05.ph W05.flow W05.level";
    for (const name of names.split(" ")) this.#at[name] = around.signals.add(name);
    this.#knob = {
      alk: around.knobs.add("influent.alkalinity", 0),
      org: around.knobs.add("influent.organic", 0),
      cond: around.knobs.add("influent.conductivity", 0),
      wear: around.knobs.add("W01.pump-wear", 0),
    };
  }

  /** What stands in the tanks now, m³: for the closure of the balance. */
  get storedM3(): number {
    return this.#wellM * wetWellAreaM2 + this.#equalisationM3 + this.holdingM3;
  }

  step(step: Step): void {
    const { dtS } = step;
    this.#receive(dtS);
    this.#pumpWell(step);
    this.#screens.mix(this.#well.out, this.#pumped, dtS);
    this.#grit.mix(this.#screens.out, this.#pumped, dtS);
    this.#grit.out[TSS] = f64(this.#grit.out, TSS) * (1 - 0.00008 * dtS);
    this.#divertAndEqualise(dtS);
    this.#show();
  }

  #receive(dtS: number): void {
    const { values } = this.#around.knobs;
    const inlet = this.#inlet;
    inlet.set(this.#influent.water);
    inlet[ALK] = f64(inlet, ALK) + f64(values, this.#knob.alk);
    inlet[ORG] = f64(inlet, ORG) + f64(values, this.#knob.org);
    inlet[COND] = f64(inlet, COND) + f64(values, this.#knob.cond);
    this.balance.inflow += this.#influent.flow * dtS;
    this.#smoothInflow +=
      (this.#influent.flow - this.#smoothInflow) * (1 - Math.exp(-dtS / inflowTauS));
  }

  #pumpWell(step: Step): void {
    const { dtS, calendar } = step;
    if (this.#wellM > pumpOnM) this.#trimOn = true;
    if (this.#wellM < pumpOffM) this.#trimOn = false;
    const high = Math.max(0, this.#wellM - 2.4) + Math.min(0, this.#wellM - 1);
    const wanted = this.#smoothInflow * (1 + (this.#trimOn ? trim : -trim) + high);
    this.#pumped = Math.max(0, wanted) * this.#motor();
    this.#wellM += ((this.#influent.flow - this.#pumped) * dtS) / wetWellAreaM2;
    if (this.#wellM > wetWellMaxM) {
      this.balance.outflow += (this.#wellM - wetWellMaxM) * wetWellAreaM2; // over the storm weir
      this.#wellM = wetWellMaxM;
    }
    this.#well.mix(this.#inlet, this.#influent.flow, dtS);
    const isSix = calendar.hour >= 6 && this.#lastHour < 6;
    this.#lastHour = calendar.hour;
    if (isSix) {
      this.#duty = 1 - this.#duty;
      this.pump.changeOver();
      this.#around.operation({
        type: "pump-rotation",
        stage: "W01",
        sensors: ["W01/MO01", "W01/MO02", "W01/MO03"],
        onsetMs: step.nowMs,
        endMs: step.nowMs + 600_000,
      });
    }
    const wear = f64(this.#around.knobs.values, this.#knob.wear);
    const efficiency = 1 - 0.3 * wear;
    const load = Math.min(1.2, (0.25 + 1.9 * this.#pumped) / efficiency);
    this.pump.step(load * this.#motor(), dtS);
  }

  #divertAndEqualise(dtS: number): void {
    const open = this.holdingM3 >= holdingVolumeM3 ? 0 : this.#valve.position();
    const diverted = open * this.#pumped;
    const acidity = this.#ph[2].of(
      f64(this.#grit.out, ALK),
      Math.max(0.05, f64(this.#grit.out, CT)),
    );
    const neutral = acidity > 6 && acidity < 9 && open === 0;
    this.#neutralS = neutral ? this.#neutralS + dtS : 0;
    const returns = this.#neutralS > returnAfterS && this.holdingM3 > 60 ? returnFlow : 0;
    this.#holding.volumesM3[0] = Math.max(20, this.holdingM3);
    if (diverted > 0) this.#holding.mix(this.#grit.out, diverted, dtS);
    this.holdingM3 += (diverted - returns) * dtS;

    const onward = this.#pumped - diverted;
    const arriving = blend(this.#mixed, [
      { flow: onward, water: this.#grit.out },
      { flow: returns, water: this.#holding.out },
    ]);
    this.#equalisation.volumesM3[0] = this.#equalisationM3;
    this.#equalisation.mix(this.#mixed, arriving, dtS);
    const levelM = this.#equalisationM3 / equalisationAreaM2;
    const wanted = Math.max(0.02, this.#smoothInflow * (1 + 0.35 * (levelM - 2.2)));
    const goal = levelM < 0.4 ? 0 : wanted;
    this.flow += (goal - this.flow) * (1 - Math.exp(-dtS / outflowTauS));
    if (levelM < 0.4) this.flow = Math.min(this.flow, arriving);
    this.#equalisationM3 += (arriving - this.flow) * dtS;
    this.balance.outflow += this.flow * dtS;
    const eq = this.water;
    eq[DO] = f64(eq, DO) + (1 - f64(eq, DO)) * (1 - Math.exp(-dtS / 1800));
    this.#set("W05.flow", diverted * 1000);
    this.#set("W04.inlet.ph", acidity);
  }

  #set(name: string, value: number): void {
    this.#around.signals.values[indexIn(this.#at, name)] = value;
  }

  #show(): void {
    const well = this.#well.out;
    const litres = this.#pumped * 1000;
    this.#set("W01.ph", this.#ph[0].of(f64(well, ALK), Math.max(0.05, f64(well, CT))));
    this.#set("W01.tss", f64(well, TSS));
    this.#set("W01.flow", litres);
    this.#set("W01.level", this.#wellM);
    const wear = f64(this.#around.knobs.values, this.#knob.wear);
    this.#set("W01.pressure", (150 + 350 * this.#pumped ** 2) * (1 - 0.15 * wear));
    this.#set("W01.cond", f64(well, COND));
    this.#set("W01.nh", f64(well, NH));
    this.#set("W02.flow", litres);
    this.#set("W02.level", 0.55 * (this.#pumped / 0.2) ** 0.67);
    this.#set("W03.tss", f64(this.#grit.out, TSS));
    this.#set("W03.flow", litres);
    this.#set("W04.do", f64(this.water, DO));
    this.#set("W04.flow", this.flow * 1000);
    this.#set("W04.level", this.#equalisationM3 / equalisationAreaM2);
    this.#set("W04.nh", f64(this.water, NH));
    const held = this.#holding.out;
    this.#set("W05.ph", this.#ph[1].of(f64(held, ALK), Math.max(0.05, f64(held, CT))));
    this.#set("W05.level", this.holdingM3 / holdingAreaM2);
  }
}
