/**
 * Statistics of every sensor over minutes and hours while the plant lives: count, mean, min, max,
 * standard deviation and least-squares slope, as a consumer of the samples would compute them.
 */
import { f64 } from "@weir/contracts/elements.ts";

const hourMs = 3_600_000;
const minuteMs = 60_000;

/**
 * Sums of one bucket, eight numbers a sensor side by side, because that is how a sample touches them. x is
 * relative to the sensor's first value of the hour, t to the hour's start.
 */
const n = 0;
const t = 1;
const tt = 2;
const x = 3;
const xx = 4;
const tx = 5;
const min = 6;
const max = 7;
const stride = 8;

function clear(sums: Float64Array): void {
  for (let i = 0; i < sums.length; i += stride) {
    sums.fill(0, i, i + min);
    sums[i + min] = Number.POSITIVE_INFINITY;
    sums[i + max] = Number.NEGATIVE_INFINITY;
  }
}

/** Where finished buckets go. */
export interface BucketSink {
  push(
    sensor: number,
    atMs: number,
    row: { n: number; mean: number; min: number; max: number; sd: number; slopePerS: number },
  ): void;
}

export interface BucketStatisticsOptions {
  sensorCount: number;
  minutes: BucketSink | undefined;
  hours: BucketSink;
}

export class BucketStatistics {
  readonly #options: BucketStatisticsOptions;
  readonly #minute: Float64Array;
  readonly #hour: Float64Array;
  readonly #first: Float64Array;
  #minuteMs = Number.NaN;
  #hourMs = Number.NaN;

  constructor(options: BucketStatisticsOptions) {
    this.#options = options;
    this.#minute = new Float64Array(options.sensorCount * stride);
    this.#hour = new Float64Array(options.sensorCount * stride);
    clear(this.#minute);
    clear(this.#hour);
    this.#first = new Float64Array(options.sensorCount).fill(Number.NaN);
  }

  /** From when on minutes are kept too. */
  set minutes(sink: BucketSink | undefined) {
    this.#options.minutes = sink;
  }

  add(sensor: number, value: number, atMs: number): void {
    if (!(atMs < this.#minuteMs + minuteMs)) this.#turn(atMs);
    let first = f64(this.#first, sensor);
    if (Number.isNaN(first)) {
      first = value;
      this.#first[sensor] = value;
    }
    const seconds = (atMs - this.#hourMs) / 1000;
    const change = value - first;
    const s = this.#minute;
    const i = sensor * stride;
    s[i] = f64(s, i) + 1;
    s[i + t] = f64(s, i + t) + seconds;
    s[i + tt] = f64(s, i + tt) + seconds * seconds;
    s[i + x] = f64(s, i + x) + change;
    s[i + xx] = f64(s, i + xx) + change * change;
    s[i + tx] = f64(s, i + tx) + seconds * change;
    if (value < f64(s, i + min)) s[i + min] = value;
    if (value > f64(s, i + max)) s[i + max] = value;
  }

  /** Emits what is whole at `nowMs`. */
  finish(nowMs: number): void {
    this.#turn(nowMs);
  }

  #turn(atMs: number): void {
    const { minutes, hours } = this.#options;
    if (!Number.isNaN(this.#minuteMs)) {
      if (minutes) this.#emit(this.#minute, minutes, this.#minuteMs);
      this.#fold();
    }
    clear(this.#minute);
    this.#minuteMs = Math.floor(atMs / minuteMs) * minuteMs;
    const hour = Math.floor(atMs / hourMs) * hourMs;
    if (hour === this.#hourMs) return;
    if (!Number.isNaN(this.#hourMs)) this.#emit(this.#hour, hours, this.#hourMs);
    clear(this.#hour);
    this.#first.fill(Number.NaN);
    this.#hourMs = hour;
  }

  #fold(): void {
    const a = this.#hour;
    const b = this.#minute;
    for (let i = 0; i < a.length; i += stride) {
      for (let k = n; k <= tx; k++) a[i + k] = f64(a, i + k) + f64(b, i + k);
      a[i + min] = Math.min(f64(a, i + min), f64(b, i + min));
      a[i + max] = Math.max(f64(a, i + max), f64(b, i + max));
    }
  }

  #emit(s: Float64Array, sink: BucketSink, atMs: number): void {
    for (let sensor = 0; sensor < this.#options.sensorCount; sensor++) {
      const i = sensor * stride;
      const count = f64(s, i);
      if (count === 0) continue;
      const meanX = f64(s, i + x) / count;
      const meanT = f64(s, i + t) / count;
      const squares = Math.max(0, f64(s, i + xx) - count * meanX * meanX);
      const spread = f64(s, i + tt) - count * meanT * meanT;
      const common = f64(s, i + tx) - count * meanT * meanX;
      sink.push(sensor, atMs, {
        n: count,
        mean: f64(this.#first, sensor) + meanX,
        min: f64(s, i + min),
        max: f64(s, i + max),
        sd: count > 1 ? Math.sqrt(squares / (count - 1)) : 0,
        slopePerS: count > 1 && spread > 1e-9 ? common / spread : 0,
      });
    }
  }
}
