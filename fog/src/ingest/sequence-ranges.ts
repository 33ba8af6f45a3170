/**
 * Which sequence numbers have been seen, as sorted closed ranges `[from, to, from, to, …]`. A link
 * that loses nothing costs one range for ever; live-before-backlog costs two until the gap is filled.
 */

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
    if ((ranges[2 * middle + 1] as number) < value) low = middle + 1;
    else high = middle;
  }
  return 2 * low;
}
