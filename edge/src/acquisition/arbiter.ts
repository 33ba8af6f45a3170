/**
 * Owns one connection: decides what goes on the wire next. Writes of the safety part go before any
 * poll; polls go in the order in which they became due.
 */
import { elementAt } from "@weir/contracts/elements.ts";
import type { Cancel, Clock } from "@weir/runtime/clock.ts";
import type { Random } from "@weir/runtime/random.ts";
import type { ConnectionSettings } from "../configuration/configuration.ts";
import type { Block } from "./block-plan.ts";
import { blockMs, silenceMs } from "./bus-budget.ts";
import type { BusMaster, BusMasterOptions } from "./bus-master.ts";
import { BusStatistics } from "./bus-statistics.ts";
import type { OpenChannel } from "./byte-channel.ts";
import type { ModbusFault, ModbusReply } from "./modbus/reply.ts";
import type { ModbusRequest } from "./modbus/request.ts";
import { PollRates } from "./poll-rates.ts";
import { PollSchedule, type StalledMs } from "./poll-schedule.ts";
import { UnitHealth } from "./unit-health.ts";

export interface ArbiterOptions {
  /** Plant milliseconds since an instant in which this thread was not let run. */
  stalledMs?: StalledMs | undefined;
  connection: ConnectionSettings;
  createMaster: (options: BusMasterOptions) => BusMaster;
  blocks: readonly Block[];
  open: OpenChannel;
  /** Plant time: polls. */
  clock: Clock;
  /** Real time: deadlines. */
  ioClock: Clock;
  random: Random;
  /** A block was read; `bytes` is valid during the call only. `slotMs`: UTC of its slot. */
  onBlock: (block: Block, answer: BlockAnswer) => void;
  /** Smaller blocks for one whose registers do not all exist; empty when it cannot be split. */
  split: (block: Block) => Block[];
  /** The device refused a block. */
  onRefused: (block: Block, refusal: BlockRefusal) => void;
  /** No answer to a block that can be believed. */
  onUnanswered: (block: Block, fault: ModbusFault) => void;
  onLink: (isUp: boolean, text: string) => void;
  onUnit: (unit: number, isUp: boolean, text: string) => void;
}

export interface BlockAnswer {
  bytes: Uint8Array;
  dataAt: number;
  slotMs: number;
}

export interface BlockRefusal {
  fault: ModbusFault;
  slotMs: number;
}

interface Urgent {
  request: ModbusRequest;
  settle: (reply: ModbusReply) => void;
}

/** MODBUS Application Protocol V1.1b3, section 7. */
const illegalDataAddress = 2;
/** Refusals in a row before a block is split: a controller that starts up may refuse for a moment. */
const refusalsMax = 3;

/** Safety requests that may wait at once; there are a few outputs to a connection. */
export const urgentMax = 256;

export class Arbiter {
  readonly #options: ArbiterOptions;
  readonly #master: BusMaster;
  #schedule: PollSchedule;
  readonly #health: UnitHealth;
  readonly #statistics: BusStatistics;
  #blocks: readonly Block[];
  #requests: ModbusRequest[];
  readonly #urgent: Urgent[] = [];
  readonly #isAllowed = (index: number): boolean =>
    this.#health.mayAsk(elementAt(this.#blocks, index).unit);
  #cancelTimer: Cancel = () => {};
  readonly #rates: PollRates<Block>;
  /** I/O clock at the end of the newest request, and the quiet time that it asks for. */
  #doneMs = Number.NEGATIVE_INFINITY;
  #doneGapMs = 0;
  /** The newest poll was not answered and is sent again before others. */
  #isRetryDue = false;
  #retriesLeft = 0;

