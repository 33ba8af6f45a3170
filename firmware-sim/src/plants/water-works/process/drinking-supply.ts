/** D11–D15: disinfection, clear well, pH correction, high-lift pumps, network. */

import { elementAt, f64, numberAt } from "@weir/contracts/elements.ts";
import { OrnsteinUhlenbeck } from "../../../process/ornstein-uhlenbeck.ts";
import { Rhythm } from "../../../process/rhythm.ts";
import { RotatingMachine } from "../../../process/rotating-machine.ts";
import { indexIn } from "../../../process/signal-board.ts";
import type { Step, Surroundings } from "../../../process/step.ts";
import { PhSolver } from "./carbonate.ts";
import { Chlorination, type DosingPump } from "./chlorination.ts";
import { PlugFlow } from "./plug-flow.ts";
import { TankChain } from "./tank-chain.ts";
import { ALK, CL, COND, CT, TEMP, TSS, type Water, water } from "./water.ts";

/** m³/s; with 20 m³ of post-mix it gives the times that the tests of chlorine assert. */
export const meanProduction = 0.138;

/** EPANET Net3's default pattern, one multiplier an hour. */
const demandPattern = [
  1.34, 1.94, 1.46, 1.44, 0.76, 0.92, 0.85, 1.07, 0.96, 1.1, 1.08, 1.19, 1.16, 1.08, 0.96, 0.83,
  0.79, 0.74, 0.64, 0.64, 0.85, 0.96, 1.24, 1.67,
] as const;
const patternMean = demandPattern.reduce((sum, x) => sum + x, 0) / demandPattern.length;

const wellAreaM2 = 625;
const reservoirAreaM2 = 500;
const networkM3 = 1500;
const finishedDecay = 1; // 1/d at 20 °C
const wallDecay = 0.25; // 1/d
const targetPh = 7.9;
/** Seconds between two steps of well, correction and network. */
const slowPeriodS = 2;
const taps = [0.05, 0.15, 0.3, 0.5, 0.75, 1] as const;

/** Demand of the network relative to its mean, smooth between the hours. */
export function demandAt(hour: number): number {
  const at = (hour + 23.5) % 24;
  const i = Math.floor(at);
  const a = numberAt(demandPattern, i);
  const b = numberAt(demandPattern, (i + 1) % 24);
  return (a + (b - a) * (at - i)) / patternMean;
}

export interface SupplyOptions {
  initial: Water;
  pump: DosingPump;
  motor: () => number;
  nowMs: number;
}

export class DrinkingSupply {
  readonly chlorination: Chlorination;
  /** m³/s the works should produce now: holds the clear well. */
  production = meanProduction;
  wellM3 = 1500;
  readonly #around: Surroundings;
  readonly #well: TankChain;
  readonly #corrector: TankChain;
  readonly #network: PlugFlow;
  readonly pump: RotatingMachine;
  readonly #ph = Array.from({ length: 8 }, () => new PhSolver());
  readonly #sample = water();
  readonly #dosed = water();
  readonly #demandNoise: OrnsteinUhlenbeck;
  readonly #at: Record<string, number> = {};
  readonly #measuredPh: () => number;
  readonly #rhythm: Rhythm;
  readonly #wellCl: readonly number[];
  readonly #tapCl: readonly number[];
  readonly #tapPh: readonly number[];
  readonly #tapTurbidity: readonly number[];
  readonly #motor: () => number;
  #caustic = 0.2;
  #pumped = meanProduction;
  #reservoirM = 3;
  #lastHour = 24;

