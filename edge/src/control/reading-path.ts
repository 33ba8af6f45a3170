/**
 * One reading's way through the control thread: quality, safety, hand-over, detection. Synchronous
 * from the socket to the write: nothing is awaited in between.
 */
import { elementAt, f64, u8, u16 } from "@weir/contracts/elements.ts";
import type { QualityReason } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { ReadingColumns, ReadingSink } from "../acquisition/source.ts";
import {
  type ColumnConditioner,
  type Conditioned,
  columnConditionerOf,
} from "../conditioning/condition.ts";
import { applyStatus, statusReason } from "../conditioning/device-status.ts";
import { type Missing, missingOf } from "../conditioning/missing.ts";
import { Quality, reason, reasonText } from "../conditioning/quality.ts";
import { QualityWatch } from "../conditioning/quality-watch.ts";
import type { Configuration } from "../configuration/configuration.ts";
import type { Detection } from "../detection/detection.ts";
import type { EventFields, TagCondition } from "../hand-over.ts";
import type { Safety, Sample } from "../safety/safety.ts";
import type { WriteEffect } from "../safety/safety-effect.ts";
import type { ReadingCollector } from "./reading-collector.ts";
import { TagConditions } from "./tag-conditions.ts";

export interface ReadingPathOptions {
  configuration: Configuration;
  clock: Clock;
  ioClock: Clock;
  safety: Safety;
  detection: Detection;
  collector: ReadingCollector;
  /** The bytes of an answer on `connection` are in memory. */
  onAnswer: (connection: number) => void;
  /** Writes outputs, now. */
  act: (writes: readonly WriteEffect[]) => void;
  /** Every tag has been judged: the disk and the reports. */
  settle: () => void;
  report: (event: EventFields) => void;
  /** Why `device` gives no readings, as its connection or itself shows; undefined: nothing is known. */
  silenceOf?: (device: number) => Silence | undefined;
  /** The same of one tag, from its source. */
  unheardOf?: (tag: number) => Missing | undefined;
}

/** A connection or device that is silent. */
export interface Silence {
  /** Code of `reasons`. */
  reason: number;
  text: string;
  /** It tells more than what became of the newest request for the tag. */
  isCertain: boolean;
}

export class ReadingPath implements ReadingSink {
  readonly #options: ReadingPathOptions;
  /** Raw numbers, and the time of those at hand. */
  readonly raws: Float64Array;
  readonly slotMs = new Float64Array(1);
  readonly columns: ReadingColumns;
  readonly #conditioners: ColumnConditioner[];
  /** Code of `reasons` that each device's newest status word stands for. */
  readonly #deviceReasons: Uint8Array;
  /** Status words as they were last. */
  readonly #words: Float64Array;
  readonly #deviceOf: Uint16Array;
  readonly #reading: Conditioned = { value: 0, quality: 0, reason: 0 };
  /** Tags of the answer at hand, for detection. */
  readonly #group: Uint16Array;
  #groupSize = 0;
  readonly #qualityWatch: QualityWatch;
  /** Monotonic plant time of the newest answer for each tag. */
  readonly #seenMs: Float64Array;
  /** The same on the I/O clock. */
  readonly #seenIoMs: Float64Array;
  /** Time that an answer may take, by tag, on the I/O clock. */
  readonly #timeoutMs: Float64Array;
  #ioMs = 0;
  /** UTC of the plant clock when something came last on each connection; 0: nothing yet. */
  readonly #heardMs: Float64Array;
  readonly #isStale: Uint8Array;
  readonly #values: Float64Array;
  readonly #qualities: Uint8Array;
  /** Codes of `reasons` of the newest readings. */
  readonly #reasons: Uint8Array;
  readonly #conditions: TagConditions;
  /** What became of the newest request for each tag that came to nothing, and when, monotonic plant time. */
  readonly #unanswered: (Missing | undefined)[];
  readonly #unansweredMs: Float64Array;
  readonly #sample: Sample;

