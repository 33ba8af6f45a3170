/*
  A time column: the instants of one or more tags. Times are coded as distances from a grid of one
  period, so readings on the grid cost nothing and jitter costs its own entropy.

    same      1 bit: the column last used by a tag of this period
    known     1 bit: an earlier column of the block, then its number
    else      count of readings, first time after that of the last new column,
              on the tag's period | period, then the distances as a series
              or, when distances are too large, each step by itself
*/
import { elementAt, f64, i32 } from "../elements.ts";
import { AdaptiveBits, integerContexts } from "./adaptive-bits.ts";
import { type Coder, MalformedBlock } from "./range-coder.ts";
import type { SeriesModel } from "./series.ts";

/** Distances from the grid beyond this are not coded as a series, milliseconds. */
const distanceMax = 2 ** 40;

/** How a new column's steps are coded. */
const onTagGrid = 0;
const onOwnGrid = 1;
const stepByStep = 2;

const contexts = { same: 0, known: 64, countSame: 128, mode: 192, earlier: 199, ints: 200 };

export class TimeColumns {
  readonly #bits = new AdaptiveBits(contexts.ints + 4 * integerContexts);
  readonly #known: Float64Array[] = [];
  readonly #lastOfPeriod: Int32Array;
  readonly #series: SeriesModel;
  readonly #seriesClass: number;
  /** First time of the last new column. */
  #firstMs: number;
  readonly #readingsMax: number;
  readonly #distances: Float64Array;
  readonly #earliestMs: number;
  readonly #latestMs: number;
  #last = -1;

  constructor(options: {
    periodCount: number;
    series: SeriesModel;
    seriesClass: number;
    firstMs: number;
    lastMs: number;
    /** Readings of the whole block: no column has more. */
    readings: number;
  }) {
    this.#lastOfPeriod = new Int32Array(options.periodCount).fill(-1);
    this.#series = options.series;
    this.#seriesClass = options.seriesClass;
    this.#firstMs = options.firstMs;
    this.#earliestMs = options.firstMs;
    this.#latestMs = options.lastMs;
    this.#readingsMax = options.readings;
    this.#distances = new Float64Array(options.readings);
  }

