/** How a connection is doing, for the operator and for support. */

/** Round trips kept for the percentiles. */
const samplesMax = 512;

export class BusStatistics {
  requests = 0;
  failures = 0;
  reconnects = 0;
  #busyMs = 0;
  #sinceMs: number;
  #count = 0;
  readonly #roundTripsMs = new Float64Array(samplesMax);

  /** `nowMs`: monotonic I/O time. */
  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  answered(roundTripMs: number): void {
    this.#roundTripsMs[this.#count++ % samplesMax] = roundTripMs;
  }

  busy(forMs: number): void {
    this.#busyMs += forMs;
  }

  /** Share of time the bus was busy since the last call, 0…1. */
  takeUtilisation(nowMs: number): number {
    const spanMs = nowMs - this.#sinceMs;
    const share = spanMs > 0 ? Math.min(1, this.#busyMs / spanMs) : 0;
    this.#busyMs = 0;
    this.#sinceMs = nowMs;
    return share;
  }

  roundTripMs(): { p50: number; p99: number } {
    const count = Math.min(this.#count, samplesMax);
    if (count === 0) return { p50: 0, p99: 0 };
    const sorted = this.#roundTripsMs.slice(0, count).sort();
    const at = (share: number) => sorted[Math.min(count - 1, Math.floor(share * count))]!;
    return { p50: at(0.5), p99: at(0.99) };
  }
}
