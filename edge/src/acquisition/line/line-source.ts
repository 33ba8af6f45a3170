/**
 * A connection whose devices print text, by themselves or when polled. What cannot be believed is counted
 * and told; it never becomes a value.
 */

import { strict as assert } from "node:assert";
import { Buffer } from "node:buffer";
import { present } from "@weir/contracts/present.ts";
import { type Cancel, every } from "@weir/runtime/clock.ts";
import type { LineSettings } from "../../configuration/line-settings.ts";
import { BusStatistics } from "../bus-statistics.ts";
import { connectionLoad } from "../connection-load.ts";
import { KeptChannel } from "../kept-channel.ts";
import { type Polled, PollRates } from "../poll-rates.ts";
import { PollSchedule } from "../poll-schedule.ts";
import type { Source, SourceOptions, SourceStatus } from "../source.ts";
import { type Checked, checkLine } from "./checksum.ts";
import { DeviceLines } from "./device-lines.ts";
import { LineSplitter } from "./line-splitter.ts";

const watchEveryMs = 1_000;
/** A connection that brings nothing at all for so long is opened anew: the far end may be gone unnoticed. */
const reopenAfterMsMin = 30_000;
const reopenAfterPeriods = 5;

/** Drivers put a zero in the place of a character whose parity or stop bit was wrong. */
const damagedCharacter: Checked = { ok: false, text: "a character was damaged" };

export class LineSource implements Source {
  readonly #options: SourceOptions;
  readonly #settings: LineSettings;
  readonly #devices: DeviceLines[];
  readonly #splitter: LineSplitter;
  readonly #channel: KeptChannel;
  readonly #schedule: PollSchedule | undefined;
  readonly #pollBytes: Uint8Array;
  readonly #statistics: BusStatistics;
  readonly #reopenAfterMs: number;
  readonly #budget: number;
  /** All tags: one poll asks for them. */
  readonly #polled: Polled;
  readonly #rates: PollRates<Polled>;
  readonly #cancels: Cancel[] = [];
  #cancelPoll: Cancel = () => {};
  #cancelTimeout: Cancel = () => {};
  /** UTC of the poll whose answer is awaited. */
  #pollSlotMs: number | undefined;
  #pollSentMs = 0;
  /** I/O clock when bytes came last. */
  #heardMs = 0;
  #unusedBytes = 0;
  readonly urgent = undefined;

