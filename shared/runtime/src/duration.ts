/** Durations as people write them: "500ms", "3s", "5m", "8h", "2d", "1h30m". */

/** Largest first. */
const unitMs: ReadonlyMap<string | undefined, number> = new Map([
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
  ["ms", 1],
]);

const part = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;
/** What a duration looks like; "0" needs no unit. */
export const durationPattern = "(\\d+(\\.\\d+)?(ms|s|m|h|d))+";
const whole = new RegExp(`^${durationPattern}$`);

/** Milliseconds; undefined when `text` is not a duration. "0" needs no unit. */
export function parseDuration(text: string): number | undefined {
  const compact = text.trim();
  if (compact === "0") return 0;
  if (!whole.test(compact)) return undefined;
  let totalMs = 0;
  for (const [, count, unit] of compact.matchAll(part)) {
    totalMs += Number(count) * (unitMs.get(unit) ?? Number.NaN);
  }
  return totalMs;
}

/** The shortest exact writing, largest unit first: 5400000 → "1h30m", 0 → "0s". */
export function formatDuration(durationMs: number): string {
  let restMs = Math.abs(Math.round(durationMs));
  if (restMs === 0) return "0s";
  let text = durationMs < 0 ? "-" : "";
  for (const [unit, size] of unitMs) {
    const count = Math.floor(restMs / size);
    if (count > 0) text += `${count}${unit}`;
    restMs -= count * size;
  }
  return text;
}
