/** Whether a site is heard: plain when it is, with a crossed eye and since when when it is not. */
import type { FleetSite } from "@weir/contracts/api/cloud.ts";
import { CrossedEye } from "@weir/ui/freshness.tsx";
import { siteNow } from "@weir/ui/site-clock.ts";
import { sinceAndAge } from "@weir/ui/time-format.ts";
import { span } from "@weir/ui/words.ts";
import { siteTime, zoneOf } from "./fleet-state.ts";

export function SiteLink({ site }: { site: FleetSite }) {
  const { id, online, heardAtMs, silentSinceMs, silentReason, lastItemMs } = site;
  const newest =
    lastItemMs === null ? "nothing received yet" : `newest ${siteTime(id, lastItemMs)}`;
  if (online)
    return (
      <span class="soft">
        {heardWords(heardAtMs, siteNow.value)}, {newest}
      </span>
    );
  const sinceMs = silentSinceMs ?? lastItemMs;
  return (
    <span class="fresh-mark fresh-silent">
      <CrossedEye />{" "}
      {sinceMs === null
        ? "never heard"
        : `not heard since ${sinceAndAge(sinceMs, siteNow.value ?? sinceMs, zoneOf(id))}`}
      {silentReason && `: ${silentReason}`}
    </span>
  );
}

/** "heard 8 s ago": between two of its questions nothing is known of a site. */
export const heardWords = (heardAtMs: number | null, nowMs: number | null): string =>
  heardAtMs === null || nowMs === null
    ? "heard"
    : `heard ${span(Math.max(0, nowMs - heardAtMs))} ago`;
