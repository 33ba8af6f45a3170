/** The configuration files of a simulated plant, as `weir-sim configure` writes them. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Configuration } from "@weir/edge/configuration/configuration.ts";
import { loadConfiguration } from "@weir/edge/configuration/load-configuration.ts";
import { writeConfiguration } from "@weir/firmware-sim/configuration/write-configuration.ts";
import type { PlantDefinition } from "@weir/firmware-sim/plant-definition/plant-definition.ts";
import { formatProblems } from "@weir/runtime/problem.ts";
import { HilFault } from "../faults.ts";

/** Writes into `folder`. `pollEveryS` replaces the period of every tag; 0 keeps the plant's own. */
export function writePlantFiles(
  plant: PlantDefinition,
  folder: string,
  options: { pollEveryS: number },
): ReadonlyMap<string, Configuration> {
  writeConfiguration({
    plant,
    outDir: folder,
    host: "127.0.0.1",
    ports: new Map(plant.gateways.map(({ id }, i) => [id, 1_502 + i])),
    uplinkUrl: "mqtts://fog:8883",
    identityDir: folder,
  });
  return new Map(
    plant.edges.map(({ id: edge }) => {
      const file = join(folder, `${edge}.yaml`);
      if (options.pollEveryS > 0) slowDown(file, options.pollEveryS);
      const loaded = loadConfiguration(file);
      if (!loaded.ok) {
        throw new HilFault("SIM_CONFIGURATION", { problems: formatProblems(loaded.problems) });
      }
      return [edge, loaded.configuration];
    }),
  );
}

/** Tag lines are indented by six; the watchdog of a connection has an `every` of its own. */
function slowDown(file: string, everyS: number): void {
  const text = readFileSync(file, "utf8");
  const tagLine = /^( {6}[A-Z]{2}\d\d: .*\bevery: )"?\d+s"?/gm;
  writeFileSync(file, text.replace(tagLine, `$1${everyS}s`));
}
