/** Reads one injection from plain data (YAML or JSON); says everything that is wrong with it at once. */
import { parseDuration } from "@weir/runtime/duration.ts";
import { nearestName } from "@weir/runtime/nearest-name.ts";
import { actuatorFailures, runawayBounds } from "../actuators/actuator.ts";
import { type SerialFailure, serialFailures } from "../devices/serial-failures.ts";
import type { Injection } from "../faults/injection.ts";
import type { PlantDefinition } from "../plant-definition/plant-definition.ts";
import type { SerialLineId } from "../plant-definition/serial-kit.ts";
import { type SensorFaultKind, sensorFaultKinds } from "../sensors/sensor-fault.ts";

/** Where a complaint belongs (path below the injection) and what it says. */
export type Complain = (path: readonly (string | number)[], text: string) => void;

const forEver = Number.POSITIVE_INFINITY;
const staleModes = ["normal", "freeze", "exception", "silence"] as const;

/** Undefined after a complaint. */
export function readInjection(
  plant: PlantDefinition,
  input: unknown,
  complain: Complain,
): Injection | undefined {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    complain(
      [],
      `must be a map such as {fault: bias, sensor: ${plant.sensors[0]?.id}, value: -1.2}`,
    );
    return undefined;
  }
  const fields = new Fields(plant, input as Record<string, unknown>, complain);
  const known = Object.keys(readers).filter((key) => isPossible(plant, key));
  const kinds = known.filter((key) => fields.has(key));
  if (kinds.length !== 1) {
    const what = kinds.length === 0 ? "names nothing to inject" : `names ${kinds.join(" and ")}`;
    complain([], `${what}; give exactly one of ${known.join(", ")}`);
    return undefined;
  }
  const injection = (readers[kinds[0] as string] as Reader)(fields);
  fields.refuseUnknown();
  return fields.failed ? undefined : injection;
}

/** Where there is no weather there are no storms. */
const isPossible = ({ storm, serial }: PlantDefinition, key: string): boolean =>
  key === "storm" ? storm !== undefined : key === "serial" ? serial !== undefined : true;

type Reader = (fields: Fields) => Injection;

/** A probe may foul by half of what it measures, and by so many units at least. */
const biasMin = 10;

function halfSpanOf(plant: PlantDefinition, id: string): number {
  const { min, max } = plant.sensorById(id)?.instrument ?? { min: 0, max: 0 };
  return (max - min) / 2;
}

const readers: Record<string, Reader> = {
  fault: (f) => {
    const fault = f.choice("fault", Object.keys(sensorFaultKinds)) as SensorFaultKind;
    const kind = sensorFaultKinds[fault] ?? sensorFaultKinds.bias;
    return {
      what: "fault",
      fault,
      sensor: f.sensor("sensor"),
      value: f.number("value", kind),
      rampMs: f.duration("ramp", 0),
      forMs: f.duration("for", forEver),
    };
  },
  "probe-fouling": (f) => {
    const sensor = f.sensor("probe-fouling");
    const most = Math.max(biasMin, halfSpanOf(f.plant, sensor));
    return {
      what: "probe-fouling",
      sensor,
      bias: f.number("bias", { default: -1, min: -most, max: most }),
      slow: f.number("slow", { default: 4, min: 1, max: 20 }),
      rampMs: f.duration("ramp", 20 * 86_400_000),
      forMs: f.duration("for", forEver),
    };
  },
  event: (f) => {
    const event = f.choice("event", Object.keys(f.plant.events));
    const type = f.plant.events[event];
    const stage = f.choice("stage", type?.stages ?? [], type?.stages[0]);
    const params = Object.fromEntries(
      Object.entries(type?.params ?? {}).map(([name, bounds]) => [name, f.number(name, bounds)]),
    );
    return { what: "event", event, stage, params, forMs: f.duration("for", type?.durationMs ?? 0) };
  },
  actuator: (f) => {
    const actuator = f.choice(
      "actuator",
      f.plant.actuators.map((spec) => spec.id),
    );
    const kind = f.plant.actuators.find((spec) => spec.id === actuator)?.kind ?? "motor";
    const possible = Object.entries(actuatorFailures)
      .filter(([, failure]) => failure.kinds.includes(kind))
      .map(([name]) => name);
    return {
      what: "actuator",
      actuator,
      failure: f.choice("failure", possible) as keyof typeof actuatorFailures,
      dose: f.number("dose", runawayBounds[kind] ?? noRunaway),
      forMs: f.duration("for", forEver),
    };
  },
  gateway: (f) => ({
    what: "gateway",
    gateway: f.choice(
      "gateway",
      f.plant.gateways.map((gateway) => gateway.id),
    ),
    stale: f.choice("stale", staleModes) as (typeof staleModes)[number],
    forMs: f.duration("for", forEver),
  }),
  serial: (f) => {
    const line = f.choice(
      "serial",
      (f.plant.serial?.lines ?? []).map(({ id }) => id),
    ) as SerialLineId;
    const possible = Object.entries(serialFailures).filter(([, { lines }]) => lines.includes(line));
    const failure = f.choice(
      "failure",
      possible.map(([name]) => name),
    ) as SerialFailure;
    return {
      what: "serial",
      line,
      failure,
      device: failure === "unplug" ? undefined : f.optional("device"),
      share: f.number("share", { default: 1, min: 0.001, max: 1 }),
      delayMs: f.duration("delay", 700),
      forMs: f.duration("for", forEver),
    };
  },
  "power-dip": (f) => ({ what: "power-dip", forMs: f.duration("power-dip", 3_000) }),
  storm: (f) => ({
    what: "storm",
    amplitude: f.number("storm", { default: 1.5, min: 0.1, max: 5 }),
  }),
  calibration: (f) => ({
    what: "calibration",
    sensor: f.sensor("calibration"),
    forMs: f.duration("for", 10 * 60_000),
  }),
  cleaning: (f) => ({
    what: "cleaning",
    sensor: f.sensor("cleaning"),
    value: f.number("value", { default: 5, min: 0, max: 12 }),
    forMs: f.duration("for", 60_000),
  }),
  clear: (f) => ({ what: "clear", id: f.text("clear") }),
};

