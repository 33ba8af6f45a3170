/** Whether a site is heard: plain when it is, with a crossed eye and since when when it is not. */
import type { FleetSite } from "@weir/contracts/api/cloud.ts";
import { CrossedEye } from "@weir/ui/freshness.tsx";
import { siteNow } from "@weir/ui/site-clock.ts";
import { sinceAndAge } from "@weir/ui/time-format.ts";
import { siteTime, zoneOf } from "./fleet-state.ts";

export function SiteLink({ site }: { site: FleetSite }) {
  const { id, online, silentSinceMs, silentReason, lastItemMs } = site;
  const newest =
    lastItemMs === null ? "nothing received yet" : `newest ${siteTime(id, lastItemMs)}`;
  if (online) return <span class="soft">heard, {newest}</span>;
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
