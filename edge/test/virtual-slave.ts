/** A Modbus TCP server in memory, on a simulated clock, that can be told to misbehave. */
import { u8, u16 } from "@weir/contracts/elements.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { OpenChannel } from "../src/acquisition/byte-channel.ts";

export interface SlaveLink {
  /** Bytes to the master, `afterMs` from now. */
  send(bytes: Uint8Array, afterMs?: number): void;
  /** Ends the connection. */
  close(afterMs?: number): void;
}

/** What the slave does with a request; `answer` is the right one. */
export type Behaviour = (request: Uint8Array, answer: Uint8Array, link: SlaveLink) => void;

const tableSize = 2_048;

export class VirtualSlave {
  readonly holding = new Uint16Array(tableSize);
  readonly input = new Uint16Array(tableSize);
  readonly coils = new Uint8Array(tableSize);
  readonly discrete = new Uint8Array(tableSize);
  /** Requests seen, newest last. */
  readonly requests: { atMs: number; fc: number; address: number; bytes: Uint8Array }[] = [];
  latencyMs = 1;
  isListening = true;
  behaviour: Behaviour | undefined;
  /** Called when a coil or register was written. */
  onWrite: (table: "coil" | "holding", address: number) => void = () => {};
  connectionCount = 0;
  readonly #clock: Clock;
  readonly #open = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  readonly open: OpenChannel = (events) => {
    let isOpen = true;
    const later = (afterMs: number, task: () => void) =>
      this.#clock.after(afterMs, () => {
        if (isOpen) task();
      });
    const finish = () => {
      isOpen = false;
      this.#open.delete(drop);
      events.onClose("closed by the slave");
    };
    const drop = () => {
      if (isOpen) finish();
    };
    later(0.2, () => {
      if (!this.isListening) {
        isOpen = false;
        events.onClose("ECONNREFUSED");
        return;
      }
      this.connectionCount++;
      this.#open.add(drop);
      events.onOpen();
    });
    const link: SlaveLink = {
      send: (bytes, afterMs = this.latencyMs) => {
        const copy = Uint8Array.from(bytes);
        later(afterMs, () => events.onBytes(copy));
      },
      close: (afterMs = 0) => later(afterMs, finish),
    };
    return {
      write: (bytes) => {
        const request = Uint8Array.from(bytes);
        later(0, () => this.#serve(request, link));
      },
      close: () => {
        isOpen = false;
        this.#open.delete(drop);
      },
    };
  };

  /** Cuts every connection. */
  cut(): void {
    for (const drop of [...this.#open]) drop();
  }

  #serve(request: Uint8Array, link: SlaveLink): void {
    const answer = this.answer(request);
    if (this.behaviour) this.behaviour(request, answer, link);
    else link.send(answer);
  }

  /** Does what `request`, a frame of Modbus TCP, says; returns the right answer. */
  answer(request: Uint8Array): Uint8Array {
    const view = new DataView(request.buffer);
    const fc = u8(request, 7);
    const address = request.length >= 10 ? view.getUint16(8) : 0;
    this.requests.push({ atMs: this.#clock.nowMs(), fc, address, bytes: request });
    if (this.requests.length > 100_000) this.requests.shift();
    const count = request.length >= 12 ? view.getUint16(10) : 0;
    switch (fc) {
      case 1:
      case 2:
        return reply(request, packBits(fc === 1 ? this.coils : this.discrete, address, count));
      case 3:
      case 4:
        return reply(request, packWords(fc === 3 ? this.holding : this.input, address, count));
      case 5:
        this.coils[address] = count === 0xff00 ? 1 : 0;
        this.onWrite("coil", address);
        return reply(request, request.subarray(8, 12));
      case 6:
        this.holding[address] = count;
        this.onWrite("holding", address);
        return reply(request, request.subarray(8, 12));
      case 8:
        return reply(request, request.subarray(8, 12));
      case 15:
        for (let i = 0; i < count; i++) {
          this.coils[address + i] = (u8(request, 13 + (i >> 3)) >> (i & 7)) & 1;
        }
        return reply(request, request.subarray(8, 12));
      case 16:
        for (let i = 0; i < count; i++) this.holding[address + i] = view.getUint16(13 + 2 * i);
        return reply(request, request.subarray(8, 12));
      case 22: {
        const and = view.getUint16(10);
        const or = view.getUint16(12);
        this.holding[address] = (u16(this.holding, address) & and) | (or & ~and);
        return reply(request, request.subarray(8, 14));
      }
      case 23: {
        const writeAddress = view.getUint16(12);
        const writeCount = view.getUint16(14);
        for (let i = 0; i < writeCount; i++) {
          this.holding[writeAddress + i] = view.getUint16(17 + 2 * i);
        }
        return reply(request, packWords(this.holding, address, count));
      }
      default:
        return exception(request, 1);
    }
  }
}

/** An answer to `request` with `data` after the function code. */
export function reply(request: Uint8Array, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + data.length);
  bytes.set(request.subarray(0, 8));
  bytes.set(data, 8);
  new DataView(bytes.buffer).setUint16(4, 2 + data.length);
  return bytes;
}

export function exception(request: Uint8Array, code: number): Uint8Array {
  const bytes = reply(request, Uint8Array.of(code));
  bytes[7] = u8(bytes, 7) | 0x80;
  return bytes;
}

function packBits(bits: Uint8Array, address: number, count: number): Uint8Array {
  const bytes = new Uint8Array(1 + Math.ceil(count / 8));
  bytes[0] = bytes.length - 1;
  for (let i = 0; i < count; i++) {
    const at = 1 + (i >> 3);
    if (bits[address + i]) bytes[at] = u8(bytes, at) | (1 << (i & 7));
  }
  return bytes;
}

function packWords(words: Uint16Array, address: number, count: number): Uint8Array {
  const bytes = new Uint8Array(1 + 2 * count);
  bytes[0] = 2 * count;
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < count; i++) view.setUint16(1 + 2 * i, u16(words, address + i));
  return bytes;
}
