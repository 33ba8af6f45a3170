/** Numbers as the gateways' registers hold them. */
import { numberAt } from "@weir/contracts/elements.ts";
import type { ValueType } from "./register-map.ts";

const scratch = new DataView(new ArrayBuffer(4));

/** What a gateway writes for a value it does not have; a float gateway writes NaN. */
export const uint32Invalid = 0xffff_ffff;
export const int16Invalid = -32_768;
export const int32Invalid = -(2 ** 31);

export interface ValueForm {
  type: ValueType;
  order: "ABCD" | "CDAB";
  scale: number;
}

/** Writes `value` at `registers[at…]`. */
export function encodeValue(
  registers: Uint16Array,
  at: number,
  options: { value: number; form: ValueForm },
): void {
  const { value, form } = options;
  if (form.type === "int16") {
    const counts = Math.round(value / form.scale);
    const known = Number.isNaN(counts) ? int16Invalid : counts;
    registers[at] = Math.max(-32_767, Math.min(32_767, known)) & 0xffff;
    if (known === int16Invalid) registers[at] = 0x8000;
    return;
  }
  if (form.type === "float32") scratch.setFloat32(0, value);
  else if (form.type === "int32")
    scratch.setInt32(0, Number.isNaN(value) ? int32Invalid : Math.round(value / form.scale));
  else {
    const counts = Math.round(value / form.scale);
    scratch.setUint32(0, !(counts >= 0 && counts < uint32Invalid) ? uint32Invalid : counts);
  }
  const high = scratch.getUint16(0);
  const low = scratch.getUint16(2);
  registers[at] = form.order === "ABCD" ? high : low;
  registers[at + 1] = form.order === "ABCD" ? low : high;
}

/** The inverse, for tests and for whoever reads a map. */
export function decodeValue(registers: ArrayLike<number>, at: number, form: ValueForm): number {
  if (form.type === "int16") return ((numberAt(registers, at) << 16) >> 16) * form.scale;
  const first = numberAt(registers, at);
  const second = numberAt(registers, at + 1);
  scratch.setUint16(0, form.order === "ABCD" ? first : second);
  scratch.setUint16(2, form.order === "ABCD" ? second : first);
  if (form.type === "float32") return scratch.getFloat32(0);
  if (form.type === "int32") return scratch.getInt32(0) * form.scale;
  return scratch.getUint32(0) * form.scale;
}