  constructor(options: SourceOptions) {
    this.#options = options;
    const { configuration, connection, clock, ioClock, sink } = options;
    const settings = connection.line;
    assert(settings, "a line connection without its settings");
    this.#settings = settings;
    const own = configuration.devices.filter(
      (device) =>
        device.connection === connection.index &&
        configuration.tags.some((tag) => tag.device === device.index),
    );
    this.#devices = own.map(
      (device) =>
        new DeviceLines({
          configuration,
          device,
          sink,
          onDevice: (isUp, text) => options.onDevice(device.index, isUp, text),
          nowMs: clock.monotonicMs(),
        }),
    );
    this.#splitter = new LineSplitter(settings.delimiter, settings.lengthMax, {
      onLine: (line) => this.#receive(line),
    });
    const { utilisation, requestMs } = connectionLoad(configuration, connection);
    this.#budget = utilisation;
    this.#rates = new PollRates(() => requestMs);
    this.#statistics = new BusStatistics(ioClock.monotonicMs());
    this.#schedule =
      settings.poll &&
      new PollSchedule(clock, [{ periodMs: settings.poll.everyMs }], options.stalledMs);
    this.#pollBytes = Buffer.from(settings.poll?.text ?? "", "latin1");
    const tags = configuration.tags.filter((tag) => own.some(({ index }) => index === tag.device));
    const periodsMs = tags.map((tag) => tag.periodMs);
    this.#polled = {
      periodMs: settings.poll?.everyMs ?? 0,
      points: tags.map(({ index }) => ({ kind: "tag", index })),
    };
    this.#reopenAfterMs = Math.max(
      reopenAfterMsMin,
      reopenAfterPeriods * Math.max(0, ...periodsMs),
    );
    this.#channel = new KeptChannel({
      open: options.open,
      ioClock,
      onUp: () => this.#up(),
      onDown: (reason) => this.#down(reason),
      onBytes: (bytes) => {
        this.#heardMs = ioClock.monotonicMs();
        this.#splitter.push(bytes);
      },
    });
  }

  start(): void {
    const { clock, ioClock } = this.#options;
    this.#cancels.push(
      every(clock, watchEveryMs, () => {
        for (const device of this.#devices) device.watch(clock.monotonicMs());
      }),
      every(ioClock, watchEveryMs, () => {
        if (!this.#channel.isUp || ioClock.monotonicMs() - this.#heardMs < this.#reopenAfterMs)
          return;
        this.#channel.restart(`nothing came for ${this.#reopenAfterMs / 1_000} s`);
      }),
    );
    this.#channel.start();
  }

  stop(): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancelPoll();
    this.#cancelTimeout();
    this.#channel.stop();
  }

  /** A device that prints by itself has a rate of its own. */
  hasten(tags: readonly number[], factor: number): number {
    const schedule = this.#schedule;
    if (!schedule) return 1;
    const granted = this.#rates.hasten(tags, factor, [this.#polled]);
    schedule.hasten(0, this.#rates.factorOf(this.#polled));
    if (this.#channel.isUp) this.#waitForPoll();
    return granted;
  }

  status(): SourceStatus {
    return {
      ...this.#statistics.take(this.#options.ioClock.monotonicMs()),
      connected: this.#channel.isUp,
      reconnects: Math.max(0, this.#channel.openCount - 1),
      budget: this.#budget,
      skippedPolls: this.#schedule?.skippedCount ?? 0,
      stalledPolls: this.#schedule?.stalledCount ?? 0,
      discardedBytes: this.#splitter.discardedBytes + this.#unusedBytes,
      deadDevices: this.#devices.filter(({ isDown }) => isDown).map(({ index }) => index),
    };
  }

  #up(): void {
    this.#heardMs = this.#options.ioClock.monotonicMs();
    this.#options.onLink(true, "opened");
    if (this.#schedule) {
      this.#splitter.reset();
      this.#schedule.align();
      this.#waitForPoll();
    } else {
      this.#splitter.joinLate();
    }
  }

  #down(reason: string): void {
    this.#cancelPoll();
    this.#cancelTimeout();
    this.#pollSlotMs = undefined;
    this.#splitter.reset();
    this.#options.onLink(false, reason);
  }

  #waitForPoll(): void {
    const waitMs = present(this.#schedule).untilNextMs(() => true) ?? 0;
    this.#cancelPoll();
    this.#cancelPoll = this.#options.clock.after(waitMs, () => this.#poll());
  }

  #poll(): void {
    const { ioClock, connection } = this.#options;
    const schedule = present(this.#schedule);
    if (schedule.next(() => true) < 0) {
      this.#waitForPoll();
      return;
    }
    const slotMs = schedule.take(0);
    if (this.#pollSlotMs !== undefined) this.#unanswered();
    // What came before this question does not answer it.
    this.#splitter.reset();
    this.#pollSlotMs = slotMs;
    this.#pollSentMs = ioClock.monotonicMs();
    this.#statistics.requests++;
    this.#channel.write(this.#pollBytes);
    this.#cancelTimeout();
    this.#cancelTimeout = ioClock.after(connection.timeoutMs, () => this.#unanswered());
    this.#waitForPoll();
  }

  #unanswered(): void {
    if (this.#pollSlotMs === undefined) return;
    this.#pollSlotMs = undefined;
    this.#cancelTimeout();
    this.#statistics.failures++;
    this.#statistics.busy(this.#options.ioClock.monotonicMs() - this.#pollSentMs);
  }

  #receive(line: string): void {
    const { clock, connection, sink } = this.#options;
    const { poll, checksum } = this.#settings;
    // Lines that nobody asked for come too late, or from a device that is set otherwise.
    const isAwaited = poll === undefined || this.#pollSlotMs !== undefined;
    if (!isAwaited || line === poll?.text.trim()) {
      this.#unusedBytes += line.length;
      return;
    }
    const at = {
      nowMs: clock.monotonicMs(),
      slotMs: this.#pollSlotMs ?? Math.round(clock.nowMs()),
      isAsked: poll !== undefined,
    };
    sink.begin(connection.index);
    const checked = line.includes("\0") ? damagedCharacter : checkLine(checksum, line);
    const outcome = checked.ok ? this.#distribute(checked.payload, at) : "damaged";
    if (!checked.ok) for (const device of this.#devices) device.damaged(checked.text, at);
    sink.end();
    if (outcome === "taken") this.#answered();
    else this.#unusedBytes += line.length;
    if (outcome === "damaged" && poll === undefined) this.#statistics.failures++;
  }

  /** A line belongs to the first device that knows it. */
  #distribute(
    payload: string,
    at: { nowMs: number; slotMs: number; isAsked: boolean },
  ): "taken" | "damaged" | "other" {
    for (const device of this.#devices) {
      const outcome = device.take(payload, at);
      if (outcome !== "other") return outcome;
    }
    return "other";
  }

  #answered(): void {
    if (!this.#schedule) {
      this.#statistics.requests++;
      return;
    }
    // Several devices may answer one poll: the first answer is the round trip.
    const roundTripMs = this.#options.ioClock.monotonicMs() - this.#pollSentMs;
    this.#statistics.answered(roundTripMs);
    this.#rates.measured(this.#polled, roundTripMs);
    this.#statistics.busy(roundTripMs);
    this.#cancelTimeout();
    this.#cancelTimeout = this.#options.ioClock.after(this.#options.connection.timeoutMs, () => {
      this.#pollSlotMs = undefined;
    });
  }
}
