/** The 280 sensors, expanded from the stage table. The index of a sensor is its place in `sensors`. */
import assert from "node:assert";
import { type EdgeId, type GatewayId, gatewayById, gatewayOf } from "./gateways.ts";
import {
  classPeriodS,
  type Instrument,
  type InstrumentName,
  instruments,
  type SensorClass,
} from "./instruments.ts";
import { stages } from "./stage-table.ts";

export interface Sensor {
  index: number;
  /** "D11/CL01" */
  id: string;
  /** Device of the edge's configuration: the stage, or `D14-M` where the edge has that stage twice. */
  device: string;
  /** "edge-d/D11/CL01" */
  siteId: string;
  stage: string;
  /** "CL01" */
  name: string;
  sensorClass: SensorClass;
  instrument: Instrument;
  instrumentName: InstrumentName;
  periodS: number;
  gateway: GatewayId;
  edge: EdgeId;
  /** The true quantity it sees: a name on the signal board. */
  signal: string;
}

/** A device has one connection: the machines of a stage that the same edge also reads elsewhere are their own. */
function deviceOf(stage: string, sensorClass: string): string {
  const isApart = sensorClass === "MO" && stage.startsWith("D");
  return isApart ? `${stage}-M` : stage;
}

function expand(): Sensor[] {
  const all: Sensor[] = [];
  for (const stage of stages) {
    for (const text of stage.sensors) {
      const [name, instrumentName, signal] = text.split(" ") as [string, InstrumentName, string];
      const sensorClass = name.slice(0, 2) as SensorClass;
      const gateway = gatewayOf(stage.id, sensorClass);
      const edge = gatewayById(gateway)?.edge;
      assert(edge !== undefined && sensorClass in classPeriodS);
      all.push({
        index: all.length,
        id: `${stage.id}/${name}`,
        device: deviceOf(stage.id, sensorClass),
        siteId: `${edge}/${deviceOf(stage.id, sensorClass)}/${name}`,
        stage: stage.id,
        name,
        sensorClass,
        instrument: instruments[instrumentName],
        instrumentName,
        periodS: classPeriodS[sensorClass],
        gateway,
        edge,
        signal,
      });
    }
  }
  return all;
}

export const sensors: readonly Sensor[] = expand();

const byId = new Map(sensors.map((sensor) => [sensor.id, sensor]));

const bySiteId = new Map(sensors.map((sensor) => [sensor.siteId, sensor]));

/** By "D11/CL01" (stage and name) or the site-wide "edge-d/D11/CL01". */
export const sensorById = (id: string): Sensor | undefined => byId.get(id) ?? bySiteId.get(id);
