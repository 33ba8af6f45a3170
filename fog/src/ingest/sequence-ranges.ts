/**
 * Which sequence numbers have been seen, as sorted closed ranges `[from, to, from, to, …]`. A link
 * that loses nothing costs one range for ever; live-before-backlog costs two until the gap is filled.
 */
import { numberAt } from "@weir/contracts/elements.ts";

export type SequenceRanges = readonly number[];

export const noRanges: SequenceRanges = [];

/** The ranges with `sequence` added, or `undefined` when it was there already. */
export function withSequence(ranges: SequenceRanges, sequence: number): SequenceRanges | undefined {
  const next = firstRangeEndingAtOrAfter(ranges, sequence - 1);
  const from = ranges[next];
  const to = ranges[next + 1];
  if (from === undefined || to === undefined || sequence < from - 1) {
    return [...ranges.slice(0, next), sequence, sequence, ...ranges.slice(next)];
  }
  if (sequence >= from && sequence <= to) return undefined;
  if (sequence === from - 1) {
    return [...ranges.slice(0, next), sequence, ...ranges.slice(next + 1)];
  }
  // sequence === to + 1: grows this range, and joins it to the next one when they now touch.
  const joins = ranges[next + 2] === sequence + 1;
  return joins
    ? [...ranges.slice(0, next + 1), ...ranges.slice(next + 3)]
    : [...ranges.slice(0, next + 1), sequence, ...ranges.slice(next + 2)];
}

/** The ranges with all of [from, to] added. */
export function withSpan(ranges: SequenceRanges, from: number, to: number): SequenceRanges {
  const before: number[] = [];
  const after: number[] = [];
  let [low, high] = [from, to];
  for (const [start, end] of pairs(ranges)) {
    if (end < low - 1) before.push(start, end);
    else if (start > high + 1) after.push(start, end);
    else [low, high] = [Math.min(low, start), Math.max(high, end)];
  }
  return [...before, low, high, ...after];
}

/** What is missing below `end` (not included), counted from 1. */
export function missingBelow(ranges: SequenceRanges, end: number): [from: number, to: number][] {
  const missing: [number, number][] = [];
  let next = 1;
  for (const [from, to] of pairs(ranges)) {
    if (from > next && next < end) missing.push([next, Math.min(from, end) - 1]);
    next = Math.max(next, to + 1);
  }
  if (next < end) missing.push([next, end - 1]);
  return missing;
}

/** Every number of both. */
export function joined(a: SequenceRanges, b: SequenceRanges): SequenceRanges {
  let all = a;
  for (const [from, to] of pairs(b)) all = withSpan(all, from, to);
  return all;
}

export const highest = (ranges: SequenceRanges): number => ranges.at(-1) ?? 0;

function* pairs(ranges: SequenceRanges): Generator<[from: number, to: number]> {
  for (let i = 0; i + 1 < ranges.length; i += 2)
    yield [numberAt(ranges, i), numberAt(ranges, i + 1)];
}

export function hasSequence(ranges: SequenceRanges, sequence: number): boolean {
  const at = firstRangeEndingAtOrAfter(ranges, sequence);
  const from = ranges[at];
  return from !== undefined && from <= sequence;
}

/** Index of the `from` of the first range whose `to` is at least `value`; `ranges.length` if none. */
function firstRangeEndingAtOrAfter(ranges: SequenceRanges, value: number): number {
  let low = 0;
  let high = ranges.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numberAt(ranges, 2 * middle + 1) < value) low = middle + 1;
    else high = middle;
  }
  return 2 * low;
}
