/*
  Modbus requests and what a correct answer to each looks like.
  MODBUS Application Protocol Specification V1.1b3, section 6; one row a function code.
*/

import { strict as assert } from "node:assert";
import { numberAt, u8 } from "@weir/contracts/elements.ts";
import { identificationFlaw, identificationSize } from "./identification-answer.ts";

export const readRegistersMax = 125;
export const readBitsMax = 2000;
export const writeRegistersMax = 123;
export const writeBitsMax = 1968;
export const exchangeWriteMax = 121;

export type ModbusRequest =
  | { fc: 1 | 2 | 3 | 4; unit: number; address: number; count: number }
  | { fc: 5; unit: number; address: number; value: boolean }
  | { fc: 6; unit: number; address: number; value: number }
  /** Return query data: the answer is the question. Serial line only, by the specification. */
  | { fc: 8; unit: number; data: number }
  | { fc: 15; unit: number; address: number; values: readonly boolean[] }
  | { fc: 16; unit: number; address: number; values: readonly number[] }
  /** Report server id. */
  | { fc: 17; unit: number }
  | { fc: 22; unit: number; address: number; and: number; or: number }
  | {
      fc: 23;
      unit: number;
      address: number;
      count: number;
      writeAddress: number;
      values: readonly number[];
    }
  /** Read device identification (43/14), from `object` on. */
  | { fc: 43; unit: number; level: IdentificationLevel; object: number };

/** 1 basic, 2 regular, 3 extended: a stream of objects; 4: one object. */
export type IdentificationLevel = 1 | 2 | 3 | 4;

/** MODBUS Encapsulated Interface: the transport of device identification. */
const meiType = 14;

/** Longest protocol data unit: function code and data. */
export const pduSizeMax = 253;

/** Writes the PDU of `request` at `at`; returns its size in bytes. */
export function encodePdu(request: ModbusRequest, bytes: Uint8Array, at: number): number {
  assertRequest(request);
  bytes[at] = request.fc;
  if ("address" in request) put16(bytes, at + 1, request.address);
  switch (request.fc) {
    case 1:
    case 2:
    case 3:
    case 4:
      put16(bytes, at + 3, request.count);
      return 5;
    case 5:
      put16(bytes, at + 3, request.value ? 0xff00 : 0);
      return 5;
    case 6:
      put16(bytes, at + 3, request.value);
      return 5;
    case 8:
      put16(bytes, at + 1, 0);
      put16(bytes, at + 3, request.data);
      return 5;
    case 17:
      return 1;
    case 43:
      bytes[at + 1] = meiType;
      bytes[at + 2] = request.level;
      bytes[at + 3] = request.object;
      return 4;
    case 15: {
      const size = Math.ceil(request.values.length / 8);
      put16(bytes, at + 3, request.values.length);
      bytes[at + 5] = size;
      bytes.fill(0, at + 6, at + 6 + size);
      request.values.forEach((value, i) => {
        const byte = at + 6 + (i >> 3);
        if (value) bytes[byte] = u8(bytes, byte) | (1 << (i & 7));
      });
      return 6 + size;
    }
    case 16:
      put16(bytes, at + 3, request.values.length);
      return 5 + putWords(bytes, at + 5, request.values);
    case 22:
      put16(bytes, at + 3, request.and);
      put16(bytes, at + 5, request.or);
      return 7;
    case 23:
      put16(bytes, at + 3, request.count);
      put16(bytes, at + 5, request.writeAddress);
      put16(bytes, at + 7, request.values.length);
      return 9 + putWords(bytes, at + 9, request.values);
  }
}

/** Size of the PDU that answers `request` without an exception, bytes; undefined where it is the device's choice. */
export function answerSize(request: ModbusRequest): number | undefined {
  switch (request.fc) {
    case 17:
    case 43:
      return undefined;
    case 1:
    case 2:
      return 2 + Math.ceil(request.count / 8);
    case 3:
    case 4:
    case 23:
      return 2 + 2 * request.count;
    case 22:
      return 7;
    default:
      return 5;
  }
}

