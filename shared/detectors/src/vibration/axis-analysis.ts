/** One axis of a machine: the newest second through the band-pass, the newest four through the spectrum. */
import { f64, i16 } from "@weir/contracts/elements.ts";
import { BandPass } from "./band-pass.ts";
import type { BearingOrders } from "./bearing-lines.ts";
import { Daubechies4 } from "./daubechies-4.ts";
import { HannSpectrum } from "./hann-spectrum.ts";
import { axisFeatures, axisNames, waveletLevels } from "./machine-features.ts";
import { type LineSpectrum, lineOverBackground, linePower } from "./spectral-line.ts";
import { Velocity } from "./velocity.ts";

const rateHz = 1_000;
/** The band of every figure that is an RMS. */
export const bandHz = { low: 10, high: 400 } as const;
/** The cage of a slow machine turns below the band; the spectrum is looked at from here. */
const spectrumLowHz = 2;
const spectrumSize = 4_096;
const waveletSize = 1_024;
/** Samples after a gap in which the filters still settle. */
const settleCount = 400;
const harmonicsLow = 3;
const harmonicsHigh = 10;

const at = Object.fromEntries(axisFeatures.map((name, i) => [name, i])) as Record<
  (typeof axisFeatures)[number],
  number
>;

// One analysis at a time: all axes of a thread share what holds no state between two calls.
const spectrum = new HannSpectrum(spectrumSize);
const wavelet = new Daubechies4(waveletSize, waveletLevels);
const energies = new Float64Array(waveletLevels);
const scratch = new Float64Array(spectrumSize / 2 + 1);

export interface AxisSecond {
  /** Not a number: no lines. */
  rpm: number;
  orders: BearingOrders | undefined;
  /** Filled by `axisFeatures`. */
  values: Float64Array;
}

export class AxisAnalysis {
  readonly #signal: "velocity" | "acceleration";
  readonly #scale: number;
  readonly #bandPass = new BandPass({ rateHz, lowHz: bandHz.low, highHz: bandHz.high });
  readonly #velocity: Velocity;
  /** As the sensor sends it, oldest first. */
  readonly #raw = new Float64Array(spectrumSize);
  /** Velocity within the band, oldest first. */
  readonly #banded = new Float64Array(waveletSize);
  /** Samples since the last gap. */
  #count = 0;

  constructor({ signal, scale }: { signal: "velocity" | "acceleration"; scale: number }) {
    this.#signal = signal;
    this.#scale = scale;
    this.#velocity = new Velocity(signal, rateHz);
  }

  reset(): void {
    this.#count = 0;
    this.#bandPass.reset();
    this.#velocity.reset();
  }

  second(samples: Int16Array, axis: number, { rpm, orders, values }: AxisSecond): void {
    const count = samples.length / axisNames.length;
    const skip = this.#count === 0 ? settleCount : 0;
    if (this.#count === 0) this.#velocity.rest(this.#mean(samples, axis));
    this.#take(samples, axis, count);
    this.#count += count;
    shape(this.#banded.subarray(waveletSize - count + skip), values);
    values.fill(Number.NaN, at["1x"]);
    if (this.#count - settleCount >= waveletSize) this.#octaves(values);
    if (this.#count >= spectrumSize && !Number.isNaN(rpm)) this.#lines(rpm, orders, values);
  }

  #mean(samples: Int16Array, axis: number): number {
    let sum = 0;
    for (let i = axis; i < samples.length; i += axisNames.length) sum += i16(samples, i);
    return (this.#scale * sum * axisNames.length) / samples.length;
  }

  #take(samples: Int16Array, axis: number, count: number): void {
    this.#raw.copyWithin(0, count);
    this.#banded.copyWithin(0, count);
    const rawFrom = spectrumSize - count;
    const bandedFrom = waveletSize - count;
    for (let i = 0; i < count; i++) {
      const value = this.#scale * i16(samples, i * axisNames.length + axis);
      this.#raw[rawFrom + i] = value;
      this.#banded[bandedFrom + i] = this.#bandPass.step(this.#velocity.step(value));
    }
  }

  #octaves(values: Float64Array): void {
    wavelet.energies(this.#banded, energies);
    for (let level = 0; level < waveletLevels; level++) {
      values[at.wavelet1 + level] = Math.sqrt(f64(energies, level));
    }
  }

  #lines(rpm: number, orders: BearingOrders | undefined, values: Float64Array): void {
    const powers = spectrum.transform(this.#raw);
    const hzPerBin = rateHz / spectrumSize;
    if (this.#signal === "acceleration") Velocity.ofPowers(powers, hzPerBin);
    const shaftHz = rpm / 60;
    const found = { powers, hzPerBin, lowHz: spectrumLowHz, highHz: bandHz.high };
    const rms = (order: number) => Math.sqrt(linePower(found, order * shaftHz));
    values[at["1x"]] = rms(1);
    values[at["2x"]] = rms(2);
    let sum = 0;
    for (let order = harmonicsLow; order <= harmonicsHigh; order++) {
      sum += linePower(found, order * shaftHz);
    }
    values[at["3x-10x"]] = Math.sqrt(sum);
    if (orders) bearing(found, shaftHz, { orders, values });
  }
}

function bearing(
  found: LineSpectrum,
  shaftHz: number,
  { orders, values }: Pick<AxisSecond, "values"> & { orders: BearingOrders },
): void {
  for (const name of ["bpfo", "bpfi", "bsf", "ftf"] as const) {
    const hz = orders[name] * shaftHz;
    values[at[name]] = Math.sqrt(linePower(found, hz));
    values[at[`${name}-ratio`]] = lineOverBackground(found, hz, scratch);
  }
}

/** RMS, peak, crest factor and kurtosis of a signal around zero. */
function shape(signal: Float64Array, values: Float64Array): void {
  let second = 0;
  let fourth = 0;
  let peak = 0;
  for (let i = 0; i < signal.length; i++) {
    const square = f64(signal, i) * f64(signal, i);
    second += square;
    fourth += square * square;
    if (square > peak) peak = square;
  }
  second /= signal.length;
  values[at.rms] = Math.sqrt(second);
  values[at.peak] = Math.sqrt(peak);
  values[at.crest] = Math.sqrt(peak / second);
  values[at.kurtosis] = fourth / signal.length / (second * second);
}
