/** What the demo knows of the plant it shows: what the simulator says of itself, and nothing else. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

export interface SimulatedPlant {
  id: string;
  /** Completes "simulated …". */
  about: string;
  /** Id of its site, and where it lies. */
  site: string;
  tz: string;
  stages: number;
  sensors: number;
  gateways: readonly string[];
  edges: readonly string[];
  /** Serial lines. */
  serial: readonly string[];
  scenarios: readonly string[];
}

/** Every plant that `weir-sim` can simulate. */
function simulatedPlants(root: string): SimulatedPlant[] {
  const bin = join(root, "node_modules", ".bin", "weir-sim");
  const asked = spawnSync(bin, ["plants", "--json"], { encoding: "utf8" });
  if (asked.status !== 0) throw new Error(`weir-sim plants failed: ${asked.stderr}`);
  return asked.stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const { plant, ...rest } = JSON.parse(line) as { plant: string } & SimulatedPlant;
      return { ...rest, id: plant };
    });
}

/** The plant of that name with that scenario, or everything that is wrong with either. */
export function findPlant(
  root: string,
  { plant: name, scenario }: { plant: string; scenario: string },
): SimulatedPlant | { problems: string[] } {
  const plants = simulatedPlants(root);
  const plant = plants.find(({ id }) => id === name);
  if (plant === undefined) {
    const known = plants.map(({ id }) => id).join(", ");
    return { problems: [`--plant ${name} is unknown; give one of ${known}`] };
  }
  const isFile = scenario.includes("/") || /\.ya?ml$/.test(scenario);
  if (isFile || plant.scenarios.includes(scenario)) return plant;
  const known = plant.scenarios.join(", ");
  return {
    problems: [
      `--scenario ${scenario} is unknown for the ${name}; give one of ${known}, or the path of a YAML file`,
    ],
  };
}
