/** The rig's configuration, changed for one suite, as the edge itself reads it. */
import { writeFileSync } from "node:fs";
import type { Configuration } from "@weir/edge/configuration/configuration.ts";
import { loadConfiguration } from "@weir/edge/configuration/load-configuration.ts";
import { formatProblems } from "@weir/runtime/problem.ts";
import { HilFault } from "../faults.ts";
import type { EdgeDocument } from "./rig.ts";

/** Writes `document` to `file` (JSON is YAML) and loads it. @throws Fault HIL_CONFIGURATION */
export function loadVariant(document: EdgeDocument, file: string): Configuration {
  writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`);
  const loaded = loadConfiguration(file);
  if (loaded.ok) return loaded.configuration;
  throw new HilFault("HIL_CONFIGURATION", { problems: formatProblems(loaded.problems) });
}

/** Only what hangs on `connections`, without safety rules. */
export function reduced(document: EdgeDocument, connections: readonly string[]): EdgeDocument {
  const keep = new Set(connections);
  const onKept = (text: unknown) => keep.has(connectionOf(String(text)) ?? "");
  return {
    ...document,
    uplink: undefined,
    connections: Object.fromEntries(
      Object.entries(document.connections).filter(([id]) => keep.has(id)),
    ),
    devices: document.devices.filter(({ connection }) => keep.has(connection)),
    outputs: Object.fromEntries(
      Object.entries(document.outputs as Record<string, RawOutput>)
        .filter(([, { write }]) => onKept(write))
        .map(([id, output]) => [id, { ...output, secondary: undefined }]),
    ),
    safety: [],
  };
}

interface RawOutput {
  write: string;
}

/** "coil bus/40:0" → "bus" */
export const connectionOf = (place: string): string | undefined =>
  /^\w+ ([^/]+)\//.exec(place)?.[1];
