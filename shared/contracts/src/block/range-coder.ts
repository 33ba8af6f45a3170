/*
  Range coder: 32-bit low and range, byte-wise renormalisation, carries added into the bytes already
  written (Martin 1979; Schindler 1998). Probabilities have 16 bits. The decoder reads zeros past
  the end, so that the encoder may leave out trailing zero bytes.

  `Coder` has two implementations with one face: each method takes the value to code and returns the
  value coded. The encoder writes its argument; the decoder ignores it and returns what it read. So
  every part of the format is written down once, for both directions.
*/
import { u8 } from "../elements.ts";
import {
  cdfUnits,
  cumulative,
  quantileGuess,
  shiftOf,
  windowMax,
} from "./residual-distribution.ts";

/** Bits of a probability. */
export const probabilityBits = 16;

/** Direct bits coded at a time. */
const directBitsMax = 16;

const rangeMin = 2 ** 24;

/** Thrown inside the decoder only; `decodeBlock` turns it into a fault. */
export class MalformedBlock extends Error {}

export interface Coder {
  readonly decoding: boolean;
  /** One of `[0, 2^bits)`, equally likely; `bits` up to 53. */
  direct(value: number, bits: number): number;
  /** A bit that is 1 with `probability` in 1..65535 of 65536. */
  bit(value: number, probability: number): number;
  /** An integer under the residual distribution of `mean`, `scale`, `shape`. */
  residual(value: number, mean: number, scale: number, shape: number): number;
}

export class RangeEncoder implements Coder {
  readonly decoding = false;
  #bytes: Uint8Array;
  #length: number;
  #low = 0;
  #range = 0xffffffff;

  /** Writes behind the first `reservedBytes` bytes of its buffer, which are the caller's. */
  constructor(reservedBytes: number, capacityBytes: number) {
    this.#bytes = new Uint8Array(Math.max(64, reservedBytes + capacityBytes));
    this.#length = reservedBytes;
  }

