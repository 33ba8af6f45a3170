/*
  Modbus requests and what a correct answer to each looks like.
  MODBUS Application Protocol Specification V1.1b3, section 6; one row a function code.
*/
import { strict as assert } from "node:assert";

export const readRegistersMax = 125;
export const readBitsMax = 2000;
export const writeRegistersMax = 123;
export const writeBitsMax = 1968;
export const exchangeWriteMax = 121;

export type ModbusRequest =
  | { fc: 1 | 2 | 3 | 4; unit: number; address: number; count: number }
  | { fc: 5; unit: number; address: number; value: boolean }
  | { fc: 6; unit: number; address: number; value: number }
  | { fc: 15; unit: number; address: number; values: readonly boolean[] }
  | { fc: 16; unit: number; address: number; values: readonly number[] }
  | { fc: 22; unit: number; address: number; and: number; or: number }
  | {
      fc: 23;
      unit: number;
      address: number;
      count: number;
      writeAddress: number;
      values: readonly number[];
    };

/** Longest protocol data unit: function code and data. */
export const pduSizeMax = 253;

/** Writes the PDU of `request` at `at`; returns its size in bytes. */
export function encodePdu(request: ModbusRequest, bytes: Uint8Array, at: number): number {
  assertRequest(request);
  bytes[at] = request.fc;
  put16(bytes, at + 1, request.address);
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
    case 15: {
      const size = Math.ceil(request.values.length / 8);
      put16(bytes, at + 3, request.values.length);
      bytes[at + 5] = size;
      bytes.fill(0, at + 6, at + 6 + size);
      request.values.forEach((value, i) => {
        if (value) bytes[at + 6 + (i >> 3)]! |= 1 << (i & 7);
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

/** Size of the PDU that answers `request` without an exception, bytes. */
export function answerSize(request: ModbusRequest): number {
  switch (request.fc) {
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
  const expected = answerSize(request);
  if (size !== expected) return `${size} bytes of answer where ${expected} are due`;
  switch (request.fc) {
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
  if (get16(bytes, at + 1) !== request.address) return false;
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
  assertWord(request.address, "address");
  assert(request.unit >= 0 && request.unit <= 255, `unit ${request.unit}`);
  if ("count" in request) {
    const max = request.fc <= 2 ? readBitsMax : readRegistersMax;
    assert(request.count >= 1 && request.count <= max, `count ${request.count}`);
    assert(request.address + request.count <= 0x10000, "read past the end of the table");
  }
  if (request.fc === 6) assertWord(request.value, "value");
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
    assertWord(values[i]!, "value");
    put16(bytes, at + 1 + 2 * i, values[i]!);
  }
  return 1 + 2 * values.length;
}

export function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value;
}

export const get16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
