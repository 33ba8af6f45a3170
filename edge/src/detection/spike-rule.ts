/**
 * Single outliers that come too often to be bubbles. One spike is nothing to report: healthy water
 * makes a handful a day. The count decays with a time constant of a day.
 */
import type { TagSettings } from "../configuration/configuration.ts";
import { AlertRule, type RaiseAlert } from "./alert.ts";
import { medianCount, medianOf7 } from "./median-of-7.ts";

const dayMs = 86_400_000;
/** A spike is this many usual deviations from the median around it. */
const deviations = 10;
const alpha = 1 / 500;
/** A multiple of the median's length. */
const warmupCount = 504;
const endShare = 0.5;

export class SpikeRule {
  readonly #raise: RaiseAlert;
  readonly #perDay: Float64Array;
  readonly #least: Float64Array;
  readonly #raw: Float64Array;
  readonly #usual: Float64Array;
  readonly #count: Float64Array;
  readonly #countedMs: Float64Array;
  readonly #seen: Uint32Array;
  readonly #isIn: Uint8Array;
  readonly #isActive: Uint8Array;

  constructor(tags: readonly TagSettings[], raise: RaiseAlert) {
    const count = tags.length;
    this.#raise = raise;
    this.#perDay = Float64Array.from(tags, (tag) => tag.detect.spike?.perDay ?? 0);
    this.#least = Float64Array.from(tags, (tag) => Math.max(tag.resolution, Number.MIN_VALUE));
    this.#raw = new Float64Array(medianCount * count);
    this.#usual = new Float64Array(count);
    this.#count = new Float64Array(count);
    this.#countedMs = new Float64Array(count);
    this.#seen = new Uint32Array(count);
    this.#isIn = new Uint8Array(count);
    this.#isActive = new Uint8Array(count);
  }

  get stateBytes(): number {
    return this.#raw.byteLength + 5 * this.#usual.byteLength;
  }

  /** A good reading. `timeMs`: monotonic plant time. */
  step(tag: number, value: number, timeMs: number): void {
    const threshold = this.#perDay[tag]!;
    if (threshold === 0) return;
    const base = medianCount * tag;
    const seen = this.#seen[tag]!;
    const at = seen % medianCount;
    this.#raw[base + at] = value;
    // Goes on in step with the ring, and stays above the warm-up.
    this.#seen[tag] = seen + 1 < warmupCount + medianCount ? seen + 1 : warmupCount;
    if (seen + 1 < medianCount) return;
    const median = medianOf7(this.#raw, base);
    const deviation = Math.abs(this.#raw[base + ((at + 4) % medianCount)]! - median);
    const limit = deviations * Math.max(this.#usual[tag]!, this.#least[tag]!);
    const isSpike = seen >= warmupCount && deviation > limit;
    this.#usual[tag]! += alpha * (Math.min(deviation, limit) - this.#usual[tag]!);
    if (isSpike && this.#isIn[tag] === 0) this.#decay(tag, timeMs, 1);
    else if (this.#isActive[tag] === 1) this.#decay(tag, timeMs, 0);
    this.#isIn[tag] = Number(isSpike);
    this.#judge(tag, value, threshold);
  }

  #decay(tag: number, timeMs: number, add: number): void {
    const passedMs = timeMs - this.#countedMs[tag]!;
    this.#count[tag] = this.#count[tag]! * Math.exp(-passedMs / dayMs) + add;
    this.#countedMs[tag] = timeMs;
  }

  #judge(tag: number, value: number, threshold: number): void {
    const count = this.#count[tag]!;
    const isActive = this.#isActive[tag] === 1;
    if (isActive ? count > endShare * threshold : count <= threshold) return;
    this.#isActive[tag] = isActive ? 0 : 1;
    this.#raise({
      rule: AlertRule.SPIKE,
      tag,
      isActive: !isActive,
      value,
      score: count,
      threshold,
    });
  }
}