  code(coder: Coder, times: Float64Array, period: number, periodMs: number): Float64Array {
    const ofPeriod = i32(this.#lastOfPeriod, period);
    const candidate = ofPeriod >= 0 ? ofPeriod : this.#last;
    let number = coder.decoding ? -1 : this.#find(times, candidate);
    if (candidate >= 0) {
      const same = this.#bits.bit(coder, contexts.same + period, number === candidate ? 1 : 0);
      if (same === 1) return this.#use(candidate, period);
      const isKnown = this.#bits.bit(coder, contexts.known + period, number >= 0 ? 1 : 0);
      if (isKnown === 1) {
        number = this.#codeNumber(coder, number);
        return this.#use(number, period);
      }
    }
    this.#known.push(this.#codeNew(coder, times, periodMs));
    return this.#use(this.#known.length - 1, period);
  }

  #use(number: number, period: number): Float64Array {
    this.#lastOfPeriod[period] = number;
    this.#last = number;
    return elementAt(this.#known, number);
  }

  /** The youngest columns are the likeliest: counted from the end. */
  #codeNumber(coder: Coder, number: number): number {
    const back = this.#bits.integer(coder, contexts.ints, this.#known.length - 1 - number);
    if (back >= this.#known.length)
      throw new MalformedBlock(`time column ${back} of ${this.#known.length}`);
    return this.#known.length - 1 - back;
  }

  #find(times: Float64Array, candidate: number): number {
    if (candidate >= 0 && equal(elementAt(this.#known, candidate), times)) return candidate;
    for (let i = this.#known.length - 1; i >= 0; i--) {
      if (equal(elementAt(this.#known, i), times)) return i;
    }
    return -1;
  }

  #codeNew(coder: Coder, times: Float64Array, periodMs: number): Float64Array {
    const bits = this.#bits;
    const before = this.#last >= 0 ? elementAt(this.#known, this.#last).length : 1;
    let count = times.length;
    if (bits.bit(coder, contexts.countSame, count === before ? 1 : 0) === 1) count = before;
    else count = 1 + bits.integer(coder, contexts.ints + integerContexts, count - 1);
    if (count > this.#readingsMax) throw new MalformedBlock(`a column of ${count} readings`);
    const column = coder.decoding ? new Float64Array(count) : times;
    // A decoder has no times to give, and nothing looks at what it gives.
    column[0] = this.#codeFirst(coder, times[0] ?? Number.NaN);
    if (count > 1) this.#codeRest(coder, column, periodMs);
    if (coder.decoding) this.#check(column);
    return column;
  }

  #codeRest(coder: Coder, column: Float64Array, periodMs: number): void {
    const mode = coder.decoding ? 0 : this.#modeOf(column, periodMs);
    const coded = this.#bits.tree(coder, contexts.mode, mode, 2);
    if (coded === stepByStep) this.#codeSteps(coder, column);
    else this.#codeGrid(coder, column, coded === onTagGrid ? periodMs : 0);
  }

  /** Holds a decoded column to what the encoder asserts. */
  #check(column: Float64Array): void {
    let before = this.#earliestMs;
    for (let i = 0; i < column.length; i++) {
      const time = f64(column, i);
      if (!(time >= before)) throw new MalformedBlock(`time ${time} after ${before}`);
      before = time;
    }
    if (before > this.#latestMs) throw new MalformedBlock(`time ${before} past the header's last`);
  }

  #codeFirst(coder: Coder, firstMs: number): number {
    const distance = firstMs - this.#firstMs;
    const earlier = this.#bits.bit(coder, contexts.earlier, distance < 0 ? 1 : 0);
    const magnitude = this.#bits.integer(
      coder,
      contexts.ints + 2 * integerContexts,
      Math.abs(distance),
    );
    this.#firstMs += earlier === 1 ? -magnitude : magnitude;
    return this.#firstMs;
  }

  #codeSteps(coder: Coder, column: Float64Array): void {
    for (let i = 1; i < column.length; i++) {
      const before = f64(column, i - 1);
      const step = this.#bits.integer(
        coder,
        contexts.ints + 3 * integerContexts,
        f64(column, i) - before,
      );
      column[i] = before + step;
    }
  }

  /** `tagPeriodMs` 0: the grid's period is coded. */
  #codeGrid(coder: Coder, column: Float64Array, tagPeriodMs: number): void {
    const periodMs =
      tagPeriodMs > 0
        ? tagPeriodMs
        : this.#bits.integer(
            coder,
            contexts.ints + 3 * integerContexts,
            coder.decoding ? 0 : meanPeriod(column),
          );
    const distances = this.#distances;
    const first = f64(column, 0);
    if (!coder.decoding) {
      for (let i = 0; i < column.length; i++) {
        distances[i] = f64(column, i) - first - i * periodMs;
      }
    }
    distances[0] = 0;
    this.#series.code(coder, distances, column.length, this.#seriesClass);
    if (coder.decoding) {
      for (let i = 1; i < column.length; i++) {
        column[i] = first + i * periodMs + f64(distances, i);
      }
    }
  }

  #modeOf(times: Float64Array, periodMs: number): number {
    const first = f64(times, 0);
    const span = f64(times, times.length - 1) - first;
    const mean = meanPeriod(times);
    const near =
      periodMs > 0 &&
      Number.isInteger(periodMs) &&
      Math.abs(mean - periodMs) * times.length < distanceMax &&
      Math.abs(mean - periodMs) * 8 <= periodMs;
    if (near) return onTagGrid;
    return span < distanceMax ? onOwnGrid : stepByStep;
  }
}

const meanPeriod = (times: Float64Array): number =>
  Math.round((f64(times, times.length - 1) - f64(times, 0)) / (times.length - 1));

function equal(a: Float64Array, b: Float64Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length || a[0] !== b[0]) return false;
  for (let i = a.length - 1; i > 0; i--) if (a[i] !== b[i]) return false;
  return true;
}
