/**
 * Owns one connection: decides what goes on the wire next. Writes of the safety part go before any
 * poll; polls go in the order in which they became due.
 */
import type { Cancel, Clock } from "@weir/runtime/clock.ts";
import type { Random } from "@weir/runtime/random.ts";
import type { ConnectionSettings } from "../configuration/configuration.ts";
import type { Block } from "./block-plan.ts";
import { BusStatistics } from "./bus-statistics.ts";
import type { OpenChannel } from "./byte-channel.ts";
import type { ModbusFault, ModbusReply } from "./modbus/reply.ts";
import type { ModbusRequest } from "./modbus/request.ts";
import { TcpMaster } from "./modbus/tcp-master.ts";
import { PollSchedule } from "./poll-schedule.ts";
import { UnitHealth } from "./unit-health.ts";

export interface ArbiterOptions {
  connection: ConnectionSettings;
  blocks: readonly Block[];
  open: OpenChannel;
  /** Plant time: polls. */
  clock: Clock;
  /** Real time: deadlines. */
  ioClock: Clock;
  random: Random;
  /** A block was read; `bytes` is valid during the call only. `slotMs`: UTC of its slot. */
  onBlock: (block: Block, answer: { bytes: Uint8Array; dataAt: number; slotMs: number }) => void;
  /** The device refused a block. */
  onRefused: (block: Block, refusal: { fault: ModbusFault; slotMs: number }) => void;
  onLink: (isUp: boolean, text: string) => void;
  onUnit: (unit: number, isUp: boolean, text: string) => void;
}

interface Urgent {
  request: ModbusRequest;
  settle: (reply: ModbusReply) => void;
}

/** Safety requests that may wait at once; there are a few outputs to a connection. */
export const urgentMax = 256;

export class Arbiter {
  readonly #options: ArbiterOptions;
  readonly #master: TcpMaster;
  readonly #schedule: PollSchedule;
  readonly #health: UnitHealth;
  readonly #statistics: BusStatistics;
  readonly #requests: ModbusRequest[];
  readonly #urgent: Urgent[] = [];
  readonly #isAllowed = (index: number): boolean =>
    this.#health.mayAsk(this.#options.blocks[index]!.unit);
  #cancelTimer: Cancel = () => {};
  #quietUntilMs = 0;

  constructor(options: ArbiterOptions) {
    this.#options = options;
    const { blocks, ioClock, clock, connection } = options;
    this.#requests = blocks.map(({ fc, unit, address, count }) => ({ fc, unit, address, count }));
    this.#statistics = new BusStatistics(ioClock.monotonicMs());
    this.#schedule = new PollSchedule(clock, blocks);
    this.#health = new UnitHealth({
      units: [...new Set(blocks.map((block) => block.unit))],
      ioClock,
      onChange: options.onUnit,
      onProbeDue: () => this.#pump(),
    });
    this.#master = new TcpMaster({
      open: options.open,
      ioClock,
      timeoutMs: connection.timeoutMs,
      random: options.random,
      onUp: () => {
        this.#statistics.reconnects++;
        options.onLink(true, "connected");
        this.#pump();
      },
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

  status() {
    const { requests, failures, reconnects } = this.#statistics;
    const { p50, p99 } = this.#statistics.roundTripMs();
    return {
      id: this.#options.connection.id,
      connected: this.#master.isUp,
      requests,
      failures,
      // The first connection is none.
      reconnects: Math.max(0, reconnects - 1),
      utilisation: this.#statistics.takeUtilisation(this.#options.ioClock.monotonicMs()),
      deadUnits: this.#health.dead(),
      roundTripMsP50: p50,
      roundTripMsP99: p99,
      skippedPolls: this.#schedule.skippedCount,
    };
  }

  #pump(): void {
    if (!this.#master.isUp || this.#master.isBusy) return;
    const urgent = this.#urgent.shift();
    if (urgent) {
      this.#send(urgent.request, urgent.settle);
      return;
    }
    const { ioClock, connection, clock } = this.#options;
    this.#cancelTimer();
    if (connection.gapMs > 0) {
      const waitMs = this.#quietUntilMs - ioClock.monotonicMs();
      if (waitMs > 0) {
        this.#cancelTimer = ioClock.after(waitMs, () => this.#pump());
        return;
      }
    }
    const index = this.#schedule.next(this.#isAllowed);
    if (index >= 0) {
      this.#poll(index);
      return;
    }
    const waitMs = this.#schedule.untilNextMs(this.#isAllowed);
    if (waitMs !== undefined) this.#cancelTimer = clock.after(waitMs, () => this.#pump());
  }

  #poll(index: number): void {
    const block = this.#options.blocks[index]!;
    const slotMs = this.#schedule.take(index);
    const sentMs = this.#options.ioClock.monotonicMs();
    this.#send(this.#requests[index]!, (reply) => {
      if (reply.ok) {
        this.#health.answered(block.unit);
        this.#options.onBlock(block, { bytes: reply.bytes, dataAt: reply.dataAt, slotMs });
        return;
      }
      const { fault } = reply;
      const tookMs = this.#options.ioClock.monotonicMs() - sentMs;
      if (isDeviceGone(fault)) this.#health.failed(block.unit, tookMs, fault.text);
      if (fault.kind === "exception") {
        if (!isDeviceGone(fault)) this.#health.answered(block.unit);
        this.#options.onRefused(block, { fault, slotMs });
      }
    });
  }

  #send(request: ModbusRequest, settle: (reply: ModbusReply) => void): void {
    const { ioClock, connection } = this.#options;
    const sentMs = ioClock.monotonicMs();
    this.#statistics.requests++;
    this.#master.send(request, (reply) => {
      const doneMs = ioClock.monotonicMs();
      this.#statistics.busy(doneMs - sentMs);
      if (reply.ok) this.#statistics.answered(doneMs - sentMs);
      else this.#statistics.failures++;
      this.#quietUntilMs = doneMs + connection.gapMs;
      settle(reply);
      this.#pump();
    });
  }

  #refuseUrgent(reason: string): void {
    for (const { settle } of this.#urgent.splice(0)) settle(closed(reason));
  }
}

const closed = (text: string): ModbusReply => ({ ok: false, fault: { kind: "closed", text } });

/** Gateways say with exceptions 10 and 11 that the unit behind them does not answer. */
const isDeviceGone = (fault: ModbusFault): boolean =>
  fault.kind === "exception" ? fault.code === 10 || fault.code === 11 : true;
