/** From the YAML a person wrote to the configuration the agent runs, or every fault in it at once. */
import { createHash } from "node:crypto";
import { dirname, resolve } from "node:path";
import type { Problem } from "@weir/runtime/problem.ts";
import { parseYaml, readYamlFile, type YamlResult } from "@weir/runtime/yaml-source.ts";
import { connectionLoad, impossibleRead } from "../acquisition/connection-load.ts";
import type { Configuration } from "./configuration.ts";
import { edgeDocument } from "./document.ts";
import { layOver, type Overlay } from "./overlay.ts";
import { resolveBroker } from "./resolve-broker.ts";
import { resolveConnections } from "./resolve-connections.ts";
import { checkCollisions, resolveDevices } from "./resolve-devices.ts";
import { warnOfUnknownKinds } from "./resolve-kind.ts";
import { resolveOutputs } from "./resolve-outputs.ts";
import { resolveRules } from "./resolve-rules.ts";
import { fault, type Resolving, readDocument, warn } from "./resolving.ts";
import { checkApproval } from "./safety-approval.ts";
import { type DocumentSettings, readSafety } from "./safety-source.ts";

export type LoadResult =
  | {
      ok: true;
      configuration: Configuration;
      warnings: Problem[];
      /** Every file that was read, by path: the configuration's own and its profiles'. */
      texts: ReadonlyMap<string, string>;
      /** Where outputs and rules stand, when that is a document of their own. */
      document: DocumentSettings | undefined;
    }
  | { ok: false; problems: Problem[] };

/** Above this share of a connection's time polls begin to be skipped when a device is slow. */
export const utilisationWarn = 0.7;
export const utilisationMax = 1;

export interface LoadOptions {
  /** Texts by path instead of the files on disk: a kept copy. */
  texts?: ReadonlyMap<string, string>;
  /** What the fog gave, laid over the file's connections and devices. */
  overlay?: Overlay;
  /** A safety document that is not approved is refused; ignored only where one is looked at or approved. */
  approval?: "demanded" | "ignored";
}

export function loadConfiguration(file: string, options: LoadOptions = {}): LoadResult {
  const texts = new Map<string, string>();
  const read = (path: string): YamlResult => {
    const kept = options.texts?.get(path);
    const result = kept === undefined ? readYamlFile(path) : parseYaml(path, kept);
    if (result.ok) texts.set(path, result.text);
    return result;
  };
  const own = read(file);
  if (!own.ok) return own;
  const { overlay } = options;
  const source = overlay ? { ...own, root: layOver(own.root, overlay.root) } : own;
  const at: Resolving = { source, problems: [], warnings: [], read };
  if (source.root === null) {
    fault(at, [], 'the file is empty; "weir-edge validate --schema" tells what it may hold');
    return { ok: false, problems: at.problems };
  }
  const raw = readDocument(at, edgeDocument);
  const site = { id: raw.site.id ?? "", tz: raw.site.tz };
  const connections = resolveConnections(at, raw.connections);
  const resolved = resolveDevices(at, raw.devices, { site: site.id, connections });
  checkCollisions(resolved);
  warnOfUnknownKinds(at, resolved.tags);
  const { devices, tags } = resolved;
  const safety = readSafety(at, raw, file);
  const outputs = resolveOutputs(safety.at, safety.outputs, connections);
  const rules = resolveRules(safety.at, safety.rules, {
    tags,
    outputs,
    faulty: resolved.faulty,
    onBad: safety.onBad,
  });
  const configuration: Configuration = {
    file,
    site,
    edge: raw.edge ?? "",
    uplink: raw.uplink?.url
      ? {
          url: raw.uplink.url,
          identity: resolve(dirname(file), raw.uplink.identity),
        }
      : undefined,
    sparkplug: raw.sparkplug && {
      broker: resolveBroker(at, raw.sparkplug, ["sparkplug"]),
      group: raw.sparkplug.group ?? site.id,
      node: raw.sparkplug.node ?? raw.edge ?? "",
      primaryHost: raw.sparkplug.primaryHost,
    },
    connections,
    devices,
    tags,
    outputs,
    rules,
    approval: { isApproved: false, documentSha256: "", by: "", atMs: 0 },
    reload: { watch: raw.reload.watch, healthWithinMs: raw.reload.healthWithin },
    downlink: raw.downlink,
    sha256: "",
  };
  if (at.problems.length === 0) checkBudget(at, configuration);
  if (rules.length > 0 && !safety.document) {
    warn(
      at,
      ["safety"],
      'not approved: for more than trials move outputs and safety to a document of their own and run "weir-edge approve"',
    );
  }
  if (at.problems.length === 0 && safety.document) {
    configuration.approval = checkApproval(at, safety.document, {
      configuration,
      isDemanded: options.approval !== "ignored",
    });
  }
  if (at.problems.length > 0) return { ok: false, problems: at.problems };
  configuration.sha256 = sha256Of([...texts.values(), ...(overlay ? [overlay.text] : [])]);
  return {
    ok: true,
    configuration,
    warnings: at.warnings,
    texts,
    document: safety.document,
  };
}

/** Identifies a configuration: SHA-256 of its files' texts, hexadecimal. */
function sha256Of(texts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(text).update("\0");
  return hash.digest("hex");
}

function checkBudget(at: Resolving, configuration: Configuration): void {
  for (const connection of configuration.connections) {
    const { utilisation, requestsPerSecond, requestMs } = connectionLoad(configuration, connection);
    const path = ["connections", connection.id];
    const impossible = impossibleRead(configuration, connection);
    if (impossible) fault(at, path, impossible);
    const text = `${connection.id}: ${Math.round(utilisation * 100)} % of capacity at these poll rates (${requestsPerSecond.toFixed(1)} requests/s of ${requestMs} ms)`;
    if (utilisation > utilisationMax) {
      fault(
        at,
        path,
        `${text}; poll slower, place registers closer together, or spread devices over more connections`,
      );
    } else if (utilisation > utilisationWarn) {
      warn(at, path, text);
    }
  }
}
