/**
 * A signal that became several times as noisy as it used to be: a loose terminal. Compares the mean
 * step between readings over about a minute with that over about an hour, which stops learning while
 * the signal looks noisy.
 */
import type { TagSettings } from "../configuration/configuration.ts";
import { AlertRule, type RaiseAlert } from "./alert.ts";

const shortAlpha = 1 / 60;
const longAlpha = 1 / 3_600;
export const noiseWarmupCount = 600;
/** Readings in a row above the ratio. */
const consecutiveMin = 60;
/** An alert ends below this share of the ratio. */
const endShare = 0.5;
/** The usual noise is learned only while the ratio is below this share. */
const learnShare = 0.67;

export class NoiseRule {
  readonly #raise: RaiseAlert;
  readonly #ratio: Float64Array;
  readonly #least: Float64Array;
  readonly #last: Float64Array;
  readonly #short: Float64Array;
  readonly #long: Float64Array;
  readonly #seen: Uint32Array;
  readonly #above: Uint32Array;
  readonly #isActive: Uint8Array;

  constructor(tags: readonly TagSettings[], raise: RaiseAlert) {
    const count = tags.length;
    this.#raise = raise;
    this.#ratio = Float64Array.from(tags, (tag) => tag.detect.noise?.ratio ?? 0);
    this.#least = Float64Array.from(tags, (tag) => Math.max(tag.resolution / 2, Number.MIN_VALUE));
    this.#last = new Float64Array(count);
    this.#short = new Float64Array(count);
    this.#long = new Float64Array(count);
    this.#seen = new Uint32Array(count);
    this.#above = new Uint32Array(count);
    this.#isActive = new Uint8Array(count);
  }

  get stateBytes(): number {
    return 5 * this.#last.byteLength + 2 * this.#seen.byteLength + this.#isActive.byteLength;
  }

  /** A good reading. */
  step(tag: number, value: number): void {
    const limit = this.#ratio[tag]!;
    if (limit === 0) return;
    const seen = this.#seen[tag]!;
    const change = Math.abs(value - this.#last[tag]!);
    this.#last[tag] = value;
    if (seen <= noiseWarmupCount) this.#seen[tag] = seen + 1;
    if (seen === 0) return;
    this.#short[tag]! += Math.max(shortAlpha, 1 / seen) * (change - this.#short[tag]!);
    const ratio = this.#short[tag]! / Math.max(this.#long[tag]!, this.#least[tag]!);
    if (seen <= noiseWarmupCount || ratio < learnShare * limit) {
      this.#long[tag]! += Math.max(longAlpha, 1 / seen) * (change - this.#long[tag]!);
    }
    if (seen > noiseWarmupCount) this.#judge(tag, value, ratio);
  }

  #judge(tag: number, value: number, ratio: number): void {
    const threshold = this.#ratio[tag]!;
    this.#above[tag] = ratio > threshold ? this.#above[tag]! + 1 : 0;
    const isActive = this.#isActive[tag] === 1;
    if (isActive ? ratio > endShare * threshold : this.#above[tag]! < consecutiveMin) return;
    this.#isActive[tag] = isActive ? 0 : 1;
    this.#raise({
      rule: AlertRule.NOISE,
      tag,
      isActive: !isActive,
      value,
      score: ratio,
      threshold,
    });
  }
}
