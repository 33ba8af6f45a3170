/**
 * Drift, steps, changed shape and unusual hours of one sensor, one reading at a time: several residuals
 * (streaming/voices.ts), each measured by its own largest ones so far, and the boldest speaks. Nothing is
 * assumed about the noise, nothing is set for the sensor. Meant for readings or means of about five
 * minutes: its memories are of hundreds to thousands of readings and of days and weeks.
 *
 * Blind to a change slower than its longest mean that never leaves the range so far, and to trouble
 * before the first {@link StreamingDetectorOptions.warmupCount} readings are over.
 *
 * @see docs/decisions/0011-records-instead-of-distributions.md has the figures on the
 * Numenta Anomaly Benchmark.
 */

import { strict as assert } from "node:assert";
import { f64 } from "@weir/contracts/elements.ts";
import type { Detector } from "./detector.ts";
import { packState, unpackState } from "./state-bytes.ts";
import { AlarmMemory, alarmMemoryDoubles } from "./streaming/alarm-memory.ts";
import { Surprise, surpriseSingles } from "./streaming/surprise.ts";
import { alarmMemory, voices } from "./streaming/voices.ts";

export interface StreamingDetectorOptions {
  /** Readings before anything is scored. */
  warmupCount?: number;
}

/**
 * From here on a score is worth an alarm: fourteen times the eighth largest surprise so far. False alarms a
 * sensor and month, with five minutes between readings and {@link StreamingDetector.learn} after every
 * {@link StreamingDetector.score}: less than 0.2 on the benchmark's 58 files. The benchmark's own best
 * threshold, 0.33, has 3.3.
 */
export const streamingAlarmScore = 0.93;

export const createStreamingDetector = (
  options: StreamingDetectorOptions = {},
): StreamingDetector => new StreamingDetector(options);

const kind = "streaming-detector/1";
const noBytes = new Uint8Array(0);
const warmupCountDefault = 200;
/** Larger readings are no measurements. */
const valueMax = 1e30;

/** The detector's own numbers; the alarm memory's and the voices' follow. */
const at = { count: 0, origin: 1, alarms: 2, end: 2 + alarmMemoryDoubles } as const;

export class StreamingDetector implements Detector {
  readonly #bytes: Uint8Array;
  readonly #state: Float64Array;
  readonly #alarms: AlarmMemory;
  readonly #surprises: readonly Surprise[];
  readonly #warmupCount: number;
  /** What the last question was and found, so that learning need not ask again. */
  #asked = { count: -1, value: 0, timeMs: 0, surprise: 0 };

  constructor(options: StreamingDetectorOptions) {
    this.#warmupCount = options.warmupCount ?? warmupCountDefault;
    assert(this.#warmupCount >= 1);
    const kinds = Object.values(voices);
    const doubleCount = kinds.reduce((sum, { doubles }) => sum + doubles, at.end);
    const singleCount = kinds.reduce((sum, { singles }) => sum + singles + surpriseSingles, 0);
    const byteCount = kinds.reduce((sum, { bytes }) => sum + bytes, 0);
    const memory = new ArrayBuffer(8 * doubleCount + 4 * singleCount + byteCount);
    this.#bytes = new Uint8Array(memory);
    this.#state = new Float64Array(memory, 0, at.end);
    this.#alarms = new AlarmMemory(this.#state.subarray(at.alarms, at.end), alarmMemory);
    let double = 8 * at.end;
    let single = 8 * doubleCount;
    let byte = single + 4 * singleCount;
    this.#surprises = kinds.map((kind) => {
      const doubles = new Float64Array(memory, double, kind.doubles);
      const singles = new Float32Array(memory, single, kind.singles + surpriseSingles);
      const bytes = kind.bytes === 0 ? noBytes : new Uint8Array(memory, byte, kind.bytes);
      double += doubles.byteLength;
      single += singles.byteLength;
      byte += bytes.byteLength;
      return new Surprise(kind, { doubles, singles, bytes });
    });
  }

  get stateBytes(): number {
    return this.#bytes.byteLength;
  }

  score(value: number, timeMs: number): number {
    if (!isMeasurement(value, timeMs)) return 0;
    return 1 - Math.exp(-this.#alarms.news(this.#surprise(value, timeMs)));
  }

  /**
   * Feed every reading, also those that score high. One anomaly changes one of eight records and little of
   * any mean, and a detector that is not told of it would call the next like it news again.
   */
  learn(value: number, timeMs: number): void {
    if (!isMeasurement(value, timeMs)) return;
    const x = this.#begin(value, timeMs);
    for (const surprise of this.#surprises) surprise.learn(x, timeMs);
    this.#state[at.count] = f64(this.#state, at.count) + 1;
  }

  /**
   * Instead of {@link learn}, for a reading that is known to be wrong: it is remembered how surprising it
   * was, so that its like is no news, but no mean, habit or pattern moves towards it.
   */
  quarantine(value: number, timeMs: number): void {
    if (!isMeasurement(value, timeMs) || this.#state[at.count] === 0) return;
    this.#begin(value, timeMs);
    for (const surprise of this.#surprises) surprise.learnRecord(timeMs);
    this.#state[at.count] = f64(this.#state, at.count) + 1;
  }

  capture(): Uint8Array {
    return packState(kind, this.#bytes);
  }

  restore(bytes: Uint8Array): boolean {
    this.#asked.count = -1;
    return unpackState(kind, bytes, this.#bytes);
  }

  /** What learning and quarantine have in common; the reading as the voices know it. */
  #begin(value: number, timeMs: number): number {
    const state = this.#state;
    if (state[at.count] === 0) state[at.origin] = value;
    this.#alarms.learn(this.#surprise(value, timeMs));
    return Math.fround(value - f64(state, at.origin));
  }

  /** The boldest voice. */
  #surprise(value: number, timeMs: number): number {
    const count = f64(this.#state, at.count);
    const asked = this.#asked;
    if (asked.count === count && asked.value === value && asked.timeMs === timeMs)
      return asked.surprise;
    // Singles hold distances from the first reading exactly, as long as they are rounded once, here.
    const x = count === 0 ? 0 : Math.fround(value - f64(this.#state, at.origin));
    let boldest = 0;
    for (const surprise of this.#surprises) boldest = Math.max(boldest, surprise.of(x, timeMs));
    asked.count = count;
    asked.value = value;
    asked.timeMs = timeMs;
    asked.surprise = count < this.#warmupCount ? 0 : boldest;
    return asked.surprise;
  }
}

const isMeasurement = (value: number, timeMs: number): boolean =>
  Math.abs(value) <= valueMax && Number.isFinite(timeMs);
