/** Where a time axis has its ticks and what stands there, by the clocks of a zone. */
import { dayMonth, minuteTime, secondTime } from "./time-format.ts";
import { clockOf, startOfDay } from "./zone.ts";

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Up to an hour ticks are equally far apart; above, they stand at round times of the day, or days. */
const steps: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * secondMs),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * minuteMs),
  ...[1, 2, 3, 4, 6, 12].map((hours) => hours * hourMs),
  ...[1, 2, 7, 14, 28, 91, 364].map((days) => days * dayMs),
];

/** Milliseconds between ticks, so that at most `countMax` stand in a span. */
export const tickStep = (spanMs: number, countMax: number): number =>
  steps.find((step) => spanMs / step <= countMax) ?? Math.ceil(spanMs / countMax / dayMs) * dayMs;

/** Instants of the ticks within [fromMs, toMs], oldest first. */
export function timeTicks(fromMs: number, toMs: number, tz: string, countMax: number): number[] {
  const step = tickStep(toMs - fromMs, countMax);
  if (step <= hourMs) return equalTicks(fromMs, toMs, tz, step);
  return step < dayMs ? hourTicks(fromMs, toMs, tz, step) : dayTicks(fromMs, toMs, tz, step);
}

function equalTicks(fromMs: number, toMs: number, tz: string, step: number): number[] {
  const ticks: number[] = [];
  for (let ms = roundUp(fromMs, tz, step); ms <= toMs; ms = roundUp(ms + 1, tz, step))
    ticks.push(ms);
  return ticks;
}

/** The next instant at which the zone's clocks show a multiple of the step. */
function roundUp(ms: number, tz: string, step: number): number {
  const clock = clockOf(tz);
  const offset = clock.offsetMs(ms);
  const next = Math.ceil((ms + offset) / step) * step - offset;
  const then = clock.offsetMs(next);
  // Between the two the zone may have changed by half an hour.
  return then === offset ? next : Math.ceil((next + then) / step) * step - then;
}

function hourTicks(fromMs: number, toMs: number, tz: string, step: number): number[] {
  const clock = clockOf(tz);
  const ticks: number[] = [];
  for (let day = startOfDay(fromMs, tz); day <= toMs; day = startOfDay(day, tz, 1)) {
    const midnight = Math.floor(clock.localMs(day) / dayMs) * dayMs;
    for (let time = 0; time < dayMs; time += step) {
      const ms = clock.instantOf(midnight + time);
      // A time that is skipped has no tick, except midnight: the day has to start somewhere.
      const isShown = time === 0 || clock.localMs(ms) === midnight + time;
      if (isShown && ms >= fromMs && ms <= toMs) ticks.push(ms);
    }
  }
  return ticks;
}

function dayTicks(fromMs: number, toMs: number, tz: string, step: number): number[] {
  const clock = clockOf(tz);
  const ticks: number[] = [];
  for (let ms = startOfDay(fromMs, tz); ms <= toMs; ms = startOfDay(ms, tz, 1)) {
    const day = Math.floor(clock.localMs(ms) / dayMs);
    if (day % (step / dayMs) === 0 && ms >= fromMs) ticks.push(ms);
  }
  return ticks;
}

/** "14:00"; with the date below where it is a new one; "2 Jun" alone for days. */
export function tickLabels(ticks: readonly number[], tz: string, step: number): string[] {
  const showsSeconds = step < minuteMs;
  return ticks.map((ms, index) => {
    if (step >= dayMs) return dayMonth(ms, tz);
    const time = showsSeconds ? secondTime(ms, tz) : minuteTime(ms, tz);
    const before = ticks[index - 1];
    const isNewDay = before === undefined || dayMonth(before, tz) !== dayMonth(ms, tz);
    // A name of the zone in the hour that comes twice goes to the second line.
    const [clock = "", ...more] = time.split(" ");
    return [clock, ...more, ...(isNewDay ? [dayMonth(ms, tz)] : [])].join("\n");
  });
}
