/** The files that describe the simulated works to the other tiers. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EdgeId, GatewayId } from "../plant/gateways.ts";
import { edgeFile, safetyFile } from "./edge-file.ts";
import type { SerialOptions } from "./edge-rows.ts";
import { siteFile } from "./site-file.ts";

export interface ConfigurationOptions {
  outDir: string;
  host: string;
  ports: ReadonlyMap<GatewayId, number>;
  /** mqtts://host:port of the fog; without it the edges run alone. */
  uplinkUrl?: string | undefined;
  /** Holds a folder for each edge: `<identityDir>/edge-w`. */
  identityDir: string;
  /** Serial lines, which the edge of the drinking-water line holds. */
  serial?: SerialOptions | undefined;
  /** Cause-and-effect tables as documents of their own, to be approved. */
  hasSafetyDocuments?: boolean | undefined;
}

/** Returns the paths written. */
export function writeConfiguration(options: ConfigurationOptions): string[] {
  mkdirSync(options.outDir, { recursive: true });
  const files: [name: string, text: string][] = [["site.yaml", siteFile()]];
  for (const edge of ["edge-w", "edge-d"] as const satisfies readonly EdgeId[]) {
    const uplink = options.uplinkUrl
      ? { url: options.uplinkUrl, identity: join(options.identityDir, edge) }
      : undefined;
    const hasSafetyDocument = options.hasSafetyDocuments === true;
    const own = {
      edge,
      host: options.host,
      ports: options.ports,
      uplink,
      serial: edge === "edge-d" ? options.serial : undefined,
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
