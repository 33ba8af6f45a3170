/**
 * Bytes to lines. What is longer than a line can be is dropped up to the next delimiter and counted, so
 * a line that went mad costs neither memory nor a wrong reading.
 */

import { strict as assert } from "node:assert";
import { Buffer } from "node:buffer";
import { u8 } from "@weir/contracts/elements.ts";

export class LineSplitter {
  readonly #delimiter: Uint8Array;
  readonly #onLine: (line: string) => void;
  readonly #lengthMax: number;
  readonly #buffer: Buffer;
  #length = 0;
  /** What arrives belongs to a line whose beginning is not known, or that is too long. */
  #isSkipping = false;
  /** Bytes that were no part of a whole line. */
  discardedBytes = 0;

  /** `lengthMax`: bytes of a line without its delimiter. */
  constructor(
    delimiter: string,
    lengthMax: number,
    { onLine }: { onLine: (line: string) => void },
  ) {
    assert(delimiter.length > 0 && lengthMax > 0);
    this.#delimiter = Buffer.from(delimiter, "latin1");
    this.#lengthMax = lengthMax;
    this.#onLine = onLine;
    this.#buffer = Buffer.alloc(lengthMax + delimiter.length);
  }

  /** Lines go to `onLine` within this call, one character a byte, without delimiter and stray line ends. */
  push(bytes: Uint8Array): void {
    const last = this.#delimiter.at(-1);
    for (let i = 0; i < bytes.length; i++) {
      if (this.#length === this.#buffer.length) this.#overflow();
      const byte = u8(bytes, i);
      this.#buffer[this.#length++] = byte;
      if (byte === last && this.#endsLine()) this.#finish();
    }
  }

  /** Drops what is there of a line. */
  reset(): void {
    this.discardedBytes += this.#length;
    this.#length = 0;
    this.#isSkipping = false;
  }

  /** As `reset`, and the next line is dropped as well: its beginning may be missing. */
  joinLate(): void {
    this.reset();
    this.#isSkipping = true;
  }

  #endsLine(): boolean {
    const at = this.#length - this.#delimiter.length;
    if (at < 0) return false;
    for (let i = 0; i < this.#delimiter.length; i++) {
      if (this.#buffer[at + i] !== this.#delimiter[i]) return false;
    }
    return true;
  }

  #finish(): void {
    const size = this.#length - this.#delimiter.length;
    const isWhole = !this.#isSkipping && size <= this.#lengthMax;
    const line = isWhole ? this.#buffer.toString("latin1", 0, size) : "";
    if (!isWhole) this.discardedBytes += this.#length;
    this.#length = 0;
    this.#isSkipping = false;
    const stripped = strip(line);
    if (stripped !== "") this.#onLine(stripped);
  }

  /** Keeps as much as may be the beginning of a delimiter. */
  #overflow(): void {
    const kept = this.#delimiter.length - 1;
    this.discardedBytes += this.#length - kept;
    this.#buffer.copyWithin(0, this.#length - kept, this.#length);
    this.#length = kept;
    this.#isSkipping = true;
  }
}

/** Line ends of devices that send two where one was configured. */
function strip(line: string): string {
  let from = 0;
  let to = line.length;
  while (from < to && isStray(line.charCodeAt(from))) from++;
  while (to > from && isStray(line.charCodeAt(to - 1))) to--;
  return line.slice(from, to);
}

const isStray = (code: number): boolean => code === 10 || code === 13;
