/**
 * Sliding windows of every tag: readings and shorter panes become one-minute panes, the newest panes merge into a
 * window of any length. A minute closes by event time, when every edge that is heard has sent live
 * readings from after its end; backlog fills history, not windows, for it must not raise an alarm. An edge that
 * has gone quiet, frozen behind an open connection, blinds no other: it holds a minute for some patience only.
 */

import type { BlockColumn } from "@weir/contracts/block/column-block.ts";
import { elementAt, f64 } from "@weir/contracts/elements.ts";
import type { Birth } from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import { Quality } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import { figuresFrom, type TagPane } from "@weir/contracts/panes/tag-pane.ts";
import {
  addReading,
  clearPane,
  emptyPane,
  mergeInto,
  mergePanes,
  type Pane,
} from "@weir/detectors/pane.ts";

export const minuteMs = 60_000;
/** Panes kept per tag; the longest window. */
export const windowMinutesMax = 16;
/** Readings of one batch may lie this far apart between buses. */
const disorderMs = 2_000;
/** After a silence longer than this the windows start anew instead of walking through it. */
const catchUpMinutesMax = 60;

interface TagPanes {
  numbers: Float64Array;
  panes: Pane[];
}

export interface MinuteWindowsOptions {
  /** Site-wide index of "<edge>/<device>/<name>", −1 when unknown. */
  indexOf: (id: string) => number;
  /** Called for each closed minute, in order, with its end. */
  onMinute: (endMs: number) => void;
  /** Left out: an edge holds minutes until it is gone. */
  patience?: { monotonicMs: () => number; ms: number };
}

export class MinuteWindows {
  readonly #options: MinuteWindowsOptions;
  readonly #tags: TagPanes[] = [];
  /** Per edge: site-wide index by the birth's tag index. */
  readonly #indices = new Map<string, Int32Array>();
  readonly #reachedMs = new Map<string, number>();
  /** When readings of each edge last arrived, monotonic. */
  readonly #arrivedMs = new Map<string, number>();
  #closed = Number.NaN;

  constructor(options: MinuteWindowsOptions) {
    this.#options = options;
  }

  onBirth(edge: string, birth: Birth): void {
    const indices = new Int32Array(birth.tags.length).fill(-1);
    for (const tag of birth.tags) indices[tag.index] = this.#options.indexOf(`${edge}/${tag.id}`);
    this.#indices.set(edge, indices);
  }

  /** An edge that is offline holds no minute open. */
  onDeath(edge: string): void {
    this.#reachedMs.delete(edge);
    this.#close();
  }

  onReadings(edge: string, columns: readonly BlockColumn[], backlog: boolean): void {
    const indices = this.#indices.get(edge);
    if (backlog || !indices) return;
    let newestMs = this.#reachedMs.get(edge) ?? Number.NEGATIVE_INFINITY;
    for (const column of columns) {
      const index = indices[column.tag] ?? -1;
      if (index >= 0) this.#add(index, column);
      newestMs = Math.max(newestMs, column.timesMs[column.timesMs.length - 1] ?? newestMs);
    }
    this.#reached(edge, newestMs);
    this.#close();
  }

  /** Closes what only a quiet edge still holds open. */
  tick(): void {
    this.#close();
  }

  /** Before the readings of the same batch: `onReadings` closes the minutes. */
  onPanes(edge: string, panes: readonly TagPane[], backlog: boolean): void {
    const indices = this.#indices.get(edge);
    if (backlog || !indices) return;
    let newestMs = this.#reachedMs.get(edge) ?? Number.NEGATIVE_INFINITY;
    for (const pane of panes) {
      const index = indices[pane.tag] ?? -1;
      newestMs = Math.max(newestMs, pane.startMs + pane.lastAtMs);
      if (index < 0 || pane.quality !== Quality.GOOD) continue;
      const into = this.#paneAt(this.#tagAt(index), pane.startMs);
      if (into) mergeInto(into, figuresFrom(pane, 0));
    }
    this.#reached(edge, newestMs);
  }

  /** The window of `minutes` minutes that ended at `endMs`; undefined without a good reading in it. */
  window(index: number, endMs: number, minutes: number): Pane | undefined {
    const tag = this.#tags[index];
    if (!tag) return undefined;
    const last = Math.round(endMs / minuteMs) - 1;
    const parts: Pane[] = [];
    for (let number = last - minutes + 1; number <= last; number++) {
      const slot = number % windowMinutesMax;
      const pane = elementAt(tag.panes, slot);
      if (tag.numbers[slot] === number && pane.count > 0) parts.push(pane);
    }
    return parts.length === 0 ? undefined : mergePanes(parts);
  }

  #reached(edge: string, newestMs: number): void {
    this.#reachedMs.set(edge, newestMs);
    const { patience } = this.#options;
    if (patience) this.#arrivedMs.set(edge, patience.monotonicMs());
  }

  #holds(edge: string): boolean {
    const { patience } = this.#options;
    if (!patience) return true;
    return patience.monotonicMs() - (this.#arrivedMs.get(edge) ?? 0) <= patience.ms;
  }

  #add(index: number, column: BlockColumn): void {
    const tag = this.#tagAt(index);
    for (let i = 0; i < column.timesMs.length; i++) {
      const value = f64(column.values, i);
      if (column.qualities[i] !== Quality.GOOD || !Number.isFinite(value)) continue;
      const atMs = f64(column.timesMs, i);
      const pane = this.#paneAt(tag, atMs);
      if (pane) addReading(pane, atMs, value);
    }
  }

  /** The pane of the minute of `atMs`; undefined when that is older than a window can still reach. */
  #paneAt(tag: TagPanes, atMs: number): Pane | undefined {
    const number = Math.floor(atMs / minuteMs);
    const slot = number % windowMinutesMax;
    const held = f64(tag.numbers, slot);
    if (held > number) return undefined;
    const pane = elementAt(tag.panes, slot);
    if (held !== number) {
      clearPane(pane);
      tag.numbers[slot] = number;
    }
    return pane;
  }

  #tagAt(index: number): TagPanes {
    let tag = this.#tags[index];
    if (!tag) {
      tag = {
        numbers: new Float64Array(windowMinutesMax).fill(-1),
        panes: Array.from({ length: windowMinutesMax }, emptyPane),
      };
      this.#tags[index] = tag;
    }
    return tag;
  }

  #close(): void {
    const heard = [...this.#reachedMs].filter(([edge]) => this.#holds(edge));
    if (heard.length === 0) return;
    const reachedMs = Math.min(...heard.map(([, atMs]) => atMs));
    const number = Math.floor((reachedMs - disorderMs) / minuteMs);
    if (Number.isNaN(this.#closed) || number - this.#closed > catchUpMinutesMax) {
      this.#closed = number - 1;
    }
    while (this.#closed < number) {
      this.#closed += 1;
      this.#options.onMinute(this.#closed * minuteMs);
    }
  }
}
