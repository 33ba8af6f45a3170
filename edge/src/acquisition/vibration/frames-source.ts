/**
 * A vibration sensor that sends frames by itself. The control thread takes the frames apart and keeps the
 * newest ten seconds; once a second it hands the samples to the analysis, whose figures come back as the
 * readings of that second.
 *
 * A value never comes from a damaged frame, and never from a second with a hole in it: after a gap the
 * tags are bad once, and everything is measured anew.
 */
import { elementAt, f64 } from "@weir/contracts/elements.ts";
import { featureNames } from "@weir/detectors/vibration/machine-features.ts";
import type { Cancel } from "@weir/runtime/clock.ts";
import { reason } from "../../conditioning/quality.ts";
import type { DeviceSettings } from "../../configuration/configuration.ts";
import { KeptChannel } from "../kept-channel.ts";
import { ReadingPace } from "../reading-pace.ts";
import type { Source, SourceOptions, SourceStatus } from "../source.ts";
import { type DecodedFrame, FrameDecoder } from "./frame-decoder.ts";
import { MachineFeed } from "./machine-feed.ts";
import { waveformOf } from "./waveform.ts";

/** A sensor sends so many bytes a second: ten frames of 100 samples. */
const bytesPerSecond = 10 * (9 + 100 * 6 + 2);
const secondMs = 1_000;
/** On a serial line: start, eight data bits, stop. */
const bitsPerByte = 10;
/** A TCP connection on which nothing comes may be half dead; a serial line cannot be. */
const restartAfterMs = 10_000;
/** A machine that trips by several rules at once sends one capture. */
const captureEveryMs = 5_000;

export class FramesSource implements Source {
  readonly urgent = undefined;
  readonly #options: SourceOptions;
  /** One sensor, one line; undefined where the configuration names none. */
  readonly #device: DeviceSettings | undefined;
  /** Tags of the machine, and which feature each one is. */
  readonly #tags: readonly { tag: number; feature: number; isEverySecond: boolean }[];
  readonly #pace: ReadingPace;
  readonly #channel: KeptChannel;
  readonly #decoder: FrameDecoder;
  readonly #feed: MachineFeed | undefined;
  #isStopped = false;
  #frames = 0;
  #bytes = 0;
  #isSilent = true;
  #heardIoMs = Number.NEGATIVE_INFINITY;
  #bytesIoMs = Number.NEGATIVE_INFINITY;
  #capturedMs = Number.NEGATIVE_INFINITY;
  #busy = { bytes: 0, sinceMs: 0 };
  #cancelWatch: Cancel = () => {};

