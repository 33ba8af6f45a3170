/**
 * An SDI-12 bus: each sensor measures in its period, one after the other; concurrent measurements leave the
 * bus to others while they last. A sensor that does not answer is asked rarely until it does.
 */
import { elementAt } from "@weir/contracts/elements.ts";
import { present } from "@weir/contracts/present.ts";
import type { Cancel } from "@weir/runtime/clock.ts";
import { reason } from "../../conditioning/quality.ts";
import type { DeviceSettings, TagSettings } from "../../configuration/configuration.ts";
import { BusStatistics } from "../bus-statistics.ts";
import { connectionLoad } from "../connection-load.ts";
import { KeptChannel } from "../kept-channel.ts";
import { type Polled, PollRates } from "../poll-rates.ts";
import { PollSchedule } from "../poll-schedule.ts";
import { ReadingPace } from "../reading-pace.ts";
import type { Source, SourceOptions, SourceStatus } from "../source.ts";
import { UnitHealth } from "../unit-health.ts";
import { type Measured, startMeasurement } from "./measurement.ts";
import { Sdi12Master } from "./sdi12-master.ts";

interface Sensor extends Polled {
  device: DeviceSettings;
  tags: readonly TagSettings[];
  pace: ReadingPace;
  /** A concurrent measurement is under way; `resume` when it can be fetched. */
  isMeasuring: boolean;
  resume: ((done: (measured: Measured) => void) => void) | undefined;
  slotMs: number;
  /** Bus time of the measurement so far. */
  spentMs: number;
  /** Monotonic plant time of its newest start: how long a measurement takes says nothing of its period. */
  startedMs: number;
}

export class Sdi12Source implements Source {
  readonly #options: SourceOptions;
  readonly #sensors: Sensor[];
  readonly #channel: KeptChannel;
  readonly #master: Sdi12Master;
  readonly #schedule: PollSchedule;
  readonly #health: UnitHealth;
  readonly #statistics: BusStatistics;
  readonly #budget: number;
  readonly #rates: PollRates<Sensor>;
  #cancelTimer: Cancel = () => {};
  /** Measurements of an earlier opening of the line settle into nothing. */
  #generation = 0;
  readonly #isAllowed = (index: number): boolean =>
    this.#health.mayAsk(index) && !elementAt(this.#sensors, index).isMeasuring;
  readonly urgent = undefined;

