/** Keeps what has been injected: starts it, turns the knobs while it lasts, ends it, tells the truth. */
import { strict as assert } from "node:assert";
import { f64 } from "@weir/contracts/elements.ts";
import type { Actuator } from "../actuators/actuator.ts";
import type { GatewayDevice } from "../devices/gateway-device.ts";
import type { LineState } from "../devices/serial-failures.ts";
import {
  type PlantDefinition,
  type PlantProcess,
  sensorNamed,
} from "../plant-definition/plant-definition.ts";
import type { Sensor } from "../plant-definition/sensor.ts";
import type { SignalBoard } from "../process/signal-board.ts";
import type { SensorBank } from "../sensors/sensor-bank.ts";
import { detectableAfterMs, type SensorFault } from "../sensors/sensor-fault.ts";
import type { EventType } from "./event-type.ts";
import type { Injection } from "./injection.ts";
import { iso, type TruthKind, type TruthLog, type TruthRecord } from "./truth-log.ts";

export interface InjectorTargets {
  definition: PlantDefinition;
  bank: SensorBank;
  knobs: SignalBoard;
  signals: SignalBoard;
  actuators: ReadonlyMap<string, Actuator>;
  devices: ReadonlyMap<string, GatewayDevice>;
  serial: ReadonlyMap<string, LineState>;
  process: PlantProcess;
  truth: TruthLog;
}

interface Active {
  record: TruthRecord;
  onsetMs: number;
  endMs: number;
  rampMs: number;
  knobs: readonly { index: number; how: EventType["knobs"][number]["how"]; amount: number }[];
  watch: { signal: number; sigma: number; failAbove: number; failBelow: number } | undefined;
  atOnset: number;
  stop: () => void;
}

export class Injector {
  readonly #to: InjectorTargets;
  readonly #rest: Float64Array;
  #active: Active[] = [];
  #now = 0;

  constructor(targets: InjectorTargets) {
    this.#to = targets;
    this.#rest = Float64Array.from(targets.knobs.values);
  }

  /** Begins `injection` at `nowMs`; `onsetMs` may lie in the past for what had begun before. */
  inject(injection: Injection, nowMs: number): TruthRecord | undefined {
    switch (injection.what) {
      case "fault":
        return this.#sensorFault(injection, nowMs);
      case "probe-fouling":
        return this.#probeFouling(injection, nowMs);
      case "event":
        return this.#event(injection, nowMs);
      case "actuator":
        return this.#actuatorFailure(injection, nowMs);
      case "gateway":
        return this.#gateway(injection, nowMs);
      case "serial":
        return this.#serial(injection, nowMs);
      case "power-dip":
        return this.#powerDip(injection.forMs, nowMs);
      case "calibration":
        return this.#calibration(injection, nowMs);
      case "cleaning":
        return this.#cleaning(injection, nowMs);
      case "storm":
        return this.#storm(injection.amplitude, nowMs);
      case "clear":
        for (const active of this.#active) {
          if (active.record.id === injection.id) active.endMs = nowMs;
        }
        return undefined;
    }
  }

