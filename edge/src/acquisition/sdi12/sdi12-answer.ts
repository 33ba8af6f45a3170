/*
  What SDI-12 sensors answer (SDI-12 Support Group, Version 1.4, section 4.4). Everything is strict: a
  character that was damaged on the line must not become another number.
*/
import { present } from "@weir/contracts/present.ts";
import { crc16Reflected } from "../line/checksum.ts";

/** Values that one measurement may announce: one digit after M, two after C. */
export const valuesMax = 99;

/** "0+1.23-4.5" with `hasCrc` "0+1.23-4.5Oq_". `body` is what follows the address. */
export type Answer = { ok: true; from: string; body: string } | { ok: false; text: string };

const isAddress = /^[0-9a-zA-Z]$/;

/** Address and CRC of an answer without its line end. `address` "?" takes any. */
export function openAnswer(
  line: string,
  { address, hasCrc }: { address: string; hasCrc: boolean },
): Answer {
  if (!/^[\x20-\x7e]+$/.test(line)) return { ok: false, text: "damaged characters" };
  const from = present(line[0]);
  if (address !== "?" && from !== address) {
    return { ok: false, text: `address ${from} answers where ${address} was asked` };
  }
  if (!isAddress.test(from)) return { ok: false, text: `"${from}" is no address` };
  if (!hasCrc) return { ok: true, from, body: line.slice(1) };
  const payload = line.slice(0, -3);
  const given = line.slice(-3);
  if (payload === "" || given !== crcOf(payload)) return { ok: false, text: "its CRC is wrong" };
  return { ok: true, from, body: payload.slice(1) };
}

/** Three printable characters, 4.4.12.3. */
export function crcOf(text: string): string {
  const crc = crc16Reflected(text, 0);
  return String.fromCharCode(0x40 | (crc >>> 12), 0x40 | ((crc >>> 6) & 0x3f), 0x40 | (crc & 0x3f));
}

/** "0084" after M: 8 s, 4 values; two digits of values after C. */
export function parseAnnouncement(body: string): { waitMs: number; count: number } | undefined {
  const match = /^(\d{3})(\d{1,2})$/.exec(body);
  return match ? { waitMs: Number(match[1]) * 1_000, count: Number(match[2]) } : undefined;
}

const value = /([+-])(\d{1,7}(?:\.\d{0,7})?|\.\d{1,7})/y;
/** 4.4.6.1: a sign, up to seven digits, a point. */
const valueLengthMax = 9;

/** "+1.23-4.5" → [1.23, −4.5]; empty without values, undefined when it is anything else. */
export function parseValues(body: string): number[] | undefined {
  const values: number[] = [];
  value.lastIndex = 0;
  let at = 0;
  while (at < body.length) {
    const match = value.exec(body);
    if (!match || match[0].length > valueLengthMax) return undefined;
    values.push(Number(match[0]));
    at = value.lastIndex;
  }
  return values;
}

/** "13COMPANY MODEL VVVSERIAL" after I, 4.4.2. */
export interface Sdi12Identity {
  version: string;
  vendor: string;
  model: string;
  revision: string;
  serial: string;
}

export function parseIdentity(body: string): Sdi12Identity | undefined {
  const match = /^(\d)(\d)(.{8})(.{6})(.{3})(.*)$/.exec(body);
  if (!match) return undefined;
  const [, major, minor, vendor, model, revision, serial] = match as unknown as string[];
  return {
    version: `${major}.${minor}`,
    vendor: present(vendor).trim(),
    model: present(model).trim(),
    revision: present(revision).trim(),
    serial: present(serial).trim(),
  };
}
