/*
  Modbus RTU application data unit (MODBUS over Serial Line V1.02, 2.5.1)
    0    u8   unit      1…247; 0 speaks to all, and nobody answers
    1    …    PDU       at most 253 bytes
    n−2  u16  CRC-16    low byte first, over everything before it
  There is no length and no id: an answer is known only by having exactly the form that the request
  calls for. Each field is checked as soon as its byte is here.
*/
import { u8, u16 } from "@weir/contracts/elements.ts";
import { type FrameCheck, flaw, partial } from "./frame-check.ts";
import {
  answerDataOffset,
  answerFlaw,
  answerSizeSeen,
  encodePdu,
  type ModbusRequest,
  pduSizeMax,
} from "./request.ts";

const pduAt = 1;
const crcSize = 2;
export const rtuFrameSizeMax = pduAt + pduSizeMax + crcSize;
const exceptionSize = pduAt + 2 + crcSize;

/** Polynomial x¹⁶ + x¹⁵ + x² + 1, reflected; MODBUS over Serial Line V1.02, 6.2.2. */
const crcTable = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  return crc;
});

/** CRC-16/MODBUS of `bytes[from…to)`. */
export function crc16(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0xffff;
  for (let i = from; i < to; i++) crc = (crc >> 8) ^ u16(crcTable, (crc ^ u8(bytes, i)) & 0xff);
  return crc;
}

/** Writes the frame of `request`; returns its size in bytes. `bytes` holds at least `rtuFrameSizeMax`. */
export function encodeRtuFrame(request: ModbusRequest, bytes: Uint8Array): number {
  bytes[0] = request.unit;
  const end = pduAt + encodePdu(request, bytes, pduAt);
  const crc = crc16(bytes, 0, end);
  bytes[end] = crc;
  bytes[end + 1] = crc >> 8;
  return end + crcSize;
}

/** Size of the frame whose PDU has `pduSize` bytes. */
export const rtuFrameSize = (pduSize: number): number => pduAt + pduSize + crcSize;

/**
 * Judges `bytes[at…at+length)` as an answer to `request`. Bytes beyond the answer's own are not looked
 * at. `dataAt` of the result counts from the start of `bytes`.
 */
export function checkRtuFrame(
  request: ModbusRequest,
  bytes: Uint8Array,
  received: { at: number; length: number },
): FrameCheck {
  const { at, length } = received;
  if (length < 1) return partial;
  if (bytes[at] !== request.unit) return flaw(`unit ${bytes[at]} answers ${request.unit}`);
  if (length < 2) return partial;
  const fc = u8(bytes, at + pduAt);
  if (fc === (request.fc | 0x80)) {
    if (length < exceptionSize) return partial;
    if (!isCrcRight(bytes, at, exceptionSize)) return flaw("the checksum is wrong");
    return { at: "exception", code: u8(bytes, at + pduAt + 1), size: exceptionSize };
  }
  if (fc !== request.fc) return flaw(`function code ${fc} answers ${request.fc}`);
  const pdu = { at: at + pduAt, length: length - pduAt };
  const pduSize = answerSizeSeen(request, bytes, pdu);
  if (pduSize === undefined) return partial;
  if (pduSize > pduSizeMax) return flaw(`${pduSize} bytes of answer, at most ${pduSizeMax}`);
  const hasCount = request.fc <= 4 || request.fc === 23;
  if (hasCount && length > 2 && bytes[at + 2] !== pduSize - 2) {
    return flaw(`byte count ${bytes[at + 2]} where ${pduSize - 2} is due`);
  }
  const size = rtuFrameSize(pduSize);
  if (length < size) return partial;
  if (!isCrcRight(bytes, at, size)) return flaw("the checksum is wrong");
  const text = answerFlaw(request, bytes, { at: pdu.at, size: pduSize });
  if (text !== undefined) return flaw(text);
  return { at: "answer", dataAt: pdu.at + answerDataOffset, size };
}

function isCrcRight(bytes: Uint8Array, at: number, size: number): boolean {
  const end = at + size - crcSize;
  return crc16(bytes, at, end) === (u8(bytes, end) | (u8(bytes, end + 1) << 8));
}
