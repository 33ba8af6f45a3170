/** How a connection is doing, for the operator and for support. */
import { u16 } from "@weir/contracts/elements.ts";

/** Round trips that the percentiles are of: the newest. */
const samplesMax = 512;
/** Buckets to a doubling of time: each is 4.4 % wide. */
const bucketsPerOctave = 16;
/** Round trips are told apart from here on, milliseconds. */
const leastMs = 1 / 64;
/** From 1/64 ms to 4 minutes. */
const bucketsCount = 24 * bucketsPerOctave;

export class BusStatistics {
  requests = 0;
  failures = 0;
  reconnects = 0;
  #busyMs = 0;
  #sinceMs: number;
  #count = 0;
  /** Bucket of each of the newest round trips, and how many of them lie in each. */
  readonly #samples = new Uint16Array(samplesMax);
  readonly #buckets = new Uint16Array(bucketsCount);

  /** `nowMs`: monotonic I/O time. */
  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  answered(roundTripMs: number): void {
    const slot = this.#count++ % samplesMax;
    if (this.#count > samplesMax)
      this.#buckets[u16(this.#samples, slot)] = u16(this.#buckets, u16(this.#samples, slot)) - 1;
    const bucket = bucketOf(roundTripMs);
    this.#samples[slot] = bucket;
    this.#buckets[bucket] = u16(this.#buckets, bucket) + 1;
  }

  busy(forMs: number): void {
    this.#busyMs += forMs;
  }

  /** Share of time the bus was busy since the last call, 0…1. */
  #takeUtilisation(nowMs: number): number {
    const spanMs = nowMs - this.#sinceMs;
    const share = spanMs > 0 ? Math.min(1, this.#busyMs / spanMs) : 0;
    this.#busyMs = 0;
    this.#sinceMs = nowMs;
    return share;
  }

  /** What a source's status says of its traffic; utilisation since the last call. */
  take(nowMs: number) {
    const { p50, p99 } = this.roundTripMs();
    return {
      requests: this.requests,
      failures: this.failures,
      utilisation: this.#takeUtilisation(nowMs),
      roundTripMsP50: p50,
      roundTripMsP99: p99,
    };
  }

  /** Percentiles of the newest round trips, exact to 2.2 %; nothing is sorted. */
  roundTripMs(): { p50: number; p99: number } {
    const count = Math.min(this.#count, samplesMax);
    if (count === 0) return { p50: 0, p99: 0 };
    return { p50: this.#at(Math.floor(0.5 * count)), p99: this.#at(Math.floor(0.99 * count)) };
  }

  /** The round trip that `rank` others are not above. */
  #at(rank: number): number {
    let seen = 0;
    for (let bucket = 0; bucket < bucketsCount; bucket++) {
      seen += u16(this.#buckets, bucket);
      if (seen > rank) return middleOf(bucket);
    }
    return 0;
  }
}

function bucketOf(ms: number): number {
  if (ms <= leastMs) return 0;
  const bucket = 1 + Math.floor(bucketsPerOctave * Math.log2(ms / leastMs));
  return Math.min(bucketsCount - 1, bucket);
}

const middleOf = (bucket: number): number =>
  bucket === 0 ? 0 : leastMs * 2 ** ((bucket - 0.5) / bucketsPerOctave);
