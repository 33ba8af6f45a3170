/** The sensors of a plant, expanded from its stages. The index of a sensor is its place in the list. */
import assert from "node:assert";
import type { Gateway } from "./gateway.ts";
import type { Instrument } from "./instrument.ts";
import type { StageRow } from "./stage-row.ts";

export interface Sensor {
  index: number;
  /** Stage and tag: "S1/TE01". */
  id: string;
  /** Device of the edge's configuration: the stage, or a name of its own where the edge has that stage twice. */
  device: string;
  /** Edge, device and tag: unique at the site. */
  siteId: string;
  stage: string;
  /** The tag's name on its device: two letters of its class, two digits. */
  name: string;
  /** The two letters. */
  sensorClass: string;
  instrument: Instrument;
  periodS: number;
  gateway: string;
  edge: string;
  /** The true quantity it sees: a name on the signal board. */
  signal: string;
}

export interface SensorTables {
  stages: readonly StageRow[];
  gateways: readonly Gateway[];
  instruments: Readonly<Record<string, Instrument>>;
  /** Seconds between two samples of each class. */
  periodS: Readonly<Record<string, number>>;
  gatewayOf: (stage: string, sensorClass: string) => string;
  /** A device has one connection: the stage, unless the edge also reads it elsewhere. */
  deviceOf?: (stage: string, sensorClass: string) => string;
}

export function expandSensors(tables: SensorTables): Sensor[] {
  const { stages, gateways, instruments, periodS, gatewayOf } = tables;
  const all: Sensor[] = [];
  for (const stage of stages) {
    for (const text of stage.sensors) {
      const [name, instrumentName, signal] = text.split(" ") as [string, string, string];
      const sensorClass = name.slice(0, 2);
      const gateway = gatewayOf(stage.id, sensorClass);
      const edge = gateways.find(({ id }) => id === gateway)?.edge;
      const instrument = instruments[instrumentName];
      const period = periodS[sensorClass];
      assert(edge !== undefined && instrument !== undefined && period !== undefined, text);
      const device = tables.deviceOf?.(stage.id, sensorClass) ?? stage.id;
      all.push({
        index: all.length,
        id: `${stage.id}/${name}`,
        device,
        siteId: `${edge}/${device}/${name}`,
        stage: stage.id,
        name,
        sensorClass,
        instrument,
        periodS: period,
        gateway,
        edge,
        signal,
      });
    }
  }
  return all;
}