  #narrow(cumulativeUnits: number, units: number): void {
    const unit = this.#range >>> probabilityBits;
    const low = (this.#low + unit * cumulativeUnits) >>> 0;
    if (low < this.#low) this.#carry();
    this.#low = low;
    this.#range = unit * units;
    if (this.#range < rangeMin) this.#normalise();
  }

  #normalise(): void {
    while (this.#range < rangeMin) {
      if (this.#length === this.#bytes.length) this.#grow();
      this.#bytes[this.#length++] = this.#low >>> 24;
      this.#low = (this.#low << 8) >>> 0;
      this.#range = (this.#range << 8) >>> 0;
    }
  }

  #carry(): void {
    const bytes = this.#bytes;
    let at = this.#length - 1;
    for (; bytes[at] === 255; at--) bytes[at] = 0;
    bytes[at] = u8(bytes, at) + 1;
  }

  #grow(): void {
    const bytes = new Uint8Array(this.#bytes.length * 2);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
  }

  direct(value: number, bits: number): number {
    let left = bits;
    while (left > directBitsMax) {
      left -= directBitsMax;
      this.#narrow(Math.floor(value / 2 ** left) & 0xffff, 1);
    }
    if (left > 0) {
      const unit = probabilityBits - left;
      this.#narrow((value % 2 ** left) << unit, 1 << unit);
    }
    return value;
  }

  bit(value: number, probability: number): number {
    const unit = this.#range >>> probabilityBits;
    const bound = unit * probability;
    if (value === 1) {
      this.#range = bound;
    } else {
      const low = (this.#low + bound) >>> 0;
      if (low < this.#low) this.#carry();
      this.#low = low;
      this.#range = unit * (cdfUnits - probability);
    }
    if (this.#range < rangeMin) this.#normalise();
    return value;
  }

  residual(value: number, mean: number, scale: number, shape: number): number {
    const centre = Math.floor(mean + 0.5);
    const shift = shiftOf(scale);
    const half = (1 << shift) >> 1;
    const inverse = 1 / scale;
    const offset = centre - mean - 0.5 - half;
    const step = 1 << shift;
    const difference = value - centre;
    const symbol = Math.max(
      -windowMax,
      Math.min(windowMax, Math.floor((difference + half) / step)),
    );
    const from = cumulative(symbol, (symbol * step + offset) * inverse, shape);
    const to = cumulative(symbol + 1, ((symbol + 1) * step + offset) * inverse, shape);
    this.#narrow(from, to - from);
    if (symbol === windowMax || symbol === -windowMax) this.#escape(difference);
    else if (shift > 0) this.direct(difference + half - symbol * step, shift);
    return value;
  }

  /** Elias gamma code of the magnitude; the sign is known from the side of the window. */
  #escape(difference: number): void {
    const magnitude = Math.abs(difference) + 1;
    const bits = Math.floor(Math.log2(magnitude));
    this.direct(bits, 6);
    this.direct(magnitude - 2 ** bits, bits);
  }

  /** The reserved bytes, the code, and `trailerBytes` more. */
  finish(trailerBytes: number): Uint8Array {
    // The value in [low, low + range) that ends in most zero bytes: those are left out.
    for (const keep of [0, 1, 2, 3, 4]) {
      const grain = 2 ** (32 - 8 * keep);
      const value = Math.ceil(this.#low / grain) * grain;
      if (value >= this.#low + this.#range) continue;
      if (value >= 2 ** 32) this.#carry();
      for (let i = 0; i < keep; i++) {
        if (this.#length === this.#bytes.length) this.#grow();
        this.#bytes[this.#length++] = Math.floor(value / 2 ** (24 - 8 * i)) & 0xff;
      }
      break;
    }
    const bytes = new Uint8Array(this.#length + trailerBytes);
    bytes.set(this.#bytes.subarray(0, this.#length));
    return bytes;
  }
}

export class RangeDecoder implements Coder {
  readonly decoding = true;
  readonly #bytes: Uint8Array;
  #at: number;
  readonly #end: number;
  #code = 0;
  #range = 0xffffffff;

  /** Reads `bytes[from..to)`. */
  constructor(bytes: Uint8Array, from: number, to: number) {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = to;
    for (let i = 0; i < 4; i++) this.#code = ((this.#code << 8) | this.#next()) >>> 0;
  }

  #next(): number {
    return this.#at < this.#end ? u8(this.#bytes, this.#at++) : 0;
  }

  #target(): number {
    const target = Math.floor(this.#code / (this.#range >>> probabilityBits));
    return target < cdfUnits ? target : cdfUnits - 1;
  }

  #narrow(cumulativeUnits: number, units: number): void {
    const unit = this.#range >>> probabilityBits;
    this.#code = (this.#code - unit * cumulativeUnits) >>> 0;
    this.#range = unit * units;
    if (this.#range < rangeMin) this.#normalise();
  }

  #normalise(): void {
    while (this.#range < rangeMin) {
      this.#code = ((this.#code << 8) | this.#next()) >>> 0;
      this.#range = (this.#range << 8) >>> 0;
    }
  }

  direct(_value: number, bits: number): number {
    let value = 0;
    let left = bits;
    while (left > directBitsMax) {
      left -= directBitsMax;
      const part = this.#target();
      this.#narrow(part, 1);
      value = value * 65536 + part;
    }
    if (left > 0) {
      const unit = probabilityBits - left;
      const part = this.#target() >>> unit;
      this.#narrow(part << unit, 1 << unit);
      value = value * 2 ** left + part;
    }
    return value;
  }

  bit(_value: number, probability: number): number {
    const unit = this.#range >>> probabilityBits;
    const bound = unit * probability;
    const isOne = this.#code < bound;
    if (isOne) {
      this.#range = bound;
    } else {
      this.#code -= bound;
      this.#range = unit * (cdfUnits - probability);
    }
    if (this.#range < rangeMin) this.#normalise();
    return isOne ? 1 : 0;
  }

  residual(_value: number, mean: number, scale: number, shape: number): number {
    const centre = Math.floor(mean + 0.5);
    const shift = shiftOf(scale);
    const half = (1 << shift) >> 1;
    const inverse = 1 / scale;
    const offset = centre - mean - 0.5 - half;
    const step = 1 << shift;
    const target = this.#target();
    const guess = Math.floor((quantileGuess(target, shape) * scale - offset) / step);
    let symbol = Math.max(-windowMax, Math.min(windowMax, guess));
    let from = cumulative(symbol, (symbol * step + offset) * inverse, shape);
    let to = cumulative(symbol + 1, ((symbol + 1) * step + offset) * inverse, shape);
    while (target < from) {
      symbol--;
      to = from;
      from = cumulative(symbol, (symbol * step + offset) * inverse, shape);
    }
    while (target >= to) {
      symbol++;
      from = to;
      to = cumulative(symbol + 1, ((symbol + 1) * step + offset) * inverse, shape);
    }
    this.#narrow(from, to - from);
    if (symbol === windowMax) return centre + this.#escape();
    if (symbol === -windowMax) return centre - this.#escape();
    return centre + symbol * step - half + (shift > 0 ? this.direct(0, shift) : 0);
  }

  #escape(): number {
    const bits = this.direct(0, 6);
    if (bits > 52) throw new MalformedBlock(`a value of ${bits} bits`);
    return 2 ** bits + this.direct(0, bits) - 1;
  }
}
