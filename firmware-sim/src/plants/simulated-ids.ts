/** Every name that belongs to a simulated plant and to nobody else's: none of them has a place in a product. */
import type { PlantDefinition } from "../plant-definition/plant-definition.ts";
import { scenarioNames } from "../scenarios/read-scenario.ts";
import { plants as allPlants } from "./plants.ts";

export interface SimulatedIds {
  plants: string[];
  sites: string[];
  edges: string[];
  gateways: string[];
  stages: string[];
  /** Of edges, serial ones included. */
  devices: string[];
  /** "STAGE/TAG" and "EDGE/DEVICE/TAG". */
  tags: string[];
  /** Final elements, and the outputs that edges know them by. */
  actuators: string[];
  /** Of edges' cause-and-effect tables. */
  rules: string[];
  scenarios: string[];
}

const distinct = (names: readonly string[]): string[] => [...new Set(names)].sort();

/** Of all plants, unless some are given. */
export function simulatedIds(plants: readonly PlantDefinition[] = allPlants): SimulatedIds {
  const serialDevices = plants.flatMap(({ serial }) =>
    serial === undefined
      ? []
      : [
          ...serial.rtuInstruments.map(({ device }) => device),
          ...serial.printers.map(({ device }) => device),
          ...serial.sdi12Probes.map(({ device }) => device),
          serial.vibration.device,
        ],
  );
  const sensors = plants.flatMap((plant) => plant.sensors);
  const rules = plants.flatMap(({ edges }) => edges.flatMap(({ safety }) => safety));
  return {
    plants: distinct(plants.map(({ id }) => id)),
    sites: distinct(plants.map(({ site }) => site.id)),
    edges: distinct(plants.flatMap(({ edges }) => edges.map(({ id }) => id))),
    gateways: distinct(plants.flatMap(({ gateways }) => gateways.map(({ id }) => id))),
    stages: distinct(plants.flatMap(({ stages }) => stages.map(({ id }) => id))),
    devices: distinct([...sensors.map(({ device }) => device), ...serialDevices]),
    tags: distinct(sensors.flatMap(({ id, siteId }) => [id, siteId])),
    actuators: distinct(
      plants.flatMap(({ actuators }) => actuators.flatMap(({ id, name }) => [id, name])),
    ),
    rules: distinct(rules.map((rule) => (rule as { id: string }).id)),
    scenarios: distinct(plants.flatMap((plant) => scenarioNames(plant))),
  };
}
