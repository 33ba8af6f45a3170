/** What waits in memory for the next commit, within limits. */

import { elementAt } from "@weir/contracts/elements.ts";
import type { Panes } from "@weir/contracts/generated/weir/v1/telemetry_pb.ts";
import { emptyLedger, type LedgerCounts } from "@weir/contracts/ledger.ts";
import type { EventFields } from "../hand-over.ts";
import { paneBytesUsual, parcelOverheadBytes, stagedBytesMax, stagedEventsMax } from "./limits.ts";

/** A closed block of readings. */
export interface StagedBlock {
  /** Column block; empty when `count` is 0 and there are no panes. */
  bytes: Uint8Array;
  /** Of readings that are in `thinned`. */
  panes?: Panes;
  /** Readings inside. */
  count: number;
  /** Readings that filter policy left out of it, those in panes too. */
  thinned: number;
  firstMs: number;
  lastMs: number;
}

export class Stage {
  readonly blocks: StagedBlock[] = [];
  readonly events: EventFields[] = [];
  #ledger: LedgerCounts = emptyLedger();
  #blockBytes = 0;
  #loss: { readings: number; fromMs: number; toMs: number } | undefined;

  addBlock(block: StagedBlock): void {
    this.blocks.push(block);
    this.#blockBytes += bytesOf(block);
    this.#ledger.acquired += block.count + block.thinned;
    this.#ledger.pending += block.count;
    this.#ledger.thinned += block.thinned;
    this.shrink();
  }

  /** False when memory is full of events: it is not kept. */
  addEvent(event: EventFields): boolean {
    if (this.events.length >= stagedEventsMax) return false;
    this.events.push(event);
    return true;
  }

  /** Oldest blocks go when a disk that does not write has filled the memory meant for waiting. */
  shrink(): void {
    let gone = 0;
    while (this.#blockBytes > stagedBytesMax && gone < this.blocks.length) {
      const block = elementAt(this.blocks, gone++);
      this.#blockBytes -= bytesOf(block);
      this.#ledger.pending -= block.count;
      this.#ledger.dropped += block.count;
      this.#loss ??= { readings: 0, fromMs: block.firstMs, toMs: block.lastMs };
      const loss = this.#loss;
      loss.readings += block.count;
      loss.toMs = Math.max(loss.toMs, block.lastMs);
    }
    this.blocks.splice(0, gone);
  }

  /** What the next commit adds to the durable ledger. */
  get ledger(): LedgerCounts {
    return this.#ledger;
  }

  get loss(): { readings: number; fromMs: number; toMs: number } | undefined {
    return this.#loss;
  }

  /** Of the blocks; events are few and small against the quota. */
  get sizeBytes(): number {
    return this.#blockBytes;
  }

  get isEmpty(): boolean {
    return this.blocks.length === 0 && this.events.length === 0 && this.#loss === undefined;
  }

  clear(): void {
    this.blocks.length = 0;
    this.events.length = 0;
    this.#ledger = emptyLedger();
    this.#blockBytes = 0;
    this.#loss = undefined;
  }
}

const bytesOf = ({ bytes, panes }: StagedBlock): number =>
  bytes.length + (panes ? panes.tags.length * paneBytesUsual : 0) + parcelOverheadBytes;
