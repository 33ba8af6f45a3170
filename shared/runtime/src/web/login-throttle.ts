/**
 * How often a password may be wrong. A person at one address has few tries, so that guessing one password is
 * hopeless; a person in all and an address in all have more, so that neither a stranger who knows a name nor a
 * colleague behind the same router locks others out by a few typos.
 */
import type { Clock } from "../clock.ts";

export const failureWindowMs = 60_000;

/** Failures within {@link failureWindowMs}. */
export const failuresMax = {
  /** Of one name from one address. */
  pair: 5,
  /** Of one name from all addresses. */
  user: 20,
  /** From one address, whatever the names. */
  address: 40,
} as const;

/** Names, addresses and pairs remembered at once; the oldest is forgotten first. */
const keysMax = 10_000;

export interface Attempt {
  user: string;
  address: string;
}

export interface LoginThrottle {
  /** Milliseconds until this may be tried again; 0 when it may now. Counts the try as a failure. */
  take(attempt: Attempt): number;
  /** The newest try was right and does not count; earlier failures do. */
  forgive(attempt: Attempt): void;
}

export function createLoginThrottle(clock: Clock): LoginThrottle {
  /** When the failures of a key happened, oldest first, on the monotonic clock. */
  const failures = new Map<string, number[]>();
  const recent = (key: string, nowMs: number): number[] =>
    (failures.get(key) ?? []).filter((atMs) => nowMs - atMs < failureWindowMs);
  return {
    take: (attempt) => {
      const nowMs = clock.monotonicMs();
      const keys = keysOf(attempt);
      const waits = keys.map(([key, max]) => {
        const times = recent(key, nowMs);
        return times.length < max ? 0 : failureWindowMs - (nowMs - (times[0] ?? nowMs));
      });
      const waitMs = Math.max(0, ...waits);
      if (waitMs > 0) return waitMs;
      for (const [key] of keys) {
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
    forgive: (attempt) => {
      for (const [key] of keysOf(attempt)) failures.get(key)?.pop();
    },
  };
}

function keysOf({ user, address }: Attempt): (readonly [key: string, max: number])[] {
  const name = user.toLowerCase();
  return [
    [`pair ${name} ${address}`, failuresMax.pair],
    [`user ${name}`, failuresMax.user],
    [`address ${address}`, failuresMax.address],
  ];
}
