/**
 * The simulated works as one object without I/O: process, sensors, controllers, events. A run is a pure
 * function of seed, scenario and of what is written to its outputs.
 */
import assert from "node:assert";
import { seeded } from "@weir/runtime/random.ts";
import { Actuator } from "./actuators/actuator.ts";
import { actuatorSpecs } from "./actuators/actuator-specs.ts";
import { type Answer, GatewayDevice, type Table } from "./devices/gateway-device.ts";
import { registerMaps } from "./devices/register-map.ts";
import { LineState } from "./devices/serial-failures.ts";
import type { Injection } from "./faults/injection.ts";
import { Injector } from "./faults/injector.ts";
import { iso, TruthLog, type TruthRecord } from "./faults/truth-log.ts";
import type { GatewayId } from "./plant/gateways.ts";
import { sensorById, sensors } from "./plant/sensors.ts";
import { type SerialLineId, serialLines } from "./plant/serial-lines.ts";
import { calendarAt, dayMs } from "./process/calendar.ts";
import { Rain } from "./process/rain.ts";
import { RoutineWork } from "./process/routine-work.ts";
import { SignalBoard } from "./process/signal-board.ts";
import type { OperationNote, Surroundings } from "./process/step.ts";
import { Works } from "./process/works.ts";
import type { Scenario, TimelineEntry } from "./scenarios/scenario.ts";
import { type SampleSink, SensorBank } from "./sensors/sensor-bank.ts";

export type Profile = "tidy" | "realistic";

/** Tuesday morning of the demo. */
export const defaultStartMs = Date.UTC(2026, 5, 2, 5);
const boardCapacity = 512;
/** A plant that has no history settles for this long before its start. */
const warmUpMs = 12 * 3_600_000;
const coarseStepS = 30;
/** … and the end of that second by second, so that sensors and loops are at home in live steps. */
const settleMs = 600_000;

export interface PlantOptions {
  seed: number;
  scenario: Scenario;
  profile?: Profile;
  /** Instant at which the live run begins; entries of the scenario count from here. */
  startMs?: number;
  /** Days lived before the start, at coarse and fine steps (see `advanceTo`). */
  historyDays?: number;
  /** Real milliseconds for the controllers' watchdogs; plant time when left out. */
  watchdogMs?: () => number;
  /** Gets each line of ground truth as it is written. */
  onTruth?: (line: string) => void;
}

export class Plant {
  readonly seed: number;
  readonly profile: Profile;
  readonly scenario: Scenario;
  readonly startMs: number;
  readonly signals: SignalBoard;
  readonly bank: SensorBank;
  readonly works: Works;
  readonly devices: ReadonlyMap<GatewayId, GatewayDevice>;
  readonly actuators: ReadonlyMap<string, Actuator>;
  /** What is wrong with each serial line; the lines themselves are served outside. */
  readonly serial: ReadonlyMap<SerialLineId, LineState>;
  readonly #truth: TruthLog;
  readonly #injector: Injector;
  readonly #routine: RoutineWork | undefined;
  #timeline: { atMs: number; inject: Injection }[] = [];
  #nowMs: number;
  #stepCount = 0;

  constructor(options: PlantOptions) {
    this.seed = options.seed;
    this.scenario = options.scenario;
    this.profile = options.profile ?? "tidy";
    this.startMs = options.startMs ?? defaultStartMs;
    const historyMs = (options.historyDays ?? 0) * dayMs;
    // What began before the start must have had its time, also in a plant without a kept history.
    const beganMs = Math.max(0, ...options.scenario.before.map((entry) => -entry.offsetMs));
    const secondMs = 1000;
    const lifeMs = Math.max(historyMs, Math.ceil(beganMs / secondMs) * secondMs);
    this.#nowMs = this.startMs - lifeMs - warmUpMs;
    assert(this.#nowMs % 1000 === 0, "the plant starts on a whole second");
    this.signals = new SignalBoard(boardCapacity);
    this.#truth = new TruthLog(options.onTruth ?? (() => {}));
    this.actuators = new Map(actuatorSpecs.map((spec) => [spec.id, new Actuator(spec)]));
    for (const { id, feeds } of actuatorSpecs) {
      const load = this.actuators.get(feeds ?? "");
      if (load !== undefined) load.supply = this.actuators.get(id);
    }
    const around = this.#surroundings();
    const rain = this.#rain();
    this.works = new Works(around, this.#finalElements(), {
      rain,
      realistic: this.profile === "realistic",
    });
    this.bank = new SensorBank({
      sensors,
      signals: this.signals,
      seed: this.seed,
      profile: this.profile,
    });
    const watchdogMs = options.watchdogMs ?? (() => this.#nowMs);
    this.devices = new Map(
      [...registerMaps].map(([id, map]) => [
        id,
        new GatewayDevice({
          map,
          bank: this.bank,
          actuators: this.actuators,
          nowMs: () => this.#nowMs,
          watchdogMs,
        }),
      ]),
    );
    this.serial = new Map(
      serialLines.map(({ id }) => [id, new LineState(id, seeded(this.seed, `serial/${id}`))]),
    );
    this.#injector = new Injector({
      bank: this.bank,
      knobs: around.knobs,
      signals: this.signals,
      actuators: this.actuators,
      devices: this.devices,
      serial: this.serial,
      rain,
      truth: this.#truth,
    });
    if (this.profile === "realistic") {
      this.#routine = new RoutineWork(this.seed, sensors, this.#nowMs);
    }
    this.#settle(options.scenario, historyMs);
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  get stepCount(): number {
    return this.#stepCount;
  }

