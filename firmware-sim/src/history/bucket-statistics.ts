/**
 * Statistics of every sensor over minutes and hours while the plant lives: count, mean, min, max,
 * standard deviation and least-squares slope, as a consumer of the samples would compute them.
 */

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
    let first = this.#first[sensor];
    if (Number.isNaN(first)) {
      first = value;
      this.#first[sensor] = value;
    }
    const seconds = (atMs - this.#hourMs) / 1000;
    const change = value - first;
    const s = this.#minute;
    const i = sensor * stride;
    s[i]++;
    s[i + t] += seconds;
    s[i + tt] += seconds * seconds;
    s[i + x] += change;
    s[i + xx] += change * change;
    s[i + tx] += seconds * change;
    if (value < s[i + min]) s[i + min] = value;
    if (value > s[i + max]) s[i + max] = value;
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
      for (let k = n; k <= tx; k++) a[i + k] += b[i + k];
      a[i + min] = Math.min(a[i + min], b[i + min]);
      a[i + max] = Math.max(a[i + max], b[i + max]);
    }
  }

  #emit(s: Float64Array, sink: BucketSink, atMs: number): void {
    for (let sensor = 0; sensor < this.#options.sensorCount; sensor++) {
      const i = sensor * stride;
      const count = s[i];
      if (count === 0) continue;
      const meanX = s[i + x] / count;
      const meanT = s[i + t] / count;
      const squares = Math.max(0, s[i + xx] - count * meanX * meanX);
      const spread = s[i + tt] - count * meanT * meanT;
      const common = s[i + tx] - count * meanT * meanX;
      sink.push(sensor, atMs, {
        n: count,
        mean: this.#first[sensor] + meanX,
        min: s[i + min],
        max: s[i + max],
        sd: count > 1 ? Math.sqrt(squares / (count - 1)) : 0,
        slopePerS: count > 1 && spread > 1e-9 ? common / spread : 0,
      });
    }
  }
}
