/** Which sites are there: a fog pulls for ever, so silence on the door means it is gone. */
import type { Clock } from "@weir/runtime/clock.ts";
import { pullWaitMaxMs } from "../limits.ts";

/** Real time without push or pull after which a site counts as offline. */
const silenceMaxMs = pullWaitMaxMs + 20_000;

export interface Presence {
  seen(site: string): void;
  isOnline(site: string): boolean;
}

/** `io`: real time. */
export function createPresence(io: Clock): Presence {
  const lastSeenMs = new Map<string, number>();
  return {
    seen: (site) => void lastSeenMs.set(site, io.monotonicMs()),
    isOnline: (site) => {
      const last = lastSeenMs.get(site);
      return last !== undefined && io.monotonicMs() - last <= silenceMaxMs;
    },
  };
}
