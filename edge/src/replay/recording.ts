/**
 * Recorded readings in columns, by time: what a historian exports as CSV with a head line. Columns may
 * stand in any order: time (or at_ms, timestamp), tag (or id), value (or mean) and, optional, quality.
 */

import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { f64, numberAt, u32 } from "@weir/contracts/elements.ts";
import { Fault } from "@weir/runtime/fault.ts";
import { Quality } from "../conditioning/quality.ts";
import type { TagSettings } from "../configuration/configuration.ts";
import { EdgeFault } from "../faults.ts";

export interface Recording {
  count: number;
  /** UTC, rising. */
  timesMs: Float64Array;
  tags: Uint16Array;
  values: Float64Array;
  qualities: Uint8Array;
  /** Readings of tags that the configuration does not have, by tag. */
  unknown: Map<string, number>;
}

/** A decade of one tag at a second, or a week of 500 tags; as much as fits a laptop. */
export const readingsMax = 400_000_000;
const initialCapacity = 65_536;

const columnNames = {
  time: ["time", "at_ms", "timestamp", "at", "date"],
  tag: ["tag", "id", "name"],
  value: ["value", "mean"],
  quality: ["quality", "status"],
} as const;

type Column = keyof typeof columnNames;

/** @throws Fault EDGE_RECORDING_UNREADABLE with the line */
export async function readRecording(
  file: string,
  configuration: { edge: string; tags: readonly TagSettings[] },
): Promise<Recording> {
  const table = new Growing();
  const unknown = new Map<string, number>();
  const known = tagNames(configuration);
  const parseTime = timeParser();
  let places: Partial<Record<Column, number>> | undefined;
  let separator = ",";
  let line = 0;
  const wrong = (why: string) => new EdgeFault("EDGE_RECORDING_UNREADABLE", { file, line, why });
  try {
    const input = createReadStream(file, "utf8");
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      line++;
      if (text === "") continue;
      if (!places) {
        separator = text.includes(";") && !text.includes(",") ? ";" : ",";
        places = columnsOf(text.split(separator));
        const missing = (["time", "tag", "value"] as const).filter(
          (c) => places?.[c] === undefined,
        );
        if (missing.length > 0) {
          throw wrong(
            `the head line names no ${missing.join(", ")}; write time,tag,value[,quality]`,
          );
        }
        continue;
      }
      const cells = text.split(separator);
      const name = unquoted(cells[places.tag as number] ?? "");
      const tag = known.get(name);
      if (tag === undefined) {
        unknown.set(name, (unknown.get(name) ?? 0) + 1);
        continue;
      }
      const atMs = parseTime(cells[places.time as number] ?? "");
      if (Number.isNaN(atMs)) {
        throw wrong(
          `"${cells[places.time as number]}" is no time; write 2026-06-02T05:00:00Z or milliseconds`,
        );
      }
      const valueText = unquoted(cells[places.value as number] ?? "");
      const value = valueText === "" ? Number.NaN : Number(valueText);
      const quality = places.quality === undefined ? "" : (cells[places.quality] ?? "");
      if (table.count >= readingsMax)
        throw wrong(`more than ${readingsMax} readings; replay a shorter span`);
      table.push(atMs, tag, value, qualityOf(quality, value));
    }
  } catch (error) {
    if (error instanceof Fault) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const texts: Record<string, string> = {
      ENOENT: "does not exist; check the path",
      EISDIR: "is a folder; name a file in it",
    };
    throw wrong(texts[code ?? ""] ?? message);
  }
  return { ...table.byTime(), unknown };
}

/** Ids as the edge has them, and as the site has: "TANK1/PT01" and "edge-1/TANK1/PT01". */
function tagNames({ edge, tags }: { edge: string; tags: readonly TagSettings[] }) {
  return new Map(tags.flatMap(({ id, index }) => [[id, index] as const, [`${edge}/${id}`, index]]));
}

function columnsOf(heads: readonly string[]): Partial<Record<Column, number>> {
  const names = heads.map((head) => unquoted(head).toLowerCase());
  const found: Partial<Record<Column, number>> = {};
  for (const [column, known] of Object.entries(columnNames) as [Column, readonly string[]][]) {
    const at = names.findIndex((name) => known.includes(name));
    if (at >= 0) found[column] = at;
  }
  return found;
}

/** Rows of one instant follow each other: each text is parsed once. */
function timeParser(): (text: string) => number {
  let last = "";
  let lastMs = Number.NaN;
  return (text) => {
    if (text === last) return lastMs;
    last = text;
    const plain = unquoted(text);
    lastMs = /^\d{11,}(\.\d+)?$/.test(plain) ? Number(plain) : Date.parse(plain);
    return lastMs;
  };
}

function qualityOf(text: string, value: number): number {
  const word = unquoted(text).toLowerCase();
  if (word === "bad" || word === "2" || !Number.isFinite(value)) return Quality.BAD;
  if (word === "uncertain" || word === "1") return Quality.UNCERTAIN;
  if (word === "stale" || word === "3") return Quality.STALE;
  return Quality.GOOD;
}

const unquoted = (text: string): string =>
  text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text.trim();

class Growing {
  count = 0;
  #timesMs = new Float64Array(initialCapacity);
  #tags = new Uint16Array(initialCapacity);
  #values = new Float64Array(initialCapacity);
  #qualities = new Uint8Array(initialCapacity);
  #isSorted = true;

  push(timeMs: number, tag: number, ...[value, quality]: [number, number]): void {
    const at = this.count++;
    if (at === this.#timesMs.length) this.#grow();
    if (at > 0 && timeMs < f64(this.#timesMs, at - 1)) this.#isSorted = false;
    this.#timesMs[at] = timeMs;
    this.#tags[at] = tag;
    this.#values[at] = value;
    this.#qualities[at] = quality;
  }

  byTime(): Omit<Recording, "unknown"> {
    const { count } = this;
    const timesMs = this.#timesMs.subarray(0, count);
    const columns = { tags: this.#tags, values: this.#values, qualities: this.#qualities };
    if (this.#isSorted) return { count, timesMs, ...columns };
    const order = new Uint32Array(count);
    for (let i = 0; i < count; i++) order[i] = i;
    order.sort((a, b) => f64(timesMs, a) - f64(timesMs, b) || a - b);
    const pick = <T extends Float64Array | Uint16Array | Uint8Array>(from: T, into: T): T => {
      for (let i = 0; i < count; i++) into[i] = numberAt(from, u32(order, i));
      return into;
    };
    return {
      count,
      timesMs: pick(timesMs, new Float64Array(count)),
      tags: pick(this.#tags, new Uint16Array(count)),
      values: pick(this.#values, new Float64Array(count)),
      qualities: pick(this.#qualities, new Uint8Array(count)),
    };
  }

  #grow(): void {
    const capacity = 2 * this.#timesMs.length;
    const grown = <T extends { set(from: T): void }>(next: T, old: T): T => {
      next.set(old);
      return next;
    };
    this.#timesMs = grown(new Float64Array(capacity), this.#timesMs);
    this.#tags = grown(new Uint16Array(capacity), this.#tags);
    this.#values = grown(new Float64Array(capacity), this.#values);
    this.#qualities = grown(new Uint8Array(capacity), this.#qualities);
  }
}
