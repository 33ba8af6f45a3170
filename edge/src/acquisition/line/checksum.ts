/**
 * Checksums at the end of a text line. Those of two or four hexadecimal digits cover everything before
 * them, with or without a "*" in between that they do not cover.
 */
import type { ChecksumName } from "../../configuration/line-settings.ts";

export type Checked = { ok: true; payload: string } | { ok: false; text: string };

/** The line without its checksum, or why it cannot be believed. */
export function checkLine(name: ChecksumName, line: string): Checked {
  if (name === "none") return { ok: true, payload: line };
  if (name === "nmea-xor") return checkSentence(line);
  const { digits, sum } = trailing[name];
  const trailer = new RegExp(`^(.*?)\\*?([0-9A-Fa-f]{${digits}})$`, "s").exec(line);
  if (!trailer)
    return { ok: false, text: `no checksum of ${digits} hexadecimal digits at the end` };
  const [, payload, given] = trailer as unknown as [string, string, string];
  return compare(payload, { given, due: sum(payload), digits });
}

/** The checksum of `payload` as its line carries it, for the simulations and the scan. */
export function checksumOf(name: Exclude<ChecksumName, "none">, payload: string): string {
  if (name === "nmea-xor") return hex(xor(payload.replace(/^[$!]/, "")), 2);
  const { digits, sum } = trailing[name];
  return hex(sum(payload), digits);
}

/** NMEA 0183: "$", text without "$", "!" and "*", then "*" and the exclusive or of the text. */
function checkSentence(line: string): Checked {
  const sentence = /^([$!])([^$!*]*)\*([0-9A-Fa-f]{2})$/.exec(line);
  if (!sentence) return { ok: false, text: 'not a sentence from "$" to "*" and two digits' };
  const [, start, body, given] = sentence as unknown as [string, string, string, string];
  return compare(start + body, { given, due: xor(body), digits: 2 });
}

function compare(
  payload: string,
  { given, due, digits }: { given: string; due: number; digits: number },
): Checked {
  if (Number.parseInt(given, 16) === due) return { ok: true, payload };
  return { ok: false, text: `checksum ${given.toUpperCase()} where ${hex(due, digits)} is due` };
}

function xor(text: string): number {
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum ^= text.charCodeAt(i);
  return sum & 0xff;
}

function sum8(text: string): number {
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum += text.charCodeAt(i);
  return sum & 0xff;
}

/** CRC-16 with the low bit first, polynomial 0xA001. */
export function crc16Reflected(text: string, initial: number): number {
  let crc = initial;
  for (let i = 0; i < text.length; i++) {
    crc ^= text.charCodeAt(i) & 0xff;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  }
  return crc;
}

/** CRC-16 with the high bit first, polynomial 0x1021. */
function crc16Ccitt(text: string, initial: number): number {
  let crc = initial;
  for (let i = 0; i < text.length; i++) {
    crc ^= (text.charCodeAt(i) & 0xff) << 8;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
    }
  }
  return crc;
}

const trailing: Record<
  Exclude<ChecksumName, "none" | "nmea-xor">,
  { digits: number; sum: (text: string) => number }
> = {
  sum8: { digits: 2, sum: sum8 },
  "crc16-modbus": { digits: 4, sum: (text) => crc16Reflected(text, 0xffff) },
  "crc-ccitt": { digits: 4, sum: (text) => crc16Ccitt(text, 0xffff) },
  "crc-xmodem": { digits: 4, sum: (text) => crc16Ccitt(text, 0) },
};

const hex = (value: number, digits: number): string =>
  value.toString(16).toUpperCase().padStart(digits, "0");
