/*
  Modbus TCP application data unit (MODBUS Messaging on TCP/IP Implementation Guide V1.0b, 3.1.3)
    0  u16  transaction id   given by the client, echoed by the server
    2  u16  protocol id      0
    4  u16  length           bytes that follow: unit id and PDU
    6  u8   unit id
    7  …    PDU              at most 253 bytes
  Every field of an answer is checked: libraries that skip one hand out another register's value as good.
*/
import { u8 } from "@weir/contracts/elements.ts";
import { type FrameCheck, flaw, partial } from "./frame-check.ts";
import {
  answerDataOffset,
  answerFlaw,
  encodePdu,
  get16,
  type ModbusRequest,
  pduSizeMax,
  put16,
} from "./request.ts";

export const headerSize = 7;
export const frameSizeMax = headerSize + pduSizeMax;
/** Smallest answer: an exception. */
const answerSizeMin = headerSize + 2;

/** Writes the frame of `request`; returns its size in bytes. `bytes` holds at least `frameSizeMax`. */
export function encodeFrame(request: ModbusRequest, id: number, bytes: Uint8Array): number {
  const size = encodePdu(request, bytes, headerSize);
  put16(bytes, 0, id);
  put16(bytes, 2, 0);
  put16(bytes, 4, size + 1);
  bytes[6] = request.unit;
  return headerSize + size;
}

/** Judges the first `length` bytes received since `request` went out with `id`. */
export function checkFrame(
  bytes: Uint8Array,
  length: number,
  sent: { id: number; request: ModbusRequest },
): FrameCheck {
  const { id, request } = sent;
  if (length >= 2 && get16(bytes, 0) !== id) {
    return flaw(`transaction id ${get16(bytes, 0)} answers ${id}`);
  }
  if (length >= 4 && get16(bytes, 2) !== 0) return flaw(`protocol id ${get16(bytes, 2)} is not 0`);
  if (length < 6) return partial;
  const size = get16(bytes, 4) + 6;
  if (size < answerSizeMin || size > frameSizeMax) return flaw(`length field ${size - 6}`);
  if (length >= 7 && bytes[6] !== request.unit) {
    return flaw(`unit ${bytes[6]} answers ${request.unit}`);
  }
  if (length < size) return partial;
  if (bytes[headerSize] === (request.fc | 0x80)) {
    if (size !== answerSizeMin) return flaw(`exception answer of ${size} bytes`);
    return { at: "exception", code: u8(bytes, headerSize + 1), size };
  }
  const text = answerFlaw(request, bytes, { at: headerSize, size: size - headerSize });
  return text === undefined
    ? { at: "answer", dataAt: headerSize + answerDataOffset, size }
    : flaw(text);
}
