/** The devices of one serial line, fed from a living plant. */
import { f64, u8 } from "@weir/contracts/elements.ts";
import { type Cancel, every } from "@weir/runtime/clock.ts";
import type { Plant } from "../create-plant.ts";
import { AsciiLine } from "../devices/ascii-line.ts";
import { machineSensor } from "../devices/machine-sensor.ts";
import type { PacedLine } from "../devices/paced-line.ts";
import { RegisterSlave, type SlaveRegister } from "../devices/register-slave.ts";
import { RelayModule } from "../devices/relay-module.ts";
import { RtuBus, type RtuSlave } from "../devices/rtu-bus.ts";
import { Sdi12Bus } from "../devices/sdi12.ts";
import type { LineState } from "../devices/serial-failures.ts";
import { sensorNamed } from "../plant-definition/plant-definition.ts";
import type { Sensor } from "../plant-definition/sensor.ts";
import type {
  Printer,
  RtuInstrument,
  SerialKit,
  SerialLineId,
  SerialValue,
} from "../plant-definition/serial-kit.ts";
import { statusLoopHigh, statusLoopLow, statusMaintenance } from "../sensors/sensor-status.ts";

/** Who speaks on a line. */
export interface SerialDevices {
  receive(bytes: Uint8Array): void;
  start(): void;
  stop(): void;
}

export interface SerialDevicesOptions {
  plant: Plant;
  line: PacedLine;
  state: LineState;
  /** Brings the plant to the present. */
  catchUp: () => void;
}

export function createSerialDevices(
  id: SerialLineId,
  options: SerialDevicesOptions,
): SerialDevices {
  const { line, state, catchUp } = options;
  const wires = { line, state, beforeRequest: catchUp };
  switch (id) {
    case "rtu":
      return still(new RtuBus({ ...wires, slaves: rtuSlaves(options) }));
    case "sdi12":
      return still(new Sdi12Bus({ ...wires, sensors: sdi12Sensors(options.plant) }));
    case "vib":
      return vibration(options);
    default: {
      const printer = kitOf(options.plant).printers.find((row) => row.line === id) as Printer;
      return new AsciiLine({
        ...wires,
        style: printer.style,
        stage: printer.stage,
        speaks: printer.speaks,
        fields: printer.values.map((value) => {
          const sensor = sensorOf(options.plant, value.sensor);
          return {
            name: value.field,
            unit: sensor.instrument.unit,
            digits: digitsOf(sensor),
            read: reader(options.plant, value),
            isGood: () => !isBroken(options.plant, sensor),
          };
        }),
      });
    }
  }
}

/** They speak only when spoken to. */
const still = (device: { receive(bytes: Uint8Array): void }): SerialDevices => ({
  receive: (bytes) => device.receive(bytes),
  start: () => {},
  stop: () => {},
});

function rtuSlaves(options: SerialDevicesOptions): RtuSlave[] {
  const { plant, state, line } = options;
  const { rtuInstruments, relayUnit } = kitOf(plant);
  const instruments = rtuInstruments.map(
    (row) =>
      new RegisterSlave({
        unit: row.unit,
        turnaroundMs: row.turnaroundMs,
        identity: row.identity,
        plate: row.plate,
        echoesQuery: row.echoesQuery ?? true,
        tables: row.tables,
        order: row.order,
        holes: row.holes,
        registers: registersOf(plant, row),
        isFrozen: () => state.has("freeze", String(row.unit)),
      }),
  );
  return [...instruments, new RelayModule(relayUnit, line.clock)];
}

function registersOf(plant: Plant, row: RtuInstrument): SlaveRegister[] {
  const registers = row.values.map(
    (value): SlaveRegister => ({
      address: value.address,
      type: value.type,
      scale: value.scale,
      read: row.isCurrent ? current(plant, sensorOf(plant, value.sensor)) : reader(plant, value),
    }),
  );
  for (const [address, content] of Object.entries(row.fixed ?? {})) {
    registers.push({ address: Number(address), type: "uint16", scale: 1, read: () => content });
  }
  const { statusAt } = row;
  if (statusAt === undefined) return registers;
  const sensors = row.values.map((value) => sensorOf(plant, value.sensor));
  const status = () => {
    const failed = sensors.some((sensor) => isBroken(plant, sensor)) ? 1 : 0;
    const words = sensors.map((sensor) => u8(plant.bank.status, sensor.index));
    return failed + (words.some((word) => (word & statusMaintenance) !== 0) ? 8 : 0);
  };
  return [...registers, { address: statusAt, type: "uint16", scale: 1, read: status }];
}

function sdi12Sensors(plant: Plant) {
  return kitOf(plant).sdi12Probes.map(({ address, identity, measureS, values }) => ({
    address,
    identity,
    measureS,
    measure: () =>
      values.map((value) => ({
        value: reader(plant, value)(),
        digits: digitsOf(sensorOf(plant, value.sensor)),
      })),
  }));
}

/** Milliseconds between two looks for whole frames. */
const vibrationTickMs = 50;

function vibration({ plant, line, state }: SerialDevicesOptions): SerialDevices {
  const { stage } = kitOf(plant).vibration;
  const machine = machineSensor(plant, stage);
  const nothing = new Uint8Array(0);
  let cancel: Cancel = () => {};
  return {
    receive: () => {},
    start: () => {
      cancel = every(line.clock, vibrationTickMs, () => {
        const nowMs = line.clock.monotonicMs();
        for (const frame of machine.frames(nowMs)) {
          const bent = state.bend(frame, { device: stage, request: nothing });
          if (bent.bytes.length > 0) line.send(bent.bytes, nowMs + bent.delayMs);
        }
      });
    },
    stop: () => cancel(),
  };
}

/** Present reading; NaN while its loop is broken, as a float instrument says it. */
function reader(plant: Plant, value: SerialValue): () => number {
  const sensor = sensorOf(plant, value.sensor);
  const { derived } = value;
  const { measured } = plant.bank;
  if (derived === undefined) {
    return () => (isBroken(plant, sensor) ? Number.NaN : f64(measured, sensor.index));
  }
  const other = sensorOf(plant, derived.from);
  return () => derived.of(f64(measured, sensor.index), f64(measured, other.index));
}

/** What the loop of `sensor` carries, mA; beyond 4…20 where it has failed (NAMUR NE 43). */
function current(plant: Plant, sensor: Sensor): () => number {
  const { min, max } = sensor.instrument;
  return () => 4 + (16 * (f64(plant.bank.measured, sensor.index) - min)) / (max - min);
}

const isBroken = (plant: Plant, sensor: Sensor): boolean =>
  (u8(plant.bank.status, sensor.index) & (statusLoopLow | statusLoopHigh)) !== 0;

const digitsOf = ({ instrument }: Sensor): number =>
  Math.max(0, Math.round(-Math.log10(instrument.resolution)));

const sensorOf = ({ definition }: Plant, id: string): Sensor => sensorNamed(definition, id);

/** Lines are planned only where the plant has them. */
const kitOf = ({ definition }: Plant): SerialKit => definition.serial as SerialKit;
