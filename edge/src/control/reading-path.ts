/**
 * One reading's way through the control thread: quality, safety, hand-over, detection. Synchronous
 * from the socket to the write: nothing is awaited in between.
 */
import type { Clock } from "@weir/runtime/clock.ts";
import type { Block } from "../acquisition/block-plan.ts";
import type { Conditioned } from "../conditioning/condition.ts";
import { Quality, reason, reasons } from "../conditioning/quality.ts";
import { QualityWatch } from "../conditioning/quality-watch.ts";
import type { Configuration } from "../configuration/configuration.ts";
import type { Detection } from "../detection/detection.ts";
import type { EventFields } from "../hand-over.ts";
import type { Safety, Sample } from "../safety/safety.ts";
import type { SafetyEffect } from "../safety/safety-effect.ts";
import { BlockReader } from "./block-reader.ts";
import type { ReadingCollector } from "./reading-collector.ts";

export interface ReadingPathOptions {
  configuration: Configuration;
  blocks: readonly Block[];
  clock: Clock;
  ioClock: Clock;
  safety: Safety;
  detection: Detection;
  collector: ReadingCollector;
  /** Writes outputs, now. */
  act: (effects: readonly SafetyEffect[]) => void;
  /** Every tag has been judged: the disk and the reports. */
  settle: () => void;
  report: (event: EventFields) => void;
}

export class ReadingPath {
  readonly #options: ReadingPathOptions;
  readonly #reader: BlockReader;
  readonly #qualityWatch: QualityWatch;
  /** Monotonic plant time of the newest answer for each tag. */
  readonly #seenMs: Float64Array;
  /** The same on the I/O clock. */
  readonly #seenIoMs: Float64Array;
  /** Time that an answer may take, by tag, on the I/O clock. */
  readonly #timeoutMs: Float64Array;
  #ioMs = 0;
  readonly #isStale: Uint8Array;
  readonly #values: Float64Array;
  readonly #qualities: Uint8Array;
  readonly #sample: Sample;
  readonly #take = (tag: number, reading: Readonly<Conditioned>, slotMs: number): void =>
    this.#decide(tag, reading, slotMs);

  constructor(options: ReadingPathOptions) {
    this.#options = options;
    const { configuration, clock, blocks } = options;
    const count = configuration.tags.length;
    this.#reader = new BlockReader(configuration, blocks);
    this.#qualityWatch = new QualityWatch(count);
    this.#seenMs = new Float64Array(count).fill(clock.monotonicMs());
    this.#seenIoMs = new Float64Array(count).fill(options.ioClock.monotonicMs());
    this.#timeoutMs = Float64Array.from(configuration.tags, ({ device }) => {
      const { connection } = configuration.devices[device]!;
      return configuration.connections[connection]!.timeoutMs;
    });
    this.#isStale = new Uint8Array(count);
    this.#values = new Float64Array(count);
    this.#qualities = new Uint8Array(count);
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

  /** A block was read: first what can act, for all its tags, then what only watches. */
  answered(block: Block, answer: { bytes: Uint8Array; dataAt: number; slotMs: number }): void {
    this.#setTime();
    this.#reader.read(block, answer, this.#take);
    const { detection, settle } = this.#options;
    settle();
    const { monotonicMs } = this.#sample;
    for (const { kind, index } of block.points) {
      if (kind !== "tag") continue;
      detection.stepAt(index, this.#values[index]!, this.#qualities[index]!, monotonicMs);
    }
  }

  /** The device refused a block: its tags have no value, and that is a reading. */
  refused(block: Block, slotMs: number): void {
    this.#setTime();
    const reading = { value: Number.NaN, quality: Quality.BAD, reason: reason.refused };
    for (const { kind, index } of block.points) {
      if (kind === "tag") this.#decide(index, reading, slotMs);
    }
    this.#options.settle();
  }

  /** Once a second of plant time: tags that have not been read for too long. */
  sweep(): void {
    this.#setTime();
    const { tags } = this.#options.configuration;
    const { monotonicMs, nowMs } = this.#sample;
    for (let tag = 0; tag < tags.length; tag++) {
      if (monotonicMs - this.#seenMs[tag]! <= tags[tag]!.staleAfterMs) continue;
      // Under a plant clock that runs fast an answer that is still in time may look late.
      if (this.#ioMs - this.#seenIoMs[tag]! < this.#timeoutMs[tag]!) continue;
      const reading = { value: Number.NaN, quality: Quality.STALE, reason: reason.stale };
      if (this.#isStale[tag] === 0) {
        this.#isStale[tag] = 1;
        this.#handOver(tag, reading, Math.round(nowMs));
        this.#options.detection.stepAt(tag, reading.value, reading.quality, monotonicMs);
      }
      // Again and again: a bypass or a suppression may have ended meanwhile.
      this.#judge(tag, reading, nowMs);
    }
    this.#options.settle();
  }

  #decide(tag: number, reading: Readonly<Conditioned>, slotMs: number): void {
    this.#seenMs[tag] = this.#sample.monotonicMs;
    this.#seenIoMs[tag] = this.#ioMs;
    this.#isStale[tag] = 0;
    this.#values[tag] = reading.value;
    this.#qualities[tag] = reading.quality;
    this.#judge(tag, reading, slotMs);
    this.#handOver(tag, reading, slotMs);
  }

  #judge(tag: number, reading: Readonly<Conditioned>, slotMs: number): void {
    const sample = this.#sample;
    sample.tag = tag;
    sample.value = reading.value;
    sample.quality = reading.quality;
    sample.reason = reading.reason;
    sample.sampledAtMs = slotMs;
    const effects = this.#options.safety.sample(sample);
    if (effects.length > 0) this.#options.act(effects);
  }

  #handOver(tag: number, reading: Readonly<Conditioned>, slotMs: number): void {
    this.#options.collector.push(tag, slotMs, reading);
    if (!this.#qualityWatch.step(tag, reading.quality, reading.reason)) return;
    const { id } = this.#options.configuration.tags[tag]!;
    const quality = reading.quality as Quality;
    this.#options.report({
      atMs: this.#sample.nowMs,
      body: { case: "quality", value: { tag: id, quality, reason: reasons[reading.reason] ?? "" } },
    });
  }

  #setTime(): void {
    this.#sample.monotonicMs = this.#options.clock.monotonicMs();
    this.#sample.nowMs = this.#options.clock.nowMs();
    this.#ioMs = this.#options.ioClock.monotonicMs();
  }
}
