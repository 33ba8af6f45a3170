/**
 * A strict Modbus TCP client: one request in flight, every one settled by its deadline, and never a
 * value that is not the answer to the request. Anything doubtful costs the connection, which comes
 * back by itself.
 */

import { strict as assert } from "node:assert";
import { elementAt } from "@weir/contracts/elements.ts";
import type { Cancel } from "@weir/runtime/clock.ts";
import type { BusMaster, BusMasterOptions } from "../bus-master.ts";
import type { ByteChannel } from "../byte-channel.ts";
import { Deadline } from "./deadline.ts";
import { type ModbusFault, type ModbusReply, refusal } from "./reply.ts";
import type { ModbusRequest } from "./request.ts";
import { checkFrame, encodeFrame, frameSizeMax } from "./tcp-frame.ts";

/** Waits before a new connection: at once, then growing to a figure that still recovers in a quarter of a second. */
export const reconnectDelaysMs = [0, 10, 25, 50, 100, 200] as const;

type Settle = (reply: ModbusReply) => void;

export class TcpMaster implements BusMaster {
  readonly #options: BusMasterOptions;
  readonly #out = new Uint8Array(frameSizeMax);
  readonly #in = new Uint8Array(frameSizeMax);
  #inLength = 0;
  #channel: ByteChannel | undefined;
  #isUp = false;
  #isStopped = true;
  #attempt = 0;
  discardedBytes = 0;
  /** Bytes of an earlier connection must not reach the next one. */
  #generation = 0;
  #id: number;
  #request: ModbusRequest | undefined;
  #settle: Settle | undefined;
  readonly #deadline: Deadline;
  /** Reused for every answer: it is valid during the call only. */
  readonly #answer = { ok: true as const, bytes: this.#in, dataAt: 0 };
  #cancelReconnect: Cancel = () => {};

  constructor(options: BusMasterOptions) {
    this.#options = options;
    this.#id = options.random.integer(0x10000);
    this.#deadline = new Deadline(options.ioClock, () => {
      const { timeoutMs } = options;
      this.#drop(
        this.#isUp
          ? { kind: "timeout", text: `no answer within ${timeoutMs} ms` }
          : { kind: "closed", text: `no connection within ${timeoutMs} ms` },
      );
    });
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  get isBusy(): boolean {
    return this.#request !== undefined;
  }

  start(): void {
    assert(this.#isStopped);
    this.#isStopped = false;
    this.#connect();
  }

  /** Drops the connection; a request in flight is settled as closed. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelReconnect();
    this.#drop({ kind: "closed", text: "stopped" });
    this.#deadline.stop();
  }

  /**
   * Sends `request` within this call and calls `settle` exactly once, at the latest when the deadline
   * passes. Only when up and not busy.
   */
  send(request: ModbusRequest, settle: Settle): void {
    assert(this.#isUp && this.#channel && !this.#request, "send while down or busy");
    // An id comes round after 65 536 requests, each settled before the next went out on this very
    // connection: no answer can be that late and still be read.
    this.#id = (this.#id + 1) & 0xffff;
    this.#request = request;
    this.#settle = settle;
    this.#inLength = 0;
    const size = encodeFrame(request, this.#id, this.#out);
    this.#deadline.set(this.#options.timeoutMs);
    this.#channel.write(this.#out.subarray(0, size));
  }

  #connect(): void {
    const generation = ++this.#generation;
    const current = () => generation === this.#generation;
    const { timeoutMs, open } = this.#options;
    this.#deadline.set(timeoutMs);
    this.#channel = open({
      onOpen: () => {
        if (!current()) return;
        this.#deadline.clear();
        this.#isUp = true;
        this.#options.onUp();
      },
      onBytes: (chunk) => {
        if (current()) this.#receive(chunk);
      },
      onClose: (reason) => {
        if (current()) this.#drop({ kind: "closed", text: reason });
      },
    });
  }

  #receive(chunk: Uint8Array): void {
    const request = this.#request;
    if (!request) {
      this.discardedBytes += chunk.length;
      this.#drop({ kind: "framing", text: "bytes that nobody asked for" });
      return;
    }
    const room = frameSizeMax - this.#inLength;
    if (chunk.length > room) {
      this.#drop({ kind: "framing", text: "more bytes than a frame can have" });
      return;
    }
    this.#in.set(chunk, this.#inLength);
    this.#inLength += chunk.length;
    const check = checkFrame(this.#in, this.#inLength, { id: this.#id, request });
    if (check.at === "partial") return;
    if (check.at === "flaw") {
      this.discardedBytes += this.#inLength;
      this.#drop({ kind: "framing", text: check.text });
      return;
    }
    const settle = this.#settle;
    this.#deadline.clear();
    this.#request = undefined;
    this.#settle = undefined;
    this.#attempt = 0; // only a whole answer shows that the connection is worth keeping
    // The answer itself is right; what follows it is not, and must not meet the next request.
    if (this.#inLength > check.size) {
      this.#drop({ kind: "framing", text: "bytes after the end of the answer" });
    }
    if (check.at === "exception") {
      settle?.(refusal(check.code));
      return;
    }
    this.#answer.dataAt = check.dataAt;
    settle?.(this.#answer);
  }

  #drop(fault: ModbusFault): void {
    this.#generation++;
    this.#deadline.clear();
    this.#channel?.close();
    this.#channel = undefined;
    this.#isUp = false;
    const settle = this.#settle;
    this.#request = undefined;
    this.#settle = undefined;
    settle?.({ ok: false, fault });
    if (this.#isStopped) return;
    this.#options.onDown(fault.text);
    this.#reconnect();
  }

  #reconnect(): void {
    const delays = reconnectDelaysMs;
    const delayMs = elementAt(delays, Math.min(this.#attempt, delays.length - 1));
    this.#attempt++;
    this.#cancelReconnect();
    this.#cancelReconnect = this.#options.ioClock.after(delayMs, () => {
      if (!this.#isStopped) this.#connect();
    });
  }
}
