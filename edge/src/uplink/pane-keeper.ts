/**
 * Policy `summary`: of each pane of 5 seconds only what its readings amount to goes up.
 *
 * Around alerts, and in a pane in which the quality changes, the readings go up themselves and that
 * pane is left out: each reading travels once, as itself or within one pane. So the readings of a pane
 * under way are held until it is over. After a death they are gone, and were never counted.
 */

import type { BlockColumn } from "@weir/contracts/block/column-block.ts";
import { f64, numberAt, u8 } from "@weir/contracts/elements.ts";
import type { TagPane } from "@weir/contracts/panes/tag-pane.ts";
import { addReading, emptyPane, paneLengthMs } from "@weir/detectors/pane.ts";

/** A pane with so many readings is closed, and the next one is of the same span: 16 kB a tag. */
export const heldReadingsMax = 1_024;

interface Readings {
  timesMs: number[];
  values: number[];
  qualities: number[];
}

interface TagState {
  readonly tag: number;
  /** Of the readings held; NaN when there are none. */
  startMs: number;
  /** All of one pane and of one quality. */
  held: Readings;
  /** Quality of the newest reading, undefined before the first. */
  quality: number | undefined;
  /** Start of the pane in which the quality changed last. */
  changedMs: number;
  /** Panes that begin before this are left out. */
  alertUntilMs: number;
  /** To go up as they are. */
  passing: Readings;
}

export interface Settled {
  columns: BlockColumn[];
  panes: TagPane[];
}

export class PaneKeeper {
  readonly #states = new Map<number, TagState>();
  #panes: TagPane[] = [];
  #heldCount = 0;

  /** Readings that wait for the end of their pane. */
  get heldCount(): number {
    return this.#heldCount;
  }

  /** Until `untilMs` all readings of `tag` go up, held ones too. */
  noteAlert(tag: number, untilMs: number): void {
    this.#state(tag).alertUntilMs = untilMs;
  }

  take(column: BlockColumn): void {
    const state = this.#state(column.tag);
    for (let i = 0; i < column.timesMs.length; i++) {
      const atMs = f64(column.timesMs, i);
      const quality = u8(column.qualities, i);
      const startMs = Math.floor(atMs / paneLengthMs) * paneLengthMs;
      if (quality !== state.quality && state.quality !== undefined) state.changedMs = startMs;
      state.quality = quality;
      if (startMs !== state.startMs) this.#close(state);
      const passes = startMs === state.changedMs || startMs < state.alertUntilMs;
      if (passes) this.#release(state);
      else if (state.held.timesMs.length >= heldReadingsMax) this.#close(state);
      const into = passes ? state.passing : state.held;
      into.timesMs.push(atMs);
      into.values.push(f64(column.values, i));
      into.qualities.push(quality);
      if (passes) continue;
      state.startMs = startMs;
      this.#heldCount += 1;
    }
  }

  /** What may go up at `nowMs`: panes that are over, with `all` also those under way. */
  settle({ nowMs, all }: { nowMs: number; all: boolean }): Settled {
    const columns: BlockColumn[] = [];
    for (const state of this.#states.values()) {
      if (state.startMs < state.alertUntilMs) this.#release(state);
      else if (all || state.startMs + paneLengthMs <= nowMs) this.#close(state);
      if (state.passing.timesMs.length === 0) continue;
      columns.push(columnOf(state.tag, state.passing));
      state.passing = noReadings();
    }
    const panes = this.#panes.sort((a, b) => a.tag - b.tag || a.startMs - b.startMs);
    this.#panes = [];
    return { columns, panes };
  }

  #state(tag: number): TagState {
    let state = this.#states.get(tag);
    if (!state) {
      state = {
        tag,
        startMs: Number.NaN,
        held: noReadings(),
        quality: undefined,
        changedMs: Number.NaN,
        alertUntilMs: Number.NEGATIVE_INFINITY,
        passing: noReadings(),
      };
      this.#states.set(tag, state);
    }
    return state;
  }

  /** The held readings go up as they are. */
  #release(state: TagState): void {
    const { held, passing } = state;
    if (held.timesMs.length === 0) return;
    for (const key of ["timesMs", "values", "qualities"] as const) passing[key].push(...held[key]);
    this.#empty(state);
  }

  /** The held readings become a pane. */
  #close(state: TagState): void {
    const { tag, held, startMs } = state;
    if (held.timesMs.length === 0) return;
    if (startMs < state.alertUntilMs) {
      this.#release(state);
      return;
    }
    // Counted from the pane's start: float64 keeps whole milliseconds of UTC, but not of their squares.
    const figures = emptyPane();
    for (const [i, atMs] of held.timesMs.entries()) {
      addReading(figures, atMs - startMs, numberAt(held.values, i));
    }
    const holes = held.timesMs.length - figures.count;
    const lastAtMs = figures.count > 0 ? figures.lastAtMs : Math.max(...held.timesMs) - startMs;
    this.#panes.push({
      ...{ tag, startMs, holes, lastAtMs, figures },
      quality: numberAt(held.qualities, 0),
    });
    this.#empty(state);
  }

  #empty(state: TagState): void {
    this.#heldCount -= state.held.timesMs.length;
    state.held = noReadings();
    state.startMs = Number.NaN;
  }
}

const noReadings = (): Readings => ({ timesMs: [], values: [], qualities: [] });

/** In the order of time, which a calendar correction may have broken. */
function columnOf(tag: number, { timesMs, values, qualities }: Readings): BlockColumn {
  const order = [...timesMs.keys()].sort(
    (a, b) => numberAt(timesMs, a) - numberAt(timesMs, b) || a - b,
  );
  return {
    tag,
    timesMs: Float64Array.from(order, (i) => numberAt(timesMs, i)),
    values: Float64Array.from(order, (i) => numberAt(values, i)),
    qualities: Uint8Array.from(order, (i) => numberAt(qualities, i)),
  };
}
