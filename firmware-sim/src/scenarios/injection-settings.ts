/** What an injection may say, key by key: in a scenario's timeline, and sent to a running plant. */
import { nearestName } from "@weir/runtime/nearest-name.ts";
import { choice, duration, number, text } from "@weir/runtime/setting-kinds.ts";
import { optional, settings, type ValuesOf } from "@weir/runtime/setting-tables.ts";
import {
  isTable,
  type Place,
  type Setting,
  type SettingRows,
  sentence,
  show,
} from "@weir/runtime/settings.ts";
import { actuatorFailures, runawayBounds } from "../actuators/actuator.ts";
import { serialFailures } from "../devices/serial-failures.ts";
import type { Injection } from "../faults/injection.ts";
import type { PlantDefinition } from "../plant-definition/plant-definition.ts";
import { type SensorFaultKind, sensorFaultKinds } from "../sensors/sensor-fault.ts";

const forEver = Number.POSITIVE_INFINITY;
/** Longer than any plant runs. */
const longest = "36500d";
const staleModes = ["normal", "freeze", "exception", "silence"] as const;

/** One injection: a table that names exactly one thing to do, with the keys of that. */
export function injection(plant: PlantDefinition): Setting<Injection> {
  const known = Object.keys(readers).filter((kind) => isPossible(plant, kind));
  const example = `{fault: bias, sensor: ${plant.sensors[0]?.id}, value: -1.2}`;
  const expected = `a table such as ${example}`;
  const read = (input: unknown, at: Place): Injection | undefined => {
    if (!isTable(input)) {
      at.complain(`${show(input)} is nothing to inject; it must be ${expected}`);
      return undefined;
    }
    const kinds = known.filter((kind) => input[kind] !== undefined);
    const [kind] = kinds;
    if (kind === undefined || kinds.length > 1) {
      const what = kind === undefined ? "names nothing to inject" : `names ${kinds.join(" and ")}`;
      at.complain(`${what}; give exactly one of ${known.join(", ")}`);
      return undefined;
    }
    return readers[kind]?.(plant, input, at);
  };
  return {
    doc: "What is done to the plant.",
    expected,
    fallback: undefined,
    schema: { type: "object" },
    read,
    draft: () => undefined,
  };
}

/** Where there is no weather there are no storms. */
const isPossible = ({ storm, serial }: PlantDefinition, kind: string): boolean =>
  kind === "storm" ? storm !== undefined : kind === "serial" ? serial !== undefined : true;

type Input = Record<string, unknown>;
type Reader = (plant: PlantDefinition, input: Input, at: Place) => Injection | undefined;

/** Undefined after a complaint. */
function read<Rows extends SettingRows>(
  rows: Rows,
  { input, at }: { input: Input; at: Place },
): ValuesOf<Rows> | undefined {
  const before = at.complaintCount;
  const draft = settings(rows).read(input, at);
  return at.complaintCount > before ? undefined : (draft as ValuesOf<Rows>);
}

const lasting = optional(
  duration({ min: 0, max: longest, doc: "How long it lasts; for ever where left out." }),
);
const lastingFor = (ms: number) =>
  duration({ default: ms, min: 0, max: longest, doc: "How long it lasts." });
const rampOf = (ms: number) =>
  duration({ default: ms, min: 0, max: longest, doc: "Time in which it grows." });
/** A name that the plant has, told with the nearest where it is none. */
const nameOf = (doc: string, names: readonly string[]) => choice(names, { doc });

/** The id of a sensor; a plant has hundreds, so that only the nearest is told. */
function sensorId({ sensors, sensorById }: PlantDefinition): Setting<string> {
  const doc = "A sensor.";
  const expected = `the id of a sensor such as ${sensors[0]?.id}`;
  return {
    doc,
    expected,
    fallback: undefined,
    schema: { type: "string" },
    read: (input, at) => {
      if (typeof input === "string" && sensorById(input) !== undefined) return input;
      const ids = sensors.map((sensor) => sensor.id);
      const near = typeof input === "string" ? nearestName(input, ids) : undefined;
      const remedy = near ? `did you mean ${near}?` : `give ${expected}`;
      at.complain(`there is no sensor ${show(input)}; ${remedy} ${sentence(doc)}`);
      return undefined;
    },
    draft: () => undefined,
  };
}

/** A probe may foul by half of what it measures, and by so many units at least. */
const biasMin = 10;

function halfSpanOf(plant: PlantDefinition, id: unknown): number {
  const { min, max } = plant.sensorById(String(id))?.instrument ?? { min: 0, max: 0 };
  return (max - min) / 2;
}

const noRunaway = { default: 6, min: 0, max: 12 };

