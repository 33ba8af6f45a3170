/**
 * Drift, steps, changed shape and unusual hours of one sensor, one reading at a time: several residuals
 * (streaming/voices.ts), each measured by its own largest ones so far, and the boldest speaks. Nothing is
 * assumed about the noise, nothing is set for the sensor. Meant for readings or means of about five
 * minutes: its memories are of hundreds to thousands of readings and of days and weeks.
 *
 * Blind to a change slower than its longest mean that never leaves the range so far, and to trouble
 * before the first {@link StreamingDetectorOptions.warmupCount} readings are over.
 *
 * @see detection.md §2; docs/decisions/0013-streaming-detector-by-records.md has the figures on the
 * Numenta Anomaly Benchmark.
 */
import { strict as assert } from "node:assert";
import type { Detector } from "./detector.ts";
import { packState, unpackState } from "./state-bytes.ts";
import type { Residual } from "./streaming/residual.ts";
import { type Voice, voices } from "./streaming/voices.ts";

export interface StreamingDetectorOptions {
  /** Readings before anything is scored. */
  warmupCount?: number;
}

export const streamingAlarmScore = 0.65;

export const createStreamingDetector = (
  options: StreamingDetectorOptions = {},
): StreamingDetector => new StreamingDetector(options);

const kind = "streaming-detector/1";
const warmupCountDefault = 200;
/** Most that one reading can exceed a record, as a logarithm: about a thousandfold. */
const surpriseMax = 7;
/** A residual below this share of the reading's own distance from the first one is rounding. */
const roundingShare = 1e-6;
/** Larger readings are no measurements. */
const valueMax = 1e30;

/** From this surprise on a reading counts as an alarm of its own… */
const alarmSurprise = 0.3;
/** …and the next one must exceed it by this much, */
const alarmStep = 0.6;
/** less and less over this many readings; */
const holdLength = 100;
/** each alarm also raises the bar a little for a long while: a sensor that often alarms means less by it. */
const habitStep = 0.03;
const habitLength = 2_000;

/** The detector's own numbers; the residuals' follow. */
const at = { count: 0, origin: 1, bar: 2, habit: 3, end: 4 } as const;
const keepOfHold = Math.exp(-1 / holdLength);
const keepOfHabit = Math.exp(-1 / habitLength);

export class StreamingDetector implements Detector {
  readonly #doubles: Float64Array;
  readonly #bytes: Uint8Array;
  readonly #records: Float32Array;
  readonly #residuals: readonly Residual[];
  readonly #warmupCount: number;
  /** What the last question found, so that learning need not ask again. */
  readonly #found = new Float64Array(voices.length);
  #asked = { count: -1, value: 0, timeMs: 0, surprise: 0 };

  constructor(options: StreamingDetectorOptions) {
    this.#warmupCount = options.warmupCount ?? warmupCountDefault;
    assert(this.#warmupCount >= 1);
    const sum = (of: (voice: Voice) => number) => voices.reduce((total, one) => total + of(one), 0);
    const doubleCount = at.end + sum((one) => one.kind.doubles);
    const recordCount = sum((one) => one.recordCount);
    const singleCount = recordCount + sum((one) => one.kind.singles);
    const memory = new ArrayBuffer(8 * doubleCount + 4 * singleCount);
    this.#bytes = new Uint8Array(memory);
    this.#doubles = new Float64Array(memory, 0, doubleCount);
    const singles = new Float32Array(memory, 8 * doubleCount, singleCount);
    this.#records = singles.subarray(0, recordCount);
    let double = at.end;
    let single = recordCount;
    this.#residuals = voices.map((one) => {
      const doubles = this.#doubles.subarray(double, double + one.kind.doubles);
      const table = singles.subarray(single, single + one.kind.singles);
      double += one.kind.doubles;
      single += one.kind.singles;
      return one.kind.create(doubles, table);
    });
  }

  get stateBytes(): number {
    return this.#bytes.byteLength;
  }

  score(value: number, timeMs: number): number {
    if (!isMeasurement(value, timeMs)) return 0;
    const raised = this.#surprise(value, timeMs) - this.#habitNow();
    return raised > this.#barNow() ? 1 - Math.exp(-raised) : 0;
  }

  learn(value: number, timeMs: number): void {
    if (!isMeasurement(value, timeMs)) return;
    const state = this.#doubles;
    if (state[at.count] === 0) state[at.origin] = value;
    const surprise = this.#surprise(value, timeMs);
    const habit = this.#habitNow();
    const bar = this.#barNow();
    const raised = surprise - habit;
    const isAlarm = raised > bar && raised > alarmSurprise;
    state[at.habit] = habit + (isAlarm ? habitStep : 0);
    state[at.bar] = isAlarm ? raised + alarmStep : Math.max(bar, raised);
    const x = Math.fround(value - state[at.origin]!);
    this.#keepRecords();
    for (const residual of this.#residuals) residual.learn(x, timeMs);
    state[at.count] = state[at.count]! + 1;
  }

  capture(): Uint8Array {
    return packState(kind, this.#bytes);
  }

  restore(bytes: Uint8Array): boolean {
    this.#asked.count = -1;
    return unpackState(kind, bytes, this.#bytes);
  }

  #barNow(): number {
    return this.#doubles[at.bar]! * keepOfHold;
  }

  #habitNow(): number {
    return this.#doubles[at.habit]! * keepOfHabit;
  }

  /** Logarithm of how many times the boldest residual exceeds its record; 0 when none does. */
  #surprise(value: number, timeMs: number): number {
    const count = this.#doubles[at.count]!;
    const asked = this.#asked;
    if (asked.count === count && asked.value === value && asked.timeMs === timeMs)
      return asked.surprise;
    const x = count === 0 ? 0 : Math.fround(value - this.#doubles[at.origin]!);
    const rounding = roundingShare * Math.abs(x);
    let boldest = 0;
    let last = -1;
    for (const [i, one] of voices.entries()) {
      const residual = Math.abs(this.#residuals[i]!.peek(x, timeMs));
      const found = residual > rounding ? residual : 0;
      this.#found[i] = found;
      last += one.recordCount;
      if (found === 0) continue;
      const record = this.#records[last]!;
      const surprise = record === 0 ? surpriseMax : Math.log(found / record);
      boldest = Math.max(boldest, one.weight * surprise);
    }
    const surprise = count < this.#warmupCount ? 0 : Math.min(surpriseMax, boldest);
    this.#asked = { count, value, timeMs, surprise };
    return surprise;
  }

  #keepRecords(): void {
    const records = this.#records;
    let first = 0;
    for (const [v, { recordCount, decay }] of voices.entries()) {
      const found = this.#found[v]!;
      const last = first + recordCount - 1;
      for (let i = first; i <= last; i++) records[i] = records[i]! * decay;
      if (found > records[last]!) {
        let to = last;
        for (; to > first && records[to - 1]! < found; to--) records[to] = records[to - 1]!;
        records[to] = found;
      }
      first = last + 1;
    }
  }
}

const isMeasurement = (value: number, timeMs: number): boolean =>
  Math.abs(value) <= valueMax && Number.isFinite(timeMs);
