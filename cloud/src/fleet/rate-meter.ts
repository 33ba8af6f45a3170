/** A counter's rate over the last seconds of real time. */
import { elementAt } from "@weir/contracts/elements.ts";
import type { Clock } from "@weir/runtime/clock.ts";

/** Seconds that a rate is averaged over. */
const spanMs = 10_000;

export interface RateMeter {
  /** Per second; `total` is the counter now. */
  rate(total: number): number;
}

export function createRateMeter(io: Clock): RateMeter {
  const samples: { atMs: number; total: number }[] = [];
  return {
    rate(total) {
      const atMs = io.monotonicMs();
      samples.push({ atMs, total });
      while (samples.length > 2 && (samples[1]?.atMs ?? atMs) < atMs - spanMs) samples.shift();
      const first = elementAt(samples, 0);
      return atMs > first.atMs ? (1_000 * (total - first.total)) / (atMs - first.atMs) : 0;
    },
  };
}