  /** To be called before each step of the process. */
  step(nowMs: number): void {
    if (this.#active.length === 0) return;
    const ended = this.#active.filter((active) => nowMs >= active.endMs);
    for (const active of ended) {
      active.stop();
      this.#to.truth.change(active.record, { t_end: iso(active.endMs) });
    }
    const { values } = this.#to.knobs;
    for (const active of this.#active) {
      for (const { index } of active.knobs) values[index] = f64(this.#rest, index);
    }
    if (ended.length > 0) this.#active = this.#active.filter((active) => nowMs < active.endMs);
    for (const active of this.#active) {
      const share = shareOf(active, nowMs);
      const days = (nowMs - active.onsetMs) / 86_400_000;
      for (const { index, how, amount } of active.knobs) {
        const old = f64(values, index);
        if (how === "add") values[index] = old + amount * share;
        else if (how === "scale") values[index] = old * (1 + (amount - 1) * share);
        else if (how === "set") values[index] = amount;
        else values[index] = old + amount * days;
      }
      this.#watch(active, nowMs);
    }
  }

  #watch(active: Active, nowMs: number): void {
    const { watch, record } = active;
    if (watch === undefined) return;
    const x = f64(this.#to.signals.values, watch.signal);
    if (record.t_detectable === null && Math.abs(x - active.atOnset) > 3 * watch.sigma) {
      this.#to.truth.change(record, { t_detectable: iso(nowMs) });
    }
    if (record.t_functional_failure === null && (x > watch.failAbove || x < watch.failBelow)) {
      this.#to.truth.change(record, { t_functional_failure: iso(nowMs) });
    }
  }

  #open(
    nowMs: number,
    fields: {
      kind: TruthKind;
      type: string;
      stage: string;
      sensors: readonly string[];
      params: Record<string, number | string>;
      forMs: number;
      detectableMs?: number;
      stop?: () => void;
    },
  ): Active {
    const record = this.#to.truth.open({
      kind: fields.kind,
      type: fields.type,
      stage: fields.stage,
      sensors: fields.sensors,
      t_onset: iso(nowMs),
      t_detectable: fields.detectableMs === undefined ? null : iso(fields.detectableMs),
      t_functional_failure: null,
      t_end: null,
      severity: fields.kind === "operations" ? 0 : 1,
      params: fields.params,
    });
    const active: Active = {
      record,
      onsetMs: nowMs,
      endMs: nowMs + fields.forMs,
      rampMs: 0,
      knobs: [],
      watch: undefined,
      atOnset: 0,
      stop: fields.stop ?? (() => {}),
    };
    this.#active.push(active);
    return active;
  }

  #storm(amplitude: number, nowMs: number): TruthRecord | undefined {
    const { storm } = this.#to.definition;
    if (storm === undefined) return undefined;
    this.#to.process.storm?.(nowMs, amplitude);
    const fields = { kind: "operations", type: "storm", params: { amplitude } } as const;
    return this.#open(nowMs, { ...storm, ...fields }).record;
  }

  #sensorNamed(id: string): Sensor {
    return sensorNamed(this.#to.definition, id);
  }

  #sensorFault(injection: Injection & { what: "fault" }, nowMs: number): TruthRecord {
    const sensor = this.#sensorNamed(injection.sensor);
    const fault: SensorFault = {
      kind: injection.fault,
      value: injection.value,
      onsetMs: nowMs,
      rampMs: injection.rampMs,
      endMs: nowMs + injection.forMs,
    };
    this.#to.bank.addFault(sensor.index, fault);
    const detectableMs =
      nowMs +
      detectableAfterMs(fault, 3 * Math.max(sensor.instrument.noise, sensor.instrument.resolution));
    return this.#open(nowMs, {
      kind: "malfunction",
      type: injection.fault,
      stage: sensor.stage,
      sensors: [sensor.id],
      params: { value: injection.value, rampMs: injection.rampMs },
      forMs: injection.forMs,
      detectableMs,
      stop: () => this.#to.bank.removeFault(sensor.index, fault),
    }).record;
  }

  #probeFouling(injection: Injection & { what: "probe-fouling" }, nowMs: number): TruthRecord {
    const sensor = this.#sensorNamed(injection.sensor);
    const base = { onsetMs: nowMs, rampMs: injection.rampMs, endMs: nowMs + injection.forMs };
    const bias: SensorFault = { ...base, kind: "bias", value: injection.bias };
    const slow: SensorFault = { ...base, kind: "slow", value: injection.slow };
    this.#to.bank.addFault(sensor.index, bias);
    this.#to.bank.addFault(sensor.index, slow);
    const detectableMs = nowMs + detectableAfterMs(bias, 3 * sensor.instrument.noise);
    return this.#open(nowMs, {
      kind: "degradation",
      type: "probe-fouling",
      stage: sensor.stage,
      sensors: [sensor.id, ...this.#to.definition.revealing(sensor)],
      params: { bias: injection.bias, slow: injection.slow, rampMs: injection.rampMs },
      forMs: injection.forMs,
      detectableMs,
      stop: () => {
        this.#to.bank.removeFault(sensor.index, bias);
        this.#to.bank.removeFault(sensor.index, slow);
      },
    }).record;
  }

  #event(injection: Injection & { what: "event" }, nowMs: number): TruthRecord {
    const type = this.#to.definition.events[injection.event];
    assert(type, `no event ${injection.event}`);
    const { stage, params } = injection;
    const here = (text: string) => text.replace("{stage}", stage);
    const active = this.#open(nowMs, {
      kind: type.kind,
      type: injection.event,
      stage,
      sensors: type.sensors.map(here),
      params,
      forMs: injection.forMs,
    });
    active.rampMs = type.rampMs;
    const knobs = type.knobs.map((change) => ({
      index: this.#to.knobs.indexOf(here(change.knob)) as number,
      how: change.how,
      amount:
        (typeof change.amount === "number"
          ? change.amount
          : (params[change.amount] ?? Number.NaN)) * (change.factor ?? 1),
    }));
    active.knobs = knobs;
    const signal = type.watch && this.#to.signals.indexOf(here(type.watch.signal));
    if (type.watch && signal !== undefined) {
      active.watch = {
        signal,
        sigma: type.watch.sigma,
        failAbove: type.watch.failAbove ?? Number.POSITIVE_INFINITY,
        failBelow: type.watch.failBelow ?? Number.NEGATIVE_INFINITY,
      };
      active.atOnset = f64(this.#to.signals.values, signal);
    }
    return active.record;
  }

  #actuatorFailure(injection: Injection & { what: "actuator" }, nowMs: number): TruthRecord {
    const actuator = this.#to.actuators.get(injection.actuator) as Actuator;
    const { spec } = actuator;
    actuator.failures.set(injection.failure, injection.dose);
    const runaway = injection.failure === "runaway" ? spec.runaway : undefined;
    const active = this.#open(nowMs, {
      kind: runaway?.kind ?? "malfunction",
      type: runaway?.type ?? injection.failure,
      stage: spec.stage,
      sensors: spec.shownBy ?? [],
      params: { actuator: spec.id, ...(runaway && { dose: injection.dose }) },
      forMs: injection.forMs,
      stop: () => actuator.failures.delete(injection.failure),
    });
    if (runaway) {
      const { sigma, failAbove } = runaway;
      const signal = this.#to.signals.indexOf(runaway.signal) as number;
      active.watch = {
        signal,
        sigma,
        failAbove,
        failBelow: Number.NEGATIVE_INFINITY,
      };
      active.atOnset = f64(this.#to.signals.values, signal);
      actuator.onCleared = () => {
        active.endMs = Math.min(active.endMs, this.#now);
      };
    }
    return active.record;
  }

  /** Set by the plant before actuators are commanded, so that a cleared failure ends at the right time. */
  setNow(nowMs: number): void {
    this.#now = nowMs;
  }

  #gateway(injection: Injection & { what: "gateway" }, nowMs: number): TruthRecord {
    const device = this.#to.devices.get(injection.gateway) as GatewayDevice;
    device.stale = injection.stale;
    return this.#open(nowMs, {
      kind: "malfunction",
      type: `gateway-${injection.stale}`,
      stage: "",
      sensors: device.map.values.map((entry) => entry.sensor.id),
      params: { gateway: injection.gateway },
      forMs: injection.forMs,
      stop: () => {
        device.stale = "normal";
      },
    }).record;
  }

  #serial(injection: Injection & { what: "serial" }, nowMs: number): TruthRecord {
    const { line, failure, device, share } = injection;
    return this.#open(nowMs, {
      kind: "malfunction",
      type: `serial-${failure}`,
      stage: "",
      sensors: [],
      params: { line, ...(device !== undefined && { device }), share },
      forMs: injection.forMs,
      stop: this.#to.serial.get(line)?.add(injection) ?? (() => {}),
    }).record;
  }

  #powerDip(forMs: number, nowMs: number): TruthRecord {
    const dark = (isDark: boolean) => {
      for (const actuator of this.#to.actuators.values()) actuator.isDark = isDark;
    };
    dark(true);
    return this.#open(nowMs, {
      kind: "operations",
      type: "power-dip",
      stage: "",
      sensors: [],
      params: { seconds: forMs / 1000 },
      forMs,
      stop: () => dark(false),
    }).record;
  }

  #cleaning(injection: Injection & { what: "cleaning" }, nowMs: number): TruthRecord {
    const sensor = this.#sensorNamed(injection.sensor);
    const fault: SensorFault = {
      kind: "bias",
      value: injection.value,
      onsetMs: nowMs,
      rampMs: 0,
      endMs: nowMs + injection.forMs,
    };
    this.#to.bank.addFault(sensor.index, fault);
    return this.#open(nowMs, {
      kind: "operations",
      type: "air-cleaning",
      stage: sensor.stage,
      sensors: [sensor.id],
      params: { value: injection.value },
      forMs: injection.forMs,
      detectableMs: nowMs,
      stop: () => this.#to.bank.removeFault(sensor.index, fault),
    }).record;
  }

  /** The probe stands in its buffer, or in what it measures, with the maintenance bit. */
  #calibration(injection: Injection & { what: "calibration" }, nowMs: number): TruthRecord {
    const sensor = this.#sensorNamed(injection.sensor);
    const { bank } = this.#to;
    const buffer = sensor.instrument.buffer ?? f64(bank.measured, sensor.index);
    const bias = buffer - f64(bank.measured, sensor.index);
    const fault: SensorFault = {
      kind: "bias",
      value: bias,
      onsetMs: nowMs,
      rampMs: 0,
      endMs: nowMs + injection.forMs,
    };
    bank.addFault(sensor.index, fault);
    bank.setMaintenance(sensor.index, true);
    return this.#open(nowMs, {
      kind: "operations",
      type: "calibration",
      stage: sensor.stage,
      sensors: [sensor.id],
      params: { buffer },
      forMs: injection.forMs,
      stop: () => {
        bank.removeFault(sensor.index, fault);
        bank.setMaintenance(sensor.index, false);
        bank.calibrated(sensor.index);
      },
    }).record;
  }
}

/** Trapezoid: up over the ramp, full, down over the ramp before the end. */
function shareOf(active: Active, nowMs: number): number {
  if (active.rampMs <= 0) return 1;
  const up = (nowMs - active.onsetMs) / active.rampMs;
  const down = (active.endMs - nowMs) / active.rampMs;
  return Math.max(0, Math.min(1, up, down));
}
