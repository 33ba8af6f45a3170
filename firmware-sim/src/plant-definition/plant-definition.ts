/**
 * What makes a plant this plant: its tables, its process, its events, what its edges guard. Everything
 * else in the simulator (devices, sensors, history, faults, configuration, API) works from this alone.
 */
import type { Actuator } from "../actuators/actuator.ts";
import type { ActuatorSpec } from "../actuators/actuator-spec.ts";
import type { YamlValue } from "../configuration/yaml-text.ts";
import { buildRegisterMap, type RegisterMap } from "../devices/register-map.ts";
import type { EventType } from "../faults/event-type.ts";
import type { Injection } from "../faults/injection.ts";
import type { Calendar } from "../process/calendar.ts";
import type { RotatingMachine } from "../process/rotating-machine.ts";
import type { SignalBoard } from "../process/signal-board.ts";
import type { Step, Surroundings } from "../process/step.ts";
import { expandSensors, type Sensor, type SensorTables } from "./sensor.ts";
import type { SerialKit } from "./serial-kit.ts";

/** The physics of one plant, one step at a time. */
export interface PlantProcess {
  step(step: Step): void;
  /** Machines that may carry a vibration sensor, by stage. */
  machines(): ReadonlyMap<string, RotatingMachine>;
  /** Bad weather begins; plants under a roof have none. */
  storm?(atMs: number, amplitude: number): void;
}

export interface ProcessSetup {
  around: Surroundings;
  /** The final element of that id. */
  element: (id: string) => Actuator;
  /** Poorer instruments and a restless process, as recorded plants show them. */
  realistic: boolean;
  /** No storm begins at or after this instant by chance. */
  rainUntilMs: number;
}

/** What instruments of this plant suffer from beside noise. */
export interface SensingTraits {
  /** Ages between two calibrations. */
  drifts: (sensor: Sensor) => boolean;
  /** Bubbles pass before it. */
  bubbles: (sensor: Sensor) => boolean;
  /** Also feels another quantity: index of that signal. */
  feels?: (sensor: Sensor, signals: SignalBoard) => number | undefined;
  /** Share of its own quantity that such a cell sees at that other quantity. */
  feltShare?: (felt: number) => number;
}

export interface EdgeRow {
  id: string;
  /** Its cause-and-effect rules. */
  safety: readonly YamlValue[];
}

export interface KpiRow {
  id: string;
  name: string;
  unit: string;
  /** Their mean is shown. */
  sensors: readonly string[];
  low?: number;
  high?: number;
}

/** What people do at a plant without anything being wrong. */
export interface Routine {
  /** What begins between the last call and now. */
  due(nowMs: number): Injection[];
}

export interface PlantSpec<P extends PlantProcess> extends SensorTables {
  /** Name on the command line. */
  id: string;
  /** Completes "simulated …". */
  about: string;
  site: { id: string; name: string; tz: string };
  /** Plant packs that speak of such a plant. */
  packs: readonly string[];
  lines: readonly { id: string; name: string }[];
  kpis: readonly KpiRow[];
  edges: readonly EdgeRow[];
  actuators: readonly ActuatorSpec[];
  events: Readonly<Record<string, EventType>>;
  serial?: SerialKit;
  /** Safety limits by sensor; the rules that use them are the edges'. */
  limits: Readonly<Record<string, Readonly<Record<string, YamlValue>>>>;
  /** Alert rules of a tag. */
  detect: (sensor: Sensor) => YamlValue;
  /** Gateways whose outputs stay as they are when the agent dies. */
  unwatched: readonly string[];
  sensing: SensingTraits;
  /** Sensors that tell of a probe that its own loop holds at the set point. */
  revealing: (sensor: Sensor) => readonly string[];
  /** Turns a minute of the machines. */
  shaftSpeeds: Readonly<Record<string, number>>;
  /** Where an instant lies in day, week and year, as people there live by. */
  calendarAt: (nowMs: number) => Calendar;
  /** What a storm is called in the ground truth; undefined where weather does not matter. */
  storm?: { stage: string; sensors: readonly string[]; forMs: number };
  /** Folder of its scenario files. */
  scenarioDir: string;
  createProcess: (setup: ProcessSetup) => P;
  createRoutine?: (from: { seed: number; sensors: readonly Sensor[]; nowMs: number }) => Routine;
}

export interface PlantDefinition<P extends PlantProcess = PlantProcess> extends PlantSpec<P> {
  readonly sensors: readonly Sensor[];
  /** By stage and tag, or by edge, device and tag. */
  readonly sensorById: (id: string) => Sensor | undefined;
  readonly registerMaps: ReadonlyMap<string, RegisterMap>;
}

export function definePlant<P extends PlantProcess>(spec: PlantSpec<P>): PlantDefinition<P> {
  const sensors = expandSensors(spec);
  const byId = new Map(sensors.map((sensor) => [sensor.id, sensor]));
  const bySiteId = new Map(sensors.map((sensor) => [sensor.siteId, sensor]));
  const { stages, gateways, actuators } = spec;
  const registerMaps = new Map(
    gateways.map((gateway) => [
      gateway.id,
      buildRegisterMap(gateway, { stages, sensors, actuators }),
    ]),
  );
  return {
    ...spec,
    sensors,
    sensorById: (id) => byId.get(id) ?? bySiteId.get(id),
    registerMaps,
  };
}

export const nameOfStage = ({ stages }: Pick<PlantDefinition, "stages">, id: string): string =>
  stages.find((stage) => stage.id === id)?.name ?? id;

/** A sensor that a table of the plant names. @throws TypeError when it names one that is not there */
export function sensorNamed(
  { sensorById }: Pick<PlantDefinition, "sensorById">,
  id: string,
): Sensor {
  const sensor = sensorById(id);
  if (sensor === undefined) throw new TypeError(`no sensor ${id}`);
  return sensor;
}
