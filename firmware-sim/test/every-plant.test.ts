/** What holds for every plant that can be simulated: tables that fit together, scenarios that can be read, a life to lead. */
import { describe, expect, test, vi } from "vitest";
import { createPlant } from "../src/create-plant.ts";
import type { PlantDefinition } from "../src/plant-definition/plant-definition.ts";
import { plants } from "../src/plants/plants.ts";
import { simulatedIds } from "../src/plants/simulated-ids.ts";
import { loadScenario, scenarioNames } from "../src/scenarios/read-scenario.ts";

vi.setConfig({ testTimeout: 60_000 });

describe.each(plants.map((plant) => [plant.id, plant] as const))("%s", (_, plant) => {
  test("scenarios can be read and say what they are, a quiet one and the story among them", () => {
    const names = scenarioNames(plant);
    expect(names).toEqual(expect.arrayContaining(["quiet", "story"]));
    for (const name of names) expect(loadScenario(plant, name).about, name).not.toBe("");
  });

  test("events name stages, sensors and knobs that there are", () => {
    const lived = createPlant({ plant, seed: 1, scenario: loadScenario(plant, "quiet") });
    const stages = plant.stages.map(({ id }) => id);
    for (const [name, event] of Object.entries(plant.events)) {
      for (const stage of event.stages) {
        expect(stages, name).toContain(stage);
        for (const sensor of event.sensors) {
          const id = sensor.replace("{stage}", stage);
          expect(plant.sensorById(id)?.id, `${name} ${id}`).toBe(id);
        }
        const params = Object.fromEntries(
          Object.entries(event.params).map(([key, bounds]) => [key, bounds.default]),
        );
        const forMs = 60_000;
        lived.inject({ what: "event", event: name, stage, params, forMs });
      }
    }
    lived.advanceTo(lived.nowMs + 30_000);
    expect(lived.bank.measured.every(Number.isFinite)).toBe(true);
  });

  test("edges, gateways, actuators, limits and figures refer to each other", () => {
    const edges = plant.edges.map(({ id }) => id);
    const gateways = plant.gateways.map(({ id }) => id);
    const actuators = plant.actuators.map(({ id }) => id);
    for (const { edge } of plant.gateways) expect(edges).toContain(edge);
    for (const { id, gateway, feeds = [] } of plant.actuators) {
      expect(gateways, id).toContain(gateway);
      for (const load of feeds) expect(actuators, id).toContain(load);
    }
    expect(plant.unwatched.every((id) => gateways.includes(id))).toBe(true);
    for (const id of [...Object.keys(plant.limits), ...plant.kpis.flatMap((kpi) => kpi.sensors)]) {
      expect(plant.sensorById(id)?.id).toBe(id);
    }
    expect(Object.keys(plant.shaftSpeeds).sort()).toEqual(machinesOf(plant).sort());
  });
});

const machinesOf = (plant: PlantDefinition): string[] => [
  ...createPlant({ plant, seed: 1, scenario: loadScenario(plant, "quiet") })
    .process.machines()
    .keys(),
];

test("no two plants share a site, an edge, a gateway, a stage or an actuator", () => {
  for (const ids of [
    plants.map(({ site }) => site.id),
    plants.flatMap(({ edges }) => edges.map(({ id }) => id)),
    plants.flatMap(({ gateways }) => gateways.map(({ id }) => id)),
    plants.flatMap(({ stages }) => stages.map(({ id }) => id)),
    plants.flatMap(({ actuators }) => actuators.flatMap(({ id, name }) => [id, name])),
  ]) {
    expect(new Set(ids).size).toBe(ids.length);
  }
});

test("the list of simulated names holds those of each plant", () => {
  const ids = simulatedIds();
  for (const plant of plants) {
    expect(ids.sites).toContain(plant.site.id);
    for (const { id } of plant.stages) expect(ids.stages).toContain(id);
    for (const { id, siteId } of plant.sensors) {
      expect(ids.tags).toContain(id);
      expect(ids.tags).toContain(siteId);
    }
  }
  expect(ids.devices).toContain("D14-VIB");
  expect(ids.rules).toEqual(expect.arrayContaining(["CL-HIGH", "OVER-TEMPERATURE-OV2"]));
  expect(
    Object.values(ids)
      .flat()
      .every((id) => id !== ""),
  ).toBe(true);
});
