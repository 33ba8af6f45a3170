/**
 * One request on a serial line and the bytes that come back for it: a pure state, fed with chunks as
 * the hardware cut them. With an echoing line the request's own bytes come first and must be exactly those.
 */
import { type FrameCheck, flaw, partial } from "./frame-check.ts";
import type { ModbusRequest } from "./request.ts";
import { checkRtuFrame, encodeRtuFrame, rtuFrameSizeMax } from "./rtu-frame.ts";

/** An echo, an answer, and what may follow it by mistake. */
const receivedMax = 3 * rtuFrameSizeMax;

export class RtuExchange {
  readonly #out = new Uint8Array(rtuFrameSizeMax);
  #outSize = 0;
  /** Bytes received since `begin`, echo included; valid until the next `begin`. */
  readonly bytes = new Uint8Array(receivedMax);
  length = 0;
  #request: ModbusRequest | undefined;
  /** Where the answer begins: after the echo. */
  #answerAt = 0;
  /** The line returned what was sent, although it should not. */
  isEchoSeen = false;

  /** The frame to send; valid until the next `begin`. */
  begin(request: ModbusRequest, isEchoing: boolean): Uint8Array {
    this.#request = request;
    this.#outSize = encodeRtuFrame(request, this.#out);
    this.#answerAt = isEchoing ? this.#outSize : 0;
    this.length = 0;
    this.isEchoSeen = false;
    return this.#out.subarray(0, this.#outSize);
  }

  /** Judges everything since `begin`. */
  push(chunk: Uint8Array): FrameCheck {
    if (this.length + chunk.length > receivedMax) return flaw("more bytes than a frame can have");
    const before = this.length;
    this.bytes.set(chunk, before);
    this.length += chunk.length;
    for (let i = before; i < Math.min(this.length, this.#answerAt); i++) {
      if (this.bytes[i] !== this.#out[i]) {
        return flaw("the line does not return what was sent, as echo: true says");
      }
    }
    if (this.length <= this.#answerAt || !this.#request) return partial;
    const received = { at: this.#answerAt, length: this.length - this.#answerAt };
    const check = checkRtuFrame(this.#request, this.bytes, received);
    if (check.at === "flaw" && this.#looksEchoed()) {
      this.isEchoSeen = true;
      return flaw(`${check.text}: the line returns what is sent; set echo: true`);
    }
    return check;
  }

  /** Where the answer's frame begins in `bytes`. */
  get answerAt(): number {
    return this.#answerAt;
  }

  /** A whole answer of `size` bytes; valid until the next `begin`. */
  answer(size: number): Uint8Array {
    return this.bytes.subarray(this.#answerAt, this.#answerAt + size);
  }

  /** Bytes beyond a whole answer of `size` bytes. */
  strayCount(size: number): number {
    return this.length - this.#answerAt - size;
  }

  /** The answer is, byte for byte, the request: functions 5, 6, 8 and 22 say so by design, an echo by accident. */
  isRequestRepeated(size: number): boolean {
    if (size !== this.#outSize) return false;
    for (let i = 0; i < size; i++) {
      if (this.bytes[this.#answerAt + i] !== this.#out[i]) return false;
    }
    return true;
  }

  /** Enough of the request came back to be no accident. */
  #looksEchoed(): boolean {
    if (this.#answerAt > 0 || this.length < echoBytesMin) return false;
    for (let i = 0; i < Math.min(this.length, this.#outSize); i++) {
      if (this.bytes[i] !== this.#out[i]) return false;
    }
    return true;
  }
}

const echoBytesMin = 3;
