/**
 * Times as people at a site read them: by the clocks of a zone, which is the site's unless another is
 * named. In the hour that comes twice a year, the zone's name says which of the two it is.
 */
import { siteZone } from "./site-clock.ts";
import { span } from "./words.ts";
import { isAmbiguous, wallDate, zoneAbbreviation } from "./zone.ts";

/** Less than this ago is now: two clocks are seldom closer. */
const nowishMs = 1_000;
const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const which = (ms: number, tz: string): string =>
  isAmbiguous(ms, tz) ? ` ${zoneAbbreviation(ms, tz)}` : "";

/** "14:05:09" */
export const secondTime = (ms: number, tz = siteZone.value): string =>
  wallDate(ms, tz).toISOString().slice(11, 19) + which(ms, tz);

/** "14:05" */
export const minuteTime = (ms: number, tz = siteZone.value): string =>
  wallDate(ms, tz).toISOString().slice(11, 16) + which(ms, tz);

/** "2 Jun" */
export function dayMonth(ms: number, tz = siteZone.value): string {
  const wall = wallDate(ms, tz);
  return `${wall.getUTCDate()} ${months[wall.getUTCMonth()]}`;
}

/** "2026-06-02", for what may be years ago. */
export const date = (ms: number, tz = siteZone.value): string =>
  wallDate(ms, tz).toISOString().slice(0, 10);

/** "2 Jun 14:05" */
export const dayTime = (ms: number, tz = siteZone.value): string =>
  `${dayMonth(ms, tz)} ${minuteTime(ms, tz)}`;

/** "14:03" of today, "2 Jun 14:03" of another day, "2 Jun 2025 14:03" of another year. */
export function sinceTime(ms: number, nowMs: number, tz = siteZone.value): string {
  const [then, now] = [date(ms, tz), date(nowMs, tz)];
  if (then === now) return minuteTime(ms, tz);
  const [year, thisYear] = [then.slice(0, 4), now.slice(0, 4)];
  return year === thisYear ? dayTime(ms, tz) : `${dayMonth(ms, tz)} ${year} ${minuteTime(ms, tz)}`;
}

/** "14:03 (2 h)": a moment, and how long ago it is. */
export const sinceAndAge = (ms: number, nowMs: number, tz = siteZone.value): string =>
  `${sinceTime(ms, nowMs, tz)} (${nowMs - ms < nowishMs ? "now" : span(nowMs - ms)})`;
