/**
 * When a slowly rising value reaches its limit, from its hourly course; a falling one is asked with both
 * negated. Wear accelerates: the newest slope and how it has grown give the expected time, the straight
 * line the latest.
 */
import { hourMs } from "../limits.ts";

export interface CoursePoint {
  atMs: number;
  value: number;
}

export interface FailureTime {
  p10Ms: number;
  p50Ms: number;
  p90Ms: number;
}

/** Hours over which a slope is taken; the one before it tells how it has grown. */
const slopeHours = 48;
/** Fewest hours of a slope. */
const pointCountMin = 24;
/** Beyond this nobody plans by it, hours. */
const horizonHours = 60 * 24;
/** What is expected may come this much earlier, and the straight line be this much too short. */
const earlyShare = 0.5;
const lateShare = 1.15;

/**
 * `null` when the value does not rise clearly, is at `limit` already, or is expected to reach it later
 * than two months from its newest point.
 */
export function timeToLimit(course: readonly CoursePoint[], limit: number): FailureTime | null {
  const last = course.at(-1);
  if (!last) return null;
  const hours = course.map(({ atMs, value }): Point => [(atMs - last.atMs) / hourMs, value]);
  const recent = hours.filter(([hour]) => hour > -slopeHours);
  const earlier = hours.filter(([hour]) => hour <= -slopeHours && hour > -2 * slopeHours);
  if (recent.length < pointCountMin) return null;
  const line = fit(recent);
  // Clear: the slope stands three standard errors above level.
  if (!(line.slope > 3 * line.slopeError) || line.at0 >= limit) return null;
  const growth =
    earlier.length < pointCountMin ? 0 : Math.max(0, line.slope - fit(earlier).slope) / slopeHours;
  const rest = limit - line.at0;
  const straight = rest / line.slope;
  const expected = hoursTo(rest, { slope: line.slope, growth });
  if (expected > horizonHours) return null;
  const at = (hour: number) => last.atMs + hour * hourMs;
  return {
    p10Ms: at(earlyShare * expected),
    p50Ms: at(expected),
    p90Ms: at(lateShare * Math.max(straight, expected)),
  };
}

/** Hours until slope·t + growth·t²/2 has covered `rest`. */
const hoursTo = (rest: number, { slope, growth }: { slope: number; growth: number }): number =>
  growth > 0 ? (Math.sqrt(slope ** 2 + 2 * growth * rest) - slope) / growth : rest / slope;

type Point = readonly [hour: number, value: number];

/** Least squares through (hours, value), value at 0 and the slope's standard error. */
function fit(points: readonly Point[]) {
  const n = points.length;
  const meanT = points.reduce((sum, [t]) => sum + t, 0) / n;
  const meanX = points.reduce((sum, [, x]) => sum + x, 0) / n;
  let tt = 0;
  let tx = 0;
  for (const [t, x] of points) {
    tt += (t - meanT) ** 2;
    tx += (t - meanT) * (x - meanX);
  }
  const slope = tx / tt;
  const at0 = meanX - slope * meanT;
  const rest = points.reduce((sum, [t, x]) => sum + (x - at0 - slope * t) ** 2, 0);
  return { slope, at0, slopeError: Math.sqrt(rest / Math.max(1, n - 2) / tt) };
}
