/** What the arbiter needs of a protocol on a bus; one implementation for each type of connection. */
import type { Clock } from "@weir/runtime/clock.ts";
import type { Random } from "@weir/runtime/random.ts";
import type { OpenChannel } from "./byte-channel.ts";
import type { ModbusReply } from "./modbus/reply.ts";
import type { ModbusRequest } from "./modbus/request.ts";

export interface BusMaster {
  readonly isUp: boolean;
  /** A request is in flight, or the line must be quiet before the next one. */
  readonly isBusy: boolean;
  /** Bytes that belonged to no answer. */
  readonly discardedBytes: number;
  start(): void;
  /** Drops the connection; a request in flight is settled as closed. */
  stop(): void;
  /**
   * Sends `request` within this call and calls `settle` exactly once, at the latest when the deadline
   * passes. Only when up and not busy.
   */
  send(request: ModbusRequest, settle: (reply: ModbusReply) => void): void;
}

export interface BusMasterOptions {
  open: OpenChannel;
  /** Real time. */
  ioClock: Clock;
  /** For one request and for one attempt to connect, milliseconds. */
  timeoutMs: number;
  random: Random;
  /** The connection came up: a request may be sent. */
  onUp: () => void;
  /** Not busy any more, other than by an answer: those who waited may send. */
  onReady?: () => void;
  /** The connection ended or an attempt failed; a request in flight has been settled before. */
  onDown: (reason: string) => void;
}
