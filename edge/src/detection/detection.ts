/**
 * All alert rules over all tags: readings in, raised and ended alerts out. Alerts never act on the
 * plant. No allocation per reading; the memory is that of the tag table, for ever.
 */
import { f64, u8 } from "@weir/contracts/elements.ts";
import { defaultZone } from "@weir/contracts/site-time.ts";
import { Quality } from "../conditioning/quality.ts";
import type { TagSettings } from "../configuration/configuration.ts";
import type { EdgeDetector, EdgeThresholds } from "../hand-over.ts";
import type { RaiseAlert } from "./alert.ts";
import { DeltaRule } from "./delta-rule.ts";
import { medianCount, medianOf7 } from "./median-of-7.ts";
import { NoiseRule } from "./noise-rule.ts";
import { RobustZRule } from "./robust-z-rule.ts";
import {
  bytesOf,
  calendar,
  monotonic,
  type RuleInputs,
  type RuleState,
  ruleInputs,
  type StateColumn,
} from "./rule-state.ts";
import { SpikeRule } from "./spike-rule.ts";
import { StreamRule } from "./stream-rule.ts";
import { StuckRule } from "./stuck-rule.ts";
import { detectorFlaw, thresholdFlaw } from "./thresholds.ts";

/** Bits of the rules that a tag has. */
const has = { delta: 1, z: 2, stuck: 4, noise: 8, spike: 16, stream: 32 } as const;
const countsReadings = has.z | has.noise | has.spike;

/** A reading may come this share of a period early and still take its turn. */
const earlyShare = 0.25;

/** Places of what the rules share. */
const at = { dueMs: 0, quietUntilMs: 1, seen: 2, ring: 3, end: 3 + medianCount } as const;
/** An instrument that was tested or calibrated needs so long until it measures the process again. */
const settleMs = 180_000;
const { GOOD } = Quality;

export type Applied = { ok: true } | { ok: false; reason: string };

export interface DetectionOptions {
  tags: readonly TagSettings[];
  raise: RaiseAlert;
  /** IANA zone of the site, by whose clock days have habits; UTC when left out. */
  zone?: string;
  /** A tag looks suspicious; called again and again while it does. */
  suspect?: (tag: number) => void;
}

export class Detection {
  readonly tags: readonly TagSettings[];
  readonly #suspect: (tag: number) => void;
  readonly #rules: Uint8Array;
  readonly #periodMs: Float64Array;
  readonly #inputs: RuleInputs;
  readonly #shared: Float64Array;
  readonly #one: Float64Array;
  readonly #delta: DeltaRule;
  readonly #z: RobustZRule;
  readonly #stuck: StuckRule;
  readonly #noise: NoiseRule;
  readonly #spike: SpikeRule;
  readonly #stream: StreamRule;

  constructor({ tags, raise, zone = defaultZone, suspect = () => {} }: DetectionOptions) {
    this.tags = tags;
    this.#suspect = suspect;
    this.#rules = Uint8Array.from(tags, rulesOf);
    this.#periodMs = Float64Array.from(tags, (tag) => tag.periodMs);
    this.#one = new Float64Array(tags.length);
    const inputs = ruleInputs(tags.length);
    this.#inputs = inputs;
    this.#shared = new Float64Array(at.end * tags.length).fill(Number.NEGATIVE_INFINITY);
    for (let tag = 0; tag < tags.length; tag++) this.#shared[at.end * tag + at.seen] = 0;
    const told: RaiseAlert = (change) => {
      if (change.isActive) suspect(change.tag);
      raise(change);
    };
    this.#delta = new DeltaRule(tags, told, inputs);
    this.#z = new RobustZRule(tags, told, inputs);
    this.#stuck = new StuckRule(tags, told, inputs);
    this.#noise = new NoiseRule(tags, told, inputs);
    this.#spike = new SpikeRule(tags, told, inputs);
    this.#stream = new StreamRule(tags, told, { inputs, zone });
  }

  /** Bytes of state: constant, whatever is measured. */
  get stateBytes(): number {
    const own = 4 * this.#periodMs.byteLength + this.#shared.byteLength;
    return this.#all.reduce((sum, rule) => sum + rule.stateBytes, own);
  }

