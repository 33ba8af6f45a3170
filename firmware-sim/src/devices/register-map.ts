/**
 * Which register holds what, built from the sensor table: the one source for the Modbus servers and for
 * the generated configuration.
 *
 * Each gateway has one gap-free run of values from address 0, fastest tags first so that each polling
 * period is one block; then a status word for each device; then a heartbeat counter. Commands lie apart,
 * from holding register 900 and coil 0.
 */
import type { ActuatorSpec } from "../actuators/actuator-spec.ts";
import type { Gateway } from "../plant-definition/gateway.ts";
import type { Sensor } from "../plant-definition/sensor.ts";

export type ValueType = "float32" | "int16" | "int32" | "uint32";

export interface ValueEntry {
  sensor: Sensor;
  address: number;
  type: ValueType;
  /** Engineering value of one count; 1 for floats. */
  scale: number;
}

export interface StatusEntry {
  stage: string;
  address: number;
  /** Indexes of the sensors it speaks for. */
  sensors: readonly number[];
}

export interface ActuatorEntry {
  actuator: ActuatorSpec;
  coil: number;
  /** Discrete input of the first feedback; the second follows. */
  feedback: number;
  /** Holding register of the speed; 65535 leaves it to the controller's loop. */
  speed: number;
}

export interface RegisterMap {
  gateway: Gateway;
  values: readonly ValueEntry[];
  status: readonly StatusEntry[];
  /** Counts plant seconds, modulo 65 536: a controller that lives. */
  heartbeatCounter: number;
  /** Registers in the value table: 0 … valueCount − 1. */
  valueCount: number;
  actuators: readonly ActuatorEntry[];
  /** Holding registers of the command block. */
  command: { heartbeat: number; timeoutMs: number; watchdogState: number; end: number };
}

export const commandBase = 900;

/** Modbus registers of a value. */
export const registersOf = (type: ValueType): number => (type === "int16" ? 1 : 2);

function typeOf(gateway: Gateway, sensor: Sensor): ValueType {
  if (gateway.encoding.type !== "int32") return gateway.encoding.type;
  return sensor.instrument.signed ? "int32" : "uint32";
}

export function buildRegisterMap(
  gateway: Gateway,
  plant: {
    stages: readonly { id: string }[];
    sensors: readonly Sensor[];
    actuators: readonly ActuatorSpec[];
  },
): RegisterMap {
  const stageOrder = new Map(plant.stages.map((stage, i) => [stage.id, i]));
  const own = plant.sensors
    .filter((sensor) => sensor.gateway === gateway.id)
    .sort((a, b) => a.periodS - b.periodS || a.index - b.index);
  let address = 0;
  const values = own.map((sensor): ValueEntry => {
    const type = typeOf(gateway, sensor);
    const scale = gateway.encoding.scaled ? sensor.instrument.intScale : 1;
    const entry = { sensor, address, type, scale };
    address += registersOf(type);
    return entry;
  });
  const devices = [...new Set(own.map((sensor) => sensor.stage))].sort(
    (a, b) => (stageOrder.get(a) ?? 0) - (stageOrder.get(b) ?? 0),
  );
  const status = devices.map(
    (stage): StatusEntry => ({
      stage,
      address: address++,
      sensors: own.filter((sensor) => sensor.stage === stage).map((sensor) => sensor.index),
    }),
  );
  const heartbeatCounter = address++;
  const actuators = plant.actuators
    .filter((actuator) => actuator.gateway === gateway.id)
    .map(
      (actuator, i): ActuatorEntry => ({
        actuator,
        coil: i,
        feedback: 2 * i,
        speed: commandBase + 3 + i,
      }),
    );
  return {
    gateway,
    values,
    status,
    heartbeatCounter,
    valueCount: address,
    actuators,
    command: {
      heartbeat: commandBase,
      timeoutMs: commandBase + 1,
      watchdogState: commandBase + 2,
      end: commandBase + 3 + actuators.length,
    },
  };
}
