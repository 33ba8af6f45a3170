/**
 * Statistics of every sensor over minutes and hours while the plant lives: count, mean, min, max,
 * standard deviation and least-squares slope, as a consumer of the samples would compute them.
 */

const hourMs = 3_600_000;
const minuteMs = 60_000;

/** Sums of one bucket; x is relative to the sensor's first value of the hour, t to the hour's start. */
class Sums {
  readonly n: Float64Array;
  readonly t: Float64Array;
  readonly tt: Float64Array;
  readonly x: Float64Array;
  readonly xx: Float64Array;
  readonly tx: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;

  constructor(count: number) {
    const column = () => new Float64Array(count);
    this.n = column();
    this.t = column();
    this.tt = column();
    this.x = column();
    this.xx = column();
    this.tx = column();
    this.min = column();
    this.max = column();
    this.clear();
  }

  clear(): void {
    for (const column of [this.n, this.t, this.tt, this.x, this.xx, this.tx]) column.fill(0);
    this.min.fill(Number.POSITIVE_INFINITY);
    this.max.fill(Number.NEGATIVE_INFINITY);
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
  readonly #minute: Sums;
  readonly #hour: Sums;
  readonly #first: Float64Array;
  #minuteMs = Number.NaN;
  #hourMs = Number.NaN;

  constructor(options: BucketStatisticsOptions) {
    this.#options = options;
    this.#minute = new Sums(options.sensorCount);
    this.#hour = new Sums(options.sensorCount);
    this.#first = new Float64Array(options.sensorCount).fill(Number.NaN);
  }

  /** From when on minutes are kept too. */
  set minutes(sink: BucketSink | undefined) {
    this.#options.minutes = sink;
  }

  add(sensor: number, value: number, atMs: number): void {
    if (!(atMs < this.#minuteMs + minuteMs)) this.#turn(atMs);
    let first = this.#first[sensor] as number;
    if (Number.isNaN(first)) {
      first = value;
      this.#first[sensor] = value;
    }
    const t = (atMs - this.#hourMs) / 1000;
    const x = value - first;
    const s = this.#minute;
    (s.n[sensor] as number)++;
    s.t[sensor] = (s.t[sensor] as number) + t;
    s.tt[sensor] = (s.tt[sensor] as number) + t * t;
    s.x[sensor] = (s.x[sensor] as number) + x;
    s.xx[sensor] = (s.xx[sensor] as number) + x * x;
    s.tx[sensor] = (s.tx[sensor] as number) + t * x;
    if (value < (s.min[sensor] as number)) s.min[sensor] = value;
    if (value > (s.max[sensor] as number)) s.max[sensor] = value;
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
    this.#minute.clear();
    this.#minuteMs = Math.floor(atMs / minuteMs) * minuteMs;
    const hour = Math.floor(atMs / hourMs) * hourMs;
    if (hour === this.#hourMs) return;
    if (!Number.isNaN(this.#hourMs)) this.#emit(this.#hour, hours, this.#hourMs);
    this.#hour.clear();
    this.#first.fill(Number.NaN);
    this.#hourMs = hour;
  }

  #fold(): void {
    const a = this.#hour;
    const b = this.#minute;
    for (let i = 0; i < this.#options.sensorCount; i++) {
      a.n[i] = (a.n[i] as number) + (b.n[i] as number);
      a.t[i] = (a.t[i] as number) + (b.t[i] as number);
      a.tt[i] = (a.tt[i] as number) + (b.tt[i] as number);
      a.x[i] = (a.x[i] as number) + (b.x[i] as number);
      a.xx[i] = (a.xx[i] as number) + (b.xx[i] as number);
      a.tx[i] = (a.tx[i] as number) + (b.tx[i] as number);
      a.min[i] = Math.min(a.min[i] as number, b.min[i] as number);
      a.max[i] = Math.max(a.max[i] as number, b.max[i] as number);
    }
  }

  #emit(s: Sums, sink: BucketSink, atMs: number): void {
    for (let i = 0; i < this.#options.sensorCount; i++) {
      const n = s.n[i] as number;
      if (n === 0) continue;
      const meanX = (s.x[i] as number) / n;
      const meanT = (s.t[i] as number) / n;
      const squares = Math.max(0, (s.xx[i] as number) - n * meanX * meanX);
      const spread = (s.tt[i] as number) - n * meanT * meanT;
      const common = (s.tx[i] as number) - n * meanT * meanX;
      sink.push(i, atMs, {
        n,
        mean: (this.#first[i] as number) + meanX,
        min: s.min[i] as number,
        max: s.max[i] as number,
        sd: n > 1 ? Math.sqrt(squares / (n - 1)) : 0,
        slopePerS: n > 1 && spread > 1e-9 ? common / spread : 0,
      });
    }
  }
}
