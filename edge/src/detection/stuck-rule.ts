/**
 * A value that no longer moves: a frozen transmitter, a filled gap. Quiet while another tag (a flow)
 * reads zero, because then standing still is right. Without a configured time it learns how long the
 * tag usually rests.
 */
import type { TagSettings } from "../configuration/configuration.ts";
import { AlertRule, type RaiseAlert } from "./alert.ts";

/** Learned time: this many times the usual interval between changes… */
const intervals = 20;
/** …and at least this. */
const afterMsMin = 600_000;
/** Changes seen before the learned time counts. */
const changesMin = 100;
/** Weight of a new interval. */
const alpha = 0.02;

export class StuckRule {
  readonly #raise: RaiseAlert;
  readonly #tags: readonly TagSettings[];
  readonly #isOn: Uint8Array;
  /** 0: learned. */
  readonly #afterMs: Float64Array;
  readonly #last: Float64Array;
  readonly #changedMs: Float64Array;
  readonly #intervalMs: Float64Array;
  readonly #changes: Uint32Array;
  readonly #isActive: Uint8Array;
  readonly #latest: Float64Array;

  /** `latest`: newest good value of every tag. */
  constructor(tags: readonly TagSettings[], raise: RaiseAlert, latest: Float64Array) {
    const count = tags.length;
    this.#tags = tags;
    this.#raise = raise;
    this.#latest = latest;
    this.#isOn = Uint8Array.from(tags, (tag) => Number(tag.detect.stuck !== undefined));
    this.#afterMs = Float64Array.from(tags, (tag) => tag.detect.stuck?.afterMs ?? 0);
    this.#last = new Float64Array(count).fill(Number.NaN);
    this.#changedMs = new Float64Array(count);
    this.#intervalMs = new Float64Array(count);
    this.#changes = new Uint32Array(count);
    this.#isActive = new Uint8Array(count);
  }

  get stateBytes(): number {
    return 4 * this.#last.byteLength + this.#changes.byteLength + this.#isActive.byteLength;
  }

  setAfter(tag: number, afterMs: number): void {
    this.#afterMs[tag] = afterMs;
  }

  /** A good reading. `timeMs`: monotonic plant time. */
  step(tag: number, value: number, timeMs: number): void {
    if (this.#isOn[tag] === 0) return;
    if (value !== this.#last[tag]) {
      this.#moved(tag, value, timeMs);
      return;
    }
    if (this.#isExplained(tag)) {
      this.#changedMs[tag] = timeMs;
      return;
    }
    const restMs = timeMs - this.#changedMs[tag]!;
    const afterMs = this.#threshold(tag);
    if (restMs < afterMs || this.#isActive[tag] === 1) return;
    this.#isActive[tag] = 1;
    this.#tell(tag, value, restMs);
  }

  /** A reading that is not good: nothing can be said, and the time starts anew. */
  miss(tag: number): void {
    if (this.#isOn[tag] === 1) this.#last[tag] = Number.NaN;
  }

  #threshold(tag: number): number {
    if (this.#afterMs[tag]! > 0) return this.#afterMs[tag]!;
    if (this.#changes[tag]! < changesMin) return Number.POSITIVE_INFINITY;
    return Math.max(afterMsMin, intervals * this.#intervalMs[tag]!);
  }

  #moved(tag: number, value: number, timeMs: number): void {
    if (!Number.isNaN(this.#last[tag]!)) {
      const intervalMs = timeMs - this.#changedMs[tag]!;
      const weight = this.#changes[tag] === 0 ? 1 : alpha;
      if (this.#isActive[tag] === 0) {
        this.#intervalMs[tag]! += weight * (intervalMs - this.#intervalMs[tag]!);
        if (this.#changes[tag]! < changesMin) this.#changes[tag]!++;
      }
    }
    this.#last[tag] = value;
    this.#changedMs[tag] = timeMs;
    if (this.#isActive[tag] === 0) return;
    this.#isActive[tag] = 0;
    this.#tell(tag, value, 0);
  }

  #isExplained(tag: number): boolean {
    const other = this.#tags[tag]!.detect.stuck?.unlessZero;
    return other !== undefined && Math.abs(this.#latest[other]!) <= this.#tags[other]!.resolution;
  }

  #tell(tag: number, value: number, restMs: number): void {
    this.#raise({
      rule: AlertRule.STUCK,
      tag,
      isActive: this.#isActive[tag] === 1,
      value,
      score: restMs / 1_000,
      threshold: this.#threshold(tag) / 1_000,
    });
  }
}