const noRunaway = { default: 6, min: 0, max: 12 };

class Fields {
  failed = false;
  readonly plant: PlantDefinition;
  readonly #input: Record<string, unknown>;
  readonly #complain: Complain;
  readonly #known = new Set<string>();

  constructor(plant: PlantDefinition, input: Record<string, unknown>, complain: Complain) {
    this.plant = plant;
    this.#input = input;
    this.#complain = (path, text) => {
      this.failed = true;
      complain(path, text);
    };
  }

  has(key: string): boolean {
    return this.#input[key] !== undefined;
  }

  text(key: string): string {
    this.#known.add(key);
    const value = this.#input[key];
    if (typeof value === "string" && value !== "") return value;
    const shown =
      value === undefined ? `"${key}" is missing` : `${JSON.stringify(value)} is no text`;
    this.#complain(value === undefined ? [] : [key], shown);
    return "";
  }

  /** Text or number as text; undefined when it is not given. */
  optional(key: string): string | undefined {
    this.#known.add(key);
    const value = this.#input[key];
    if (value === undefined || typeof value === "string") return value;
    if (typeof value === "number") return String(value);
    this.#complain([key], `${JSON.stringify(value)} is no name`);
    return undefined;
  }

  choice(key: string, names: readonly string[], fallback?: string): string {
    this.#known.add(key);
    if (!this.has(key) && fallback !== undefined) return fallback;
    const value = this.#input[key];
    if (typeof value === "string" && names.includes(value)) return value;
    if (value === undefined) {
      if (names.length > 0)
        this.#complain([], `"${key}" is missing; give one of ${names.join(", ")}`);
    } else {
      const near = nearestName(String(value), names);
      const hint = near ? `did you mean ${near}?` : `give one of ${names.join(", ")}`;
      this.#complain([key], `${JSON.stringify(value)} is unknown; ${hint}`);
    }
    return "";
  }

  sensor(key: string): string {
    const id = this.text(key);
    if (id === "" || this.plant.sensorById(id) !== undefined) return id;
    const near = nearestName(
      id,
      this.plant.sensors.map((sensor) => sensor.id),
    );
    this.#complain([key], `there is no sensor "${id}"${near ? `; did you mean ${near}?` : ""}`);
    return id;
  }

  number(key: string, bounds: { default: number; min: number; max: number }): number {
    this.#known.add(key);
    const value = this.#input[key];
    if (value === undefined) return bounds.default;
    if (typeof value !== "number" || !Number.isFinite(value)) {
      this.#complain([key], `${JSON.stringify(value)} is not a number`);
    } else if (value < bounds.min || value > bounds.max) {
      this.#complain([key], `${value} is outside ${bounds.min} to ${bounds.max}`);
    } else return value;
    return bounds.default;
  }

  duration(key: string, fallback: number): number {
    this.#known.add(key);
    const value = this.#input[key];
    if (value === undefined) return fallback;
    const durationMs = typeof value === "string" ? parseDuration(value) : undefined;
    if (durationMs !== undefined) return durationMs;
    this.#complain(
      [key],
      `${JSON.stringify(value)} is not a duration; write it as 90s, 20m, 6h or 3.5d`,
    );
    return fallback;
  }

  refuseUnknown(): void {
    for (const key of Object.keys(this.#input)) {
      if (this.#known.has(key)) continue;
      const near = nearestName(key, [...this.#known]);
      const hint = near ? `did you mean ${near}?` : `known here are ${[...this.#known].join(", ")}`;
      this.#complain([key], `is unknown; ${hint}`);
    }
  }
}
