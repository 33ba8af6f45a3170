/**
 * Steps: the median of 7 readings against mean and deviation of the 60 medians before it.
 *
 * The literal "|Z| > 4 over 60 samples" raises 15 to 33 false alerts a sensor-day on healthy water;
 * the median takes out bubbles, the learned floor of σ takes out quantisation and drift, three in a
 * row take out the rest: 0 in 60 sensor-days with every 35 % step found after 10 s (plant.md 1.9).
 * Blind to ramps: their Z converges to 1.76. The median delays by 3 readings, so it never stands
 * before a hard bound.
 *
 * O(1) a reading, all tags in flat arrays.
 */
import type { TagSettings } from "../configuration/configuration.ts";
import { AlertRule, type RaiseAlert } from "./alert.ts";
import { DeviationHistogram } from "./deviation-histogram.ts";
import { medianCount, medianOf7 } from "./median-of-7.ts";

export const windowCount = 60;
export const warmupCount = 120;
const consecutiveMin = 3;
/** An alert ends after |Z| stayed below this… */
const calmZ = 2;
/** …for this long. */
const calmMs = 60_000;
/** After so many flagged readings in a row the new level is the normal one. */
const rebaseCount = windowCount;
const weekMs = 7 * 24 * 3_600_000;
/** Quantile of the deviation that the floor comes from, and its margin (plant.md 1.9). */
const floorQuantile = 0.9999;
const floorMargin = 1.1;
/** Until the floor is learned it is this share of the value. */
const provisionalShare = 0.08;
const resolutionSteps = 5;

export class RobustZRule {
  readonly #raise: RaiseAlert;
  readonly #isOn: Uint8Array;
  readonly #zMax: Float64Array;
  readonly #floorMin: Float64Array;
  readonly #floorGiven: Float64Array;
  readonly #floorLearned: Float64Array;
  readonly #learnMs: Float64Array;
  readonly #learnSinceMs: Float64Array;
  readonly #raw: Float64Array;
  readonly #window: Float64Array;
  readonly #mean: Float64Array;
  readonly #m2: Float64Array;
  readonly #calmSinceMs: Float64Array;
  /** Readings seen, medians in the window, flagged in a row. */
  readonly #seen: Uint32Array;
  readonly #filled: Uint32Array;
  readonly #flagged: Uint32Array;
  readonly #isActive: Uint8Array;
  readonly #histogram: DeviationHistogram;