  /** Columns of what was learned, always in this order. */
  get columns(): readonly StateColumn[] {
    const shared = { values: this.#shared, perTag: at.end, times: [at.dueMs, at.quietUntilMs] };
    return [shared, ...this.#all.flatMap(({ columns }) => columns)];
  }

  /** Bytes of `columns`. */
  get columnBytes(): number {
    return bytesOf(this.columns);
  }

  get stream(): StreamRule {
    return this.#stream;
  }

  get #all(): readonly RuleState[] {
    return [this.#delta, this.#z, this.#stuck, this.#noise, this.#spike, this.#stream];
  }

  /** Readings that follow were taken at `timeMs`, monotonic plant time, which is `calendarMs`, UTC. */
  begin(timeMs: number, calendarMs: number): void {
    this.#inputs.now[monotonic] = timeMs;
    this.#inputs.now[calendar] = calendarMs;
  }

  /** The reading of `tag` in a column of values. Readings that are not good teach nothing. */
  judge(tag: number, values: Float64Array, quality: number): void {
    const rules = u8(this.#rules, tag);
    if (quality !== GOOD) {
      if ((rules & has.stuck) !== 0) this.#stuck.miss(tag);
      return;
    }
    this.#inputs.values[tag] = f64(values, tag);
    if (rules === 0) return;
    // Longer than a settling time is no settling, but a clock that went back.
    const settlesMs =
      f64(this.#shared, at.end * tag + at.quietUntilMs) - f64(this.#inputs.now, monotonic);
    if (settlesMs > 0 && settlesMs <= settleMs) return;
    if ((rules & has.delta) !== 0 && this.#delta.step(tag)) this.#suspect(tag);
    if ((rules & has.stuck) !== 0) this.#stuck.step(tag);
    if ((rules & countsReadings) !== 0 && this.#isInTurn(tag)) this.#inTurn(tag);
    if ((rules & has.stream) !== 0 && this.#stream.step(tag)) this.#suspect(tag);
  }

  /** One reading by itself: `begin` and `judge` for who has no columns. */
  stepAt(tag: number, value: number, quality: number, timeMs: number, calendarMs: number): void {
    this.#one[tag] = value;
    this.begin(timeMs, calendarMs);
    this.judge(tag, this.#one, quality);
  }

  /** The instrument is in a function check (NAMUR NE 107): what it says just after is not the process. */
  hold(tag: number, timeMs: number): void {
    this.#shared[at.end * tag + at.quietUntilMs] = timeMs + settleMs;
  }

  /** Rules that count readings get one a period, however fast the tag is read at the moment. */
  #isInTurn(tag: number): boolean {
    const shared = this.#shared;
    const s = at.end * tag;
    const timeMs = f64(this.#inputs.now, monotonic);
    const periodMs = f64(this.#periodMs, tag);
    const lateMs = timeMs - f64(shared, s + at.dueMs);
    if (lateMs < -earlyShare * periodMs && lateMs > -2 * periodMs) return false;
    const isOnGrid = lateMs < periodMs && lateMs > -periodMs;
    shared[s + at.dueMs] = (isOnGrid ? f64(shared, s + at.dueMs) : timeMs) + periodMs;
    return true;
  }

  #inTurn(tag: number): void {
    const rules = u8(this.#rules, tag);
    if ((rules & has.noise) !== 0) this.#noise.step(tag);
    if ((rules & (has.z | has.spike)) === 0) return;
    const shared = this.#shared;
    const { values, medians, middles } = this.#inputs;
    const s = at.end * tag;
    const seen = f64(shared, s + at.seen);
    const place = seen % medianCount;
    shared[s + at.ring + place] = f64(values, tag);
    shared[s + at.seen] = seen + 1 < 2 * medianCount ? seen + 1 : medianCount;
    if (seen < medianCount - 1) return;
    medianOf7(shared, s + at.ring, medians, tag);
    middles[tag] = f64(shared, s + at.ring + (place < 3 ? place + 4 : place - 3));
    if ((rules & has.z) !== 0) this.#z.step(tag);
    if ((rules & has.spike) !== 0) this.#spike.step(tag);
  }

  /** After a restart: what happened meanwhile was not seen. */
  resume(tag: number): void {
    this.#stuck.resume(tag);
  }

  /** Floor of σ that the step rule uses for `tag`. */
  sigmaFloor(tag: number): number {
    return this.#z.floor(tag);
  }

  /** Takes over all of `thresholds`, or none of them and says why. */
  apply(thresholds: EdgeThresholds): Applied {
    const reason = thresholdFlaw(thresholds, this.tags);
    if (reason !== undefined) return { ok: false, reason };
    for (const [id, set] of Object.entries(thresholds.tags)) {
      const tag = this.tags.findIndex((t) => t.id === id);
      if (set.deltaMax !== undefined) this.#delta.setMax(tag, set.deltaMax);
      if (set.sigmaFloor !== undefined) this.#z.setFloor(tag, set.sigmaFloor);
      if (set.zMax !== undefined) this.#z.setZMax(tag, set.zMax);
      if (set.stuckAfterMs !== undefined) this.#stuck.setAfter(tag, set.stuckAfterMs);
    }
    return { ok: true };
  }

  /** Takes over all parameters of the streaming detectors, or none of them and says why. */
  applyDetector(detector: EdgeDetector): Applied {
    const reason = detectorFlaw(detector, this.tags);
    if (reason !== undefined) return { ok: false, reason };
    for (const [id, { threshold }] of Object.entries(detector.tags)) {
      const tag = this.tags.findIndex((t) => t.id === id);
      if (threshold !== undefined) this.#stream.setThreshold(tag, threshold);
    }
    return { ok: true };
  }
}

function rulesOf({ detect }: TagSettings): number {
  let rules = 0;
  for (const rule of Object.keys(has) as (keyof typeof has)[]) {
    if (detect[rule] !== undefined) rules |= has[rule];
  }
  return rules;
}
