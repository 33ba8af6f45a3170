/** How each tag's readings stand, since when, and why they are not good. Touched only when that changes. */
import { elementAt, f64 } from "@weir/contracts/elements.ts";
import type { QualityReason } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import type { Missing } from "../conditioning/missing.ts";
import { Quality, reason } from "../conditioning/quality.ts";
import type { Configuration } from "../configuration/configuration.ts";
import type { TagCondition } from "../hand-over.ts";

export interface ConditionChange {
  quality: number;
  /** Code of `reasons`. */
  reason: number;
  missing: Missing | undefined;
  /** UTC of the plant clock. */
  nowMs: number;
  /** UTC of the newest reading before this one; 0: there was none. */
  seenAtMs: number;
}

export class TagConditions {
  readonly #configuration: Configuration;
  readonly #qualities: Uint8Array;
  readonly #reasons: Uint8Array;
  readonly #sinceMs: Float64Array;
  readonly #lastGoodMs: Float64Array;
  readonly #missing: (Missing | undefined)[];

  /** `nowMs`: UTC of the plant clock. */
  constructor(configuration: Configuration, nowMs: number) {
    this.#configuration = configuration;
    const { length } = configuration.tags;
    this.#qualities = new Uint8Array(length).fill(Quality.STALE);
    this.#reasons = new Uint8Array(length).fill(reason.notReadYet);
    this.#sinceMs = new Float64Array(length).fill(nowMs);
    this.#lastGoodMs = new Float64Array(length);
    this.#missing = new Array<Missing | undefined>(length).fill(undefined);
  }

  missingOf(tag: number): Missing | undefined {
    return this.#missing[tag];
  }

  change(tag: number, change: ConditionChange): void {
    const { quality, reason: why, missing, nowMs, seenAtMs } = change;
    if (this.#qualities[tag] === Quality.GOOD) this.#lastGoodMs[tag] = seenAtMs;
    const isOther = this.#qualities[tag] !== quality || this.#reasons[tag] !== why;
    if (isOther) this.#sinceMs[tag] = nowMs;
    this.#qualities[tag] = quality;
    this.#reasons[tag] = why;
    this.#missing[tag] = missing;
  }

  /** Tags that are not good, in the order of the configuration. */
  list(): TagCondition[] {
    const { tags, devices, connections } = this.#configuration;
    return tags.flatMap(({ index, id, device }) => {
      if (this.#qualities[index] === Quality.GOOD) return [];
      const { id: deviceId, connection } = elementAt(devices, device);
      const missing = this.#missing[index];
      return [
        {
          tag: id,
          device: deviceId,
          connection: elementAt(connections, connection).id,
          quality: this.#qualities[index] as Quality,
          reason: this.#reasons[index] as QualityReason,
          detail: missing?.text ?? "",
          remedy: missing?.remedy ?? "",
          sinceMs: f64(this.#sinceMs, index),
          lastGoodMs: f64(this.#lastGoodMs, index),
        },
      ];
    });
  }
}