  #settle(scenario: Scenario, historyMs: number): void {
    this.#oneStep(1);
    this.bank.settle(this.#nowMs);
    this.load(scenario.before, this.startMs);
    const firstMs = this.startMs - historyMs;
    this.advanceTo(firstMs - settleMs, { stepS: coarseStepS });
    this.advanceTo(firstMs);
  }

  /** Puts the scenario's entries on the timeline, counted from `originMs`. */
  load(entries: readonly TimelineEntry[], originMs: number): void {
    for (const { offsetMs, inject } of entries) {
      this.#timeline.push({ atMs: originMs + offsetMs, inject });
    }
    this.#timeline.sort((a, b) => a.atMs - b.atMs);
  }

  /** Forgets what has not happened yet. */
  clearTimeline(): void {
    this.#timeline = [];
  }

  /** Entries still to come. */
  pending(): readonly { atMs: number; inject: Injection }[] {
    return this.#timeline;
  }

  inject(injection: Injection): TruthRecord | undefined {
    return this.#injector.inject(injection, this.#nowMs);
  }

  /** Every sample taken from now on. */
  onSample(sink: SampleSink | undefined): void {
    this.bank.sink = sink;
  }

  /** Lives until `toMs` in whole steps of `stepS` (1 s; 10 s for long histories). Never goes back. */
  advanceTo(toMs: number, options: { stepS?: number; stepCountMax?: number } = {}): void {
    const stepS = options.stepS ?? 1;
    let left = options.stepCountMax ?? Number.POSITIVE_INFINITY;
    while (this.#nowMs + stepS * 1000 <= toMs && left-- > 0) this.#oneStep(stepS);
  }

  #oneStep(dtS: number): void {
    const nowMs = this.#nowMs + dtS * 1000;
    this.#nowMs = nowMs;
    this.#stepCount++;
    this.#injector.setNow(nowMs);
    while (this.#timeline.length > 0 && (this.#timeline[0]?.atMs as number) <= nowMs) {
      const entry = this.#timeline.shift();
      if (entry) this.#injector.inject(entry.inject, nowMs);
    }
    if (this.#routine !== undefined) {
      for (const work of this.#routine.due(nowMs)) this.#injector.inject(work, nowMs);
    }
    this.#injector.step(nowMs);
    for (const device of this.devices.values()) device.watch();
    for (const actuator of this.actuators.values()) actuator.step(dtS, nowMs);
    this.works.step({ dtS, nowMs, calendar: calendarAt(nowMs) });
    this.bank.step(nowMs, dtS);
  }

  read(gateway: GatewayId, table: Table, address: number, count: number): Answer {
    return (this.devices.get(gateway) as GatewayDevice).read(table, address, count);
  }

  write(
    gateway: GatewayId,
    table: "coil" | "holding",
    address: number,
    values: readonly number[],
  ): Answer {
    this.#injector.setNow(this.#nowMs);
    return (this.devices.get(gateway) as GatewayDevice).write(table, address, values);
  }

  /** Measured value of "D11/CL01". */
  measured(sensorId: string): number {
    const sensor = sensorById(sensorId);
    assert(sensor !== undefined, `no sensor ${sensorId}`);
    return this.bank.measured[sensor.index];
  }

  truth(): TruthRecord[] {
    return this.#truth.records();
  }

  #surroundings(): Surroundings {
    return {
      seed: this.seed,
      signals: this.signals,
      knobs: new SignalBoard(boardCapacity),
      measured: (sensorId) => {
        const sensor = sensorById(sensorId);
        assert(sensor !== undefined);
        const { index } = sensor;
        return () => (this.bank === undefined ? Number.NaN : this.bank.measured[index]);
      },
      operation: (note) => this.#note(note),
      startMs: this.#nowMs,
    };
  }

  #note(note: OperationNote): void {
    if (note.onsetMs < this.startMs - 28 * dayMs) return;
    this.#truth.open({
      kind: "operations",
      type: note.type,
      stage: note.stage,
      sensors: note.sensors,
      t_onset: iso(note.onsetMs),
      t_detectable: iso(note.onsetMs),
      t_functional_failure: null,
      t_end: iso(note.endMs),
      severity: 0,
      params: note.params ?? {},
    });
  }

  #rain(): Rain {
    const { rain } = this.scenario;
    const realistic = this.profile === "realistic";
    return new Rain({
      seed: this.seed,
      fromMs: this.#nowMs,
      untilMs:
        rain === "always"
          ? Number.POSITIVE_INFINITY
          : rain === "never"
            ? Number.NEGATIVE_INFINITY
            : this.startMs - 3 * dayMs,
      amplitudeMin: realistic ? 0.5 : 0.3,
      amplitudeMax: realistic ? 2.5 : 1.2,
    });
  }

  #finalElements() {
    const actuator = (id: string) => {
      const found = this.actuators.get(id);
      assert(found !== undefined, `no actuator ${id}`);
      return found;
    };
    const pump = (id: string) => {
      const element = actuator(id);
      return {
        delivers: (share: number, perDose: number) => element.delivers(share, perDose),
        commanded: () => element.isCommanded,
      };
    };
    const blower = (id: string) => {
      const element = actuator(id);
      return { running: () => (element.isCommanded ? 1 : 0) };
    };
    const position = (id: string) => {
      const element = actuator(id);
      return () => element.position;
    };
    return {
      divert: { position: position("W04.divert") },
      effluentDosing: pump("W22.dosing"),
      supplyDosing: pump("D11.dosing"),
      blowers: [blower("W12.blower"), blower("W13.blower"), blower("W14.blower")] as const,
      motors: {
        inlet: position("W01.motor"),
        sludge: position("W20.motor"),
        supply: position("D14.motor"),
      },
    };
  }
}

export const createPlant = (options: PlantOptions): Plant => new Plant(options);
