/** A Modbus TCP module in memory for the rehearsal: what is written can be read, and every request is right. */

import { strict as assert } from "node:assert";
import { u8 } from "@weir/contracts/elements.ts";
import type { ByteChannel, ByteChannelEvents } from "../acquisition/byte-channel.ts";
import { frameSizeMax, headerSize } from "../acquisition/modbus/tcp-frame.ts";
import { bytePositions } from "../conditioning/decode.ts";
import { type TagSettings, widthOf } from "../configuration/configuration.ts";

/** Answers to one call of `answerAll`: more would mean that polls never end. */
const answersMax = 2_000;
const tableOf = ["", "coil", "discrete", "holding", "input", "coil", "holding"] as const;

export class RehearsalModule {
  #events: ByteChannelEvents | undefined;
  readonly #words = new Map<string, number>();
  readonly #request = new Uint8Array(frameSizeMax);
  #requestSize = 0;
  #isOpening = false;
  #openCount = 0;
  readonly #answer = new Uint8Array(frameSizeMax);
  readonly #scratch = new DataView(new ArrayBuffer(8));

  readonly open = (events: ByteChannelEvents): ByteChannel => {
    this.#events = events;
    this.#isOpening = true;
    this.#openCount++;
    // Two functions, so that the caller is not compiled for one.
    if (this.#openCount % 2 === 0) return { write: (frame) => this.#take(frame), close: () => {} };
    return {
      write: (frame) => {
        this.#take(frame);
      },
      close: () => {},
    };
  };

  /** The connection ends; the next `answerAll` connects again. */
  drop(): void {
    this.#requestSize = 0;
    this.#events?.onClose("rehearsal");
  }

  #take(frame: Uint8Array): void {
    this.#request.set(frame);
    this.#requestSize = frame.length;
  }

  /** Gives the registers of `tag` the bytes that stand for about `value`. */
  put(tag: TagSettings, unit: number, value: number): void {
    const { place, type, min, max, scale, offset } = tag;
    if (place === undefined || type === "bool") return;
    const shown = tag.signal === "4-20mA" ? 4 + (16 * (value - min)) / (max - min) : value;
    const raw = (shown - offset) / scale;
    const view = this.#scratch;
    view.setFloat64(0, 0);
    if (type === "float32") view.setFloat32(0, raw);
    else if (type === "float64") view.setFloat64(0, raw);
    else if (widthOf[type] === 2) view.setInt32(0, Math.round(raw));
    else view.setInt16(0, Math.round(raw));
    const positions = bytePositions(type, tag.byteOrder);
    const bytes = new Uint8Array(positions.length);
    positions.forEach((position, i) => {
      bytes[position] = view.getUint8(i);
    });
    for (let i = 0; i < bytes.length; i += 2) {
      const word = (u8(bytes, i) << 8) | u8(bytes, i + 1);
      this.#words.set(keyOf(place.table, unit, place.address + i / 2), word);
    }
  }

  /** Connects when that is wanted, and answers until nothing more is asked for. */
  answerAll(): void {
    if (this.#isOpening) {
      this.#isOpening = false;
      this.#events?.onOpen();
    }
    for (let i = 0; this.#requestSize > 0; i++) {
      assert(i < answersMax, "the rehearsal polls without end");
      const size = this.#answerOne();
      this.#requestSize = 0;
      this.#events?.onBytes(this.#answer.subarray(0, size));
    }
  }

  #answerOne(): number {
    const [request, answer] = [this.#request, this.#answer];
    answer.set(request);
    const unit = u8(request, 6);
    const code = u8(request, headerSize);
    const table = tableOf[code] ?? "";
    const address = (u8(request, headerSize + 1) << 8) | u8(request, headerSize + 2);
    const argument = (u8(request, headerSize + 3) << 8) | u8(request, headerSize + 4);
    if (code > 4) {
      this.#words.set(keyOf(table, unit, address), code === 5 ? argument >> 15 : argument);
      return this.#requestSize;
    }
    const size = code <= 2 ? Math.ceil(argument / 8) : 2 * argument;
    answer[5] = 3 + size;
    answer[headerSize + 1] = size;
    answer.fill(0, headerSize + 2, headerSize + 2 + size);
    for (let i = 0; i < argument; i++) {
      const word = this.#words.get(keyOf(table, unit, address + i)) ?? 0;
      const at = headerSize + 2 + (code <= 2 ? i >> 3 : 2 * i);
      if (code <= 2) answer[at] = u8(answer, at) | ((word & 1) << (i & 7));
      else {
        answer[at] = word >> 8;
        answer[at + 1] = word & 0xff;
      }
    }
    return headerSize + 2 + size;
  }
}

const keyOf = (table: string, unit: number, address: number): string =>
  `${table} ${unit} ${address}`;
