/** The files that describe a simulated plant to the other tiers. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PlantDefinition } from "../plant-definition/plant-definition.ts";
import { edgeFile, safetyFile } from "./edge-file.ts";
import type { SerialOptions } from "./edge-rows.ts";
import { siteFile } from "./site-file.ts";

export interface ConfigurationOptions {
  plant: PlantDefinition;
  outDir: string;
  host: string;
  /** By gateway. */
  ports: ReadonlyMap<string, number>;
  /** mqtts://host:port of the fog; without it the edges run alone. */
  uplinkUrl?: string | undefined;
  /** Holds a folder for each edge: `<identityDir>/<edge>`. */
  identityDir: string;
  /** Serial lines that run. */
  serial?: SerialOptions | undefined;
  /** Cause-and-effect tables as documents of their own, to be approved. */
  hasSafetyDocuments?: boolean | undefined;
}

/** Returns the paths written. */
export function writeConfiguration(options: ConfigurationOptions): string[] {
  const { plant, uplinkUrl, identityDir } = options;
  mkdirSync(options.outDir, { recursive: true });
  const files: [name: string, text: string][] = [["site.yaml", siteFile(plant)]];
  for (const { id: edge } of plant.edges) {
    const hasSafetyDocument = options.hasSafetyDocuments === true;
    const own = {
      plant,
      edge,
      host: options.host,
      ports: options.ports,
      uplink: uplinkUrl ? { url: uplinkUrl, identity: join(identityDir, edge) } : undefined,
      serial: edge === plant.serial?.edge ? options.serial : undefined,
      hasSafetyDocument,
    };
    files.push([`${edge}.yaml`, edgeFile(own)]);
    if (hasSafetyDocument) files.push([`${edge}.safety.yaml`, safetyFile(own)]);
  }
  return files.map(([name, text]) => {
    const path = join(options.outDir, name);
    writeFileSync(path, text);
    return path;
  });
}
