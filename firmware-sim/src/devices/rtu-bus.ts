/**
 * Modbus RTU as several slaves on one bus hear and speak it (Modbus over Serial Line V1.02, 2.5.1): a frame
 * ends with 3.5 characters of silence, a wrong CRC is met with silence, unit 0 is for all and answered by none.
 */
import { u8 } from "@weir/contracts/elements.ts";
import type { Cancel } from "@weir/runtime/clock.ts";
import { gatewayTargetFailed, illegalAddress, illegalValue } from "./gateway-device.ts";
import { answerPdu, type RegisterDevice } from "./modbus-pdu.ts";
import type { PacedLine } from "./paced-line.ts";
import type { LineState } from "./serial-failures.ts";

export interface RtuSlave extends RegisterDevice {
  /** 1…247 */
  unit: number;
  /** Milliseconds between the end of a request and the first byte of the answer. */
  turnaroundMs: number;
  /** Answer to function 17, when it has that. */
  identity?: string | undefined;
  /** Vendor, product, revision of function 43/14, when it has that. */
  plate?: readonly string[] | undefined;
  /** Repeats what function 8/0 brings: most do, the oldest do not. */
  echoesQuery: boolean;
}

export interface RtuBusOptions {
  line: PacedLine;
  state: LineState;
  slaves: readonly RtuSlave[];
  /** Brings the plant to the present before a request is answered. */
  beforeRequest: () => void;
}

/** Characters of silence that end a frame; fixed above 19 200 baud. */
const silenceCharCount = 3.5;
const silenceMinMs = 1.75;
const frameSizeMax = 256;
const diagnose = 0x08;
const reportIdentity = 0x11;
const encapsulated = 0x2b;
const readDeviceIdentification = 0x0e;

/** Silence between two frames at `charMs` a character, ms. */
export const silenceMs = (charMs: number): number =>
  charMs * 1000 < 573 ? silenceMinMs : silenceCharCount * charMs;

export class RtuBus {
  readonly #options: RtuBusOptions;
  readonly #slaves: ReadonlyMap<number, RtuSlave>;
  readonly #buffer = new Uint8Array(frameSizeMax);
  #size = 0;
  #cancel: Cancel = () => {};

  constructor(options: RtuBusOptions) {
    this.#options = options;
    this.#slaves = new Map(options.slaves.map((slave) => [slave.unit, slave]));
  }

  /** Bytes as the transport cut them. */
  receive(bytes: Uint8Array): void {
    const { line } = this.#options;
    const kept = Math.min(bytes.length, frameSizeMax - this.#size);
    this.#buffer.set(bytes.subarray(0, kept), this.#size);
    this.#size += kept;
    const endMs = line.arrival(bytes.length);
    this.#cancel();
    const quietMs = endMs + silenceMs(line.charMs);
    this.#cancel = line.clock.after(Math.max(0, quietMs - line.clock.monotonicMs()), () => {
      const frame = this.#buffer.slice(0, this.#size);
      this.#size = 0;
      this.#hear(frame, quietMs);
    });
  }

  #hear(frame: Uint8Array, quietMs: number): void {
    const body = frame.subarray(0, -2);
    if (frame.length < 4 || crc16(body) !== (frame.at(-2) as number) + (frame.at(-1) ?? 0) * 256) {
      return;
    }
    const { line, state, beforeRequest } = this.#options;
    state.requestCount++;
    beforeRequest();
    const unit = u8(frame, 0);
    if (unit === 0) {
      for (const slave of this.#slaves.values()) answerPdu(slave, body.subarray(1));
      return;
    }
    const slave = this.#slaves.get(unit);
    const pdu = slave && this.#answer(slave, body.subarray(1));
    if (slave === undefined || pdu === undefined) return;
    const device = String(unit);
    const { bytes, delayMs } = state.bend(rtuFrame(unit, pdu), { device, request: frame });
    if (bytes.length > 0) line.send(bytes, quietMs + slave.turnaroundMs + delayMs);
  }

  #answer(slave: RtuSlave, pdu: Uint8Array): Uint8Array | undefined {
    const device = String(slave.unit);
    const { state } = this.#options;
    const fc = u8(pdu, 0);
    if (state.has("exception", device)) return Uint8Array.of(fc | 0x80, gatewayTargetFailed);
    if (fc === reportIdentity && slave.identity !== undefined) {
      const text = new TextEncoder().encode(slave.identity);
      return Uint8Array.of(fc, text.length + 1, ...text, 0xff);
    }
    if (fc === diagnose && slave.echoesQuery && pdu[1] === 0 && pdu[2] === 0) return pdu;
    if (fc === encapsulated && slave.plate !== undefined) return plateAnswer(slave.plate, pdu);
    return answerPdu(slave, pdu);
  }
}

/** Basic identification in one answer (Modbus Application Protocol V1.1b3, 6.21). */
function plateAnswer(plate: readonly string[], pdu: Uint8Array): Uint8Array {
  const [fc = 0, mei, code = 0] = pdu;
  if (pdu.length !== 4 || mei !== readDeviceIdentification || code < 1 || code > 4) {
    return Uint8Array.of(fc | 0x80, illegalValue);
  }
  const wanted = code === 4 ? [u8(pdu, 3)] : plate.map((_, id) => id);
  const objects = wanted.map((id) => [id, new TextEncoder().encode(plate[id])] as const);
  if (wanted.some((id) => plate[id] === undefined)) return Uint8Array.of(fc | 0x80, illegalAddress);
  const head = [fc, readDeviceIdentification, code, 0x81, 0, 0, objects.length];
  return Uint8Array.of(...head, ...objects.flatMap(([id, text]) => [id, text.length, ...text]));
}

/** Unit, protocol data unit, CRC low byte first. */
export function rtuFrame(unit: number, pdu: Uint8Array): Uint8Array {
  const out = new Uint8Array(pdu.length + 3);
  out[0] = unit;
  out.set(pdu, 1);
  const crc = crc16(out.subarray(0, -2));
  out[out.length - 2] = crc & 0xff;
  out[out.length - 1] = crc >> 8;
  return out;
}

/** CRC-16/MODBUS: polynomial 0x8005 reflected, all ones at the start. */
export function crc16(bytes: Uint8Array, start = 0xffff): number {
  let crc = start;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return crc;
}
