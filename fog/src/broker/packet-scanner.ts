/**
 * Follows MQTT fixed headers through a byte stream without keeping any of it, and says as soon as a
 * packet announces more than it may: before a single byte of its body is taken in.
 *
 * MQTT 3.1.1, 2.2: byte 1 holds the packet type in its upper half; 1 to 4 bytes of remaining length
 * follow, seven bits each, the lowest first.
 */
import { u8 } from "@weir/contracts/elements.ts";

export interface PacketLimits {
  /** Remaining length of any packet, bytes. */
  packetBytesMax: number;
  /** Of the first one, which must be a CONNECT. */
  connectBytesMax: number;
}

export const defaultPacketLimits: PacketLimits = {
  packetBytesMax: 256 * 1024,
  connectBytesMax: 16 * 1024,
};

const connectType = 1;

export class PacketScanner {
  readonly #limits: PacketLimits;
  #bodyLeft = 0;
  #inHeader = false;
  #length = 0;
  #lengthBytes = 0;
  #packets = 0;

  constructor(limits: PacketLimits) {
    this.#limits = limits;
  }

  /** Looks at the next bytes of the stream; a sentence when they break the rules. */
  scan(chunk: Uint8Array): string | undefined {
    for (let at = 0; at < chunk.length; ) {
      if (this.#bodyLeft > 0) {
        const step = Math.min(this.#bodyLeft, chunk.length - at);
        this.#bodyLeft -= step;
        at += step;
        continue;
      }
      const fault = this.#inHeader
        ? this.#lengthByte(u8(chunk, at))
        : this.#firstByte(u8(chunk, at));
      if (fault) return fault;
      at += 1;
    }
    return undefined;
  }

  #firstByte(byte: number): string | undefined {
    if (this.#packets === 0 && byte >> 4 !== connectType) {
      return `packet type ${byte >> 4} came before CONNECT`;
    }
    this.#inHeader = true;
    this.#length = 0;
    this.#lengthBytes = 0;
    return undefined;
  }

  #lengthByte(byte: number): string | undefined {
    this.#length += (byte & 127) * 128 ** this.#lengthBytes;
    this.#lengthBytes += 1;
    const { packetBytesMax, connectBytesMax } = this.#limits;
    const limit = this.#packets === 0 ? connectBytesMax : packetBytesMax;
    if (this.#length > limit)
      return `a packet of ${this.#length} bytes, at most ${limit} are taken`;
    if (byte < 128) {
      this.#inHeader = false;
      this.#bodyLeft = this.#length;
      this.#packets += 1;
    } else if (this.#lengthBytes === 4) {
      return "a remaining length of more than four bytes";
    }
    return undefined;
  }
}
