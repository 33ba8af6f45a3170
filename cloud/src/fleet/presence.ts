/** Which sites are there: a fog pulls for ever, so silence on the door means it is gone. */
import type { Clock } from "@weir/runtime/clock.ts";
import { pullWaitMaxMs } from "../limits.ts";

/** Real time without push or pull after which a site counts as silent. */
export const silenceMaxMs = pullWaitMaxMs + 10_000;

export interface Silence {
  /** Plant time since which nothing was heard. */
  sinceMs: number;
  /** From what evidence. */
  reason: string;
}

export interface Presence {
  seen(site: string): void;
  isOnline(site: string): boolean;
  /**
   * Since when a site is silent; undefined while it is online. `lastItemMs`: when its newest stored item
   * came, for a site of which this process has heard nothing yet.
   */
  silence(site: string, lastItemMs: number | null): Silence | undefined;
}

/** `io`: real time; `plant`: what silences are dated by. */
export function createPresence({ io, plant }: { io: Clock; plant: Clock }): Presence {
  const heard = new Map<string, { monotonicMs: number; plantMs: number }>();
  const startedMs = plant.nowMs();
  const isOnline = (site: string) => {
    const last = heard.get(site);
    return last !== undefined && io.monotonicMs() - last.monotonicMs <= silenceMaxMs;
  };
  return {
    seen: (site) => void heard.set(site, { monotonicMs: io.monotonicMs(), plantMs: plant.nowMs() }),
    isOnline,
    silence(site, lastItemMs) {
      if (isOnline(site)) return undefined;
      const last = heard.get(site);
      if (last) return { sinceMs: last.plantMs, reason: "it neither pushes nor pulls" };
      if (lastItemMs !== null) {
        return { sinceMs: lastItemMs, reason: "nothing was heard of it since this cloud started" };
      }
      return { sinceMs: startedMs, reason: "it has never pushed or pulled" };
    },
  };
}
