/** Times of the plant clock in words: by the clock on the site's wall, and how long ago. */
import { siteTimeOf } from "@weir/contracts/site-time.ts";
import { formatDuration } from "@weir/runtime/duration.ts";

export interface PlantTime {
  /** "2026-06-02 06:00:03 +01:00", "2026-06-02 05:00:03 UTC": the offset tells the hour that comes twice. */
  at(atMs: number): string;
  /** "since 2026-06-02 06:00:03 +01:00, 5m" */
  since(sinceMs: number, nowMs: number): string;
}

/** @param zone of the edge's configuration (`site.tz`), a name of the IANA database. */
export function plantTimeOf(zone: string): PlantTime {
  const time = siteTimeOf(zone);
  return {
    at: (atMs) => time.secondStamp(atMs),
    since: (sinceMs, nowMs) => {
      const forMs = Math.max(0, nowMs - sinceMs);
      const unitMs = forMs < 60_000 ? 1_000 : forMs < 86_400_000 ? 60_000 : 3_600_000;
      const forText = formatDuration(Math.floor(forMs / unitMs) * unitMs);
      return `since ${time.secondStamp(sinceMs)}, ${forText}`;
    },
  };
}
