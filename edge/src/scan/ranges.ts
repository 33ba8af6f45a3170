/** "1-10,20" and "10.0.8.10-20,10.0.9.0/28" as people write them. */
import { present } from "@weir/contracts/present.ts";

export type Parsed<T> = { ok: true; values: T[] } | { ok: false; text: string };

/** Hosts of one scan: a /22. */
export const hostsMax = 1_024;

/** Whole numbers from `min` to `max`, each once, in the order given. */
export function parseNumbers(
  text: string,
  { what, min, max }: { what: string; min: number; max: number },
): Parsed<number> {
  const values = new Set<number>();
  for (const part of text.split(",")) {
    const match = /^\s*(\d+)(?:\s*-\s*(\d+))?\s*$/.exec(part);
    if (!match)
      return refuse(`"${part}" is no ${what}; write them as ${min}-${max} or ${min},${max}`);
    const from = Number(match[1]);
    const to = match[2] === undefined ? from : Number(match[2]);
    if (from < min || to > max || from > to) {
      return refuse(`"${part}" is no ${what}; they go from ${min} to ${max}`);
    }
    for (let value = from; value <= to; value++) values.add(value);
  }
  return { ok: true, values: [...values] };
}

export function parseHosts(text: string): Parsed<string> {
  const values: string[] = [];
  for (const part of text.split(",").map((p) => p.trim())) {
    const hosts = hostsIn(part);
    if (!hosts) {
      return refuse(`"${part}" is no host; write a name, an address, 10.0.8.10-20 or 10.0.8.0/28`);
    }
    values.push(...hosts);
    if (values.length > hostsMax) {
      return refuse(`"${text}" are more than ${hostsMax} hosts; scan them in parts`);
    }
  }
  return { ok: true, values: [...new Set(values)] };
}

function hostsIn(part: string): string[] | undefined {
  const block = /^(\d{1,3}(?:\.\d{1,3}){3})\/(\d{1,2})$/.exec(part);
  if (block) {
    const address = addressOf(present(block[1]));
    const bits = Number(block[2]);
    if (address === undefined || bits < 1 || bits > 32) return undefined;
    const size = 2 ** (32 - bits);
    if (size > hostsMax + 2) return Array.from({ length: hostsMax + 1 }, () => part);
    const from = Math.floor(address / size) * size;
    // The first is the network itself, the last speaks to all.
    const [first, last] = size > 2 ? [from + 1, from + size - 2] : [from, from + size - 1];
    return Array.from({ length: last - first + 1 }, (_, i) => textOf(first + i));
  }
  const range = /^(\d{1,3}(?:\.\d{1,3}){3})-(\d{1,3})$/.exec(part);
  if (range) {
    const from = addressOf(present(range[1]));
    const to = Number(range[2]);
    if (from === undefined || to > 255 || to < from % 256) return undefined;
    return Array.from({ length: to - (from % 256) + 1 }, (_, i) => textOf(from + i));
  }
  if (/^[\d.]+$/.test(part)) return addressOf(part) === undefined ? undefined : [part];
  return /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(part) ? [part] : undefined;
}

function addressOf(text: string): number | undefined {
  const bytes = text.split(".").map(Number);
  if (bytes.length !== 4 || bytes.some((byte) => byte > 255)) return undefined;
  return bytes.reduce((address, byte) => address * 256 + byte, 0);
}

const textOf = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");

const refuse = (text: string): { ok: false; text: string } => ({ ok: false, text });