  constructor(around: Surroundings, options: SupplyOptions) {
    this.#motor = options.motor;
    this.#around = around;
    this.#rhythm = new Rhythm(slowPeriodS, around.startMs);
    const initial = Float64Array.from(options.initial);
    initial[CL] = 1.1;
    this.chlorination = new Chlorination(around, {
      stage: "D11",
      volumesM3: [20, 90, 90, 90, 90],
      pump: options.pump,
      decay20: finishedDecay,
      fullFlow: 0.25,
      usual: { organic: 1.8, ammonia: 0.05 },
      initial: options.initial,
    });
    this.#well = new TankChain([500, 500, 500], initial);
    initial[ALK] = f64(initial, ALK) + this.#caustic;
    initial[CL] = 0.95;
    this.#corrector = new TankChain([20], initial);
    this.#network = new PlugFlow({
      volumeM3: networkM3,
      slotCount: 300,
      initial,
      nowMs: options.nowMs - 3 * 3_600_000,
    });
    this.pump = new RotatingMachine(around, { stage: "D14", nominalCurrentA: 180 });
    this.#demandNoise = new OrnsteinUhlenbeck({
      seed: around.seed,
      id: "D15/demand",
      tauS: 3600,
      sigma: 0.02,
    });
    this.#measuredPh = around.measured("D13/PH02");
    const names =
      "D11.inlet.ph D11.ph D11.turbidity D11.flow D11.orp D12.ph D12.turbidity D12.flow D12.level " +
      "D12.temperature D12.cond D13.cl D13.inlet.ph D13.ph D13.flow D14.cl D14.ph D14.turbidity " +
      "D14.flow D14.pressure D14.cond D15.flow D15.level D15.pressure D15.temperature";
    const numbered = (name: string, count: number) =>
      Array.from({ length: count }, (_, i) => around.signals.add(`${name}.${i + 1}`));
    this.#wellCl = numbered("D12.cl", 3);
    this.#tapCl = numbered("D15.cl", taps.length);
    this.#tapPh = numbered("D15.ph", 3);
    this.#tapTurbidity = numbered("D15.turbidity", 4);
    for (const name of names.split(" ")) this.#at[name] = around.signals.add(name);
  }

  step(step: Step, from: { inflow: Water; flow: number; realistic: number }): void {
    this.chlorination.step(step, from);
    const contact = this.chlorination.tank.out;
    const inletPh = this.#phOf(0, elementAt(this.chlorination.tank.cells, 0));
    this.#set("D11.inlet.ph", inletPh);
    this.#set("D11.ph", this.#phOf(1, contact));
    this.#set("D11.turbidity", f64(contact, TSS));
    this.#set("D11.flow", from.flow * 1000);
    const residual = f64(elementAt(this.chlorination.tank.cells, 0), CL);
    this.#set("D11.orp", 560 + 90 * Math.log(0.05 + residual) - 40 * (inletPh - 7.5));
    const slowS = this.#rhythm.due(step.nowMs);
    if (slowS === 0) return;
    this.#store(slowS, contact, from.flow);
    this.#correct(slowS);
    this.#supply({ ...step, dtS: slowS }, from.flow);
  }

  #store(dtS: number, contact: Water, flow: number): void {
    const wellM = this.wellM3 / wellAreaM2;
    this.#well.volumesM3.fill(this.wellM3 / 3);
    this.#well.mix(contact, flow, dtS);
    const temperature = f64(contact, TEMP);
    const perS = (finishedDecay * 1.08 ** (temperature - 20)) / 86_400;
    const keep = Math.exp(-perS * dtS);
    this.#well.cells.forEach((cell, i) => {
      cell[CL] = f64(cell, CL) * keep;
      this.#around.signals.values[numberAt(this.#wellCl, i)] = cell[CL];
    });
    this.wellM3 = Math.min(2500, Math.max(200, this.wellM3 + (flow - this.#pumped) * dtS));
    const out = this.#well.out;
    this.#set("D12.ph", this.#phOf(2, out));
    this.#set("D12.turbidity", f64(out, TSS));
    this.#set("D12.flow", this.#pumped * 1000);
    this.#set("D12.level", wellM);
    this.#set("D12.temperature", f64(out, TEMP));
    this.#set("D12.cond", f64(out, COND));
    // The works runs nearly evenly; the well takes the day's swing.
    const goal = meanProduction * (1 + 0.1 * (2.4 - wellM));
    this.production += (goal - this.production) * (1 - Math.exp(-dtS / 3600));
  }

  #correct(dtS: number): void {
    const measured = this.#measuredPh();
    const error = targetPh - (Number.isFinite(measured) ? measured : targetPh);
    this.#caustic = Math.min(0.8, Math.max(0, this.#caustic + 2e-5 * error * dtS));
    this.#dosed.set(this.#well.out);
    this.#dosed[ALK] = f64(this.#dosed, ALK) + this.#caustic + 0.03 * error;
    this.#corrector.mix(this.#dosed, this.#pumped, dtS);
    const out = this.#corrector.out;
    this.#set("D13.cl", f64(out, CL));
    this.#set("D13.inlet.ph", this.#phOf(3, this.#well.out));
    this.#set("D13.ph", this.#phOf(4, out));
    this.#set("D13.flow", this.#pumped * 1000);
  }

  #supply(step: Step, produced: number): void {
    const { dtS, nowMs, calendar } = step;
    const noise = this.#demandNoise.step(dtS);
    const demand = meanProduction * 0.995 * demandAt(calendar.hour) * (1 + noise);
    const goal = demand * 0.85 + 0.15 * produced + 0.02 * (3 - this.#reservoirM);
    const turning = this.#motor();
    const tauS = turning < 0.99 ? 10 : 600;
    this.#pumped += (goal * turning - this.#pumped) * (1 - Math.exp(-dtS / tauS));
    this.#reservoirM += ((this.#pumped - demand) * dtS) / reservoirAreaM2;
    const treated = this.#corrector.out;
    const isSix = calendar.hour >= 6 && this.#lastHour < 6;
    this.#lastHour = calendar.hour;
    if (isSix) {
      this.pump.changeOver();
      this.#around.operation({
        type: "pump-rotation",
        stage: "D14",
        sensors: ["D14/MO01", "D14/MO02"],
        onsetMs: nowMs,
        endMs: nowMs + 600_000,
      });
    }
    this.pump.step(Math.min(1.2, 0.3 + 3 * this.#pumped) * turning, dtS);
    this.#set("D14.cl", f64(treated, CL));
    this.#set("D14.ph", this.#phOf(4, treated));
    this.#set("D14.turbidity", f64(treated, TSS));
    this.#set("D14.flow", this.#pumped * 1000);
    this.#set("D14.pressure", 520 - 1800 * this.#pumped ** 2);
    this.#set("D14.cond", f64(treated, COND));
    this.#network.push(treated, this.#pumped * dtS, nowMs);
    const perS = (finishedDecay * 1.08 ** (f64(treated, TEMP) - 20) + wallDecay) / 86_400;
    const v = this.#around.signals.values;
    taps.forEach((fraction, i) => {
      const ageS = this.#network.read(fraction, this.#sample, nowMs);
      v[numberAt(this.#tapCl, i)] = f64(this.#sample, CL) * Math.exp(-perS * ageS);
      if (i < 3) v[numberAt(this.#tapPh, i)] = this.#phOf(5 + i, this.#sample);
      if (i < 4) v[numberAt(this.#tapTurbidity, i)] = f64(this.#sample, TSS) + 0.01 * (i + 1);
    });
    this.#set("D15.flow", demand * 1000);
    this.#set("D15.level", this.#reservoirM);
    this.#set("D15.pressure", 380 - 900 * demand ** 2 + 9.81 * (this.#reservoirM - 3));
    this.#set("D15.temperature", f64(this.#sample, TEMP));
  }

  #phOf(i: number, w: Water): number {
    return elementAt(this.#ph, i).of(f64(w, ALK), Math.max(0.02, f64(w, CT)));
  }

  #set(name: string, value: number): void {
    this.#around.signals.values[indexIn(this.#at, name)] = value;
  }
}
