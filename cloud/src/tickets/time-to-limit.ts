/**
 * When a slowly rising value reaches its limit, from its hourly course. Wear accelerates, so the
 * straight line is the latest and exponential growth of the excess the earliest of what is plausible.
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

/** Fewest hours of a course. */
const pointCountMin = 24;
/** Beyond this nobody plans by it, hours. */
const horizonHours = 60 * 24;

/**
 * `usual`: the value before the rise. `null` when the value does not rise clearly, is at the limit
 * already, or reaches it later than two months from its newest point.
 */
export function timeToLimit(
  course: readonly CoursePoint[],
  { usual, limit }: { usual: number; limit: number },
): FailureTime | null {
  const last = course.at(-1);
  if (!last || course.length < pointCountMin) return null;
  const line = fit(course.map(({ atMs, value }) => [(atMs - last.atMs) / hourMs, value]));
  // Clear: the slope stands three standard errors above level.
  if (!(line.slope > 3 * line.slopeError) || line.at0 >= limit) return null;
  const linear = (limit - line.at0) / line.slope;
  const excess = course
    .filter(({ value }) => value > usual)
    .map(({ atMs, value }): [number, number] => [
      (atMs - last.atMs) / hourMs,
      Math.log(value - usual),
    ]);
  const growth = excess.length >= pointCountMin ? fit(excess) : undefined;
  const exponential =
    growth && growth.slope > 2 * growth.slopeError
      ? Math.log((limit - usual) / Math.max(1e-9, line.at0 - usual)) / growth.slope
      : linear * 0.6;
  const early = Math.min(linear, exponential) * 0.85;
  const late = Math.max(linear, exponential) * 1.15;
  const middle = Math.sqrt(early * late);
  if (!(early > 0) || middle > horizonHours) return null;
  const at = (hours: number) => last.atMs + hours * hourMs;
  return { p10Ms: at(early), p50Ms: at(middle), p90Ms: at(late) };
}

/** Least squares through (hours, value), value at 0 and the slope's standard error. */
function fit(points: readonly (readonly [number, number])[]) {
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
