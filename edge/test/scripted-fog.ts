/** The other side of the line, for tests: takes what comes, durable at once, and counts as a fog would. */

import type { BlockColumn } from "@weir/contracts/block/column-block.ts";
import { decodeBlock } from "@weir/contracts/block/decode-block.ts";
import { makeDictionary } from "@weir/contracts/block/dictionary.ts";
import { f64 } from "@weir/contracts/elements.ts";
import { type MessageOf, open } from "@weir/contracts/envelope.ts";
import type { Birth } from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import type { Event } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { decodePanes } from "@weir/contracts/panes/decode-panes.ts";
import type { TagPane } from "@weir/contracts/panes/tag-pane.ts";
import { type Family, topicOf } from "@weir/contracts/topics.ts";
import { paneLengthMs } from "@weir/detectors/pane.ts";
import { EdgeFault } from "../src/faults.ts";
import { createMemoryLink, type MemoryLink } from "../src/uplink/mqtt-link.memory.ts";

export interface Received {
  epoch: number;
  sequence: number;
  backlog: boolean;
  count: number;
  firstMs: number;
}

export class ScriptedFog {
  isUp = true;
  /** A PUBACK is lost: the message is stored, the edge does not hear of it. */
  losesAcks = false;
  readonly births: Birth[] = [];
  readonly batches: Received[] = [];
  /** Distinct, as `panes`. */
  readonly columns: BlockColumn[] = [];
  readonly panes: TagPane[] = [];
  readonly events: { event: Event; backlog: boolean }[] = [];
  readonly statuses: MessageOf<"status">[] = [];
  readonly acks: MessageOf<"ack">[] = [];
  readonly deaths: MessageOf<"death">[] = [];
  readonly #seen = new Map<string, number>();
  readonly #dictionaries = new Map<number, ReturnType<typeof makeDictionary>>();
  #deliver: ((family: "model" | "command", bytes: Uint8Array) => void) | undefined;

  line(): MemoryLink {
    return createMemoryLink({
      topicOf: (family) => topicOf({ site: "riverside", edge: "edge-w", family }),
      open: (deliver) => {
        if (!this.isUp) throw new EdgeFault("EDGE_LINK_CLOSED", { why: "the fog is down" });
        this.#deliver = deliver;
        return {
          publish: async (family, bytes) => {
            if (!this.isUp) return new Promise(() => {});
            this.take(family, bytes);
            if (this.losesAcks) return new Promise(() => {});
          },
          close: () => {},
        };
      },
    });
  }

  send(family: "model" | "command", bytes: Uint8Array): void {
    this.#deliver?.(family, bytes);
  }

  /** Distinct readings. */
  get stored(): number {
    return [...this.#seen.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Durable when it returns. */
  take(family: Family, bytes: Uint8Array): void {
    switch (family) {
      case "birth": {
        const birth = read("birth", bytes);
        this.births.push(birth);
        const dictionary = makeDictionary(birth.tags);
        this.#dictionaries.set(dictionary.hash, dictionary);
        return;
      }
      case "blocks":
        this.#takeBlock(read("blocks", bytes));
        return;
      case "events": {
        const batch = read("events", bytes);
        for (const event of batch.events) this.events.push({ event, backlog: batch.backlog });
        return;
      }
      case "status":
        this.statuses.push(read("status", bytes));
        return;
      case "ack":
        this.acks.push(read("ack", bytes));
        return;
      case "death":
        this.deaths.push(read("death", bytes));
        return;
    }
  }

  #takeBlock({ epoch, sequence, backlog, block, panes }: MessageOf<"blocks">): void {
    for (const dictionary of this.#dictionaries.values()) {
      const decoded = decodeBlock(dictionary, block);
      if (!decoded.ok) continue;
      const count = decoded.columns.reduce((sum, column) => sum + column.timesMs.length, 0);
      const firstMs = Math.min(...decoded.columns.map((column) => f64(column.timesMs, 0)));
      if (!this.#seen.has(`${epoch}/${sequence}`)) {
        this.columns.push(...decoded.columns);
        const unpacked = panes && decodePanes(dictionary, panes, paneLengthMs);
        if (unpacked?.ok) this.panes.push(...unpacked.panes);
        else if (unpacked) throw new Error(`panes cannot be read: ${unpacked.detail}`);
      }
      this.#seen.set(`${epoch}/${sequence}`, count);
      this.batches.push({ epoch, sequence, backlog, count, firstMs });
      return;
    }
    throw new Error(`no dictionary fits batch ${epoch}/${sequence}`);
  }
}

function read<F extends Family>(family: F, bytes: Uint8Array): MessageOf<F> {
  const opened = open(family, bytes);
  if (!opened.ok) throw new Error(`a message of ${family} cannot be read: ${opened.detail}`);
  return opened.value;
}
