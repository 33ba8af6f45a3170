/**
 * Store and forward: what is committed here is sent until the fog has it. One transaction per commit
 * moves readings and their counts together, so a power cut leaves a ledger that balances.
 *
 * Readings that were never committed were never acquired, as far as the durable ledger goes; and
 * nothing is sent before it is committed, so the fog can hold nothing that the ledger does not know.
 */
import assert from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import { seal } from "@weir/contracts/envelope.ts";
import { EventBatchSchema } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { TelemetrySchema } from "@weir/contracts/generated/weir/v1/telemetry_pb.ts";
import { addLedgers, balanced, type LedgerCounts } from "@weir/contracts/ledger.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import { drawIncarnation, type Incarnation, shortIncarnation } from "@weir/runtime/incarnation.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import { EdgeFault } from "../faults.ts";
import type { EventFields } from "../hand-over.ts";
import { eventBatches } from "./event-batches.ts";
import { diskRetryMs, diskSpareBytes, evictionShare, parcelOverheadBytes } from "./limits.ts";
import { addLoss, type Loss, lossEvent } from "./loss.ts";
import { type Boot, type Gone, type Numbered, OutboxStore, type Place } from "./outbox-store.ts";
import { type Parcel, type Stream, streams } from "./parcel.ts";
import { Stage, type StagedBlock } from "./stage.ts";

export interface OutboxOptions {
  edge: string;
  db: SqlDatabase;
  /** Deadlines of a full disk. */
  ioClock: Clock;
  /** Stamps the events that the outbox itself makes. */
  plantClock: Clock;
  quotaBytes: number;
  /** 0: none, for tests that never fill a disk. */
  reserveBytes: number;
  /** What the file system has left for us. */
  freeDiskBytes: () => number;
  /** Epoch of a database that has none yet, default 1: so that boots are told apart by people. */
  firstEpoch?: number | undefined;
  /** Writes what must be durable with the events; may be called again when the disk refused. */
  alongside?: (() => void) | undefined;
  /** Under which this boot numbers its batches; drawn unless given. Never the same twice. */
  incarnation?: Incarnation | undefined;
}

export type Committed =
  | { ok: true; telemetry: Parcel[]; events: Parcel[] }
  | { ok: false; reason: string };

export interface Page {
  parcels: Parcel[];
  /** Where the next page begins. */
  afterId: number;
  isLast: boolean;
}

/** Changes of one transaction, applied to memory only when it is durable. */
interface Turn {
  ledger: LedgerCounts;
  sizeBytes: Record<Stream, number>;
  parcels: Record<Stream, number>;
  sequence: Record<Stream, number>;
  eventNumber: number;
  telemetry: Parcel[];
  events: Parcel[];
}

export class Outbox {
  readonly boot: Boot;
  readonly #options: OutboxOptions;
  readonly #store: OutboxStore;
  readonly #stage = new Stage();
  /** Known to be at the fog, not yet taken out. */
  readonly #acknowledged: Record<Stream, Set<number>> = { telemetry: new Set(), events: new Set() };
  #durable: LedgerCounts;
  #sizeBytes: Record<Stream, number>;
  #parcels: Record<Stream, number>;
  #sequence: Record<Stream, number> = { telemetry: 0, events: 0 };
  #eventNumber = 0;
  #refusedEvents = 0;
  #diskFull = false;
  #diskDueMs = Number.NEGATIVE_INFINITY;

