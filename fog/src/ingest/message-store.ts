/**
 * What each family of message means: written in the open transaction, and what to do once it has
 * committed. Nothing in memory changes, and no listener hears of it, before that.
 */
import { toBinary } from "@bufbuild/protobuf";
import { type MessageOf, open } from "@weir/contracts/envelope.ts";
import { EdgeStatusSchema } from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import { type Event, EventSchema } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { type Family, families } from "@weir/contracts/topics.ts";
import type { SqlStatement } from "@weir/runtime/sql.ts";
import { FogFault } from "../faults.ts";
import { readingCount } from "../historian/columns.ts";
import { batchPrint } from "./batch-print.ts";
import { type ReadableBlock, type ReadBlock, readBlock } from "./block-reader.ts";
import { Continuity, type Numbered } from "./continuity.ts";
import { DeadLetters } from "./dead-letters.ts";
import { EdgeRecord, loadEdges, underNewest, underSite } from "./edge-book.ts";
import type { IngestListener } from "./ingested.ts";
import {
  type Arrival,
  arrivalOf,
  birthFault,
  bringMessageWithinBounds,
  eventFault,
} from "./message-bounds.ts";
import type { Message, MessageStoreOptions } from "./message-store-options.ts";
import { RawBatches } from "./raw-batches.ts";
import { RebirthRequests } from "./rebirth-requests.ts";
import { type RefusalKind, Refusals } from "./refusals.ts";
import { SeenSequences } from "./seen-sequences.ts";
import { readStoredBatches } from "./stored-batches.ts";
import { StoredBirths } from "./stored-births.ts";
import { StoredEvents } from "./stored-events.ts";
import { countOf, WaitingBatches } from "./waiting-batches.ts";

/** Changes of a message that are told. */
const changesToldMax = 3;
export class MessageStore {
  readonly deadLetters: DeadLetters;
  readonly events: StoredEvents;
  readonly refusals: Refusals;
  readonly seen: SeenSequences;
  readonly edges: Map<string, EdgeRecord>;
  /** Since the start. */
  readonly counts = { readings: 0, duplicates: 0, conflicts: 0, deadLetters: 0 };
  readonly #options: MessageStoreOptions;
  readonly #raw: RawBatches;
  readonly #continuity: Continuity;
  readonly #putStored: SqlStatement;
  readonly #putStatus: SqlStatement;
  readonly #births: StoredBirths;
  readonly #waiting: WaitingBatches;
  readonly #rebirths: RebirthRequests;

