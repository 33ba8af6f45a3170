/** Makes blocks of the readings that come from the control thread: one for each piece of plant time. */

import { encodeBlock } from "@weir/contracts/block/encode-block.ts";
import { f64 } from "@weir/contracts/elements.ts";
import { encodePanes } from "@weir/contracts/panes/encode-panes.ts";
import { paneLengthMs } from "@weir/detectors/pane.ts";
import type { Cancel, Clock } from "@weir/runtime/clock.ts";
import type { ReadingBatch } from "../hand-over.ts";
import type { StagedBlock } from "../outbox/stage.ts";
import type { TagTable } from "./tag-table.ts";

export interface BlockMakerOptions {
  plantClock: Clock;
  /** Plant milliseconds that one block covers. */
  blockEveryMs: number;
  onBlock: (block: StagedBlock) => void;
}

export class BlockMaker {
  readonly #options: BlockMakerOptions;
  #table: TagTable | undefined;
  #cancelClose: Cancel | undefined;

  constructor(options: BlockMakerOptions) {
    this.#options = options;
  }

  get table(): TagTable | undefined {
    return this.#table;
  }

  /** Readings gathered and not yet in a block or a closed pane. */
  get openCount(): number {
    const table = this.#table;
    return table ? table.gather.count + table.thinner.heldCount : 0;
  }

  /** What was gathered belongs to the old table, and is closed first. */
  setTable(table: TagTable): void {
    this.close({ all: true });
    this.#table = table;
  }

  /** False when there is no tag table yet: nothing is taken. */
  take(batch: ReadingBatch): boolean {
    const table = this.#table;
    if (!table) return false;
    for (let at = 0; at < batch.tags.length; ) {
      at = table.gather.take(batch, at);
      if (at < batch.tags.length) this.close();
    }
    if (table.gather.count > 0) this.#armClose();
    return true;
  }

  noteAlert(tagId: string, active: boolean, atMs: number): void {
    const tag = this.#table?.indexById.get(tagId);
    if (tag !== undefined) this.#table?.thinner.noteAlert(tag, active, atMs);
  }

  /** `all`: panes under way end with the block. */
  close({ all = false } = {}): void {
    this.cancel();
    const table = this.#table;
    if (!table || this.openCount === 0) return;
    const at = { nowMs: this.#options.plantClock.nowMs(), all };
    const { columns, panes, thinned } = table.thinner.apply(table.gather.drain(), at);
    let count = 0;
    let firstMs = Number.POSITIVE_INFINITY;
    let lastMs = 0;
    for (const { timesMs } of columns) {
      count += timesMs.length;
      firstMs = Math.min(firstMs, f64(timesMs, 0));
      lastMs = Math.max(lastMs, timesMs.at(-1) as number);
    }
    for (const { startMs, lastAtMs } of panes) {
      firstMs = Math.min(firstMs, startMs);
      lastMs = Math.max(lastMs, startMs + lastAtMs);
    }
    const { dictionary } = table;
    const isEmpty = count === 0 && panes.length === 0;
    const bytes = isEmpty ? new Uint8Array() : encodeBlock(dictionary, columns);
    const packed = panes.length > 0 && { panes: encodePanes(dictionary, panes, paneLengthMs) };
    if (!isEmpty || thinned > 0) {
      this.#options.onBlock({ bytes, count, thinned, firstMs, lastMs, ...packed });
    }
    if (this.openCount > 0) this.#armClose();
  }

  cancel(): void {
    this.#cancelClose?.();
    this.#cancelClose = undefined;
  }

  /** Blocks end on the grid of the plant's calendar. */
  #armClose(): void {
    if (this.#cancelClose) return;
    const { plantClock, blockEveryMs } = this.#options;
    const leftMs = blockEveryMs - (plantClock.nowMs() % blockEveryMs);
    this.#cancelClose = plantClock.after(leftMs, () => this.close());
  }
}
