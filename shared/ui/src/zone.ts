/** Instants by the wall clock of a zone, as axes and texts need them. The clock itself is in contracts/site-time.ts. */
import { SiteTime } from "@weir/contracts/site-time.ts";

const dayMs = 86_400_000;

const clocks = new Map<string, SiteTime>();

/** @throws RangeError for a name that is no zone */
export function clockOf(tz: string): SiteTime {
  let clock = clocks.get(tz);
  if (!clock) {
    clock = new SiteTime(tz);
    clocks.set(tz, clock);
  }
  return clock;
}

/** What the wall clock shows, in the UTC fields of a Date: for reading off, not as an instant. */
export const wallDate = (ms: number, tz: string): Date => new Date(clockOf(tz).localMs(ms));

/** The first instant of the day in which `ms` lies, or of the one `days` later. */
export function startOfDay(ms: number, tz: string, days = 0): number {
  const clock = clockOf(tz);
  const local = clock.localMs(ms);
  const midnight = Math.floor(local / dayMs) * dayMs;
  return clock.instantOf(midnight + days * dayMs);
}

/** Does the wall clock show this instant's time twice? */
export function isAmbiguous(ms: number, tz: string): boolean {
  const clock = clockOf(tz);
  const local = clock.localMs(ms);
  // A day either side of a change both offsets are found.
  return [ms - dayMs, ms + dayMs].some((near) => {
    const other = local - clock.offsetMs(near);
    return other !== ms && clock.localMs(other) === local;
  });
}

const names = new Map<string, Intl.DateTimeFormat>();

/** "CEST", "GMT-3": what tells two equal wall times of one night apart. */
export function zoneAbbreviation(ms: number, tz: string): string {
  let format = names.get(tz);
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", { timeZone: tz, timeZoneName: "short" });
    names.set(tz, format);
  }
  return format.formatToParts(ms).find(({ type }) => type === "timeZoneName")?.value ?? tz;
}