  constructor(options: ReadingPathOptions) {
    this.#options = options;
    const { configuration, clock } = options;
    const count = configuration.tags.length;
    this.#conditioners = configuration.tags.map(columnConditionerOf);
    this.raws = new Float64Array(count);
    this.columns = { raws: this.raws, slotMs: this.slotMs, take: (tag) => this.#take(tag) };
    this.#words = new Float64Array(configuration.devices.length).fill(Number.NaN);
    this.#deviceReasons = new Uint8Array(configuration.devices.length).fill(reason.good);
    this.#deviceOf = Uint16Array.from(configuration.tags, ({ device }) => device);
    this.#group = new Uint16Array(count);
    this.#qualityWatch = new QualityWatch(count);
    this.#seenMs = new Float64Array(count).fill(clock.monotonicMs());
    this.#seenIoMs = new Float64Array(count).fill(options.ioClock.monotonicMs());
    this.#timeoutMs = Float64Array.from(configuration.tags, ({ device }) => {
      const { connection } = elementAt(configuration.devices, device);
      return elementAt(configuration.connections, connection).timeoutMs;
    });
    this.#heardMs = new Float64Array(configuration.connections.length);
    this.#isStale = new Uint8Array(count);
    this.#values = new Float64Array(count).fill(Number.NaN);
    this.#qualities = new Uint8Array(count).fill(Quality.STALE);
    this.#reasons = new Uint8Array(count).fill(reason.notReadYet);
    this.#conditions = new TagConditions(configuration, clock.nowMs());
    this.#unanswered = new Array<Missing | undefined>(count).fill(undefined);
    this.#unansweredMs = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
    this.#sample = {
      tag: 0,
      value: 0,
      quality: 0,
      reason: 0,
      sampledAtMs: 0,
      nowMs: 0,
      monotonicMs: 0,
    };
  }

  begin(connection: number): void {
    this.#setTime();
    this.#groupSize = 0;
    this.#heardMs[connection] = this.#sample.nowMs;
    this.#options.onAnswer(connection);
  }

  /** UTC of the plant clock when something came last on `connection`; 0: nothing yet. */
  heardAtMs(connection: number): number {
    return f64(this.#heardMs, connection);
  }

  deviceStatus(device: number, word: number): void {
    if (word === this.#words[device]) return;
    this.#words[device] = word;
    const { status } = elementAt(this.#options.configuration.devices, device);
    if (status) this.#deviceReasons[device] = statusReason(status, word);
  }

  take(tag: number, raw: number, slotMs: number): void {
    this.raws[tag] = raw;
    this.slotMs[0] = slotMs;
    this.#take(tag);
  }

  #take(tag: number): void {
    const reading = this.#reading;
    elementAt(this.#conditioners, tag)(this.raws, tag, reading);
    const deviceReason = u8(this.#deviceReasons, u16(this.#deviceOf, tag));
    if (deviceReason !== reason.good) {
      applyStatus(deviceReason, reading);
      if (deviceReason === reason.functionCheck) {
        this.#options.detection.hold(tag, this.#sample.monotonicMs);
      }
    }
    this.#decide(tag, reading);
  }

  miss(tag: number, why: number, slotMs: number, missing?: Missing): void {
    const reading = this.#reading;
    reading.value = Number.NaN;
    reading.quality = why === reason.stale ? Quality.STALE : Quality.BAD;
    reading.reason = why;
    this.slotMs[0] = slotMs;
    if (missing?.text !== this.#conditions.missingOf(tag)?.text) {
      this.#changed(tag, reading, missing);
    }
    this.#decide(tag, reading);
  }

  unanswered(tag: number, missing: Missing): void {
    this.#unanswered[tag] = missing;
    this.#unansweredMs[tag] = this.#options.clock.monotonicMs();
  }

  /** Every tag that can act has been judged; then what only watches. */
  end(): void {
    const { detection, settle } = this.#options;
    settle();
    const { monotonicMs, nowMs } = this.#sample;
    detection.begin(monotonicMs, nowMs);
    for (let i = 0; i < this.#groupSize; i++) {
      const tag = u16(this.#group, i);
      detection.judge(tag, this.#values, u8(this.#qualities, tag));
    }
    this.#groupSize = 0;
  }

  /** Newest good value; not a number where there is none. */
  goodValueOf(tag: number): number {
    const isGood = this.#isStale[tag] === 0 && this.#qualities[tag] === Quality.GOOD;
    return isGood ? f64(this.#values, tag) : Number.NaN;
  }

  /** Once a second of plant time: tags that have not been read for too long. */
  sweep(): void {
    this.#setTime();
    const { tags } = this.#options.configuration;
    const { monotonicMs, nowMs } = this.#sample;
    for (let tag = 0; tag < tags.length; tag++) {
      if (monotonicMs - f64(this.#seenMs, tag) <= elementAt(tags, tag).staleAfterMs) continue;
      // Under a plant clock that runs fast an answer that is still in time may look late.
      if (this.#ioMs - f64(this.#seenIoMs, tag) < f64(this.#timeoutMs, tag)) continue;
      const { why, missing } = this.#silence(tag);
      const reading = { value: Number.NaN, quality: Quality.STALE, reason: why };
      const isOther = why !== this.#reasons[tag] || this.#qualities[tag] !== Quality.STALE;
      if (isOther || missing?.text !== this.#conditions.missingOf(tag)?.text) {
        this.#changed(tag, reading, missing);
      }
      if (this.#isStale[tag] === 0) {
        this.#isStale[tag] = 1;
        this.slotMs[0] = Math.round(nowMs);
        this.#handOver(tag, reading);
        this.#options.detection.stepAt(tag, reading.value, reading.quality, monotonicMs, nowMs);
      }
      // Again and again: a bypass or a suppression may have ended meanwhile.
      this.slotMs[0] = nowMs;
      this.#judge(tag, reading);
    }
    this.#options.settle();
  }

  /** Tags that are not good. */
  conditions(): TagCondition[] {
    return this.#conditions.list();
  }

  /** Why nothing comes: what the newest request met, else how device and connection stand. */
  #silence(tag: number): { why: number; missing: Missing | undefined } {
    const silence = this.#options.silenceOf?.(u16(this.#deviceOf, tag));
    const told = silence && { why: silence.reason, missing: { text: silence.text, remedy: "" } };
    if (told && silence.isCertain) return told;
    const missing = this.#unanswered[tag];
    if (missing && f64(this.#unansweredMs, tag) >= f64(this.#seenMs, tag)) {
      return { why: reason.noAnswer, missing };
    }
    return told ?? { why: reason.stale, missing: this.#options.unheardOf?.(tag) };
  }

  /** Rare: the reading of `tag` stands otherwise than the one before it. */
  #changed(tag: number, reading: Readonly<Conditioned>, missing: Missing | undefined): void {
    const { nowMs, monotonicMs } = this.#sample;
    const hasBeenRead = this.#reasons[tag] !== reason.notReadYet;
    this.#conditions.change(tag, {
      quality: reading.quality,
      reason: reading.reason,
      missing,
      nowMs,
      seenAtMs: hasBeenRead ? nowMs - (monotonicMs - f64(this.#seenMs, tag)) : 0,
    });
    this.#qualities[tag] = reading.quality;
    this.#reasons[tag] = reading.reason;
  }

  #decide(tag: number, reading: Readonly<Conditioned>): void {
    if (reading.quality !== this.#qualities[tag] || reading.reason !== this.#reasons[tag]) {
      const { tags } = this.#options.configuration;
      this.#changed(
        tag,
        reading,
        missingOf(elementAt(tags, tag), reading.reason, f64(this.raws, tag)),
      );
      this.#isStale[tag] = 0;
    }
    this.#seenMs[tag] = this.#sample.monotonicMs;
    this.#seenIoMs[tag] = this.#ioMs;
    this.#values[tag] = reading.value;
    if (this.#groupSize < this.#group.length) this.#group[this.#groupSize++] = tag;
    this.#judge(tag, reading);
    this.#handOver(tag, reading);
  }

  #judge(tag: number, reading: Readonly<Conditioned>): void {
    const sample = this.#sample;
    sample.tag = tag;
    sample.value = reading.value;
    sample.quality = reading.quality;
    sample.reason = reading.reason;
    sample.sampledAtMs = f64(this.slotMs, 0);
    const writes = this.#options.safety.sample(sample);
    if (writes.length > 0) this.#options.act(writes);
  }

  #handOver(tag: number, reading: Readonly<Conditioned>): void {
    this.#options.collector.push(tag, this.slotMs, reading);
    if (!this.#qualityWatch.step(tag, reading.quality, reading.reason)) return;
    const { id } = elementAt(this.#options.configuration.tags, tag);
    const quality = reading.quality as Quality;
    const code = reading.reason as QualityReason;
    const detail = this.#conditions.missingOf(tag)?.text ?? "";
    const value = { tag: id, quality, reason: reasonText(code, detail), code, detail };
    this.#options.report({ atMs: this.#sample.nowMs, body: { case: "quality", value } });
  }

  #setTime(): void {
    this.#sample.monotonicMs = this.#options.clock.monotonicMs();
    this.#sample.nowMs = this.#options.clock.nowMs();
    this.#ioMs = this.#options.ioClock.monotonicMs();
  }
}