  constructor(options: SourceOptions) {
    this.#options = options;
    const { configuration, connection, clock, ioClock } = options;
    this.#sensors = configuration.devices
      .filter((device) => device.connection === connection.index)
      .map((device) => ({
        device,
        tags: configuration.tags.filter((t) => t.device === device.index),
      }))
      .filter(({ tags }) => tags.length > 0)
      .map(({ device, tags }) => ({
        device,
        tags,
        pace: new ReadingPace(tags.map((tag) => tag.periodMs)),
        periodMs: Math.min(...tags.map((tag) => tag.periodMs)),
        points: tags.map(({ index }) => ({ kind: "tag" as const, index })),
        isMeasuring: false,
        resume: undefined,
        slotMs: 0,
        spentMs: 0,
        startedMs: 0,
      }));
    const { utilisation, requestMs } = connectionLoad(configuration, connection);
    this.#budget = utilisation;
    this.#rates = new PollRates(() => requestMs);
    this.#statistics = new BusStatistics(ioClock.monotonicMs());
    this.#schedule = new PollSchedule(clock, this.#sensors, options.stalledMs);
    this.#health = new UnitHealth({
      units: this.#sensors.map((_, index) => index),
      ioClock,
      onChange: (index, isUp, text) =>
        options.onDevice(elementAt(this.#sensors, index).device.index, isUp, text),
      onProbeDue: () => this.#pump(),
    });
    this.#channel = new KeptChannel({
      open: options.open,
      ioClock,
      onUp: () => this.#up(),
      onDown: (text) => this.#down(text),
      onBytes: (bytes) => this.#master.receive(bytes),
    });
    this.#master = new Sdi12Master(this.#channel, ioClock, { firstByteMs: connection.timeoutMs });
  }

  start(): void {
    this.#channel.start();
  }

  stop(): void {
    this.#reset("stopped");
    this.#health.stop();
    this.#channel.stop();
  }

  hasten(tags: readonly number[], factor: number): number {
    const granted = this.#rates.hasten(tags, factor, this.#sensors);
    for (const [i, sensor] of this.#sensors.entries()) {
      this.#schedule.hasten(i, this.#rates.factorOf(sensor));
      sensor.points.forEach(({ index }, at) => {
        if (tags.includes(index)) sensor.pace.hasten(at, granted);
      });
    }
    // Not within this call: it may come from the very measurement that is being delivered.
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.after(0, () => this.#pump());
    return granted;
  }

  status(): SourceStatus {
    return {
      ...this.#statistics.take(this.#options.ioClock.monotonicMs()),
      connected: this.#channel.isUp,
      reconnects: Math.max(0, this.#channel.openCount - 1),
      budget: this.#budget,
      skippedPolls: this.#schedule.skippedCount,
      stalledPolls: this.#schedule.stalledCount,
      discardedBytes: this.#master.discardedBytes,
      deadDevices: this.#health.dead().map((index) => elementAt(this.#sensors, index).device.index),
    };
  }

  #up(): void {
    this.#options.onLink(true, "opened");
    this.#schedule.align();
    this.#pump();
  }

  #down(text: string): void {
    this.#reset(text);
    this.#options.onLink(false, text);
  }

  #reset(text: string): void {
    this.#generation++;
    this.#cancelTimer();
    this.#master.abort(text);
    for (const sensor of this.#sensors) {
      sensor.isMeasuring = false;
      sensor.resume = undefined;
    }
  }

  #pump(): void {
    if (!this.#channel.isUp || this.#master.isBusy) return;
    this.#cancelTimer();
    const ready = this.#sensors.findIndex(({ resume }) => resume !== undefined);
    if (ready >= 0) {
      this.#fetch(ready);
      return;
    }
    const index = this.#schedule.next(this.#isAllowed);
    if (index >= 0) {
      this.#start(index);
      return;
    }
    const waitMs = this.#schedule.untilNextMs(this.#isAllowed);
    if (waitMs !== undefined) {
      this.#cancelTimer = this.#options.clock.after(waitMs, () => this.#pump());
    }
  }

  #start(index: number): void {
    const { ioClock } = this.#options;
    const sensor = elementAt(this.#sensors, index);
    const generation = this.#generation;
    const startedMs = ioClock.monotonicMs();
    sensor.slotMs = this.#schedule.take(index);
    sensor.startedMs = this.#options.clock.monotonicMs();
    sensor.isMeasuring = true;
    this.#statistics.requests++;
    startMeasurement(this.#master, present(sensor.device.sdi12), (started) => {
      if (generation !== this.#generation) return;
      const tookMs = ioClock.monotonicMs() - startedMs;
      this.#statistics.busy(tookMs);
      sensor.spentMs = tookMs;
      if (started.is === "done") return this.#finish(index, started.measured, tookMs);
      ioClock.after(started.waitMs, () => {
        if (generation !== this.#generation) return;
        sensor.resume = started.resume;
        this.#pump();
      });
      this.#pump();
    });
  }

  #fetch(index: number): void {
    const { ioClock } = this.#options;
    const sensor = elementAt(this.#sensors, index);
    const generation = this.#generation;
    const startedMs = ioClock.monotonicMs();
    const resume = present(sensor.resume);
    sensor.resume = undefined;
    resume((measured) => {
      if (generation !== this.#generation) return;
      const tookMs = ioClock.monotonicMs() - startedMs;
      this.#statistics.busy(tookMs);
      sensor.spentMs += tookMs;
      this.#finish(index, measured, tookMs);
    });
  }

  #finish(index: number, measured: Measured, tookMs: number): void {
    const sensor = elementAt(this.#sensors, index);
    sensor.isMeasuring = false;
    if (measured.ok) {
      this.#statistics.answered(tookMs);
      this.#rates.measured(sensor, sensor.spentMs);
      this.#health.answered(index);
      this.#deliver(sensor, measured.values);
    } else {
      this.#statistics.failures++;
      this.#health.failed(index, tookMs, measured.text);
    }
    this.#pump();
  }

  #deliver({ tags, pace, slotMs, startedMs }: Sensor, values: readonly number[]): void {
    const { sink, connection } = this.#options;
    sink.begin(connection.index);
    tags.forEach(({ index, field }, i) => {
      if (!pace.take(i, startedMs)) return;
      const value = values[Number(field) - 1];
      if (value === undefined) sink.miss(index, reason.none, slotMs);
      else sink.take(index, value, slotMs);
    });
    sink.end();
  }
}
