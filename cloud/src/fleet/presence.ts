/** Which sites are there: a fog pulls for ever, so silence on the door means it is gone. */
import type { Clock } from "@weir/runtime/clock.ts";
import type { SiteRevocation } from "../enrolment/revocations.ts";
import { pullWaitMaxMs } from "../limits.ts";

/** Real time without push or pull after which a site counts as silent. */
export const silenceMaxMs = pullWaitMaxMs + 5_000;

export interface Silence {
  /** Plant time since which nothing was heard. */
  sinceMs: number;
  /** From what evidence. */
  reason: string;
  /** A person has shut it out: nobody need look for it. */
  isRevoked: boolean;
}

export interface Presence {
  seen(site: string): void;
  isOnline(site: string): boolean;
  /** Plant time at which this process last heard of a site; null: not yet. */
  heardAtMs(site: string): number | null;
  /**
   * Since when a site is silent; undefined while it is online. `lastItemMs`: when its newest stored item
   * came, for a site of which this process has heard nothing yet.
   */
  silence(site: string, lastItemMs: number | null): Silence | undefined;
}

export interface PresenceOptions {
  /** Real time. */
  io: Clock;
  /** What silences are dated by. */
  plant: Clock;
  /** Undefined of a site that may speak to this cloud. */
  revocationOf: (site: string) => SiteRevocation | undefined;
}

export function createPresence({ io, plant, revocationOf }: PresenceOptions): Presence {
  const heard = new Map<string, { monotonicMs: number; plantMs: number }>();
  const startedMs = plant.nowMs();
  const isOnline = (site: string) => {
    const last = heard.get(site);
    return last !== undefined && io.monotonicMs() - last.monotonicMs <= silenceMaxMs;
  };
  return {
    seen: (site) => void heard.set(site, { monotonicMs: io.monotonicMs(), plantMs: plant.nowMs() }),
    isOnline,
    heardAtMs: (site) => heard.get(site)?.plantMs ?? null,
    silence(site, lastItemMs) {
      const last = heard.get(site);
      const revocation = revocationOf(site);
      if (revocation) {
        const sinceMs = last?.plantMs ?? lastItemMs ?? startedMs;
        return { sinceMs, reason: revokedWords(revocation), isRevoked: true };
      }
      if (isOnline(site)) return undefined;
      const rest = { isRevoked: false };
      if (last) return { sinceMs: last.plantMs, reason: "it neither pushes nor pulls", ...rest };
      if (lastItemMs !== null) {
        const reason = "nothing was heard of it since this cloud started";
        return { sinceMs: lastItemMs, reason, ...rest };
      }
      return { sinceMs: startedMs, reason: "it has never pushed or pulled", ...rest };
    },
  };
}

/** By real time, which revocations are dated by. */
const revokedWords = ({ atMs, by }: SiteRevocation): string =>
  `its certificates were revoked${by && ` by ${by}`} on ${new Date(atMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
