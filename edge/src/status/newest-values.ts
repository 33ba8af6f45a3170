/** Newest reading of each tag: what a technician at the gateway wants to see first. */
import { f64, u8, u16 } from "@weir/contracts/elements.ts";
import { Quality, reasonText } from "../conditioning/quality.ts";
import type { Notice, TagCondition } from "../hand-over.ts";

export interface NewestValue {
  tag: string;
  unit: string;
  /** null while nothing was read, or what was read is no number. */
  value: number | null;
  quality: "good" | "uncertain" | "bad" | "stale" | "not read yet";
  /** Why it is not good; empty when it is, or nothing more is known. */
  why: string;
  /** UTC of the plant clock since when it is not good for that reason; 0 when it is good. */
  sinceMs: number;
  /** UTC of the plant clock; 0 while nothing was read. */
  atMs: number;
}

export class NewestValues {
  #tags: Extract<Notice, { kind: "tags" }>["tags"] = [];
  #values = new Float64Array();
  #timesMs = new Float64Array();
  #qualities = new Uint8Array();
  /** Of the newest status, by tag id. */
  #conditions = new Map<string, TagCondition>();

  take(notice: Notice): void {
    if (notice.kind === "tags") {
      this.#tags = notice.tags;
      this.#conditions = new Map();
      this.#values = new Float64Array(notice.tags.length);
      this.#timesMs = new Float64Array(notice.tags.length);
      this.#qualities = new Uint8Array(notice.tags.length);
    } else if (notice.kind === "readings") {
      const { tags, values, timesMs, qualities } = notice.batch;
      for (let i = 0; i < tags.length; i++) {
        const tag = u16(tags, i);
        this.#values[tag] = f64(values, i);
        this.#timesMs[tag] = f64(timesMs, i);
        this.#qualities[tag] = u8(qualities, i);
      }
    } else if (notice.kind === "status") {
      this.#conditions = new Map(notice.status.conditions.map((one) => [one.tag, one]));
    }
  }

  list(): NewestValue[] {
    return this.#tags.map(({ id = "", unit = "", resolution = 0 }, tag) => {
      const atMs = f64(this.#timesMs, tag);
      const value = f64(this.#values, tag);
      const quality = atMs > 0 ? wordOf(u8(this.#qualities, tag)) : "not read yet";
      const condition = quality === "good" ? undefined : this.#conditions.get(id);
      return {
        tag: id,
        unit,
        value: atMs > 0 && Number.isFinite(value) ? rounded(value, resolution) : null,
        quality,
        why: condition ? reasonText(condition.reason, condition.detail) : "",
        sinceMs: condition?.sinceMs ?? 0,
        atMs,
      };
    });
  }
}

const words = new Map<number, NewestValue["quality"]>([
  [Quality.GOOD, "good"],
  [Quality.UNCERTAIN, "uncertain"],
  [Quality.STALE, "stale"],
]);

const wordOf = (quality: number): NewestValue["quality"] => words.get(quality) ?? "bad";

const digitsUsual = 6;

/** Without the digits that a float has and an instrument has not. */
function rounded(value: number, resolution: number): number {
  if (!(resolution > 0)) return Number(value.toPrecision(digitsUsual));
  const decimals = Math.min(12, Math.max(0, Math.ceil(-Math.log10(resolution))));
  return Number(value.toFixed(decimals));
}
