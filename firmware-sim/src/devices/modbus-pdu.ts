/**
 * The server side of a Modbus protocol data unit, strict (Modbus Application Protocol V1.1b3, 6): 01 for
 * a function the controller does not have, 03 for a wrong count, 02 for anything outside the map.
 */
import { numberAt, u8 } from "@weir/contracts/elements.ts";
import {
  type Answer,
  type GatewayDevice,
  illegalFunction,
  illegalValue,
  type Table,
} from "./gateway-device.ts";

/** Whatever has tables of bits and registers. */
export type RegisterDevice = Pick<GatewayDevice, "read" | "write">;

const readTables: Record<number, Table> = { 1: "coil", 2: "discrete", 3: "holding", 4: "input" };

function exception(fc: number, code: number): Uint8Array {
  return Uint8Array.of(fc | 0x80, code);
}

/** Answer to `pdu` (function code first), or undefined where the controller stays silent. */
export function answerPdu(device: RegisterDevice, pdu: Uint8Array): Uint8Array | undefined {
  const fc = u8(pdu, 0);
  const view = new DataView(pdu.buffer, pdu.byteOffset, pdu.byteLength);
  const table = readTables[fc];
  if (table !== undefined) {
    if (pdu.length !== 5) return exception(fc, illegalValue);
    const answer = device.read(table, view.getUint16(1), view.getUint16(3));
    if (!answer.ok) return refusal(fc, answer);
    return fc <= 2 ? bitsAnswer(fc, answer.values) : registersAnswer(fc, answer.values);
  }
  const written = writeOf(fc, pdu, view);
  if (written === "illegal-function") return exception(fc, illegalFunction);
  if (written === undefined) return exception(fc, illegalValue);
  const answer = device.write(written.table, view.getUint16(1), written.values);
  return answer.ok ? pdu.slice(0, 5) : refusal(fc, answer);
}

const refusal = (fc: number, answer: Answer & { ok: false }): Uint8Array | undefined =>
  answer.exception === undefined ? undefined : exception(fc, answer.exception);

function registersAnswer(fc: number, values: readonly number[]): Uint8Array {
  const out = new Uint8Array(2 + 2 * values.length);
  out[0] = fc;
  out[1] = 2 * values.length;
  for (let i = 0; i < values.length; i++) {
    const value = numberAt(values, i);
    out[2 + 2 * i] = value >> 8;
    out[3 + 2 * i] = value & 0xff;
  }
  return out;
}

function bitsAnswer(fc: number, values: readonly number[]): Uint8Array {
  const size = Math.ceil(values.length / 8);
  const out = new Uint8Array(2 + size);
  out[0] = fc;
  out[1] = size;
  values.forEach((value, i) => {
    if (value !== 0) out[2 + (i >> 3)] = u8(out, 2 + (i >> 3)) | (1 << (i & 7));
  });
  return out;
}

type Write = { table: "coil" | "holding"; values: number[] };

/** What a write request wants; undefined when it is malformed. */
function writeOf(
  fc: number,
  pdu: Uint8Array,
  view: DataView,
): Write | "illegal-function" | undefined {
  if (fc === 5) {
    const value = pdu.length === 5 ? view.getUint16(3) : -1;
    return value === 0xff00 || value === 0
      ? { table: "coil", values: [value === 0 ? 0 : 1] }
      : undefined;
  }
  if (fc === 6) {
    return pdu.length === 5 ? { table: "holding", values: [view.getUint16(3)] } : undefined;
  }
  if (fc !== 15 && fc !== 16) return "illegal-function";
  if (pdu.length < 7) return undefined;
  const count = view.getUint16(3);
  const size = fc === 15 ? Math.ceil(count / 8) : 2 * count;
  if (count < 1 || pdu[5] !== size || pdu.length !== 6 + size) return undefined;
  const values = Array.from({ length: count }, (_, i) =>
    fc === 15 ? (u8(pdu, 6 + (i >> 3)) >> (i & 7)) & 1 : view.getUint16(6 + 2 * i),
  );
  return { table: fc === 15 ? "coil" : "holding", values };
}
