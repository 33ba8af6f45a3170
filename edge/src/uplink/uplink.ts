/**
 * The uplink half of an edge: gathers what the control thread hands over, keeps it, sends it, and
 * takes down what comes back. Owns the only database; the control thread never waits for any of it.
 */
import { seal } from "@weir/contracts/envelope.ts";
import type { LedgerCounts } from "@weir/contracts/ledger.ts";
import { type Family, families, parseTopic, topicOf } from "@weir/contracts/topics.ts";
import type { AuditLog } from "@weir/runtime/audit-log.ts";
import type { LastBackup } from "@weir/runtime/backup.ts";
import { type Cancel, type Clock, every } from "@weir/runtime/clock.ts";
import type { Incarnation } from "@weir/runtime/incarnation.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { Random } from "@weir/runtime/random.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import { within } from "@weir/runtime/within.ts";
import { Downlink } from "../downlink/downlink.ts";
import type {
  ControlPort,
  ControlStatus,
  EventFields,
  Notice,
  Problem,
  ReadingBatch,
} from "../hand-over.ts";
import { Outbox } from "../outbox/outbox.ts";
import { EdgeHealth } from "../status/edge-health.ts";
import type { UplinkSettings } from "../uplink-settings.ts";
import { Births } from "./births.ts";
import { BlockMaker } from "./block-maker.ts";
import { CommitTimer } from "./commit-timer.ts";
import {
  acknowledgeCommitWithinMs,
  blockCommitWithinMs,
  eventCommitWithinMs,
  farewellWithinMs,
  settleWithinMs,
} from "./limits.ts";
import { LinkKeeper } from "./link-keeper.ts";
import { LocalOrders } from "./local-orders.ts";
import { sealBirth, sealDeath, sealStatus } from "./messages.ts";
import type { MqttLink } from "./mqtt-link.ts";
import { numberingOf, streamFamily } from "./numbering.ts";
import { Sender } from "./sender.ts";
import { snapshotFacts } from "./snapshot-facts.ts";
import { makeTagTable, type TagTable } from "./tag-table.ts";
import { ToldStates } from "./told-states.ts";
import type { UplinkReport, UplinkSnapshot } from "./uplink-snapshot.ts";

export interface UplinkOptions {
  site: string;
  edge: string;
  agentVersion: string;
  settings: UplinkSettings;
  plantClock: Clock;
  ioClock: Clock;
  random: Random;
  logger: Logger;
  /** Opened with `edgeMigrations`, synchronous FULL. The caller closes it after `stop`. */
  db: SqlDatabase;
  audit: Pick<AuditLog, "append">;
  line: MqttLink;
  /** Of the broker, for messages to people. */
  url: string;
  control: ControlPort;
  /** Ed25519 public keys whose artifacts are taken, PEM; asked at each artifact. */
  trusted: () => readonly string[];
  freeDiskBytes?: () => number;
  residentBytes?: () => number;
  /** The newest backup of the data folder. */
  lastBackup?: () => LastBackup | undefined;
  clockSynchronised?: () => boolean;
  firstEpoch?: number;
  incarnation?: Incarnation;
  /** What is not well beside control thread and outbox. */
  troubles?: () => Problem[];
  /** Counts of findings by code, where there have been any. */
  integrity?: () => Record<string, number>;
  /** What people and programs outside want to know at once. */
  onReport?: (report: UplinkReport) => void;
}

export class Uplink {
  readonly #options: UplinkOptions;
  readonly #outbox: Outbox;
  readonly #births: Births;
  readonly #told: ToldStates;
  readonly #sender: Sender;
  readonly #downlink: Downlink;
  readonly #keeper: LinkKeeper;
  readonly #commits: CommitTimer;
  readonly #blocks: BlockMaker;
  readonly localOrders: LocalOrders;
  readonly #health: EdgeHealth;
  #birth: Uint8Array | undefined;
  #control: ControlStatus | undefined;
  #controlAtMs: number;
  #cancelStatus: Cancel = () => {};
  #sendingAcks = false;
  #storeTrouble: string | undefined;
  #isOver = false;

