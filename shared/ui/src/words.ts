/** Numbers and times as an operator reads them. Plant time throughout, in UTC unless the site says otherwise. */

/** Three significant digits, but never fewer digits than the integer part has. */
export function number(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return value.toFixed(digits);
}

const scales = ["B", "kB", "MB", "GB", "TB"] as const;

export function bytes(value: number): string {
  let index = 0;
  while (value >= 1000 && index < scales.length - 1) {
    value /= 1000;
    index++;
  }
  return `${index === 0 ? value.toFixed(0) : number(value)} ${scales[index]}`;
}

export const count = (value: number): string => Math.round(value).toLocaleString("en-GB");

/** "14:05:09" */
export const clockTime = (ms: number): string => new Date(ms).toISOString().slice(11, 19);

/** "2026-06-02", for what may be years ago. */
export const date = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** "2 Jun 14:05" */
export function dayTime(ms: number): string {
  const at = new Date(ms);
  const month = at.toLocaleString("en-GB", { month: "short", timeZone: "UTC" });
  return `${at.getUTCDate()} ${month} ${at.toISOString().slice(11, 16)}`;
}

/** "3 s", "12 min", "5 h", "2.5 d" */
export function span(ms: number): string {
  const seconds = Math.abs(ms) / 1000;
  if (seconds < 1) return `${Math.round(Math.abs(ms))} ms`;
  if (seconds < 90) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${number(seconds / 3600)} h`;
  return `${number(seconds / 86_400)} d`;
}

export const percent = (share: number): string => `${Math.round(share * 100)} %`;
