/** Hourly history of a stage as a matrix, its windows, and which of them may teach. Pure. */
import { elementAt, f32 } from "@weir/contracts/elements.ts";
import { siteTimeOf } from "@weir/contracts/site-time.ts";
import type { Summary } from "../historian/bucket-summary.ts";
import { hourMs, windowHours } from "../limits.ts";

/** One row for each hour that the site's wall clock shows: every day has 24, through both changes of summer time. */
export interface HourMatrix {
  channels: string[];
  /** IANA zone of that clock. */
  zone: string;
  /** What the clock shows at the start of the first row, counted as UTC is. */
  fromLocalMs: number;
  hourCount: number;
  /** Row-major [hour][channel]. NaN where a gap is longer than `gapHoursMax`. */
  values: Float32Array;
}

/** Gaps up to this long are bridged by the last value, hours. */
export const gapHoursMax = 12;

/**
 * Means of `summaries` (each in order of time) from `fromMs` on. The hour that comes twice in autumn is one row,
 * the mean of both; the one that does not come in spring is a gap of one row, bridged like any other.
 */
export function hourMatrix(
  summaries: ReadonlyMap<string, readonly Summary[]>,
  { fromMs, toMs, zone }: { fromMs: number; toMs: number; zone: string },
): HourMatrix {
  const channels = [...summaries.keys()];
  const time = siteTimeOf(zone);
  const fromLocalMs = Math.floor(time.localMs(fromMs) / hourMs) * hourMs;
  const hourCount = Math.max(0, Math.floor((time.localMs(toMs) - fromLocalMs) / hourMs));
  const values = new Float32Array(hourCount * channels.length).fill(Number.NaN);
  channels.forEach((channel, c) => {
    for (const { atMs, mean } of summaries.get(channel) ?? []) {
      const hour = Math.floor((time.localMs(atMs) - fromLocalMs) / hourMs);
      if (hour < 0 || hour >= hourCount) continue;
      const cell = hour * channels.length + c;
      const before = f32(values, cell);
      values[cell] = Number.isNaN(before) ? mean : (before + mean) / 2;
    }
    bridge(values, { channel: c, channelCount: channels.length });
  });
  return { channels, zone, fromLocalMs, hourCount, values };
}

/** The instant at which row `hour` begins; undefined for the hour that the clock leaves out. */
export function hourStartMs(
  { zone, fromLocalMs }: Pick<HourMatrix, "zone" | "fromLocalMs">,
  hour: number,
): number | undefined {
  const time = siteTimeOf(zone);
  const localMs = fromLocalMs + hour * hourMs;
  const atMs = time.instantOf(localMs);
  return time.localMs(atMs) === localMs ? atMs : undefined;
}

function bridge(
  values: Float32Array,
  { channel, channelCount }: { channel: number; channelCount: number },
): void {
  let last = Number.NaN;
  let gap = 0;
  for (let i = channel; i < values.length; i += channelCount) {
    const value = f32(values, i);
    if (!Number.isNaN(value)) {
      last = value;
      gap = 0;
    } else if (++gap <= gapHoursMax) {
      values[i] = last;
    }
  }
}

/** Leaves out channels with less than half of the hours, which would otherwise void every window. */
export function withoutEmptyChannels(matrix: HourMatrix): HourMatrix {
  const { channels, hourCount, values } = matrix;
  const kept = channels.flatMap((_, c) => {
    let count = 0;
    for (let h = 0; h < hourCount; h++) {
      if (!Number.isNaN(values[h * channels.length + c])) count += 1;
    }
    return count * 2 >= hourCount ? [c] : [];
  });
  const next = new Float32Array(hourCount * kept.length);
  for (let h = 0; h < hourCount; h++) {
    kept.forEach((c, i) => {
      next[h * kept.length + i] = f32(values, h * channels.length + c);
    });
  }
  return { ...matrix, channels: kept.map((c) => elementAt(channels, c)), values: next };
}

/** True for each hour in which every channel has a value. */
export function wholeHours({ channels, hourCount, values }: HourMatrix): boolean[] {
  return Array.from({ length: hourCount }, (_, h) =>
    values.subarray(h * channels.length, (h + 1) * channels.length).every((x) => !Number.isNaN(x)),
  );
}

/** First hours of all windows whose every hour passes `usable`. */
export function windowStarts(usable: readonly boolean[], length = windowHours): number[] {
  const starts: number[] = [];
  let run = 0;
  usable.forEach((ok, hour) => {
    run = ok ? run + 1 : 0;
    if (run >= length) starts.push(hour - length + 1);
  });
  return starts;
}

export interface Span {
  fromMs: number;
  toMs: number;
}

export interface Split {
  trainStarts: number[];
  heldOutStarts: number[];
  /** In words, for the manifest and the console. */
  words: string;
}

/** The newest hours never teach: what wears now would become normal. */
export const recentDaysExcluded = 6;
/** Of the remaining hours, the newest share is held out. */
const heldOutShare = 0.25;
export const trainShare = 1 - heldOutShare;

/**
 * Training windows from the first part, held-out windows end in the part after it; windows that touch
 * `excluded` (labelled or ticketed times) or the newest days are in neither.
 */
export function splitWindows(
  matrix: HourMatrix,
  { nowMs, excluded }: { nowMs: number; excluded: readonly Span[] },
): Split {
  const time = siteTimeOf(matrix.zone);
  const hourStart = (h: number) => time.instantOf(matrix.fromLocalMs + h * hourMs);
  const cutMs = nowMs - recentDaysExcluded * 24 * hourMs;
  const isExcluded = (h: number) =>
    excluded.some((span) => hourStart(h) < span.toMs && hourStart(h) + hourMs > span.fromMs);
  const usable = wholeHours(matrix).map(
    (ok, h) => ok && hourStart(h) + hourMs <= cutMs && !isExcluded(h),
  );
  const last = usable.lastIndexOf(true) + 1;
  const border = Math.floor(last * trainShare);
  const starts = windowStarts(usable);
  const trainStarts = starts.filter((start) => start + windowHours <= border);
  const heldOutStarts = starts.filter((start) => start + windowHours > border);
  const day = (h: number) => time.day(hourStart(h));
  const words =
    `Trained on ${trainStarts.length} windows of ${windowHours} hours that end before ${day(border)} ` +
    `(history from ${day(0)}); threshold from ${heldOutStarts.length} windows that end between ${day(border)} and ${day(Math.max(0, last - 1))}, ` +
    `of which the newest hours are in no training window; the newest ${recentDaysExcluded} days and ` +
    `${excluded.length} labelled or ticketed times are left out`;
  return { trainStarts, heldOutStarts, words };
}
