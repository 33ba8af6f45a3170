/** weir-fog init SITE: the two files and the folder that a new site's fog needs. */

import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { elementAt } from "@weir/contracts/elements.ts";
import { isZone, zoneRemedy } from "@weir/contracts/site-time.ts";
import { isId } from "@weir/contracts/topics.ts";
import { command } from "@weir/runtime/cli.ts";
import { commonOptions } from "@weir/runtime/common-options.ts";
import { createReporter } from "@weir/runtime/events.ts";
import { FogFault } from "../faults.ts";
import { fogSchemaFile } from "../fog-schemas.ts";
import { type InitialSite, initialFog, initialSite } from "../initial-files.ts";
import { readCloudIdentity } from "../uplink/cloud-identity.ts";
import { configDefault, dataDirHere } from "./fog-options.ts";

const siteFile = "site.yaml";

const text = (flag: string, value: string, doc: string) =>
  ({ flag, type: "string", default: undefined, value, doc }) as const;

const port = (flag: string, preset: number, doc: string) =>
  ({ flag, type: "number", default: preset, min: 1, max: 65_535, integer: true, doc }) as const;

export const init = command({
  about: "Writes fog.yaml and site.yaml for a new site, with every setting explained.",
  options: {
    out: {
      flag: "--out",
      type: "string",
      default: ".",
      value: "DIR",
      doc: "Folder for the files; nothing in it is overwritten.",
    },
    name: text("--name", "TEXT", "What people call the site; its id by default."),
    tz: text("--tz", "ZONE", "Its time zone, as Europe/Vienna; this machine's by default."),
    stages: {
      flag: "--stages",
      type: "string",
      default: "STAGE1",
      value: "LIST",
      doc: "Ids of what stands there, in flow order: TANK1,TANK2,PUMP.",
    },
    cloud: text("--cloud", "DIR", 'The folder that "weir-cloud enrol-site" has written.'),
    mqttPort: port("--mqtt-port", 8_883, "Port for edges."),
    httpPort: port("--http-port", 8_080, "Port of the dashboard."),
    json: commonOptions.json,
  },
  positionals: { name: "SITE", doc: "The site's id, as my-plant.", min: 1, max: 1 },
  examples: [
    "weir-fog init my-plant --stages TANK1,TANK2,PUMP --tz Europe/Vienna",
    "weir-fog init my-plant --stages TANK1 --cloud my-plant-identity",
  ],
  async run(args, io) {
    const { out, cloud, mqttPort, httpPort } = args;
    const id = elementAt(args.positionals, 0);
    const stages = args.stages.split(",").map((stage) => stage.trim());
    const tz = args.tz ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
    assertUsable({ id, tz, stages, out });
    if (cloud !== undefined) readCloudIdentity(cloud, id);
    const site: InitialSite = {
      ...{ id, tz, stages, mqttPort, httpPort, name: args.name ?? id },
      cloud: cloud === undefined ? undefined : relative(resolve(out), resolve(cloud)),
    };
    const schemas = { fog: fogSchemaFile("fog"), site: fogSchemaFile("site") };
    mkdirSync(join(out, dataDirHere), { recursive: true, mode: 0o750 });
    // wx: what is there is never overwritten, by two commands at once neither.
    writeFileSync(join(out, siteFile), initialSite(site, schemas), { flag: "wx" });
    writeFileSync(join(out, configDefault), initialFog(site, schemas), { flag: "wx" });
    const reporter = createReporter({ json: args.json, out: io.out });
    reporter.event(
      "initialised",
      { site: id, dir: resolve(out), stages },
      [
        `${configDefault}, ${siteFile} and the data folder ${dataDirHere} are in ${resolve(out)}`,
        'next, in that folder: "weir-fog run", and "weir-fog enrol-edge edge-1" for the first edge',
      ].join("\n"),
    );
    return 0;
  },
});

/** @throws Fault FOG_INIT with everything that is wrong */
function assertUsable(of: {
  id: string;
  tz: string;
  stages: readonly string[];
  out: string;
}): void {
  const { id, tz, stages, out } = of;
  const faults: string[] = [];
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(id) || !isId(id))
    faults.push(
      `"${id}" is no site id: lower-case letters, digits and dashes, opening with a letter or digit`,
    );
  if (!isZone(tz)) faults.push(`--tz: ${zoneRemedy(tz)}`);
  for (const stage of stages) {
    if (!/^[\w.-]{1,64}$/.test(stage))
      faults.push(`--stages: "${stage}" is no stage id: letters, digits, dots, dashes, as TANK1`);
  }
  const twice = stages.find((stage, i) => stages.indexOf(stage) < i);
  if (twice) faults.push(`--stages: ${twice} is named twice`);
  const taken = [configDefault, siteFile].filter((name) => existsSync(join(out, name)));
  if (taken.length > 0)
    faults.push(`${resolve(out)} holds ${taken.join(" and ")} already; choose another folder`);
  else if (existsSync(out) && !statSync(out).isDirectory())
    faults.push(`${resolve(out)} is not a folder`);
  if (faults.length > 0) throw new FogFault("FOG_INIT", { text: faults.join("\n") });
}
