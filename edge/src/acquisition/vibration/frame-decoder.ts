/*
  Frame of a three-axis vibration sensor; all numbers little-endian
     0   u8 u8    sync       0xA5 0x5A
     2   u16      seq        counts frames, wraps
     4   u32      t_us       sensor's time at the first sample, wraps after 71.6 min
     8   u8       n          samples, 1…255
     9   int16    n × 3      x, y, z of one instant side by side
     …   u16      crc        CRC-16/MODBUS of everything between sync and crc
  Nothing ends a frame but its count, and samples may look like sync bytes: after anything wrong the
  search goes on at the next byte, so that one damaged frame never costs the one behind it.
*/
import { u8 } from "@weir/contracts/elements.ts";
import { crc16 } from "../modbus/rtu-frame.ts";

const syncFirst = 0xa5;
const syncSecond = 0x5a;
const bodyAt = 2;
const headerBytes = 9;
const crcBytes = 2;
export const axisCount = 3;
const sampleBytes = 2 * axisCount;
export const samplesPerFrameMax = 255;
export const frameBytesMax = headerBytes + samplesPerFrameMax * sampleBytes + crcBytes;

/** One frame whose checksum is right. Valid during the call only. */
export interface DecodedFrame {
  seq: number;
  tUs: number;
  count: number;
  /** x y z side by side, `count` of each. */
  samples: Int16Array;
}

export class FrameDecoder {
  /** Bytes that belonged to no frame. */
  discardedBytes = 0;
  /** Frames whose checksum was wrong; sync bytes by chance count as such. */
  damagedFrames = 0;
  readonly #onFrame: (frame: DecodedFrame) => void;
  readonly #bytes = new Uint8Array(2 * frameBytesMax);
  readonly #view = new DataView(this.#bytes.buffer);
  #length = 0;
  readonly #samples = new Int16Array(samplesPerFrameMax * axisCount);
  readonly #frame: DecodedFrame = { seq: 0, tUs: 0, count: 0, samples: this.#samples };

  constructor(onFrame: (frame: DecodedFrame) => void) {
    this.#onFrame = onFrame;
  }

  /** Bytes as they come, in pieces of any size. */
  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      const size = Math.min(chunk.length - at, this.#bytes.length - this.#length);
      this.#bytes.set(chunk.subarray(at, at + size), this.#length);
      this.#length += size;
      at += size;
      this.#drain();
    }
  }

  /** The line was interrupted: what is half here stays half. */
  reset(): void {
    this.discardedBytes += this.#length;
    this.#length = 0;
  }

  /** Leaves less than one frame, so that there is always room for more. */
  #drain(): void {
    let at = 0;
    while (at < this.#length) {
      const size = this.#sizeAt(at);
      if (size === "partial") break;
      if (size === "junk" || !this.#isWhole(at, size)) {
        at++;
        this.discardedBytes++;
        continue;
      }
      this.#take(at);
      at += size;
    }
    this.#bytes.copyWithin(0, at, this.#length);
    this.#length -= at;
  }

  /** Size of the frame that may begin at `at`, once all of it is here. */
  #sizeAt(at: number): number | "junk" | "partial" {
    const left = this.#length - at;
    if (this.#bytes[at] !== syncFirst) return "junk";
    if (left < 2) return "partial";
    if (this.#bytes[at + 1] !== syncSecond) return "junk";
    if (left < headerBytes) return "partial";
    const count = u8(this.#bytes, at + 8);
    if (count === 0) return "junk";
    const size = headerBytes + count * sampleBytes + crcBytes;
    return left < size ? "partial" : size;
  }

  #isWhole(at: number, size: number): boolean {
    const crcAt = at + size - crcBytes;
    const isRight = crc16(this.#bytes, at + bodyAt, crcAt) === this.#view.getUint16(crcAt, true);
    if (!isRight) this.damagedFrames++;
    return isRight;
  }

  #take(at: number): void {
    const frame = this.#frame;
    frame.seq = this.#view.getUint16(at + 2, true);
    frame.tUs = this.#view.getUint32(at + 4, true);
    frame.count = u8(this.#bytes, at + 8);
    const end = frame.count * axisCount;
    for (let i = 0; i < end; i++) {
      this.#samples[i] = this.#view.getInt16(at + headerBytes + 2 * i, true);
    }
    this.#onFrame(frame);
  }
}
