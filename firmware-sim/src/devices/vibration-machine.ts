/**
 * A three-axis velocity sensor at 1 kHz on a rotating machine: shaft orders, blade pass,
 * twice the mains frequency and noise of a healthy machine, and on top of them what ails it. Pure: a
 * seed, the machine's state and the count of samples asked for give the bytes; nothing is computed
 * while nobody asks.
 */
import { elementAt } from "@weir/contracts/elements.ts";
import { NoiseStream } from "../process/noise-stream.ts";
import type { MachineVibration } from "../process/rotating-machine.ts";
import { encodeVibrationFrame } from "./vibration-frames.ts";

export const sampleRateHz = 1_000;
/** Samples in one frame of `frames`: 100 ms. */
export const samplesPerFrame = 100;
/** A reader that was away for longer gets the present, not the past. */
const lateMsMax = 1_000;

/** mm/s of one count, unless told otherwise. */
export const countMmS = 0.01;
const countMax = 32_767;

/** Healthy amplitudes at 1×, 2×, 3× and 5× (vanes) of the shaft, mm/s. */
const orderAmplitudes: readonly (readonly [order: number, mmS: number])[] = [
  [1, 1.2],
  [2, 0.45],
  [3, 0.2],
  [5, 0.35],
];
const mainsHz = 100;
const mainsAmplitude = 0.12;
const noiseSigma = 0.25;
/** Looseness: halves of the shaft's orders. */
const loosenessAmplitudes: readonly (readonly [order: number, share: number])[] = [
  [0.5, 0.5],
  [1, 1],
  [1.5, 0.6],
  [2.5, 0.4],
];
const bearingHarmonics = [1, 0.5, 0.3];
/** The load zone passes once a turn. */
const bearingModulation = 0.15;
const bearingSlip = 0.003;
const bearingNoise = 0.12;
const cavitationNoise = 3;

/** How much of each source an axis sees: x and y across the shaft, z along it. */
const axes = [
  { name: "x", shaft: 1, along: 1, bearing: 1, noise: 1, turn: 0 },
  { name: "y", shaft: 0.8, along: 0.8, bearing: 0.9, noise: 1, turn: 0.25 },
  { name: "z", shaft: 0.35, along: 1.3, bearing: 0.5, noise: 0.8, turn: 0.1 },
] as const;

/** 6205: nine balls of 7.94 mm on a pitch of 39.04 mm, contact angle 0; line of the outer ring. */
export const outerRingOrder = (9 / 2) * (1 - 7.94 / 39.04);

export interface VibrationMachineOptions {
  seed: number;
  /** Names the streams of noise: "D14". */
  id: string;
  /** Shaft speed, turns a minute; 1480 by default. */
  rpm?: number;
  /** Line of the failing bearing part, times the shaft's speed; the outer ring of a 6205 by default. */
  bearingOrder?: number;
  /** mm/s of one count. */
  scale?: number;
  /** How the machine is; asked for once a frame. */
  state: () => MachineVibration;
}

export class VibrationMachine {
  readonly #state: () => MachineVibration;
  readonly #scale: number;
  readonly #turnsPerSample: number;
  readonly #bearingTurns: number;
  readonly #noise: NoiseStream[];
  readonly #slip: NoiseStream;
  #turns = 0;
  #bearing = 0;
  #mains = 0;
  #seq = 0;
  /** Where the next frame of `frames` begins. */
  #nextMs = Number.NaN;

  constructor(options: VibrationMachineOptions) {
    const { seed, id, rpm = 1_480, bearingOrder = outerRingOrder } = options;
    this.#state = options.state;
    this.#scale = options.scale ?? countMmS;
    this.#turnsPerSample = rpm / 60 / sampleRateHz;
    this.#bearingTurns = this.#turnsPerSample * bearingOrder;
    this.#noise = axes.map(({ name }) => new NoiseStream(seed, `${id}/vibration-${name}`));
    this.#slip = new NoiseStream(seed, `${id}/slip`);
  }

