/**
 * Frame of a three-axis vibration sensor on a byte line; all numbers little-endian:
 *
 *     0xA5 0x5A | seq u16 | t_us u32 | n u8 | int16[n][3] | crc u16
 *
 * `seq` counts frames and wraps; `t_us` is the sensor's own time at the first sample and wraps after
 * 71.6 minutes; the n samples (1 to 255) are x, y, z of one instant side by side. The CRC is that of
 * Modbus (polynomial 0xA001 reflected, start 0xFFFF) over everything between the sync bytes and itself.
 */

import assert from "node:assert";
import { i16, u8 } from "@weir/contracts/elements.ts";

const syncFirst = 0xa5;
const syncSecond = 0x5a;
const headerBytes = 9;
const crcBytes = 2;
const axisCount = 3;
export const samplesPerFrameMax = 255;

export interface VibrationFrame {
  seq: number;
  /** Sensor's time at the first sample, µs. */
  tUs: number;
  /** x, y, z, x, … in counts. */
  samples: Int16Array;
}

export function encodeVibrationFrame({ seq, tUs, samples }: VibrationFrame): Uint8Array {
  const count = samples.length / axisCount;
  assert(Number.isInteger(count) && count >= 1 && count <= samplesPerFrameMax);
  const crcAt = headerBytes + 2 * samples.length;
  const bytes = new Uint8Array(crcAt + crcBytes);
  const view = new DataView(bytes.buffer);
  bytes[0] = syncFirst;
  bytes[1] = syncSecond;
  view.setUint16(2, seq & 0xffff, true);
  view.setUint32(4, tUs % 2 ** 32, true);
  bytes[8] = count;
  for (let i = 0; i < samples.length; i++) {
    view.setInt16(headerBytes + 2 * i, i16(samples, i), true);
  }
  view.setUint16(crcAt, crc16(bytes, 2, crcAt), true);
  return bytes;
}

function crc16(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0xffff;
  for (let i = from; i < to; i++) {
    crc ^= u8(bytes, i);
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  }
  return crc;
}