  constructor(tags: readonly TagSettings[], raise: RaiseAlert) {
    const count = tags.length;
    this.#raise = raise;
    this.#isOn = Uint8Array.from(tags, (tag) => Number(tag.detect.z !== undefined));
    this.#zMax = Float64Array.from(tags, (tag) => tag.detect.z?.max ?? 0);
    this.#learnMs = Float64Array.from(tags, (tag) => tag.detect.z?.learnMs ?? 0);
    this.#floorMin = Float64Array.from(tags, (tag) =>
      Math.max(resolutionSteps * tag.resolution, tag.detect.z?.sigmaMin ?? 0, Number.MIN_VALUE),
    );
    this.#floorGiven = new Float64Array(count);
    this.#floorLearned = new Float64Array(count);
    this.#learnSinceMs = new Float64Array(count).fill(Number.NaN);
    this.#raw = new Float64Array(medianCount * count);
    this.#window = new Float64Array(windowCount * count);
    this.#mean = new Float64Array(count);
    this.#m2 = new Float64Array(count);
    this.#calmSinceMs = new Float64Array(count);
    this.#seen = new Uint32Array(count);
    this.#filled = new Uint32Array(count);
    this.#flagged = new Uint32Array(count);
    this.#isActive = new Uint8Array(count);
    this.#histogram = new DeviationHistogram(tags.map(stepOf));
  }

  get stateBytes(): number {
    return this.#histogram.stateBytes + this.#window.byteLength + this.#raw.byteLength;
  }

  /** Floor of σ in force, in the tag's unit; the provisional one not counted. */
  floor(tag: number): number {
    return Math.max(this.#floorMin[tag]!, this.#floorGiven[tag]! || this.#floorLearned[tag]!);
  }

  setZMax(tag: number, zMax: number): void {
    this.#zMax[tag] = zMax;
  }

  setFloor(tag: number, sigma: number): void {
    this.#floorGiven[tag] = sigma;
  }

  /** A good reading. `timeMs`: monotonic plant time. */
  step(tag: number, value: number, timeMs: number): void {
    if (this.#isOn[tag] === 0) return;
    const seen = this.#seen[tag]!;
    this.#raw[medianCount * tag + (seen % medianCount)] = value;
    this.#seen[tag] = seen + 1;
    if (seen + 1 < medianCount) return;
    const median = medianOf7(this.#raw, medianCount * tag);
    if (this.#filled[tag]! < windowCount) {
      this.#learn(tag, median);
      return;
    }
    const deviation = Math.abs(median - this.#mean[tag]!);
    const z = deviation / this.#sigma(tag);
    if (seen + 1 >= warmupCount && z > this.#zMax[tag]!) {
      this.#flag(tag, { value, z });
    } else {
      this.#flagged[tag] = 0;
      this.#learnFloor(tag, deviation, timeMs);
      this.#learn(tag, median);
    }
    this.#calm(tag, { value, z, timeMs });
  }

  #sigma(tag: number): number {
    const sigma = Math.sqrt(Math.max(0, this.#m2[tag]!) / windowCount);
    const isLearned = this.#floorGiven[tag]! > 0 || this.#floorLearned[tag]! > 0;
    const provisional = isLearned ? 0 : provisionalShare * Math.abs(this.#mean[tag]!);
    return Math.max(sigma, provisional, this.floor(tag));
  }

  /** A flagged reading teaches nothing, until there are so many that it is the level that moved. */
  #flag(tag: number, { value, z }: { value: number; z: number }): void {
    const flagged = ++this.#flagged[tag]!;
    if (flagged === consecutiveMin && this.#isActive[tag] === 0) {
      this.#isActive[tag] = 1;
      this.#tell(tag, { value, z });
    }
    if (flagged < rebaseCount) return;
    this.#filled[tag] = 0;
    this.#flagged[tag] = 0;
    this.#mean[tag] = 0;
    this.#m2[tag] = 0;
    if (this.#isActive[tag] === 1) {
      this.#isActive[tag] = 0;
      this.#tell(tag, { value, z: 0 });
    }
  }

  #calm(tag: number, { value, z, timeMs }: { value: number; z: number; timeMs: number }): void {
    if (z >= calmZ || this.#isActive[tag] === 0) {
      this.#calmSinceMs[tag] = timeMs;
      return;
    }
    if (timeMs - this.#calmSinceMs[tag]! < calmMs) return;
    this.#isActive[tag] = 0;
    this.#tell(tag, { value, z });
  }

  #tell(tag: number, { value, z }: { value: number; z: number }): void {
    const isActive = this.#isActive[tag] === 1;
    const threshold = this.#zMax[tag]!;
    this.#raise({ rule: AlertRule.ROBUST_Z, tag, isActive, value, score: z, threshold });
  }

  /** Takes `median` into the window: the running mean and sum of squares, exact again every turn. */
  #learn(tag: number, median: number): void {
    const filled = this.#filled[tag]!;
    const base = windowCount * tag;
    const at = base + (filled % windowCount);
    const old = this.#window[at]!;
    this.#window[at] = median;
    // Positions go on beyond the window's size without end; only their remainder matters.
    this.#filled[tag] = filled + 1 < 2 * windowCount ? filled + 1 : windowCount;
    if (filled + 1 < windowCount) return;
    if ((filled + 1) % windowCount === 0) {
      this.#recompute(tag, base);
      return;
    }
    const meanBefore = this.#mean[tag]!;
    const mean = meanBefore + (median - old) / windowCount;
    this.#mean[tag] = mean;
    this.#m2[tag]! += (median - old) * (median - mean + old - meanBefore);
  }

  #recompute(tag: number, base: number): void {
    let mean = 0;
    for (let i = 0; i < windowCount; i++) mean += this.#window[base + i]!;
    mean /= windowCount;
    let m2 = 0;
    for (let i = 0; i < windowCount; i++) m2 += (this.#window[base + i]! - mean) ** 2;
    this.#mean[tag] = mean;
    this.#m2[tag] = m2;
  }

  #learnFloor(tag: number, deviation: number, timeMs: number): void {
    if (Number.isNaN(this.#learnSinceMs[tag]!)) this.#learnSinceMs[tag] = timeMs;
    this.#histogram.add(tag, deviation);
    const spanMs = timeMs - this.#learnSinceMs[tag]!;
    if (spanMs < (this.#floorLearned[tag] === 0 ? this.#learnMs[tag]! : weekMs)) return;
    const high = this.#histogram.quantile(tag, floorQuantile);
    this.#floorLearned[tag] = (floorMargin * high) / this.#zMax[tag]!;
    this.#histogram.clear(tag);
    this.#learnSinceMs[tag] = timeMs;
  }
}

const stepOf = (tag: TagSettings): number => {
  const range = tag.max - tag.min;
  return tag.resolution || (Number.isFinite(range) ? range * 1e-4 : 1e-3);
};