  /**
   * One frame: `count` samples (1 to 255) from `atMs` on, one each millisecond. `atMs` becomes the
   * sensor's time; call with a steady grid, or readers see a gap.
   */
  block(atMs: number, count: number): Uint8Array {
    const samples = this.#samples(count);
    const frame = { seq: this.#seq, tUs: Math.round(atMs * 1_000), samples };
    this.#seq = (this.#seq + 1) & 0xffff;
    return encodeVibrationFrame(frame);
  }

  /**
   * Every whole frame of 100 samples since the last call, on a grid of its own; none on the first call
   * or after a pause. What a line is to send when its timer fires, at whatever moment that is.
   */
  frames(nowMs: number): Uint8Array[] {
    const frameMs = (samplesPerFrame * 1_000) / sampleRateHz;
    const isLate = !(nowMs - this.#nextMs <= lateMsMax && nowMs >= this.#nextMs - frameMs);
    if (isLate) this.#nextMs = nowMs;
    const due: Uint8Array[] = [];
    while (this.#nextMs + frameMs <= nowMs) {
      due.push(this.block(this.#nextMs, samplesPerFrame));
      this.#nextMs += frameMs;
    }
    return due;
  }

  /** Counts, x y z side by side. */
  #samples(count: number): Int16Array {
    const state = this.#state();
    const out = new Int16Array(count * axes.length);
    for (let i = 0; i < count; i++) {
      if (state.isRunning) this.#turn();
      for (let a = 0; a < axes.length; a++) {
        const value = state.isRunning ? this.#velocity(a, state) : this.#rest(a);
        const counts = Math.round(value / this.#scale);
        out[i * axes.length + a] = Math.max(-countMax, Math.min(countMax, counts));
      }
    }
    return out;
  }

  #turn(): void {
    this.#turns = (this.#turns + this.#turnsPerSample) % 2; // half orders need two turns
    this.#mains = (this.#mains + mainsHz / sampleRateHz) % 1;
    const step = this.#bearingTurns * (1 + bearingSlip * this.#slip.gaussian());
    this.#bearing = (this.#bearing + step) % 1;
  }

  /** Other machines shake the floor: 0.05 mm/s. */
  #rest(axis: number): number {
    return 0.05 * elementAt(this.#noise, axis).gaussian();
  }

  #velocity(axis: number, state: MachineVibration): number {
    const { shaft, along, bearing, noise, turn } = elementAt(axes, axis);
    const turns = this.#turns + turn;
    let healthy = 0;
    for (const [order, amplitude] of orderAmplitudes) healthy += amplitude * sine(order * turns);
    healthy += mainsAmplitude * sine(this.#mains);
    let v = shaft * state.level * healthy;
    // A quarter turn away from the healthy orders: powers add.
    v += shaft * state.unbalance * sine(turns + 0.25);
    v += along * state.misalignment * sine(2 * turns + 0.25);
    for (const [order, share] of loosenessAmplitudes) {
      if (state.looseness > 0) v += shaft * state.looseness * share * sine(order * turns + 0.25);
    }
    const gaussian = elementAt(this.#noise, axis).gaussian();
    v += noise * noiseSigma * (state.level + cavitationNoise * state.cavitation) * gaussian;
    return state.bearing > 0 ? v + bearing * state.bearing * this.#rattle(axis) : v;
  }

  /** Velocity of a bearing fault of amplitude 1. */
  #rattle(axis: number): number {
    let line = 0;
    bearingHarmonics.forEach((amplitude, i) => {
      line += amplitude * sine((i + 1) * this.#bearing);
    });
    const load = 1 + bearingModulation * sine(this.#turns + 0.25);
    return line * load + bearingNoise * elementAt(this.#noise, axis).gaussian();
  }
}

const sine = (turns: number): number => Math.sin(2 * Math.PI * turns);
