/** `weir-sim status` and `weir-sim scenarios`. */
import { command } from "@weir/runtime/cli.ts";
import { commonOptions } from "@weir/runtime/common-options.ts";
import { formatText } from "../devices/paced-line.ts";
import type { PlantDefinition } from "../plant-definition/plant-definition.ts";
import { plantById, plants as simulated } from "../plants/plants.ts";
import { loadScenario, scenarioNames } from "../scenarios/read-scenario.ts";
import { plantOption } from "./plant-options.ts";
import { askStatus, controlUrl } from "./running-sim.ts";

export const status = command({
  about: "Tells how a running simulator fares.",
  options: {
    url: {
      flag: "--url",
      type: "string",
      default: undefined,
      value: "URL",
      doc: "Its control address; else it is read from the data folder.",
    },
    dataDir: commonOptions.dataDir,
    json: commonOptions.json,
  },
  run: async (args, io) => {
    const answer = await askStatus(controlUrl(args));
    if (args.json) {
      io.out(JSON.stringify({ event: "status", ...answer }));
      return 0;
    }
    io.out(`scenario  ${answer.scenario}, seed ${answer.seed}`);
    io.out(
      `plant     ${answer.plant}, ${new Date(answer.plantNowMs).toISOString()}, ${answer.lateMs} ms late`,
    );
    for (const { id, port, requests, stale } of answer.gateways) {
      io.out(`${id.padEnd(9)} port ${port}, ${requests} requests, ${stale}`);
    }
    for (const { id, place, format, requests, answers, failures } of answer.serial) {
      const counts = `${requests} requests, ${answers} answers`;
      io.out(
        `${id.padEnd(9)} ${place} ${formatText(format)}, ${counts} ${failures.join(", ")}`.trimEnd(),
      );
    }
    for (const { id, coil, position, failures } of answer.actuators) {
      const share = `${Math.round(100 * position)} %`;
      io.out(`${id.padEnd(11)} ${coil ? "on " : "off"} ${share} ${failures.join(" ")}`.trimEnd());
    }
    return 0;
  },
});

export const scenarios = command({
  about: "Lists the scenarios that come with a plant.",
  options: { plant: plantOption, json: commonOptions.json },
  run: async (args, io) => {
    const plant = plantById(args.plant);
    for (const name of scenarioNames(plant)) {
      const { about, profile } = loadScenario(plant, name);
      if (args.json) io.out(JSON.stringify({ event: "scenario", name, about, profile }));
      else io.out(`${name.padEnd(18)} ${about}`);
    }
    return 0;
  },
});

export const plants = command({
  about: "Lists the plants that can be simulated.",
  options: { json: commonOptions.json },
  run: async (args, io) => {
    for (const plant of simulated) {
      const { id, about, stages, sensors } = plant;
      if (args.json) io.out(JSON.stringify({ event: "plant", plant: id, ...plantFields(plant) }));
      else io.out(`${id.padEnd(13)} ${about}: ${stages.length} stages, ${sensors.length} sensors`);
    }
    return 0;
  },
});

/** What a program that starts a plant needs to know of it. */
function plantFields(plant: PlantDefinition): Record<string, unknown> {
  const ids = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);
  return {
    about: plant.about,
    site: plant.site.id,
    tz: plant.site.tz,
    stages: plant.stages.length,
    sensors: plant.sensors.length,
    gateways: ids(plant.gateways),
    edges: ids(plant.edges),
    serial: ids(plant.serial?.lines ?? []),
    scenarios: scenarioNames(plant),
  };
}
