/** Where an instant lies in day, week and year of a time zone: what people and shifts live by. */
import { type Calendar, calendarAt } from "./calendar.ts";

const hourMs = 3_600_000;

/**
 * Asked again and again for instants close together: the zone's distance from UTC is looked up once an hour.
 * Zones change it on the half hour at the finest, so a look-up on each half hour is exact.
 */
export function localCalendar(zone: string): (nowMs: number) => Calendar {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  });
  const lookUpMs = hourMs / 2;
  let since = Number.NaN;
  let offsetMs = 0;
  return (nowMs) => {
    const slot = Math.floor(nowMs / lookUpMs) * lookUpMs;
    if (slot !== since) {
      since = slot;
      const at = Object.fromEntries(
        parts.formatToParts(slot).map(({ type, value }) => [type, Number(value)]),
      ) as Record<"year" | "month" | "day" | "hour" | "minute", number>;
      offsetMs = Date.UTC(at.year, at.month - 1, at.day, at.hour, at.minute) - slot;
    }
    return calendarAt(nowMs + offsetMs);
  };
}