  constructor(options: MessageStoreOptions) {
    const { journal } = options;
    this.#options = options;
    this.edges = loadEdges(journal, options.tags);
    this.seen = new SeenSequences(journal);
    this.deadLetters = new DeadLetters(journal);
    this.events = new StoredEvents(journal);
    this.refusals = new Refusals(options);
    this.#rebirths = new RebirthRequests(options);
    this.#raw = new RawBatches(journal);
    this.#continuity = new Continuity({ ...options, seen: this.seen });
    this.#putStored = journal.prepare(
      `INSERT INTO edges (edge, stored, last_seen_ms) VALUES (?, ?, ?)
       ON CONFLICT (edge) DO UPDATE SET stored = stored + excluded.stored, last_seen_ms = excluded.last_seen_ms`,
    );
    this.#putStatus = journal.prepare(
      `INSERT INTO edges (edge, status) VALUES (?, ?)
       ON CONFLICT (edge) DO UPDATE SET status = excluded.status`,
    );
    this.#births = new StoredBirths(journal);
    this.#waiting = this.#waitingBatches();
  }

  #waitingBatches(): WaitingBatches {
    const { journal, clock, ioClock, logger, historian } = this.#options;
    return new WaitingBatches({
      ...{ journal, clock, ioClock, logger, raw: this.#raw, deadLetters: this.deadLetters },
      isBehind: () => historian.isBehind,
      read: (record, telemetry) => this.#read(record, telemetry),
      store: ({ edge, lastSeenMs }, released) =>
        void this.#putStored.run(edge, countOf(released), lastSeenMs),
      handOn: (record, { released, buried }) => {
        const stored = countOf(released);
        record.stored += stored;
        this.counts.readings += stored;
        this.counts.deadLetters += buried.length;
        for (const { reason } of buried)
          this.refusals.note(record.edge, "refused", `blocks: ${reason}`);
        for (const { raw, read } of released)
          this.#handReadings(record.edge, read, { raw, live: false, replay: false });
      },
    });
  }

  stop(): void {
    this.#waiting.stop();
  }

  /** Hands on what a death left half done. Before anything else is received. */
  recover(): void {
    for (const record of this.edges.values()) {
      const { edge, birth } = record;
      if (birth) this.#tell((l) => l.onBirth(edge, birth));
    }
    for (const { number, edge, event, backlog } of this.events.unhanded()) {
      this.#tell((l) => l.onEvent(edge, event, backlog));
      this.events.handed(number);
    }
    const { journal, clock, integrity, logger, historian } = this.#options;
    readStoredBatches({
      ...{ journal, clock, integrity, logger, historian },
      ...{ raw: this.#raw, deadLetters: this.deadLetters },
      record: (edge) => this.record(edge),
      handOn: (edge, read, raw) =>
        this.#handReadings(edge, read, { raw, live: false, replay: true }),
    });
  }

  /** Writes one message in the open transaction; returns what to do after the commit. */
  store(message: Message): () => void {
    switch (message.family) {
      case "blocks":
        return this.#opened(message, "blocks", (telemetry) =>
          this.#storeBlocks(message, telemetry),
        );
      case "events":
        return this.#opened(message, "events", (batch) => this.#storeEvents(message, batch));
      case "birth":
        return this.#opened(message, "birth", (birth) => this.#storeBirth(message, birth));
      case "death":
        return this.#opened(message, "death", (death) => this.#storeDeath(message, death));
      case "status":
        return this.#opened(message, "status", (status) => this.#storeStatus(message, status));
      case "ack":
        return this.#opened(message, "ack", (ack) => this.#storeAck(message, ack));
      default:
        return this.#bury(
          message,
          `family ${message.family} travels ${families[message.family].way}`,
        );
    }
  }

  #opened<F extends Family>(
    message: Message,
    family: F,
    store: (value: MessageOf<F>) => () => void,
  ): () => void {
    const opened = open(family, message.bytes);
    if (!opened.ok) return this.#bury(message, `${opened.fault}: ${opened.detail}`);
    const fault = family === "birth" ? birthFault(opened.value as MessageOf<"birth">) : undefined;
    if (fault) return this.#bury(message, fault);
    const changes = bringMessageWithinBounds(family, opened.value, this.#arrival(message.atMs));
    const handOn = store(opened.value);
    if (changes.length === 0) return handOn;
    const reason = `${family}: ${changes.slice(0, changesToldMax).join(", ")}`;
    return () => {
      this.refusals.note(message.edge, "changed", reason);
      handOn();
    };
  }

  #arrival(atMs: number): Arrival {
    return arrivalOf(atMs, this.#options.latenessMs);
  }

  #bury(message: Message, reason: string, kind?: RefusalKind, aheadMs?: number): () => void {
    const { atMs, edge, family, bytes } = message;
    this.deadLetters.put({ atMs, edge, family, reason, bytes });
    return () => {
      this.counts.deadLetters += 1;
      if (aheadMs !== undefined) this.record(edge).skew.take(-aheadMs);
      const noted = aheadMs === undefined ? (kind ?? "refused") : "clock";
      this.refusals.note(edge, noted, `${family}: ${reason}`);
    };
  }

  #storeBlocks(message: Message, telemetry: MessageOf<"blocks">): () => void {
    const { edge, bytes, atMs } = message;
    const record = this.record(edge);
    if (this.#number(message, "blocks", telemetry) === "known") return this.#known(message);
    const read = this.#read(record, telemetry);
    if (read.at === "waiting") this.#waiting.checkRoom(record);
    else if (read.at === "readable" && read.isBulky && this.#options.historian.isBehind)
      throw new FogFault("FOG_HISTORY_BEHIND", { edge });
    if (read.at === "unreadable")
      return this.#bury(message, read.reason, "refused", read.clockAheadMs);
    const raw = this.#raw.put(edge, bytes, { waiting: read.at === "waiting" });
    if (read.at === "waiting") {
      return () => {
        record.waiting += 1;
        record.waitingBytes += bytes.length;
        this.#heard(record, atMs, bytes.length);
        this.#rebirths.ask(edge);
      };
    }
    const readings = readingCount(read.columns);
    this.#putStored.run(edge, readings, atMs);
    return () => {
      record.stored += readings;
      this.counts.readings += readings;
      this.#heard(record, atMs, bytes.length);
      record.readingRate.take(readings, atMs);
      if (!read.backlog && readings > 0) {
        record.skew.take(atMs - read.lastMs);
        this.refusals.over(edge, "clock");
      }
      const isAhead = read.toMs > this.#arrival(atMs).untilMs;
      if (isAhead) this.refusals.note(edge, "ahead", `up to ${new Date(read.toMs).toISOString()}`);
      this.#handReadings(edge, read, { raw, live: !(read.backlog || isAhead), replay: false });
    };
  }

  #number(
    message: Message,
    stream: "blocks" | "events",
    batch: MessageOf<"blocks"> | MessageOf<"events">,
  ): Numbered {
    const { lastSeenMs } = this.record(message.edge);
    const numbered = this.#continuity.number({ ...message, lastSeenMs }, stream, batch);
    if (numbered === "conflict") this.counts.conflicts += 1;
    return numbered;
  }

  #known({ edge, atMs, bytes }: Message): () => void {
    return () => {
      this.counts.duplicates += 1;
      this.#heard(this.record(edge), atMs, bytes.length);
    };
  }

  #read(record: EdgeRecord, telemetry: MessageOf<"blocks">): ReadBlock {
    return readBlock(record, telemetry, this.#options.clock.nowMs());
  }

  #handReadings(
    edge: string,
    read: ReadableBlock,
    how: { raw: number; live: boolean; replay: boolean },
  ): void {
    const { table } = read;
    const batch = { columns: underSite(table, read.columns), panes: underSite(table, read.panes) };
    this.#options.historian.append(batch, { edge, ...how });
    const columns = underNewest(table, read.columns);
    const panes = underNewest(table, read.panes);
    if (panes.length > 0) this.#tell((l) => l.onPanes?.(edge, panes, !how.live));
    if (columns.length + panes.length > 0) {
      this.#tell((l) => l.onReadings(edge, columns, !how.live));
    }
  }

  #storeEvents(message: Message, batch: MessageOf<"events">): () => void {
    const { edge, atMs, bytes } = message;
    const record = this.record(edge);
    const number = this.#number(message, "events", batch);
    if (number === "known") return this.#known(message);
    // Two agents out of one memory image give other events the same ids as well.
    const mark = number === "conflict" ? `#${batchPrint(bytes, batch.backlog).toString(36)}` : "";
    const refused: (() => void)[] = [];
    const stored = batch.events.flatMap((named) => {
      const fault = eventFault(edge, named);
      if (fault !== undefined) {
        refused.push(this.#buryEvent(message, named, fault));
        return [];
      }
      const event = mark === "" ? named : { ...named, id: named.id + mark };
      const kept = this.events.put(edge, event, batch.backlog);
      if (!kept) return [];
      if (kept.event.id !== event.id) this.#noteTakenId(edge, event.id);
      if (event.body.case === "dropped") this.#continuity.onDropped(edge, event.body.value.batches);
      this.#options.partner.event(edge, kept.event);
      return [kept];
    });
    return () => {
      this.#heard(record, atMs, bytes.length);
      for (const told of refused) told();
      for (const { number, event, backlog } of stored) {
        this.#tell((l) => l.onEvent(edge, event, backlog));
        this.events.handed(number);
      }
    };
  }

  /** The others of its batch are taken. */
  #buryEvent(message: Message, event: Event, reason: string): () => void {
    const bytes = toBinary(EventSchema, event);
    const what = `${event.body.case ?? "event"} refused: ${reason}`;
    const isProtective = event.body.case === "trip" || event.body.case === "output";
    return this.#bury({ ...message, bytes }, what, isProtective ? "trip-refused" : "refused");
  }

  #noteTakenId(edge: string, id: string): void {
    this.counts.conflicts += 1;
    const text = `${edge} sent an event with the id ${id}, which another one has; both are kept`;
    this.#options.integrity.note({ code: "conflict", subject: edge, text });
  }

  #storeBirth(message: Message, birth: MessageOf<"birth">): () => void {
    const { edge, atMs, bytes } = message;
    const { tags, partner, site } = this.#options;
    if (birth.edge !== edge || birth.site !== site) {
      return this.#bury(
        message,
        `the birth of ${birth.site}/${birth.edge} on the topic of ${site}/${edge}`,
      );
    }
    const fault = tags.roomFault(edge, birth.tags);
    if (fault) return this.#bury(message, fault);
    const record = this.record(edge);
    if (this.#continuity.onBirth(record, birth) === "begins anew") {
      this.seen.forget(edge, birth.epoch);
      this.events.rename(edge);
    }
    const plan = tags.plan(edge, birth.tags);
    if (plan) {
      tags.write(plan);
      partner.siteTags(tags.message(plan));
    }
    this.#births.put(edge, birth);
    return () => {
      if (plan) tags.adopt(plan);
      record.adopt(birth, tags);
      this.#heard(record, atMs, bytes.length);
      this.#tell((l) => l.onBirth(edge, birth));
      this.#waiting.release(record);
    };
  }

  #storeDeath({ edge, atMs, bytes }: Message, death: MessageOf<"death">): () => void {
    const record = this.record(edge);
    return () => {
      // The will of a session that has been taken over by the next one says nothing.
      if (!death.orderly && record.connected) return;
      this.#heard(record, atMs, bytes.length);
      this.offline(record, death.orderly);
    };
  }

  #storeStatus({ edge, atMs, bytes }: Message, status: MessageOf<"status">): () => void {
    const record = this.record(edge);
    this.#putStatus.run(edge, toBinary(EdgeStatusSchema, status));
    return () => {
      record.status = status;
      this.#continuity.onStatus(edge, status);
      this.#heard(record, atMs, bytes.length);
      this.#tell((l) => l.onStatus(edge, status));
    };
  }

  #storeAck({ edge, atMs, bytes }: Message, ack: MessageOf<"ack">): () => void {
    this.#options.partner.ack(edge, ack);
    return () => {
      this.#heard(this.record(edge), atMs, bytes.length);
      this.#tell((l) => l.onAck(edge, ack));
    };
  }

  #heard(record: EdgeRecord, atMs: number, byteCount: number): void {
    record.lastSeenMs = atMs;
    record.online = true;
    record.byteRate.take(byteCount, atMs);
  }

  /** The edge is gone; listeners hear of it once. */
  offline(record: EdgeRecord, orderly: boolean): void {
    if (!record.online) return;
    record.online = false;
    this.#options.historian.lost(record.edge);
    this.#tell((l) => l.onDeath(record.edge, orderly));
  }

  record(edge: string): EdgeRecord {
    let record = this.edges.get(edge);
    if (!record) {
      record = new EdgeRecord(edge);
      this.edges.set(edge, record);
    }
    return record;
  }

  #tell(say: (listener: IngestListener) => void): void {
    for (const listener of this.#options.listeners) {
      try {
        say(listener);
      } catch (error) {
        // One part's bug must not stop the others, nor what is already acknowledged.
        const { message, stack } = error as Error;
        this.#options.logger.error("a listener of ingest failed", { message, stack });
      }
    }
  }
}
