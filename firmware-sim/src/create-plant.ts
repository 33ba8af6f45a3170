/**
 * A simulated plant as one object without I/O: process, sensors, controllers, events. A run is a pure
 * function of plant, seed, scenario and of what is written to its outputs.
 */

import assert from "node:assert";
import { f64 } from "@weir/contracts/elements.ts";
import { seeded } from "@weir/runtime/random.ts";
import { Actuator } from "./actuators/actuator.ts";
import { type Answer, GatewayDevice, type Table } from "./devices/gateway-device.ts";
import { LineState } from "./devices/serial-failures.ts";
import type { Injection } from "./faults/injection.ts";
import { Injector } from "./faults/injector.ts";
import { iso, TruthLog, type TruthRecord } from "./faults/truth-log.ts";
import type {
  PlantDefinition,
  PlantProcess,
  Routine,
} from "./plant-definition/plant-definition.ts";
import type { SerialLineId } from "./plant-definition/serial-kit.ts";
import { dayMs } from "./process/calendar.ts";
import { SignalBoard } from "./process/signal-board.ts";
import type { OperationNote, Surroundings } from "./process/step.ts";
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

export interface PlantOptions<P extends PlantProcess = PlantProcess> {
  plant: PlantDefinition<P>;
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

export class Plant<P extends PlantProcess = PlantProcess> {
  readonly definition: PlantDefinition<P>;
  readonly seed: number;
  readonly profile: Profile;
  readonly scenario: Scenario;
  readonly startMs: number;
  readonly signals: SignalBoard;
  readonly bank: SensorBank;
  readonly process: P;
  readonly devices: ReadonlyMap<string, GatewayDevice>;
  readonly actuators: ReadonlyMap<string, Actuator>;
  /** What is wrong with each serial line; the lines themselves are served outside. */
  readonly serial: ReadonlyMap<SerialLineId, LineState>;
  readonly #truth: TruthLog;
  readonly #injector: Injector;
  readonly #routine: Routine | undefined;
  #timeline: { atMs: number; inject: Injection }[] = [];
  #nowMs: number;
  #stepCount = 0;

  constructor(options: PlantOptions<P>) {
    const { plant: definition, scenario } = options;
    this.definition = definition;
    this.seed = options.seed;
    this.scenario = scenario;
    this.profile = options.profile ?? "tidy";
    this.startMs = options.startMs ?? defaultStartMs;
    const historyMs = (options.historyDays ?? 0) * dayMs;
    // What began before the start must have had its time, also in a plant without a kept history.
    const beganMs = Math.max(0, ...scenario.before.map((entry) => -entry.offsetMs));
    const secondMs = 1000;
    const lifeMs = Math.max(historyMs, Math.ceil(beganMs / secondMs) * secondMs);
    this.#nowMs = this.startMs - lifeMs - warmUpMs;
    assert(this.#nowMs % 1000 === 0, "the plant starts on a whole second");
    this.signals = new SignalBoard(boardCapacity);
    this.#truth = new TruthLog(options.onTruth ?? (() => {}));
    this.actuators = this.#createActuators();
    const around = this.#surroundings();
    this.process = definition.createProcess({
      around,
      element: (id) => this.#element(id),
      realistic: this.profile === "realistic",
      rainUntilMs: this.#rainUntilMs(),
    });
    const { seed, profile, signals } = this;
    const { sensors, sensing } = definition;
    this.bank = new SensorBank({ sensors, sensing, signals, seed, profile });
    this.devices = this.#createDevices(options.watchdogMs ?? (() => this.#nowMs));
    this.serial = new Map(
      (definition.serial?.lines ?? []).map(({ id }) => [
        id,
        new LineState(id, seeded(seed, `serial/${id}`)),
      ]),
    );
    this.#injector = new Injector({
      definition,
      bank: this.bank,
      knobs: around.knobs,
      signals,
      actuators: this.actuators,
      devices: this.devices,
      serial: this.serial,
      process: this.process,
      truth: this.#truth,
    });
    if (profile === "realistic") {
      this.#routine = definition.createRoutine?.({ seed, sensors, nowMs: this.#nowMs });
    }
    this.#settle(scenario, historyMs);
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  get stepCount(): number {
    return this.#stepCount;
  }

  #createActuators(): Map<string, Actuator> {
    const specs = this.definition.actuators;
    const all = new Map(specs.map((spec) => [spec.id, new Actuator(spec)]));
    for (const { id, feeds = [] } of specs) {
      for (const load of feeds) {
        const fed = all.get(load);
        if (fed !== undefined) fed.supply = all.get(id);
      }
    }
    return all;
  }

  #createDevices(watchdogMs: () => number): Map<string, GatewayDevice> {
    const { bank, actuators } = this;
    const nowMs = () => this.#nowMs;
    return new Map(
      [...this.definition.registerMaps].map(([id, map]) => [
        id,
        new GatewayDevice({ map, bank, actuators, nowMs, watchdogMs }),
      ]),
    );
  }

  #element(id: string): Actuator {
    const found = this.actuators.get(id);
    assert(found !== undefined, `no actuator ${id}`);
    return found;
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
    this.process.step({ dtS, nowMs, calendar: this.definition.calendarAt(nowMs) });
    this.bank.step(nowMs, dtS);
  }

  read(gateway: string, table: Table, address: number, count: number): Answer {
    return (this.devices.get(gateway) as GatewayDevice).read(table, address, count);
  }

  write(
    gateway: string,
    table: "coil" | "holding",
    address: number,
    values: readonly number[],
  ): Answer {
    this.#injector.setNow(this.#nowMs);
    return (this.devices.get(gateway) as GatewayDevice).write(table, address, values);
  }

  /** Measured value of a sensor, by stage and tag. */
  measured(sensorId: string): number {
    const sensor = this.definition.sensorById(sensorId);
    assert(sensor !== undefined, `no sensor ${sensorId}`);
    return f64(this.bank.measured, sensor.index);
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
        const sensor = this.definition.sensorById(sensorId);
        assert(sensor !== undefined);
        const { index } = sensor;
        return () => (this.bank === undefined ? Number.NaN : f64(this.bank.measured, index));
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

  #rainUntilMs(): number {
    const { rain } = this.scenario;
    if (rain === "always") return Number.POSITIVE_INFINITY;
    return rain === "never" ? Number.NEGATIVE_INFINITY : this.startMs - 3 * dayMs;
  }
}

export const createPlant = <P extends PlantProcess>(options: PlantOptions<P>): Plant<P> =>
  new Plant(options);