const readers: Record<string, Reader> = {
  fault: (plant, input, at) => {
    const kinds = Object.keys(sensorFaultKinds) as SensorFaultKind[];
    const kind = sensorFaultKinds[kinds.find((name) => name === input["fault"]) ?? "bias"];
    const rows = {
      fault: nameOf("What is wrong with the sensor.", kinds),
      sensor: sensorId(plant),
      value: number({ default: kind.default, min: kind.min, max: kind.max, doc: kind.value }),
      ramp: rampOf(0),
      for: lasting,
    };
    const value = read(rows, { input, at });
    return (
      value && {
        what: "fault",
        fault: value.fault as SensorFaultKind,
        sensor: value.sensor,
        value: value.value,
        rampMs: value.ramp,
        forMs: value.for ?? forEver,
      }
    );
  },
  "probe-fouling": (plant, input, at) => {
    const most = Math.max(biasMin, halfSpanOf(plant, input["probe-fouling"]));
    const rows = {
      "probe-fouling": sensorId(plant),
      bias: number({ default: -1, min: -most, max: most, doc: "How far it reads off." }),
      slow: number({ default: 4, min: 1, max: 20, doc: "How many times as slow." }),
      ramp: rampOf(20 * 86_400_000),
      for: lasting,
    };
    const value = read(rows, { input, at });
    return (
      value && {
        what: "probe-fouling",
        sensor: value["probe-fouling"],
        bias: value.bias,
        slow: value.slow,
        rampMs: value.ramp,
        forMs: value.for ?? forEver,
      }
    );
  },
  event: readEvent,
  actuator: readActuator,
  gateway: (plant, input, at) => {
    const rows = {
      gateway: nameOf(
        "A gateway.",
        plant.gateways.map(({ id }) => id),
      ),
      stale: choice(staleModes, { doc: "What it does instead of answering." }),
      for: lasting,
    };
    const value = read(rows, { input, at });
    return (
      value && {
        what: "gateway",
        gateway: value.gateway,
        stale: value.stale,
        forMs: value.for ?? forEver,
      }
    );
  },
  serial: readSerial,
  "power-dip": (_, input, at) => {
    const value = read({ "power-dip": lastingFor(3_000) }, { input, at });
    return value && { what: "power-dip", forMs: value["power-dip"] };
  },
  storm: (_, input, at) => {
    const storm = number({ default: 1.5, min: 0.1, max: 5, doc: "Times a usual storm." });
    const value = read({ storm }, { input, at });
    return value && { what: "storm", amplitude: value.storm };
  },
  calibration: (plant, input, at) => {
    const rows = { calibration: sensorId(plant), for: lastingFor(10 * 60_000) };
    const value = read(rows, { input, at });
    return value && { what: "calibration", sensor: value.calibration, forMs: value.for };
  },
  cleaning: (plant, input, at) => {
    const rows = {
      cleaning: sensorId(plant),
      value: number({ default: 5, min: 0, max: 12, doc: "How much higher it reads." }),
      for: lastingFor(60_000),
    };
    const value = read(rows, { input, at });
    return (
      value && {
        what: "cleaning",
        sensor: value.cleaning,
        value: value.value,
        forMs: value.for,
      }
    );
  },
  clear: (_, input, at) => {
    const value = read({ clear: text({ doc: "Id of what was injected." }) }, { input, at });
    return value && { what: "clear", id: value.clear };
  },
};

function readEvent(plant: PlantDefinition, input: Input, at: Place): Injection | undefined {
  const type = plant.events[String(input["event"])];
  const { durationMs = 0 } = type ?? {};
  const [usual, ...others] = type?.stages ?? [];
  const params = Object.fromEntries(
    Object.entries(type?.params ?? {}).map(([name, bounds]) => [
      name,
      number({ default: bounds.default, min: bounds.min, max: bounds.max, doc: `The ${name}.` }),
    ]),
  );
  const own = {
    event: nameOf("What happens.", Object.keys(plant.events)),
    stage:
      usual === undefined
        ? text({ default: "", doc: "A stage." })
        : choice([usual, ...others], { default: usual, doc: "Where." }),
    for: Number.isFinite(durationMs) ? lastingFor(durationMs) : lasting,
  };
  const value = read<typeof own & SettingRows>({ ...own, ...params }, { input, at });
  if (!value) return undefined;
  const given = Object.keys(params).map((name) => [name, value[name] as number] as const);
  return {
    what: "event",
    event: value.event,
    stage: value.stage,
    params: Object.fromEntries(given),
    forMs: value.for ?? forEver,
  };
}

function readActuator(plant: PlantDefinition, input: Input, at: Place): Injection | undefined {
  const kind = plant.actuators.find(({ id }) => id === input["actuator"])?.kind ?? "motor";
  const possible = Object.entries(actuatorFailures)
    .filter(([, failure]) => failure.kinds.includes(kind))
    .map(([name]) => name as keyof typeof actuatorFailures);
  const bounds = runawayBounds[kind] ?? noRunaway;
  const rows = {
    actuator: nameOf(
      "What is driven.",
      plant.actuators.map(({ id }) => id),
    ),
    failure: choice(possible, { doc: "How it fails." }),
    dose: number({
      default: bounds.default,
      min: bounds.min,
      max: bounds.max,
      doc: "How far it runs away.",
    }),
    for: lasting,
  };
  const value = read(rows, { input, at });
  return (
    value && {
      what: "actuator",
      actuator: value.actuator,
      failure: value.failure,
      dose: value.dose,
      forMs: value.for ?? forEver,
    }
  );
}

function readSerial(plant: PlantDefinition, input: Input, at: Place): Injection | undefined {
  const lines = (plant.serial?.lines ?? []).map(({ id }) => id);
  const line = lines.find((id) => id === input["serial"]);
  const failures = Object.keys(serialFailures) as (keyof typeof serialFailures)[];
  const possible = failures.filter(
    (name) => line === undefined || serialFailures[name].lines.includes(line),
  );
  const rows = {
    serial: choice(lines, { doc: "A serial line." }),
    failure: choice(possible, { doc: "What goes wrong on it." }),
    device: optional(
      text({
        takesNumbers: true,
        doc: "Unit, SDI-12 address or stage; the whole line where left out.",
      }),
    ),
    share: number({ default: 1, min: 0.001, max: 1, doc: "Share of the answers that it hits." }),
    delay: duration({ default: 700, min: 0, max: "1d", doc: "How late, in real time." }),
    for: lasting,
  };
  const value = read(rows, { input, at });
  return (
    value && {
      what: "serial",
      line: value.serial,
      failure: value.failure,
      device: value.failure === "unplug" ? undefined : value.device,
      share: value.share,
      delayMs: value.delay,
      forMs: value.for ?? forEver,
    }
  );
}