  constructor(options: SourceOptions) {
    this.#options = options;
    const { configuration, connection, ioClock } = options;
    const device = configuration.devices.find((d) => d.connection === connection.index);
    this.#device = device;
    const tags = configuration.tags.filter((tag) => tag.device === device?.index);
    this.#tags = tags.map(({ index, periodMs, field = "" }) => ({
      tag: index,
      feature: featureNames.indexOf(field),
      // Seconds that come at once after a stall are all taken: a rule counts them.
      isEverySecond: periodMs <= secondMs,
    }));
    this.#pace = new ReadingPace(tags.map(({ periodMs }) => periodMs));
    this.#decoder = new FrameDecoder((frame) => this.#frame(frame));
    this.#channel = new KeptChannel({
      open: options.open,
      ioClock,
      onUp: () => {
        this.#bytesIoMs = ioClock.monotonicMs();
        options.onLink(true, "");
      },
      onDown: (text) => this.#lost(text),
      onBytes: (bytes) => {
        this.#bytes += bytes.length;
        this.#bytesIoMs = ioClock.monotonicMs();
        this.#decoder.push(bytes);
      },
    });
    if (!device?.machine) return;
    const { rpm, speedTag } = device.machine;
    this.#feed = new MachineFeed({
      model: device.machine,
      rpm: () => (speedTag === undefined ? rpm : options.goodValueOf(speedTag)),
      analysis: options.analysis,
      clock: options.clock,
      onFeatures: (values, slotMs) => this.#deliver(values, slotMs),
      onGap: (slotMs) => this.#missAll(reason.damaged, slotMs),
    });
  }

  start(): void {
    const { ioClock, connection } = this.#options;
    this.#busy.sinceMs = ioClock.monotonicMs();
    this.#channel.start();
    const watch = () => {
      this.#watch();
      this.#cancelWatch = ioClock.after(connection.timeoutMs, watch);
    };
    this.#cancelWatch = ioClock.after(connection.timeoutMs, watch);
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelWatch();
    this.#channel.stop();
    this.#feed?.close();
  }

  hasten(): number {
    return 1;
  }

  /** The machine's newest seconds, when `rule` is about it: for the one who wants to know why it tripped. */
  tripped(rule: number): void {
    const { configuration, clock, report } = this.#options;
    const { tag, id } = elementAt(configuration.rules, rule);
    const cause = elementAt(configuration.tags, tag);
    const device = this.#device;
    if (!device?.machine || !this.#feed || this.#isStopped) return;
    if (cause.device !== device.index && cause.stage !== device.stage) return;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#capturedMs < captureEveryMs) return;
    const capture = this.#feed.capture();
    if (!capture) return;
    this.#capturedMs = nowMs;
    report({
      atMs: clock.nowMs(),
      body: { case: "waveform", value: waveformOf(device, { rule: id, ...capture }) },
    });
  }

  status(): SourceStatus {
    const { port } = this.#options.connection;
    const baud = port.kind === "serial" ? port.baud : undefined;
    const sequence = this.#feed?.sequence;
    return {
      connected: this.#channel.isUp,
      requests: this.#frames,
      failures: this.#decoder.damagedFrames + (sequence?.lostFrames ?? 0),
      reconnects: Math.max(0, this.#channel.openCount - 1),
      utilisation: baud === undefined ? 0 : this.#lineShare(baud),
      budget: baud === undefined ? 0 : (bytesPerSecond * bitsPerByte) / baud,
      skippedPolls: 0,
      stalledPolls: 0,
      discardedBytes: this.#decoder.discardedBytes,
      roundTripMsP50: 0,
      roundTripMsP99: 0,
      deadDevices: this.#isSilent && this.#device ? [this.#device.index] : [],
    };
  }

  #lineShare(baud: number): number {
    const nowMs = this.#options.ioClock.monotonicMs();
    const { bytes, sinceMs } = this.#busy;
    this.#busy = { bytes: this.#bytes, sinceMs: nowMs };
    const seconds = (nowMs - sinceMs) / 1_000;
    return seconds <= 0 ? 0 : Math.min(1, ((this.#bytes - bytes) * bitsPerByte) / baud / seconds);
  }

  #frame(frame: DecodedFrame): void {
    this.#frames++;
    this.#heardIoMs = this.#options.ioClock.monotonicMs();
    if (this.#isSilent) this.#setSilent(false, "");
    this.#feed?.frame(frame);
  }

  #lost(text: string): void {
    this.#decoder.reset();
    this.#feed?.interrupt();
    this.#options.onLink(false, text);
    if (!this.#isSilent) this.#setSilent(true, text);
  }

  /** Nothing is asked of the sensor, so only time tells that it is gone. */
  #watch(): void {
    const { connection, ioClock } = this.#options;
    if (!this.#channel.isUp) return;
    const nowMs = ioClock.monotonicMs();
    const quietMs = nowMs - this.#bytesIoMs;
    if (!this.#isSilent && nowMs - this.#heardIoMs >= connection.timeoutMs) {
      const isQuiet = quietMs >= connection.timeoutMs;
      this.#setSilent(
        true,
        isQuiet
          ? `nothing came within ${connection.timeoutMs} ms`
          : "bytes come but no whole frame; check the speed of the line and its wiring",
      );
    }
    if (connection.port.kind === "tcp" && quietMs >= restartAfterMs) {
      this.#channel.restart(`nothing came within ${restartAfterMs} ms`);
    }
  }

  #setSilent(isSilent: boolean, text: string): void {
    this.#isSilent = isSilent;
    if (isSilent) this.#feed?.interrupt();
    if (this.#device) this.#options.onDevice(this.#device.index, !isSilent, text);
  }

  #deliver(values: Float64Array | undefined, slotMs: number): void {
    if (this.#isStopped) return;
    if (!values) {
      this.#missAll(reason.overloaded, slotMs);
      return;
    }
    const { sink, connection, clock } = this.#options;
    const nowMs = clock.monotonicMs();
    sink.begin(connection.index);
    for (let i = 0; i < this.#tags.length; i++) {
      const { tag, feature, isEverySecond } = elementAt(this.#tags, i);
      // Lines take some seconds after a start or a gap; what waits longer becomes stale by itself.
      if (Number.isNaN(f64(values, feature))) continue;
      if (!isEverySecond && !this.#pace.take(i, nowMs)) continue;
      sink.take(tag, f64(values, feature), slotMs);
    }
    sink.end();
  }

  #missAll(why: number, slotMs: number): void {
    const { sink, connection } = this.#options;
    sink.begin(connection.index);
    for (const { tag } of this.#tags) sink.miss(tag, why, slotMs);
    sink.end();
  }
}