  constructor(options: ArbiterOptions) {
    this.#options = options;
    const { blocks, ioClock, clock, connection } = options;
    this.#blocks = blocks;
    this.#requests = blocks.map(requestOf);
    this.#statistics = new BusStatistics(ioClock.monotonicMs());
    this.#schedule = new PollSchedule(clock, blocks, options.stalledMs);
    this.#rates = new PollRates((block) => blockMs(block, connection));
    this.#health = new UnitHealth({
      units: [...new Set(blocks.map((block) => block.unit))],
      ioClock,
      onChange: options.onUnit,
      onProbeDue: () => this.#pump(),
    });
    this.#master = options.createMaster({
      open: options.open,
      ioClock,
      timeoutMs: connection.timeoutMs,
      random: options.random,
      onUp: () => {
        this.#statistics.reconnects++;
        options.onLink(true, "connected");
        this.#pump();
      },
      onReady: () => this.#pump(),
      onDown: (reason) => {
        this.#cancelTimer();
        this.#refuseUrgent(reason);
        options.onLink(false, reason);
      },
    });
  }

  get isUp(): boolean {
    return this.#master.isUp;
  }

  start(): void {
    this.#schedule.align();
    this.#master.start();
  }

  stop(): void {
    this.#cancelTimer();
    this.#health.stop();
    this.#master.stop();
    this.#refuseUrgent("stopped");
  }

  /**
   * Sends `request` before anything else, in this very call when the wire is free. `settle` is called
   * once; at once when there is no connection.
   */
  urgent(request: ModbusRequest, settle: (reply: ModbusReply) => void): void {
    if (!this.#master.isUp) {
      settle(closed("no connection"));
      return;
    }
    if (this.#urgent.length >= urgentMax) {
      settle(closed("too many requests are waiting"));
      return;
    }
    this.#urgent.push({ request, settle });
    this.#pump();
  }

  /** Polls the blocks of `tags` up to `factor` times as often as configured; returns the factor granted. */
  hasten(tags: readonly number[], factor: number): number {
    const granted = this.#rates.hasten(tags, factor, this.#blocks);
    this.#applyRates();
    // Not within this call: it may come from the very block that is being read.
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.after(0, () => this.#pump());
    return granted;
  }

  #applyRates(): void {
    for (const [i, block] of this.#blocks.entries()) {
      this.#schedule.hasten(i, this.#rates.factorOf(block));
    }
  }

  status() {
    return {
      ...this.#statistics.take(this.#options.ioClock.monotonicMs()),
      connected: this.#master.isUp,
      // The first connection is none.
      reconnects: Math.max(0, this.#statistics.reconnects - 1),
      deadUnits: this.#health.dead(),
      skippedPolls: this.#schedule.skippedCount,
      stalledPolls: this.#schedule.stalledCount,
      discardedBytes: this.#master.discardedBytes,
    };
  }

  #pump(): void {
    if (!this.#master.isUp || this.#master.isBusy) return;
    const urgent = this.#urgent.shift();
    if (urgent) {
      this.#doneGapMs = this.#options.connection.gapMs;
      this.#send(urgent.request, urgent.settle);
      return;
    }
    this.#cancelTimer();
    const { clock } = this.#options;
    const index = this.#isRetryDue ? this.#polledIndex : this.#schedule.next(this.#isAllowed);
    if (index < 0) {
      const waitMs = this.#schedule.untilNextMs(this.#isAllowed);
      if (waitMs !== undefined) this.#cancelTimer = clock.after(waitMs, () => this.#pump());
      return;
    }
    if (this.#mustWait(index)) return;
    if (this.#takeRetry()) this.#sendPoll();
    else this.#poll(index);
  }

  /** Devices that need time between two requests have it before and after theirs. */
  #mustWait(index: number): boolean {
    const { ioClock } = this.#options;
    const gapMs = Math.max(this.#doneGapMs, this.#gapMs(index));
    if (gapMs === 0) return false;
    const waitMs = this.#doneMs + gapMs - ioClock.monotonicMs();
    if (waitMs <= 0) return false;
    this.#cancelTimer = ioClock.after(waitMs, () => this.#pump());
    return true;
  }

  #gapMs(index: number): number {
    return this.#blocks[index]?.gapMs ?? this.#options.connection.gapMs;
  }

  /** A retry whose slot is over is the next slot's business. */
  #takeRetry(): boolean {
    if (!this.#isRetryDue) return false;
    this.#isRetryDue = false;
    const { periodMs } = elementAt(this.#blocks, this.#polledIndex);
    return this.#options.clock.nowMs() - this.#answer.slotMs < periodMs;
  }

  #poll(index: number): void {
    this.#polledIndex = index;
    this.#retriesLeft = this.#options.connection.retries;
    this.#answer.slotMs = this.#schedule.take(index);
    this.#sendPoll();
  }

  #sendPoll(): void {
    this.#polledMs = this.#options.clock.monotonicMs();
    const index = this.#polledIndex;
    this.#doneGapMs = this.#gapMs(index);
    this.#send(elementAt(this.#requests, index), this.#onPolled);
  }

  /** Only one request is in flight: what it was for is kept here, not in a closure for each. */
  #polledIndex = 0;
  /** Plant clock, as the periods that it is compared with. */
  #polledMs = 0;
  readonly #answer: BlockAnswer = { bytes: new Uint8Array(0), dataAt: 0, slotMs: 0 };
  readonly #onPolled = (reply: ModbusReply): void => {
    const block = elementAt(this.#blocks, this.#polledIndex);
    const answer = this.#answer;
    if (reply.ok) {
      this.#health.answered(block.unit);
      const gapMs = this.#gapMs(this.#polledIndex) + silenceMs(this.#options.connection);
      this.#rates.measured(block, this.#options.clock.monotonicMs() - this.#polledMs + gapMs);
      if (this.#refusals.size > 0) this.#refusals.delete(block);
      answer.bytes = reply.bytes;
      answer.dataAt = reply.dataAt;
      this.#options.onBlock(block, answer);
      return;
    }
    const { fault } = reply;
    if (this.#mayRetry(block, fault)) {
      this.#retriesLeft--;
      this.#isRetryDue = true;
      return;
    }
    if (isDeviceGone(fault)) {
      const { ioClock, connection } = this.#options;
      const tookMs = ioClock.monotonicMs() - this.#sentMs + (connection.rtu?.quarantineMs ?? 0);
      this.#health.failed(block.unit, tookMs, fault.text);
    }
    if (fault.kind !== "exception") {
      this.#options.onUnanswered(block, fault);
      return;
    }
    if (!isDeviceGone(fault)) this.#health.answered(block.unit);
    if (fault.code === illegalDataAddress && this.#split(block)) return;
    this.#options.onRefused(block, { fault, slotMs: answer.slotMs });
  };

  /** Only a device that was well until now: one that is gone would cost its time-outs over and over. */
  #mayRetry({ unit }: Block, { kind }: ModbusFault): boolean {
    if (this.#retriesLeft === 0 || !this.#health.isWell(unit)) return false;
    return kind === "timeout" || kind === "framing";
  }

  readonly #refusals = new Map<Block, number>();

  /** A register in between does not exist: the rest can still be read, from the next slot on. */
  #split(block: Block): boolean {
    const refusals = (this.#refusals.get(block) ?? 0) + 1;
    this.#refusals.set(block, refusals);
    if (refusals < refusalsMax) return false;
    this.#refusals.delete(block);
    const parts = this.#options.split(block);
    if (parts.length === 0) return false;
    const { skippedCount, stalledCount } = this.#schedule;
    this.#blocks = this.#blocks.flatMap((other) => (other === block ? parts : [other]));
    this.#requests = this.#blocks.map(requestOf);
    this.#schedule = new PollSchedule(this.#options.clock, this.#blocks, this.#options.stalledMs);
    this.#schedule.skippedCount = skippedCount;
    this.#schedule.stalledCount = stalledCount;
    this.#applyRates();
    return true;
  }

  #sentMs = 0;
  #settle: (reply: ModbusReply) => void = () => {};
  readonly #onReply = (reply: ModbusReply): void => {
    const doneMs = this.#options.ioClock.monotonicMs();
    this.#statistics.busy(doneMs - this.#sentMs);
    if (reply.ok) this.#statistics.answered(doneMs - this.#sentMs);
    else this.#statistics.failures++;
    this.#doneMs = doneMs;
    this.#settle(reply);
    this.#pump();
  };

  #send(request: ModbusRequest, settle: (reply: ModbusReply) => void): void {
    this.#statistics.requests++;
    this.#sentMs = this.#options.ioClock.monotonicMs();
    this.#settle = settle;
    this.#master.send(request, this.#onReply);
  }

  #refuseUrgent(reason: string): void {
    for (const { settle } of this.#urgent.splice(0)) settle(closed(reason));
  }
}

const closed = (text: string): ModbusReply => ({ ok: false, fault: { kind: "closed", text } });

/** Gateways say with exceptions 10 and 11 that the unit behind them does not answer. */
const isDeviceGone = (fault: ModbusFault): boolean =>
  fault.kind === "exception" ? fault.code === 10 || fault.code === 11 : true;

const requestOf = ({ fc, unit, address, count }: Block): ModbusRequest => ({
  fc,
  unit,
  address,
  count,
});
