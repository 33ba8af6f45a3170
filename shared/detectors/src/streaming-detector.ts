/**
 * Drift, steps, changed shape and unusual hours of one sensor, one reading at a time: several
 * residuals, each measured by its own largest ones so far (record-ratio.ts), and the boldest of them
 * speaks. No model of the noise, no settings to tune per sensor, a bounded state.
 *
 * Callers score, decide, then learn; {@link StreamingDetector.score} changes nothing.
 *
 * @see detection.md §2; docs/decisions has the figures on the Numenta Anomaly Benchmark.
 */
import { strict as assert } from "node:assert";

export interface StreamingDetectorOptions {
  /** Readings before anything is scored. */
  warmupCount?: number;
}

/**
 * A score at which about one reading in thirty thousand of a healthy sensor is suspected: with a reading
 * every five minutes, less than 0.3 alarms a sensor and month.
 */
export const streamingAlarmScore = 0.65;

export const createStreamingDetector = (
  options: StreamingDetectorOptions = {},
): StreamingDetector => new StreamingDetector(options);

const dayMs = 86_400_000;
const warmupCountDefault = 200;
const hourCount = 24;
const lagCount = 32;
const recordCount = 8;
/** What a record keeps of itself each reading. */
const recordDecay = 0.9998;
/** Readings after which the memory of an alarm has fallen to a third. */
const holdCount = 300;
const format = 1;

const residualCount = 8;

/** Places in the state. */
const at = {
  count: 0,
  fastMean: 1,
  slowMean: 2,
  shortMean: 3,
  longMean: 4,
  shortSpread: 5,
  longSpread: 6,
  low: 7,
  high: 8,
  held: 9,
  hours: 10,
  hourCounts: 10 + hourCount,
  lags: 10 + 2 * hourCount,
  records: 10 + 2 * hourCount + lagCount,
  end: 10 + 2 * hourCount + lagCount + residualCount * recordCount,
} as const;

export class StreamingDetector {
  readonly #state = new Float64Array(at.end);
  readonly #residuals = new Float64Array(residualCount);
  readonly #warmupCount: number;

  constructor(options: StreamingDetectorOptions) {
    this.#warmupCount = options.warmupCount ?? warmupCountDefault;
    assert(this.#warmupCount >= 1);
  }

  get stateBytes(): number {
    return this.#state.byteLength;
  }

  /**
   * 0 = ordinary, towards 1 = far beyond anything seen; 0.5 = as unusual as the eighth largest surprise
   * so far. Readings that are not finite score 0. Shortly after a high score only a higher one counts.
   */
  score(value: number, timeMs: number): number {
    const score = this.#raw(value, timeMs);
    return score > this.#state[at.held]! ? score : 0;
  }

  /** Folds a reading into the idea of normal. Readings that are not finite are ignored. */
  learn(value: number, timeMs: number): void {
    if (!Number.isFinite(value) || !Number.isFinite(timeMs)) return;
    const state = this.#state;
    if (state[at.count] === 0) this.#begin(value);
    const raw = this.#raw(value, timeMs);
    state[at.held] = Math.max(raw, state[at.held]! * Math.exp(-1 / holdCount));
    const count = state[at.count]! + 1;
    state[at.count] = count;
    for (let i = 0; i < residualCount; i++) this.#keepRecord(i, this.#residuals[i]!);
    const follow = (place: number, length: number, x: number) => {
      state[place] = state[place]! + Math.max(1 / length, 1 / count) * (x - state[place]!);
    };
    follow(at.longMean, 100, value);
    follow(at.longSpread, 500, Math.abs(value - state[at.shortMean]!));
    follow(at.shortSpread, 20, Math.abs(value - state[at.shortMean]!));
    follow(at.shortMean, 10, value);
    follow(at.fastMean, 100, value);
    follow(at.slowMean, 500, value);
    state[at.low] = Math.min(state[at.low]!, value);
    state[at.high] = Math.max(state[at.high]!, value);
    const hour = hourOf(timeMs);
    const seen = state[at.hourCounts + hour]! + 1;
    state[at.hourCounts + hour] = seen;
    const mean = state[at.hours + hour]!;
    state[at.hours + hour] = mean + Math.max(0.02, 1 / seen) * (value - mean);
    state[at.lags + (count % lagCount)] = value;
  }

  /** What was learned: 8 bytes of format and length, then the state, little-endian. */
  capture(): Uint8Array {
    const bytes = new Uint8Array(8 + this.#state.byteLength);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, format, true);
    view.setUint32(4, this.#state.length, true);
    for (const [i, x] of this.#state.entries()) view.setFloat64(8 + 8 * i, x, true);
    return bytes;
  }

  /** Takes over what {@link capture} gave; refuses another format or length and then changes nothing. */
  restore(bytes: Uint8Array): boolean {
    if (bytes.byteLength !== 8 + this.#state.byteLength) return false;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (view.getUint32(0, true) !== format) return false;
    if (view.getUint32(4, true) !== this.#state.length) return false;
    for (let i = 0; i < this.#state.length; i++) this.#state[i] = view.getFloat64(8 + 8 * i, true);
    return true;
  }

  #begin(value: number): void {
    const state = this.#state;
    for (const place of [at.fastMean, at.slowMean, at.shortMean, at.longMean, at.low, at.high])
      state[place] = value;
  }

  /** Score before the memory of earlier alarms; leaves the residuals behind. */
  #raw(value: number, timeMs: number): number {
    const state = this.#state;
    const residuals = this.#residuals;
    const count = state[at.count]!;
    if (count === 0 || !Number.isFinite(value) || !Number.isFinite(timeMs)) {
      residuals.fill(0);
      return 0;
    }
    const hour = hourOf(timeMs);
    const expected = state[at.hourCounts + hour] === 0 ? at.slowMean : at.hours + hour;
    const back = (lag: number) => state[at.lags + ((count - lag + 1) % lagCount)]!;
    residuals[0] = Math.abs(value - state[at.fastMean]!);
    residuals[1] = Math.abs(value - state[at.slowMean]!);
    residuals[2] = Math.abs(value - back(1));
    residuals[3] = count < 20 ? 0 : Math.abs(value - back(20));
    residuals[4] = Math.abs(
      state[at.shortMean]! + (value - state[at.shortMean]!) / 10 - state[at.longMean]!,
    );
    residuals[5] = Math.abs(state[at.shortSpread]! - state[at.longSpread]!);
    residuals[6] = Math.abs(value - state[expected]!);
    residuals[7] = Math.max(0, value - state[at.high]!, state[at.low]! - value);
    if (count < this.#warmupCount) return 0;
    let boldest = 0;
    for (let i = 0; i < residualCount; i++) {
      const record = state[at.records + recordCount * (i + 1) - 1]!;
      const residual = residuals[i]!;
      if (residual > 0) boldest = Math.max(boldest, residual / (residual + record));
    }
    return boldest;
  }

  #keepRecord(residual: number, value: number): void {
    const state = this.#state;
    const first = at.records + recordCount * residual;
    for (let i = 0; i < recordCount; i++) state[first + i] = state[first + i]! * recordDecay;
    let i = recordCount - 1;
    if (value <= state[first + i]!) return;
    for (; i > 0 && state[first + i - 1]! < value; i--) state[first + i] = state[first + i - 1]!;
    state[first + i] = value;
  }
}

const hourOf = (timeMs: number): number =>
  Math.floor(((((timeMs % dayMs) + dayMs) % dayMs) / dayMs) * hourCount);
