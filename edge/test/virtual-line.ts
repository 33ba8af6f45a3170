/**
 * A serial line in memory with Modbus RTU slaves on it, on a simulated clock: bytes take their time,
 * whoever speaks at the same time as another spoils both, and slaves can be told to misbehave.
 */
import { u8 } from "@weir/contracts/elements.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { Random } from "@weir/runtime/random.ts";
import type { ByteChannelEvents, OpenChannel } from "../src/acquisition/byte-channel.ts";
import { crc16 } from "../src/acquisition/modbus/rtu-frame.ts";
import { byteMs, frameGapMs } from "../src/acquisition/modbus/rtu-timing.ts";
import { VirtualSlave } from "./virtual-slave.ts";

export interface LineTalk {
  /** Bytes on the line, the first `afterMs` from now; `chunkBytes` at a time with `pauseMs` in between. */
  say(bytes: Uint8Array, afterMs?: number, pace?: { chunkBytes: number; pauseMs: number }): void;
}

/** What a slave does with a request; `answer` is the right one. */
export type LineBehaviour = (request: Uint8Array, answer: Uint8Array, line: LineTalk) => void;

const diagnosticCodes = [7, 8, 11, 17];

interface Transmission {
  fromMs: number;
  toMs: number;
  bytes: Uint8Array;
}

export class VirtualLine {
  /** Registers of every unit; unit 2 and above share them. */
  readonly slave: VirtualSlave;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #byteMs: number;
  #events: ByteChannelEvents | undefined;
  #transmissions: Transmission[] = [];
  units = [1];
  latencyMs = 5;
  isPlugged = true;
  /** The adapter hears itself. */
  echoes = false;
  behaviour: LineBehaviour | undefined;
  /** Replaces what the adapter hears of itself. */
  echo: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes;
  /** Functions 7, 8, 11 and 17: answered (8 alone), refused, or ignored. */
  diagnostics: "echo" | "refuse" | "ignore" = "echo";
  /** When the last byte was on the line, and the last byte of the master. */
  lastByteMs = Number.NEGATIVE_INFINITY;
  /** Least silence before a request, milliseconds. */
  shortestGapMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, options: { baud: number; random: Random }) {
    this.#clock = clock;
    this.slave = new VirtualSlave(clock);
    this.#random = options.random;
    this.#byteMs = byteMs(options.baud);
    this.gapMs = frameGapMs(options.baud);
  }

  readonly gapMs: number;

  readonly open: OpenChannel = (events) => {
    let isOpen = true;
    this.#clock.after(0.5, () => {
      if (!isOpen) return;
      if (!this.isPlugged) {
        isOpen = false;
        events.onClose("ENOENT");
        return;
      }
      this.#events = events;
      events.onOpen();
    });
    return {
      write: (bytes) => {
        if (isOpen && this.#events === events) this.#hear(Uint8Array.from(bytes));
      },
      close: () => {
        isOpen = false;
        if (this.#events === events) this.#events = undefined;
      },
    };
  };

  unplug(): void {
    this.isPlugged = false;
    const events = this.#events;
    this.#events = undefined;
    events?.onClose("the device is gone");
  }

  say(bytes: Uint8Array, afterMs = 0): void {
    const fromMs = this.#clock.monotonicMs() + afterMs;
    this.#transmit({ fromMs, toMs: fromMs + bytes.length * this.#byteMs, bytes });
  }

  #talk: LineTalk = {
    say: (bytes, afterMs = this.latencyMs, pace) => {
      if (!pace) return this.say(bytes, afterMs);
      let atMs = afterMs;
      for (let i = 0; i < bytes.length; i += pace.chunkBytes) {
        this.say(bytes.slice(i, i + pace.chunkBytes), atMs);
        atMs += pace.chunkBytes * this.#byteMs + pace.pauseMs;
      }
    },
  };

  /** Towards the master; two at once are spoilt both. */
  #transmit(own: Transmission): void {
    const copy = { ...own, bytes: Uint8Array.from(own.bytes) };
    const nowMs = this.#clock.monotonicMs();
    this.#transmissions = this.#transmissions.filter((other) => other.toMs > nowMs);
    for (const other of this.#transmissions) {
      if (other.toMs <= copy.fromMs || copy.toMs <= other.fromMs) continue;
      this.#spoil(other.bytes);
      this.#spoil(copy.bytes);
    }
    this.#transmissions.push(copy);
    this.#clock.after(copy.toMs - nowMs, () => {
      this.lastByteMs = this.#clock.monotonicMs();
      this.#events?.onBytes(copy.bytes);
    });
  }

  #spoil(bytes: Uint8Array): void {
    const at = this.#random.integer(bytes.length);
    bytes[at] = u8(bytes, at) ^ (1 << this.#random.integer(8));
  }

  #hear(request: Uint8Array): void {
    const nowMs = this.#clock.monotonicMs();
    this.shortestGapMs = Math.min(this.shortestGapMs, nowMs - this.lastByteMs);
    const toMs = nowMs + request.length * this.#byteMs;
    this.lastByteMs = toMs;
    if (this.echoes) this.#transmit({ fromMs: nowMs, toMs, bytes: this.echo(request) });
    const overlapping = this.#transmissions.filter(
      (other) => !this.echoes && other.fromMs < toMs && other.toMs > nowMs,
    );
    for (const other of overlapping) this.#spoil(other.bytes);
    if (overlapping.length > 0) return;
    this.#clock.after(toMs - nowMs, () => this.#serve(request));
  }

  #serve(request: Uint8Array): void {
    if (!this.isPlugged) return;
    const end = request.length - 2;
    if (crc16(request, 0, end) !== (u8(request, end) | (u8(request, end + 1) << 8))) return;
    if (request[0] !== 0 && !this.units.includes(u8(request, 0))) return;
    if (this.diagnostics === "ignore" && diagnosticCodes.includes(u8(request, 1))) return;
    const frame = new Uint8Array(6 + Math.max(end, 6));
    frame.set(request.subarray(0, end), 6);
    let answer = rtuFrame(this.slave.answer(frame).slice(6));
    if (request[1] === 8 && this.diagnostics === "refuse") answer = rtuException(request, 1);
    if (request[0] === 0) return;
    if (this.behaviour) this.behaviour(request, answer, this.#talk);
    else this.#talk.say(answer);
  }
}

/** Unit and PDU with their checksum. */
export function rtuFrame(bytes: Uint8Array): Uint8Array {
  const frame = new Uint8Array(bytes.length + 2);
  frame.set(bytes);
  const crc = crc16(bytes, 0, bytes.length);
  frame[bytes.length] = crc;
  frame[bytes.length + 1] = crc >> 8;
  return frame;
}

export const rtuException = (request: Uint8Array, code: number): Uint8Array =>
  rtuFrame(Uint8Array.of(u8(request, 0), u8(request, 1) | 0x80, code));
