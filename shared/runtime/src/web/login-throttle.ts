/** At most so many failed logins a minute for one user and from one address. */
import type { Clock } from "../clock.ts";

export const failuresMax = 5;
export const failureWindowMs = 60_000;
/** Users and addresses remembered at once; the oldest is forgotten first. */
const keysMax = 10_000;

export interface LoginThrottle {
  /** Milliseconds until `keys` may try again; 0 when they may now. Counts the try as a failure. */
  take(keys: readonly string[]): number;
  /** The newest try was right and does not count; earlier failures do. */
  forgive(keys: readonly string[]): void;
}

export function createLoginThrottle(clock: Clock): LoginThrottle {
  /** When the failures of a key happened, oldest first, on the monotonic clock. */
  const failures = new Map<string, number[]>();
  const recent = (key: string, nowMs: number): number[] =>
    (failures.get(key) ?? []).filter((atMs) => nowMs - atMs < failureWindowMs);
  return {
    take: (keys) => {
      const nowMs = clock.monotonicMs();
      const waits = keys.map((key) => {
        const times = recent(key, nowMs);
        return times.length < failuresMax ? 0 : failureWindowMs - (nowMs - (times[0] as number));
      });
      const waitMs = Math.max(0, ...waits);
      if (waitMs > 0) return waitMs;
      for (const key of keys) {
        const times = [...recent(key, nowMs), nowMs];
        failures.delete(key);
        failures.set(key, times);
      }
      for (const key of failures.keys()) {
        if (failures.size <= keysMax) break;
        failures.delete(key);
      }
      return 0;
    },
    forgive: (keys) => {
      for (const key of keys) failures.get(key)?.pop();
    },
  };
}
