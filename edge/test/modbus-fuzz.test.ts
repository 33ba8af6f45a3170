/**
 * Streams of anything into both checkers and the RTU exchange: no throw, no hang, and nothing is ever
 * taken for an answer that an independent look does not find to be one.
 */
import { elementAt, u8 } from "@weir/contracts/elements.ts";
import { type Random, seeded } from "@weir/runtime/random.ts";
import { sized } from "@weir/testing/test-size.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ModbusRequest } from "../src/acquisition/modbus/request.ts";
import { RtuExchange } from "../src/acquisition/modbus/rtu-exchange.ts";
import { checkRtuFrame, rtuFrameSizeMax } from "../src/acquisition/modbus/rtu-frame.ts";
import { checkFrame, frameSizeMax } from "../src/acquisition/modbus/tcp-frame.ts";
import { requestsTo } from "./register-model.ts";

const streamCount = sized(60_000, 10_000_000);

const variable: ModbusRequest[] = [
  { fc: 17, unit: 1 },
  { fc: 43, unit: 1, level: 2, object: 0 },
  { fc: 43, unit: 1, level: 4, object: 5 },
  { fc: 8, unit: 1, data: 0x0141 },
];
const requests = [...fc.sample(requestsTo([1]), { numRuns: 200, seed: 7 }), ...variable];

/** Bit by bit, as the specification's appendix does it; nothing shared with what is tested. */
function slowCrc(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return crc;
}

/** Anything, or the beginning of something right: function, byte count and unit are hit often. */
function stream(random: Random, request: ModbusRequest, header: Uint8Array): Uint8Array {
  const length = random.integer(frameSizeMax + 20);
  const bytes = Uint8Array.from({ length }, () => random.integer(256));
  if (random.integer(4) > 0)
    bytes.set(header.subarray(0, Math.min(length, random.integer(header.length + 1))));
  if (random.integer(3) === 0 && "count" in request && length > header.length) {
    const size = request.fc <= 2 ? Math.ceil(request.count / 8) : 2 * request.count;
    bytes[header.length] = size;
  }
  return bytes;
}

test(`${streamCount} streams into the check of Modbus TCP`, () => {
  const random = seeded(11, "tcp");
  const seen = { answer: 0, exception: 0, partial: 0, flaw: 0 };
  for (let i = 0; i < streamCount; i++) {
    const request = elementAt(requests, i % requests.length);
    const id = random.integer(0x10000);
    const size = 2 + random.integer(252);
    const header = Uint8Array.of(id >> 8, id, 0, 0, 0, size, request.unit, request.fc);
    if (random.integer(5) === 0) header[7] = u8(header, 7) | 0x80;
    const bytes = stream(random, request, header);
    const check = checkFrame(bytes, bytes.length, { id, request });
    seen[check.at]++;
    if (check.at !== "answer" && check.at !== "exception") continue;
    const view = new DataView(bytes.buffer);
    expect(view.getUint16(0)).toBe(id);
    expect(view.getUint16(2)).toBe(0);
    expect(check.size).toBe(view.getUint16(4) + 6);
    expect(check.size).toBeLessThanOrEqual(bytes.length);
    expect(bytes[6]).toBe(request.unit);
    expect(u8(bytes, 7) & 0x7f).toBe(request.fc);
  }
  expect(seen.flaw).toBeGreaterThan(1_000);
  expect(seen.partial).toBeGreaterThan(1_000);
});

test(`${streamCount} streams into the check of RTU, in pieces`, () => {
  const random = seeded(12, "rtu");
  const exchange = new RtuExchange();
  const seen = { answer: 0, exception: 0, partial: 0, flaw: 0 };
  for (let i = 0; i < streamCount; i++) {
    const request = elementAt(requests, i % requests.length);
    const header = Uint8Array.of(request.unit, request.fc);
    if (random.integer(5) === 0) header[1] = u8(header, 1) | 0x80;
    const bytes = stream(random, request, header);
    // Every third stream is right somewhere: otherwise a checksum would hit once in 65 536.
    const end = 3 + random.integer(Math.max(1, Math.min(bytes.length - 5, rtuFrameSizeMax - 5)));
    if (i % 3 === 0 && bytes.length > end + 2) {
      const crc = slowCrc(bytes.subarray(0, end));
      bytes[end] = crc;
      bytes[end + 1] = crc >> 8;
    }
    const check = checkRtuFrame(request, bytes, { at: 0, length: bytes.length });
    seen[check.at]++;
    exchange.begin(request, false);
    let last = check;
    for (let at = 0; at < bytes.length; ) {
      const next = Math.min(bytes.length, at + 1 + random.integer(64));
      last = exchange.push(bytes.subarray(at, next));
      at = next;
      if (last.at !== "partial") break;
    }
    // However the stream was cut, the first verdict is the verdict.
    expect(last.at === "flaw" ? "flaw" : last.at).toBe(check.at);
    if (check.at !== "answer" && check.at !== "exception") continue;
    const frame = bytes.subarray(0, check.size);
    expect(slowCrc(frame)).toBe(0);
    expect(frame[0]).toBe(request.unit);
    expect(u8(frame, 1) & 0x7f).toBe(request.fc);
    if (check.at === "answer" && "count" in request) {
      expect(frame[2]).toBe(request.fc <= 2 ? Math.ceil(request.count / 8) : 2 * request.count);
      expect(frame.length).toBe(u8(frame, 2) + 5);
    }
  }
  expect(seen.flaw).toBeGreaterThan(1_000);
});
