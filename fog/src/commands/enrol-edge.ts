/** weir-fog enrol-edge <edge> --out DIR: gives an edge its identity. Works beside a running fog. */

import { join } from "node:path";
import { elementAt } from "@weir/contracts/elements.ts";
import { isId } from "@weir/contracts/topics.ts";
import { command } from "@weir/runtime/cli.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { commonOptions } from "@weir/runtime/common-options.ts";
import { createReporter } from "@weir/runtime/events.ts";
import { assertFree, writeIdentityFolder } from "../enrolment/identity-folder.ts";
import { edgeDaysDefault } from "../enrolment/site-authority.ts";
import { FogFault } from "../faults.ts";
import type { FogSettings } from "../settings.ts";
import { readCloudIdentity } from "../uplink/cloud-identity.ts";
import { noteCommand } from "./command-audit.ts";
import { authorityOf, configurationOf, dataDirOf } from "./fog-options.ts";
import { readRunFile } from "./run-file.ts";

export const enrolEdge = command({
  about: "Gives an edge its certificate and the keys it may believe.",
  options: {
    config: commonOptions.config,
    dataDir: commonOptions.dataDir,
    json: commonOptions.json,
    clock: commonOptions.clock,
    out: {
      flag: "--out",
      type: "string",
      default: undefined,
      value: "DIR",
      doc: "Folder for the identity; made if missing, never overwritten.",
    },
    days: {
      flag: "--days",
      type: "number",
      default: edgeDaysDefault,
      min: 1,
      max: 3_650,
      integer: true,
      doc: "How long the certificate is valid.",
    },
  },
  positionals: { name: "EDGE", doc: 'The edge\'s id, as "edge-1".', min: 1, max: 1 },
  examples: ["weir-fog enrol-edge edge-1 --out ./edge-1-identity"],
  async run(args, io) {
    const edge = elementAt(args.positionals, 0);
    if (!isId(edge)) throw new FogFault("FOG_EDGE_ID", { edge });
    const { settings, site } = configurationOf(args.config);
    const dataDir = dataDirOf(args.dataDir);
    const out = args.out ?? join(".", edge);
    assertFree(out);
    const cloud = settings.cloud && readCloudIdentity(settings.cloud.identity, site.site.id);
    const nowMs = systemClock().nowMs();
    const authority = await authorityOf(dataDir, site.site.id, nowMs);
    const { certPem, keyPem } = await authority.issueEdge(edge, { nowMs, days: args.days });
    writeIdentityFolder(out, {
      site: site.site.id,
      edge,
      caPem: authority.caPem,
      certPem,
      keyPem,
      trustedKeys: [authority.signingKey.publicPem, ...(cloud ? [cloud.cloudKeyPem] : [])],
    });
    authority.close();
    noteCommand(dataDir, { action: "edge.enrol", subject: edge, detail: out }, args.clock);
    const url = edgeUrl(settings.mqtt, readRunFile(dataDir)?.mqttUrl);
    createReporter({ json: args.json, out: io.out }).event(
      "enrolled",
      { edge, site: site.site.id, dir: out, url },
      [
        `${edge} is enrolled at ${site.site.name}; its identity is in ${out}`,
        "in its edge.yaml, with the path from there:",
        `  site: {id: ${site.site.id}}`,
        `  edge: ${edge}`,
        `  uplink: {url: ${JSON.stringify(url)}, identity: ${JSON.stringify(out)}}`,
      ].join("\n"),
    );
    return 0;
  },
});

/** How an edge reaches this fog, as far as the settings say: by its first name, else where it listens. */
function edgeUrl({ host, port, names }: FogSettings["mqtt"], running: string | undefined): string {
  const isAnywhere = host === "0.0.0.0" || host === "::";
  const name = names[0] ?? (isAnywhere ? "NAME-OF-THIS-MACHINE" : host);
  const chosen = port === 0 && running ? new URL(running).port : port;
  return `mqtts://${name.includes(":") ? `[${name}]` : name}:${chosen}`;
}
