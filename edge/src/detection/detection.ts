/**
 * All alert rules over all tags: readings in, raised and ended alerts out. Alerts never act on the
 * plant. No allocation per reading; the memory is that of the tag table, for ever.
 */

import { Quality } from "../conditioning/quality.ts";
import type { TagSettings } from "../configuration/configuration.ts";
import type { EdgeThresholds } from "../hand-over.ts";
import type { RaiseAlert } from "./alert.ts";
import { DeltaRule } from "./delta-rule.ts";
import { NoiseRule } from "./noise-rule.ts";
import { RobustZRule } from "./robust-z-rule.ts";
import { SpikeRule } from "./spike-rule.ts";
import { StuckRule } from "./stuck-rule.ts";
import { thresholdFlaw } from "./thresholds.ts";

export class Detection {
  readonly #tags: readonly TagSettings[];
  readonly #latest: Float64Array;
  readonly #delta: DeltaRule;
  readonly #z: RobustZRule;
  readonly #stuck: StuckRule;
  readonly #noise: NoiseRule;
  readonly #spike: SpikeRule;

  constructor(tags: readonly TagSettings[], raise: RaiseAlert) {
    this.#tags = tags;
    this.#latest = new Float64Array(tags.length).fill(Number.NaN);
    this.#delta = new DeltaRule(tags, raise);
    this.#z = new RobustZRule(tags, raise);
    this.#stuck = new StuckRule(tags, raise, this.#latest);
    this.#noise = new NoiseRule(tags, raise);
    this.#spike = new SpikeRule(tags, raise);
  }

  /** Bytes of state: constant, whatever is measured. */
  get stateBytes(): number {
    const rules = [this.#delta, this.#z, this.#stuck, this.#noise, this.#spike];
    return rules.reduce((sum, rule) => sum + rule.stateBytes, this.#latest.byteLength);
  }

  /** `timeMs`: monotonic plant time of the reading. Readings that are not good teach nothing. */
  step(tag: number, value: number, reading: { quality: number; timeMs: number }): void {
    this.stepAt(tag, value, reading.quality, reading.timeMs);
  }

  /** `step` without an object: the hot path. */
  stepAt(tag: number, value: number, quality: number, timeMs: number): void {
    if (quality !== Quality.GOOD) {
      this.#stuck.miss(tag);
      return;
    }
    this.#latest[tag] = value;
    this.#delta.step(tag, value, timeMs);
    this.#z.step(tag, value, timeMs);
    this.#stuck.step(tag, value, timeMs);
    this.#noise.step(tag, value);
    this.#spike.step(tag, value, timeMs);
  }

  /** Floor of σ that the step rule uses for `tag`. */
  sigmaFloor(tag: number): number {
    return this.#z.floor(tag);
  }

  /** Takes over all of `thresholds`, or none of them and says why. */
  apply(thresholds: EdgeThresholds): { ok: true } | { ok: false; reason: string } {
    const reason = thresholdFlaw(thresholds, this.#tags);
    if (reason !== undefined) return { ok: false, reason };
    for (const [id, set] of Object.entries(thresholds.tags)) {
      const tag = this.#tags.findIndex((t) => t.id === id);
      if (set.deltaMax !== undefined) this.#delta.setMax(tag, set.deltaMax);
      if (set.sigmaFloor !== undefined) this.#z.setFloor(tag, set.sigmaFloor);
      if (set.zMax !== undefined) this.#z.setZMax(tag, set.zMax);
      if (set.stuckAfterMs !== undefined) this.#stuck.setAfter(tag, set.stuckAfterMs);
    }
    return { ok: true };
  }
}
