/**
 * Drift and shape: a streaming detector for each tag, fed with means of several minutes, because what
 * it is for takes hours to weeks. Score, decide, then learn: also what is suspicious, because a detector
 * of records that is kept from one finds every repetition of it as new as the first.
 */
import { elementAt, f64 } from "@weir/contracts/elements.ts";
import { type SiteTime, siteTimeOf } from "@weir/contracts/site-time.ts";
import {
  createStreamingDetector,
  type StreamingDetector,
} from "@weir/detectors/streaming-detector.ts";
import type { TagSettings } from "../configuration/configuration.ts";
import { AlertRule, type RaiseAlert } from "./alert.ts";
import {
  bytesOf,
  calendar,
  type RuleInputs,
  type RuleState,
  type StateColumn,
} from "./rule-state.ts";

/** An alert ends when nothing was suspicious for so long, calendar: after a record scores are low at once. */
export const quietMs = 3_600_000;
/** From this share of the threshold on a tag is worth a closer look. */
export const suspectShare = 0.9;
/** A mean of fewer readings than this share of those expected is none. */
const countShare = 0.5;

const at = {
  threshold: 0,
  everyMs: 1,
  slot: 2,
  sum: 3,
  count: 4,
  suspiciousMs: 5,
  isActive: 6,
  end: 7,
} as const;

export class StreamRule implements RuleState {
  readonly #raise: RaiseAlert;
  readonly #inputs: RuleInputs;
  readonly #detectors: (StreamingDetector | undefined)[];
  readonly #state: Float64Array;
  readonly #periodMs: Float64Array;
  readonly #time: SiteTime;
  readonly columns: readonly StateColumn[];

  constructor(
    tags: readonly TagSettings[],
    raise: RaiseAlert,
    { inputs, zone }: { inputs: RuleInputs; zone: string },
  ) {
    this.#raise = raise;
    this.#time = siteTimeOf(zone);
    this.#inputs = inputs;
    this.#periodMs = Float64Array.from(tags, (tag) => tag.periodMs);
    this.#state = new Float64Array(at.end * tags.length);
    this.#detectors = tags.map(({ detect }) =>
      detect.stream ? createStreamingDetector() : undefined,
    );
    for (const { index, detect } of tags) {
      const s = at.end * index;
      this.#state[s + at.threshold] = detect.stream?.threshold ?? 0;
      this.#state[s + at.everyMs] = detect.stream?.everyMs ?? 0;
      this.#state[s + at.slot] = Number.NaN;
    }
    this.columns = [{ values: this.#state, perTag: at.end, times: [] }];
  }

  get stateBytes(): number {
    const own = this.#detectors.reduce((sum, detector) => sum + (detector?.stateBytes ?? 0), 0);
    return own + bytesOf(this.columns) + this.#periodMs.byteLength;
  }

  setThreshold(tag: number, threshold: number): void {
    this.#state[at.end * tag + at.threshold] = threshold;
  }

  threshold(tag: number): number {
    return f64(this.#state, at.end * tag + at.threshold);
  }

  /** A good reading. True when the tag is worth a closer look. */
  step(tag: number): boolean {
    const value = f64(this.#inputs.values, tag);
    const calendarMs = f64(this.#inputs.now, calendar);
    const state = this.#state;
    const s = at.end * tag;
    const slot = Math.floor(calendarMs / f64(state, s + at.everyMs));
    if (slot === state[s + at.slot]) {
      state[s + at.sum] = f64(state, s + at.sum) + value;
      state[s + at.count] = f64(state, s + at.count) + 1;
      return false;
    }
    const count = f64(state, s + at.count);
    const everyMs = f64(state, s + at.everyMs);
    const isWhole = count * f64(this.#periodMs, tag) >= countShare * everyMs;
    const mean = f64(state, s + at.sum) / count;
    const endMs = (f64(state, s + at.slot) + 1) * everyMs;
    state[s + at.slot] = slot;
    state[s + at.sum] = value;
    state[s + at.count] = 1;
    return isWhole && this.#judge(tag, mean, endMs);
  }

  #judge(tag: number, mean: number, endMs: number): boolean {
    const detector = elementAt(this.#detectors, tag);
    const state = this.#state;
    const s = at.end * tag;
    const threshold = f64(state, s + at.threshold);
    // The detector needs a time for its daily and weekly habits only: the clock on the site's wall.
    const wallMs = this.#time.localMs(endMs);
    const score = detector.score(mean, wallMs);
    const isSuspicious = score >= threshold;
    const isActive = state[s + at.isActive] === 1;
    if (isSuspicious) state[s + at.suspiciousMs] = endMs;
    const isQuiet = endMs - f64(state, s + at.suspiciousMs) >= quietMs;
    if (isActive ? isQuiet : isSuspicious) {
      state[s + at.isActive] = isActive ? 0 : 1;
      this.#raise({
        rule: AlertRule.STREAM,
        tag,
        isActive: !isActive,
        value: mean,
        score,
        threshold,
      });
    }
    detector.learn(mean, wallMs);
    return score >= suspectShare * threshold;
  }

  /** What the tag's detector has learned; empty where there is none. */
  captureDetector(tag: number): Uint8Array {
    return this.#detectors[tag]?.capture() ?? new Uint8Array(0);
  }

  restoreDetector(tag: number, bytes: Uint8Array): boolean {
    return this.#detectors[tag]?.restore(bytes) ?? bytes.length === 0;
  }
}