  /**
   * Opens the outbox and begins a boot epoch.
   * @throws Fault EDGE_LEDGER_BROKEN when the counts on disk do not add up
   */
  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#store = new OutboxStore(options.db);
    this.#durable = this.#store.loadLedger();
    if (!balanced(this.#durable)) throw new EdgeFault("EDGE_LEDGER_BROKEN", { ...this.#durable });
    const telemetry = this.#store.totals("telemetry");
    const events = this.#store.totals("events");
    this.#sizeBytes = { telemetry: telemetry.sizeBytes, events: events.sizeBytes };
    this.#parcels = { telemetry: telemetry.parcels, events: events.parcels };
    const incarnation = options.incarnation ?? drawIncarnation();
    this.boot = this.#store.beginBoot(incarnation, options.firstEpoch ?? 1);
    this.#tendReserve();
  }

  /** Takes over a closed block; it is durable after the next successful commit. */
  stageBlock(block: StagedBlock): void {
    this.#stage.addBlock(block);
  }

  stageEvent(event: EventFields): void {
    const full = this.#sizeBytes.events > this.#options.quotaBytes / 2;
    if ((full && !isSafetyEvent(event)) || !this.#stage.addEvent(event)) this.#refusedEvents += 1;
  }

  /** The fog has it. Counted with the next commit; a repeated acknowledgement counts nothing. */
  acknowledge(stream: Stream, id: number): void {
    this.#acknowledged[stream].add(id);
  }

  get hasWork(): boolean {
    const acknowledged = this.#acknowledged.telemetry.size + this.#acknowledged.events.size;
    return !this.#stage.isEmpty || acknowledged > 0;
  }

  /**
   * One transaction: acknowledgements out, evictions, staged blocks and events in, counts with them.
   * When the disk refuses, all of it stays in memory for the next call.
   * `claim`: at most so many of the new telemetry parcels are about to be sent.
   */
  commit(claim: number): Committed {
    this.#tendReserve();
    try {
      return this.#commitOnce(claim);
    } catch (error) {
      if (!isDiskError(error)) throw error;
    }
    // The log may be full of pages that only need to move into the file.
    try {
      this.#store.checkpoint();
      return this.#commitOnce(claim);
    } catch (error) {
      if (!isDiskError(error)) throw error;
      this.#diskFull = true;
      this.#stage.shrink();
      return { ok: false, reason: (error as Error).message };
    }
  }

  /**
   * Stored parcels with `afterId` < id < `beforeId`, oldest first, durably marked as on their way.
   * `isLast`: there are no more in the range, or the disk refuses the mark just now.
   */
  claim(stream: Stream, range: { afterId: number; beforeId: number; limit: number }): Page {
    const page = this.#store.page(stream, range);
    const first = page[0];
    const last = page.at(-1);
    if (!first || !last) return { parcels: [], afterId: range.afterId, isLast: true };
    try {
      this.#store.claim(stream, first.id, last.id);
    } catch (error) {
      if (!isDiskError(error)) throw error;
      return { parcels: [], afterId: range.afterId, isLast: true };
    }
    const parcels = page.filter(({ id }) => !this.#acknowledged[stream].has(id));
    return { parcels, afterId: last.id, isLast: page.length < range.limit };
  }

  /** `openCount`: readings that the caller still gathers. */
  ledger(openCount: number): LedgerCounts {
    const waiting = {
      acquired: openCount,
      delivered: 0,
      thinned: 0,
      dropped: 0,
      pending: openCount,
    };
    return addLedgers(addLedgers(this.#durable, this.#stage.ledger), waiting);
  }

  get storedBytes(): number {
    return this.#sizeBytes.telemetry + this.#sizeBytes.events;
  }

  storedParcels(stream: Stream): number {
    return this.#parcels[stream];
  }

  /** Boots of this edge. */
  get epoch(): number {
    return this.boot.epoch;
  }

  /** How far this boot has numbered, durably. */
  get numbered(): Numbered {
    const { epoch, incarnation } = this.boot;
    return { epoch, incarnation, sequence: { ...this.#sequence } };
  }

  /** The oldest batch that is kept, or the next one that will be: older ones are delivered or dropped. */
  pendingFrom(stream: Stream): Place {
    const { epoch, incarnation } = this.boot;
    return (
      this.#store.first(stream) ?? { epoch, incarnation, sequence: this.#sequence[stream] + 1 }
    );
  }

  /** Id of the newest stored parcel, 0 when there is none. */
  lastId(stream: Stream): number {
    return this.#store.newest(stream);
  }

  /** The disk takes no more than what the file already has. */
  get diskFull(): boolean {
    return this.#diskFull;
  }

  /** Events that found neither disk nor memory. Alerts and link changes first, safety last. */
  get refusedEvents(): number {
    return this.#refusedEvents;
  }

  #commitOnce(claim: number): Committed {
    const turn: Turn = {
      ledger: { ...this.#durable },
      sizeBytes: { ...this.#sizeBytes },
      parcels: { ...this.#parcels },
      sequence: { ...this.#sequence },
      eventNumber: this.#eventNumber,
      telemetry: [],
      events: [],
    };
    this.#store.transaction(() => {
      for (const stream of streams) {
        for (const id of this.#acknowledged[stream])
          this.#remove(turn, { stream, id }, "delivered");
      }
      const losses = this.#makeRoom(turn);
      this.#writeBlocks(turn, claim);
      this.#writeEvents(turn, losses);
      this.#store.saveNumbered(turn.sequence);
      this.#options.alongside?.();
      assert(balanced(turn.ledger), `the ledger does not add up: ${JSON.stringify(turn.ledger)}`);
      this.#store.saveLedger(turn.ledger);
    });
    this.#durable = turn.ledger;
    this.#sizeBytes = turn.sizeBytes;
    this.#parcels = turn.parcels;
    this.#sequence = turn.sequence;
    this.#eventNumber = turn.eventNumber;
    for (const stream of streams) this.#acknowledged[stream].clear();
    this.#stage.clear();
    // Without a reserve there is nothing to measure: a write that went through is all there is to know.
    if (this.#options.reserveBytes === 0) this.#diskFull = false;
    return { ok: true, telemetry: turn.telemetry, events: turn.events };
  }

  #remove(
    turn: Turn,
    { stream, id }: { stream: Stream; id: number },
    to: "delivered" | "dropped",
  ): Gone | undefined {
    const gone = this.#store.remove(stream, id);
    if (!gone) return undefined;
    turn.sizeBytes[stream] -= gone.sizeBytes;
    turn.parcels[stream] -= 1;
    if (stream === "telemetry") {
      turn.ledger.pending -= gone.count;
      turn.ledger[to] += gone.count;
    }
    return gone;
  }

  /** Evicts the oldest telemetry when the quota, or a full disk, asks for room. Never events. */
  #makeRoom(turn: Turn): Loss[] {
    const { quotaBytes, reserveBytes } = this.#options;
    const incoming = this.#stage.sizeBytes;
    const held = turn.sizeBytes.telemetry + turn.sizeBytes.events;
    const overQuota = held + incoming - quotaBytes;
    const isMeasured = this.#diskFull && reserveBytes > 0;
    const overDisk = isMeasured ? reserveBytes / 2 + incoming - this.#store.freeBytes() : 0;
    const over = Math.max(overQuota, overDisk);
    if (over <= 0) return [];
    const losses: Loss[] = [];
    const targetBytes = turn.sizeBytes.telemetry - over - Math.floor(quotaBytes * evictionShare);
    while (turn.sizeBytes.telemetry > Math.max(0, targetBytes)) {
      // What may already be at the fog goes last: dropping it would count it twice.
      const id = this.#store.oldest("telemetry", false) ?? this.#store.oldest("telemetry", true);
      assert(id !== undefined, "telemetry has bytes but no rows");
      // Panes count no readings, and their span is missing all the same.
      const gone = this.#remove(turn, { stream: "telemetry", id }, "dropped");
      if (gone) addLoss(losses, gone);
    }
    return losses;
  }

  #writeBlocks(turn: Turn, claim: number): void {
    const staged = this.#stage.ledger;
    turn.ledger = addLedgers(turn.ledger, staged);
    for (const block of this.#stage.blocks) {
      const { count, panes } = block;
      if (count === 0 && !panes) continue;
      const sequence = ++turn.sequence.telemetry;
      const message = create(TelemetrySchema, {
        epoch: this.epoch,
        incarnation: this.boot.incarnation,
        sequence,
        block: block.bytes,
        ...(panes && { panes }),
      });
      const claimed = turn.telemetry.length < claim;
      const parcel = this.#insert(
        turn,
        {
          stream: "telemetry",
          epoch: this.epoch,
          incarnation: this.boot.incarnation,
          sequence,
          count: block.count,
          firstMs: block.firstMs,
          lastMs: block.lastMs,
          bytes: seal("blocks", message),
        },
        claimed,
      );
      turn.telemetry.push(parcel);
    }
  }

  #writeEvents(turn: Turn, losses: Loss[]): void {
    const lost = this.#stage.loss;
    const atMs = this.#options.plantClock.nowMs();
    const reports = (lost ? [...losses, { ...lost, batches: [] }] : losses).map((loss) =>
      lossEvent(loss, atMs),
    );
    const all = [...this.#stage.events, ...reports];
    for (const some of eventBatches(all)) {
      const sequence = ++turn.sequence.events;
      const events = some.map((event) => ({
        ...event,
        id: `${this.#options.edge}/${this.epoch}-${shortIncarnation(this.boot.incarnation)}/${++turn.eventNumber}`,
      }));
      const message = create(EventBatchSchema, {
        epoch: this.epoch,
        incarnation: this.boot.incarnation,
        sequence,
        events,
      });
      const times = some.map((event) => event.atMs);
      const parcel = this.#insert(
        turn,
        {
          stream: "events",
          epoch: this.epoch,
          incarnation: this.boot.incarnation,
          sequence,
          count: some.length,
          firstMs: Math.min(...times),
          lastMs: Math.max(...times),
          bytes: seal("events", message),
        },
        true,
      );
      turn.events.push(parcel);
    }
  }

  #insert(turn: Turn, parcel: Omit<Parcel, "id">, claimed: boolean): Parcel {
    const id = this.#store.insert(parcel, claimed);
    turn.sizeBytes[parcel.stream] += parcel.bytes.length + parcelOverheadBytes;
    turn.parcels[parcel.stream] += 1;
    return { ...parcel, id };
  }

  /** Keeps free pages in the file while the disk has room, and notices when it has none. */
  #tendReserve(): void {
    const { reserveBytes, ioClock, freeDiskBytes } = this.#options;
    const nowMs = ioClock.monotonicMs();
    if (reserveBytes === 0 || nowMs < this.#diskDueMs) return;
    this.#diskDueMs = nowMs + diskRetryMs;
    if (this.#store.freeBytes() >= reserveBytes / 2) {
      this.#diskFull &&= freeDiskBytes() < diskSpareBytes;
      return;
    }
    try {
      this.#diskFull = freeDiskBytes() < reserveBytes + diskSpareBytes;
      if (!this.#diskFull) this.#store.growReserve(reserveBytes);
    } catch (error) {
      if (!isDiskError(error)) throw error;
      this.#diskFull = true;
    }
  }
}

/** When half the quota is events, only these are still taken. */
const safetyCases: readonly unknown[] = ["trip", "output", "tripReset", "bypass", "artifact"];
const isSafetyEvent = (event: EventFields): boolean => safetyCases.includes(event.body?.case);

const isDiskError = (error: unknown): boolean =>
  /^SQLITE_(FULL|IOERR|CANTOPEN|READONLY|BUSY)/.test(String((error as { code?: unknown }).code));
