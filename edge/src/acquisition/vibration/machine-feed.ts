/** Frames of one machine to whole seconds without a hole, and its newest samples for a capture. */
import { present } from "@weir/contracts/present.ts";
import {
  type MachineModel,
  sampleRateHz,
  samplesPerSecond,
} from "@weir/detectors/vibration/machine-analysis.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import { axisCount, type DecodedFrame } from "./frame-decoder.ts";
import { FrameSequence } from "./frame-sequence.ts";
import { SampleRing } from "./sample-ring.ts";
import type { AnalysisStream, VibrationAnalysis } from "./vibration-analysis.ts";

/** What a capture holds at most. */
const capturedSeconds = 10;

export interface MachineFeedOptions {
  model: MachineModel;
  analysis: VibrationAnalysis;
  /** Speed of the shaft now, turns a minute; not a number where it is unknown. */
  rpm: () => number;
  /** Plant time: when a second was complete. */
  clock: Clock;
  /** Figures of the second that was complete at `slotMs`; undefined where it could not be worked on. */
  onFeatures: (values: Float64Array | undefined, slotMs: number) => void;
  /** Samples are missing. */
  onGap: (slotMs: number) => void;
}

export interface Capture {
  /** Of the first sample, by the plant clock. */
  fromMs: number;
  samples: Uint8Array;
}

export class MachineFeed {
  readonly sequence = new FrameSequence();
  readonly #options: MachineFeedOptions;
  readonly #stream: AnalysisStream;
  readonly #ring = new SampleRing(capturedSeconds * sampleRateHz);
  /** The second that is being filled; handed over when it is full. */
  #second: Int16Array<ArrayBuffer> = emptySecond();
  #filled = 0;
  #isFresh = true;
  /** When the seconds that are being worked on were complete, oldest first. */
  readonly #slotsMs: number[] = [];
  #lastSlotMs = 0;
  /** Plant time of the newest sample. */
  #newestMs = 0;

  constructor(options: MachineFeedOptions) {
    this.#options = options;
    this.#stream = options.analysis.open(options.model, (values) =>
      options.onFeatures(values, present(this.#slotsMs.shift())),
    );
  }

  frame(frame: DecodedFrame): void {
    if (this.sequence.judge(frame) === "gap") {
      this.#forget();
      this.#options.onGap(this.#nowMs());
    }
    this.#newestMs = this.#nowMs();
    const samples = frame.samples.subarray(0, frame.count * axisCount);
    this.#ring.push(samples);
    for (let at = 0; at < samples.length; ) {
      const size = Math.min(samples.length - at, this.#second.length - this.#filled);
      this.#second.set(samples.subarray(at, at + size), this.#filled);
      this.#filled += size;
      at += size;
      if (this.#filled === this.#second.length) this.#handOver();
    }
  }

  /** The line went down or silent: what comes next does not follow. */
  interrupt(): void {
    this.sequence.reset();
    this.#forget();
  }

  /** Samples since the last gap, ten seconds at most; undefined where there are none. */
  capture(): Capture | undefined {
    if (this.#ring.count === 0) return undefined;
    const spanMs = (this.#ring.count * 1_000) / sampleRateHz;
    return { fromMs: this.#newestMs - spanMs, samples: this.#ring.bytes() };
  }

  close(): void {
    this.#stream.close();
  }

  #handOver(): void {
    const samples = this.#second;
    const isFresh = this.#isFresh;
    this.#second = emptySecond();
    this.#filled = 0;
    this.#isFresh = false;
    // Seconds that a stalled network brings at once are still readings of their own.
    this.#lastSlotMs = Math.max(this.#nowMs(), this.#lastSlotMs + 1);
    this.#slotsMs.push(this.#lastSlotMs);
    this.#stream.second(samples, { isFresh, rpm: this.#options.rpm() });
  }

  #forget(): void {
    this.#filled = 0;
    this.#isFresh = true;
    this.#ring.clear();
  }

  #nowMs(): number {
    return Math.round(this.#options.clock.nowMs());
  }
}

const emptySecond = (): Int16Array<ArrayBuffer> => new Int16Array(samplesPerSecond * axisCount);