/** As `answerSize`, for an answer that tells its size itself; undefined until it has told. */
export function answerSizeSeen(
  request: ModbusRequest,
  bytes: Uint8Array,
  pdu: { at: number; length: number },
): number | undefined {
  const size = answerSize(request);
  if (size !== undefined) return size;
  const { at, length } = pdu;
  if (request.fc === 17) return length < 2 ? undefined : 2 + u8(bytes, at + 1);
  return identificationSize(bytes, pdu);
}

/** Where the values of a read begin in its PDU; echoes of writes carry none. */
export const answerDataOffset = 2;

/**
 * What is wrong with the PDU at `bytes[at…at+size)` as an answer to `request`, or undefined.
 * An exception answer is right in form; the caller looks for it first.
 */
export function answerFlaw(
  request: ModbusRequest,
  bytes: Uint8Array,
  pdu: { at: number; size: number },
): string | undefined {
  const { at, size } = pdu;
  if (bytes[at] !== request.fc) return `function code ${bytes[at]} answers ${request.fc}`;
  const expected = answerSizeSeen(request, bytes, { at, length: size });
  if (size !== expected) return `${size} bytes of answer where ${expected ?? "more"} are due`;
  switch (request.fc) {
    case 17:
      return undefined;
    case 43:
      return identificationFlaw(request, bytes, at);
    case 1:
    case 2:
    case 3:
    case 4:
    case 23:
      return bytes[at + 1] === expected - 2
        ? undefined
        : `byte count ${bytes[at + 1]} where ${expected - 2} is due`;
    default:
      return isEcho(request, bytes, at) ? undefined : "the echo of a write differs from the write";
  }
}

function isEcho(request: ModbusRequest, bytes: Uint8Array, at: number): boolean {
  if (request.fc === 8) return get16(bytes, at + 1) === 0 && get16(bytes, at + 3) === request.data;
  if (!("address" in request) || get16(bytes, at + 1) !== request.address) return false;
  switch (request.fc) {
    case 5:
      return get16(bytes, at + 3) === (request.value ? 0xff00 : 0);
    case 6:
      return get16(bytes, at + 3) === request.value;
    case 15:
    case 16:
      return get16(bytes, at + 3) === request.values.length;
    case 22:
      return get16(bytes, at + 3) === request.and && get16(bytes, at + 5) === request.or;
    default:
      return false;
  }
}

/** Requests come from our own planner and configuration check: a wrong one is a bug. */
function assertRequest(request: ModbusRequest): void {
  if ("address" in request) assertWord(request.address, "address");
  assert(request.unit >= 0 && request.unit <= 255, `unit ${request.unit}`);
  if ("count" in request) {
    const max = request.fc <= 2 ? readBitsMax : readRegistersMax;
    assert(request.count >= 1 && request.count <= max, `count ${request.count}`);
    assert(request.address + request.count <= 0x10000, "read past the end of the table");
  }
  if (request.fc === 6) assertWord(request.value, "value");
  if (request.fc === 8) assertWord(request.data, "data");
  if (request.fc === 43) assert(request.object >= 0 && request.object <= 255, "object");
  if (request.fc === 15) assertCount(request.values.length, writeBitsMax);
  if (request.fc === 16) assertCount(request.values.length, writeRegistersMax);
  if (request.fc === 23) assertCount(request.values.length, exchangeWriteMax);
}

const assertCount = (count: number, max: number): void =>
  assert(count >= 1 && count <= max, `${count} values, at most ${max}`);

function assertWord(value: number, what: string): void {
  assert(Number.isInteger(value) && value >= 0 && value <= 0xffff, `${what} ${value}`);
}

function putWords(bytes: Uint8Array, at: number, values: readonly number[]): number {
  bytes[at] = 2 * values.length;
  for (let i = 0; i < values.length; i++) {
    assertWord(numberAt(values, i), "value");
    put16(bytes, at + 1 + 2 * i, numberAt(values, i));
  }
  return 1 + 2 * values.length;
}

export function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value;
}

export const get16 = (bytes: Uint8Array, at: number): number =>
  (u8(bytes, at) << 8) | u8(bytes, at + 1);
