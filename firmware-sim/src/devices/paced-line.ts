/**
 * The time bytes take on a wire. A socket or a pseudo terminal carries them at once; here they arrive and
 * leave as they would at the line's baud rate, so that measured times of a serial bus are real.
 */
import type { Cancel, Clock } from "@weir/runtime/clock.ts";

export interface SerialFormat {
  baud: number;
  dataBits: 7 | 8;
  parity: "N" | "E" | "O";
  stopBits: 1 | 2;
}

/** "19200 8E1" */
export const formatText = (format: SerialFormat): string =>
  `${format.baud} ${format.dataBits}${format.parity}${format.stopBits}`;

/** Milliseconds of one character: start bit, data, parity, stop. */
export const charMs = ({ baud, dataBits, parity, stopBits }: SerialFormat): number =>
  ((1 + dataBits + (parity === "N" ? 0 : 1) + stopBits) * 1000) / baud;

/** What has been sent reaches the other end in bites of this length, as behind a USB adapter. */
const biteMs = 4;
/** A line that nobody listens to may fall behind by this much before bytes are dropped. */
const queuedCountMax = 64 * 1024;

export interface PacedLineOptions {
  format: SerialFormat;
  /** Real time on a real port. */
  clock: Clock;
  transmit: (bytes: Uint8Array) => void;
}

export class PacedLine {
  readonly format: SerialFormat;
  readonly clock: Clock;
  readonly charMs: number;
  /** Bytes dropped because the line could not take them in time. */
  droppedCount = 0;
  readonly #transmit: (bytes: Uint8Array) => void;
  #receivedMs = 0;
  #freeMs = 0;
  #queue: { bytes: Uint8Array; startMs: number; sentCount: number }[] = [];
  #queuedCount = 0;
  #cancel: Cancel | undefined;

  constructor(options: PacedLineOptions) {
    this.format = options.format;
    this.clock = options.clock;
    this.charMs = charMs(options.format);
    this.#transmit = options.transmit;
  }

  /** Instant (monotonic ms) at which the last of `count` bytes that begin to arrive now is complete. */
  arrival(count: number): number {
    const startMs = Math.max(this.clock.monotonicMs(), this.#receivedMs);
    this.#receivedMs = startMs + count * this.charMs;
    return this.#receivedMs;
  }

  /** Instant at which everything sent so far has left. */
  get freeMs(): number {
    return this.#freeMs;
  }

  /** Sends `bytes` from `atMs` (monotonic ms) on, or when the line is free. */
  send(bytes: Uint8Array, atMs = 0): void {
    if (this.#queuedCount + bytes.length > queuedCountMax) {
      this.droppedCount += bytes.length;
      return;
    }
    const startMs = Math.max(atMs, this.#freeMs, this.clock.monotonicMs());
    this.#freeMs = startMs + bytes.length * this.charMs;
    this.#queue.push({ bytes, startMs, sentCount: 0 });
    this.#queuedCount += bytes.length;
    if (this.#cancel === undefined) this.#arm();
  }

  /** Forgets what has not left yet. */
  clear(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#queue = [];
    this.#queuedCount = 0;
    this.#freeMs = 0;
  }

  #arm(): void {
    const first = this.#queue[0];
    if (first === undefined) {
      this.#cancel = undefined;
      return;
    }
    const nowMs = this.clock.monotonicMs();
    const endMs = first.startMs + first.bytes.length * this.charMs;
    const dueMs = Math.min(endMs, Math.max(first.startMs, nowMs) + biteMs);
    this.#cancel = this.clock.after(Math.max(0, dueMs - nowMs), () => {
      this.#cancel = undefined;
      this.#emit();
      if (this.#cancel === undefined) this.#arm();
    });
  }

  #emit(): void {
    const nowMs = this.clock.monotonicMs();
    const due: Uint8Array[] = [];
    for (let first = this.#queue[0]; first !== undefined; first = this.#queue[0]) {
      const elapsed = Math.floor((nowMs - first.startMs) / this.charMs + 1e-6);
      const count = Math.min(first.bytes.length, elapsed);
      if (count > first.sentCount) {
        due.push(first.bytes.subarray(first.sentCount, count));
        this.#queuedCount -= count - first.sentCount;
        first.sentCount = count;
      }
      if (first.sentCount < first.bytes.length) break;
      this.#queue.shift();
    }
    for (const bytes of due) this.#transmit(bytes);
  }
}
