/**
 * When each block of one connection is due, on a grid of whole periods of the plant's calendar.
 * A reading carries the time of its slot: the poll ran within one period after it. Late slots are
 * skipped, never bunched.
 */
import { elementAt, f64, numberAt } from "@weir/contracts/elements.ts";
import type { Clock } from "@weir/runtime/clock.ts";

/** Calendar and monotonic time may part by this before the grid is laid again, milliseconds. */
const realignMs = 2_000;
/** Below this the difference is jitter of the clocks' own resolution. */
const slewFromMs = 100;
/** No block is polled more often than this. */
const periodMsMin = 10;

interface Periodic {
  periodMs: number;
}

/** Plant milliseconds since `sinceMs`, monotonic, in which this thread was due and did not run. */
export type StalledMs = (sinceMs: number) => number;

export class PollSchedule {
  readonly #clock: Clock;
  readonly #blocks: readonly Periodic[];
  readonly #dueMs: Float64Array;
  readonly #phasesMs: number[];
  /** Of each block, when hastened shorter than configured. */
  readonly #periodsMs: Float64Array;
  /** Calendar minus monotonic time. */
  #offsetMs = 0;
  readonly #stalledMs: StalledMs;
  /** Slots that passed without a poll: the bus was busy with others, or did not answer. */
  skippedCount = 0;
  /** Slots that passed without a poll as this process was not let run. */
  stalledCount = 0;

  constructor(clock: Clock, blocks: readonly Periodic[], stalledMs: StalledMs = () => 0) {
    this.#clock = clock;
    this.#stalledMs = stalledMs;
    this.#blocks = blocks;
    this.#dueMs = new Float64Array(blocks.length);
    this.#phasesMs = staggered(blocks);
    this.#periodsMs = Float64Array.from(blocks, ({ periodMs }) => periodMs);
    this.align();
  }

  /** Lays the grid anew: the first slot of each block lies in the future. */
  align(): void {
    const monotonicMs = this.#clock.monotonicMs();
    this.#offsetMs = Math.round(this.#clock.nowMs() - monotonicMs);
    for (let i = 0; i < this.#blocks.length; i++) this.#place(i);
  }

  /** Polls block `index` `factor` times as often as configured, on a grid that much finer. */
  hasten(index: number, factor: number): void {
    const periodMs = Math.max(periodMsMin, elementAt(this.#blocks, index).periodMs / factor);
    if (periodMs === this.#periodsMs[index]) return;
    this.#periodsMs[index] = periodMs;
    this.#place(index);
  }

  /** The next slot of block `index` is the first of its grid that lies in the future. */
  #place(index: number): void {
    const nowMs = this.#clock.monotonicMs() + this.#offsetMs;
    const phaseMs = numberAt(this.#phasesMs, index);
    const periodMs = f64(this.#periodsMs, index);
    const slotMs = Math.ceil((nowMs - phaseMs) / periodMs) * periodMs + phaseMs;
    this.#dueMs[index] = slotMs - this.#offsetMs;
  }

  /** Index of the block that has waited longest, of those due and `isAllowed`; −1 when none. */
  next(isAllowed: (index: number) => boolean): number {
    const nowMs = this.#clock.monotonicMs();
    let best = -1;
    for (let i = 0; i < this.#dueMs.length; i++) {
      if (
        f64(this.#dueMs, i) > nowMs ||
        (best >= 0 && f64(this.#dueMs, i) >= f64(this.#dueMs, best))
      )
        continue;
      if (isAllowed(i)) best = i;
    }
    return best;
  }

  /** Milliseconds to the next slot of any allowed block, 0 when one is due, undefined without any. */
  untilNextMs(isAllowed: (index: number) => boolean): number | undefined {
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.#dueMs.length; i++) {
      if (f64(this.#dueMs, i) < least && isAllowed(i)) least = f64(this.#dueMs, i);
    }
    if (least === Number.POSITIVE_INFINITY) return undefined;
    return Math.max(0, least - this.#clock.monotonicMs());
  }

  /** Takes the slot of block `index`; returns its UTC milliseconds. */
  take(index: number): number {
    const monotonicMs = this.#clock.monotonicMs();
    this.#follow(monotonicMs);
    const periodMs = f64(this.#periodsMs, index);
    // −1 where the calendar has just been set: the newest slot of the new grid lies one period back.
    const missed = Math.floor((monotonicMs - f64(this.#dueMs, index)) / periodMs);
    if (missed > 0) this.#count(missed, index);
    const slotMs = f64(this.#dueMs, index) + missed * periodMs;
    this.#dueMs[index] = slotMs + periodMs;
    return Math.round(slotMs + this.#offsetMs);
  }

  /** A slot is the process's loss where it stood still for most of it, and else the bus's. */
  #count(missed: number, index: number): void {
    const stalledMs = this.#stalledMs(f64(this.#dueMs, index));
    const stalled = Math.min(missed, Math.round(stalledMs / f64(this.#periodsMs, index)));
    this.stalledCount += stalled;
    this.skippedCount += missed - stalled;
  }

  /** Keeps the grid on the calendar: jumps when it jumps, leans when it drifts. */
  #follow(monotonicMs: number): void {
    const driftMs = this.#clock.nowMs() - monotonicMs - this.#offsetMs;
    if (Math.abs(driftMs) > realignMs) this.align();
    else if (Math.abs(driftMs) > slewFromMs) this.#offsetMs += Math.sign(driftMs);
  }
}

/** Blocks of slow periods take turns in the slots of the fastest one, so that they do not queue up. */
function staggered(blocks: readonly Periodic[]): number[] {
  const tickMs = Math.min(...blocks.map((block) => block.periodMs));
  const turns = new Map<number, number>();
  return blocks.map(({ periodMs }) => {
    const turn = turns.get(periodMs) ?? 0;
    turns.set(periodMs, turn + 1);
    const slots = Math.max(1, Math.floor(periodMs / tickMs));
    return (turn % slots) * tickMs;
  });
}
