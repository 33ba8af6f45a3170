/** The part of the protobuf wire format that ONNX files need: varint, fixed32, length-delimited. */

import { strict as assert } from "node:assert";
import { numberAt } from "@weir/contracts/elements.ts";

const utf8 = new TextEncoder();

export class ProtobufWriter {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** A field of type int32, int64 or enum. */
  int(field: number, value: number): this {
    this.#tag(field, 0);
    return this.#varint(value);
  }

  float(field: number, value: number): this {
    this.#tag(field, 5);
    this.#room(4);
    this.#view.setFloat32(this.#length, value, true);
    this.#length += 4;
    return this;
  }

  string(field: number, value: string): this {
    return this.bytes(field, utf8.encode(value));
  }

  bytes(field: number, value: Uint8Array): this {
    this.#tag(field, 2);
    this.#varint(value.length);
    this.#room(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  message(field: number, write: (inner: ProtobufWriter) => void): this {
    const inner = new ProtobufWriter();
    write(inner);
    return this.bytes(field, inner.finish());
  }

  packedInts(field: number, values: ArrayLike<number>): this {
    return this.message(field, (inner) => {
      for (let i = 0; i < values.length; i++) inner.#varint(numberAt(values, i));
    });
  }

  packedFloats(field: number, values: ArrayLike<number>): this {
    const raw = new DataView(new ArrayBuffer(4 * values.length));
    for (let i = 0; i < values.length; i++) raw.setFloat32(4 * i, numberAt(values, i), true);
    return this.bytes(field, new Uint8Array(raw.buffer));
  }

  #tag(field: number, wireType: number): void {
    assert(field >= 1 && field < 2 ** 26);
    this.#varint(field * 8 + wireType);
  }

  /** Negative numbers take ten bytes, as two's complement of 64 bits. */
  #varint(value: number): this {
    assert(Number.isSafeInteger(value));
    this.#room(10);
    if (value < 0) {
      let rest = BigInt.asUintN(64, BigInt(value));
      for (; rest > 0x7fn; rest >>= 7n) this.#bytes[this.#length++] = Number(rest & 0x7fn) | 0x80;
      this.#bytes[this.#length++] = Number(rest);
      return this;
    }
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) {
      this.#bytes[this.#length++] = (rest % 128) | 0x80;
    }
    this.#bytes[this.#length++] = rest;
    return this;
  }

  #room(extra: number): void {
    if (this.#length + extra <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + extra));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