  /** Begins a boot epoch. Nothing is sent before `start`. */
  constructor(options: UplinkOptions) {
    this.#options = options;
    const { db, edge, ioClock, plantClock, settings, line, url, random, logger } = options;
    this.#controlAtMs = ioClock.monotonicMs();
    this.#outbox = new Outbox({
      edge,
      db,
      ioClock,
      plantClock,
      quotaBytes: settings.quotaBytes,
      reserveBytes: settings.reserveBytes,
      freeDiskBytes: options.freeDiskBytes ?? (() => Number.POSITIVE_INFINITY),
      firstEpoch: options.firstEpoch,
      incarnation: options.incarnation,
      alongside: () => this.#told.write(),
    });
    this.#told = new ToldStates(db);
    this.#births = new Births(db);
    this.#health = new EdgeHealth({ ioClock, logger });
    this.localOrders = new LocalOrders((order) => options.control.order(order), ioClock);
    this.#commits = new CommitTimer(ioClock, () => this.#commit());
    this.#blocks = new BlockMaker({
      plantClock,
      blockEveryMs: settings.blockEveryMs,
      onBlock: (block) => {
        this.#outbox.stageBlock(block);
        if (!this.#isOver) this.#commits.within(blockCommitWithinMs);
      },
    });
    this.#sender = new Sender({
      outbox: this.#outbox,
      ioClock,
      publish: (stream, bytes) => this.#publish(streamFamily[stream], bytes),
      onAcknowledged: () => this.#isOver || this.#commits.within(acknowledgeCommitWithinMs),
      onFailed: (reason) => this.#keeper.fail(reason),
    });
    this.#downlink = new Downlink({
      ...options,
      order: (order) => options.control.order(order),
      onAnswer: () => void this.#sendAcks(),
      onEvent: (event) => this.#takeEvent(event),
      onRebirth: () => void this.#sendBirth().catch((error) => this.#keeper.fail(error)),
    });
    this.#keeper = new LinkKeeper({
      line,
      url,
      will: { topic: this.#topic("death"), bytes: this.#death(false) },
      ioClock,
      random,
      logger,
      greet: () => this.#greet(),
      onLive: () => this.#onLive(),
      onLost: () => this.#sender.stop(),
      onReport: (online, trouble) => {
        options.onReport?.({ kind: "link", online, trouble });
        this.snapshot();
      },
    });
    line.onMessage(({ topic, bytes }) => this.#onMessage(topic, bytes));
  }

  start(): void {
    const { control, plantClock, settings } = this.#options;
    control.onNotice((notice) => {
      if (!this.#isOver) this.#onNotice(notice);
    });
    this.#cancelStatus = every(plantClock, settings.statusEveryMs, () => this.#sendStatus());
    this.#keeper.start();
  }

  /** Orderly: what was gathered is committed, the fog is told. A fog that is silent is not waited for. */
  async stop(): Promise<void> {
    this.#isOver = true;
    this.#cancelTimers();
    this.#blocks.close({ all: true });
    this.#commit();
    if (this.#keeper.isLive) {
      const { ioClock } = this.#options;
      await within(ioClock, settleWithinMs, this.#sender.settled());
      await within(ioClock, farewellWithinMs, this.#publish("death", this.#death(true)));
      this.#commit();
    }
    await this.#keeper.stop();
    this.#sender.stop();
  }

  /** As a kill -9 would: nothing is committed, nobody is told, nothing runs on. For simulations. */
  abandon(): void {
    this.#isOver = true;
    this.#cancelTimers();
    this.#sender.stop();
    this.#keeper.abandon();
  }

  /** Plain data for the status page, the metrics and tests. */
  snapshot(): UplinkSnapshot {
    const facts = snapshotFacts({
      options: this.#options,
      outbox: this.#outbox,
      storeTrouble: this.#storeTrouble,
      table: this.#blocks.table,
      keeper: this.#keeper,
      sender: this.#sender,
      artifacts: this.#downlink.artifacts(),
      ledger: this.#ledger(),
      control: this.#control,
      controlAtMs: this.#controlAtMs,
    });
    return { ...facts, health: this.#health.look(facts) };
  }

  #onNotice(notice: Notice): void {
    switch (notice.kind) {
      case "tags":
        this.#takeTags(notice);
        return;
      case "readings":
        this.#takeReadings(notice.batch);
        return;
      case "event":
        this.#options.onReport?.({ kind: "event", event: notice.event });
        this.#takeEvent(notice.event);
        return;
      case "status":
        this.#control = notice.status;
        this.#controlAtMs = this.#options.ioClock.monotonicMs();
        this.snapshot();
        for (const event of this.#told.wellAgain(notice.status, this.#options.plantClock.nowMs())) {
          this.#options.onReport?.({ kind: "event", event });
          this.#takeEvent(event);
        }
        return;
      case "answer":
        if (this.localOrders.onAnswer(notice)) return;
        this.#guarded("an answer of the control thread", () => this.#downlink.onAnswer(notice));
        return;
    }
  }

  #takeTags(notice: Extract<Notice, { kind: "tags" }>): void {
    const revision = (this.#blocks.table?.revision ?? 0) + 1;
    const table = makeTagTable(notice, revision);
    this.#blocks.setTable(table);
    this.#told.setTags(notice.tags);
    this.#birth = this.#makeBirth(table);
    this.#guarded("the birth", () =>
      this.#births.add({ epoch: this.#outbox.epoch, revision, bytes: this.#birth as Uint8Array }),
    );
    this.#guarded("what came down before", () => this.#downlink.onControlStarted());
    if (this.#keeper.isLive) this.#sendBirth().catch((error) => this.#keeper.fail(error));
  }

  #takeReadings(batch: ReadingBatch): void {
    if (this.#blocks.take(batch)) return;
    this.#options.logger.warn("readings before the tag table are not taken", {
      count: batch.tags.length,
    });
  }

  #takeEvent(event: EventFields): void {
    if (!this.#told.isNews(event)) return;
    const { atMs, body } = event;
    if (body?.case === "alert") {
      this.#blocks.noteAlert(body.value.tag ?? "", body.value.active ?? false, atMs);
    }
    this.#outbox.stageEvent(event);
    this.#commits.within(eventCommitWithinMs);
  }

  #commit(): void {
    if (!this.#outbox.hasWork) return;
    const room = this.#sender.room;
    const committed = this.#outbox.commit(room);
    this.#noteStore(committed.ok ? undefined : committed.reason);
    if (committed.ok) this.#told.written();
    if (committed.ok) this.#sender.onCommitted(committed, room);
    else if (!this.#isOver) this.#commits.within(acknowledgeCommitWithinMs);
  }

  /** Told when the disk begins to refuse, and when it takes again. */
  #noteStore(reason: string | undefined): void {
    const trouble =
      reason ??
      (this.#outbox.diskFull ? "the disk is full; the oldest readings make room" : undefined);
    if (trouble === this.#storeTrouble) return;
    this.#storeTrouble = trouble;
    this.#options.onReport?.({ kind: "store", trouble });
    this.snapshot();
  }

  #onMessage(topic: string, bytes: Uint8Array): void {
    if (this.#isOver) return;
    const parsed = parseTopic(topic);
    if (parsed?.family !== "model" && parsed?.family !== "command") return;
    const { family } = parsed;
    this.#guarded(`a message on ${family}`, () => this.#downlink.onMessage(family, bytes));
  }

  /** A disk that refuses must not end the uplink; what could not be kept is not answered and comes again. */
  #guarded(what: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!String((error as { code?: unknown }).code).startsWith("SQLITE_")) throw error;
      this.#options.logger.error(`${what} could not be stored: ${(error as Error).message}`);
    }
  }

  async #greet(): Promise<void> {
    await this.#options.line.subscribe([this.#topic("model"), this.#topic("command")]);
    await this.#sendBirth();
  }

  #onLive(): void {
    this.#sender.start();
    this.#sendStatus();
    void this.#sendAcks();
  }

  /** Births the fog has not seen, in order, then the current one: it stays as the retained one. */
  async #sendBirth(): Promise<void> {
    const waiting = this.#births.waiting();
    const own = this.#birth;
    for (const { bytes } of waiting) {
      if (own && Buffer.compare(bytes, own) === 0) continue;
      await this.#publish("birth", bytes);
    }
    if (own) await this.#publish("birth", own);
    const last = waiting.at(-1);
    if (last) this.#guarded("a birth's acknowledgement", () => this.#births.acknowledge(last.id));
  }

  async #sendAcks(): Promise<void> {
    if (this.#sendingAcks || !this.#keeper.isLive) return;
    this.#sendingAcks = true;
    try {
      for (let acks = this.#downlink.waitingAcks(); acks.length > 0; ) {
        for (const ack of acks) {
          await this.#publish("ack", seal("ack", ack));
          this.#downlink.acknowledged(ack.ref);
        }
        acks = this.#downlink.waitingAcks();
      }
    } catch (error) {
      this.#options.logger.debug("acks wait for the next connection", {
        why: (error as Error).message,
      });
    } finally {
      this.#sendingAcks = false;
    }
  }

  #sendStatus(): void {
    const snapshot = this.snapshot();
    if (!this.#keeper.isLive) return;
    const message = sealStatus(snapshot, numberingOf(this.#outbox));
    // Not kept: the next one says more.
    this.#publish("status", message).catch(() => {});
  }

  #ledger(): LedgerCounts {
    return this.#outbox.ledger(this.#blocks.openCount);
  }

  #makeBirth(table: TagTable): Uint8Array {
    const { site, edge, plantClock, agentVersion, clockSynchronised } = this.#options;
    return sealBirth(
      {
        ...{ site, edge, agentVersion, ...this.#outbox.boot },
        atMs: plantClock.nowMs(),
        artifacts: this.#downlink.artifacts(),
        clockSynchronised: clockSynchronised?.() ?? false,
      },
      table,
    );
  }

  #death(orderly: boolean): Uint8Array {
    const { site, edge } = this.#options;
    return sealDeath({ site, edge, orderly }, this.#outbox.boot);
  }

  #topic(family: Family): string {
    return topicOf({ site: this.#options.site, edge: this.#options.edge, family });
  }

  #publish(family: Family, bytes: Uint8Array): Promise<void> {
    const { retain } = families[family];
    return this.#options.line.publish({ topic: this.#topic(family), bytes }, { retain });
  }

  #cancelTimers(): void {
    this.#cancelStatus();
    this.#blocks.cancel();
    this.#commits.cancel();
  }
}
