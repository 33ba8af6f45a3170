/** `weir-cloud enrol-site SITE`: writes the identity folder with which a fog speaks to this cloud. */

import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { elementAt } from "@weir/contracts/elements.ts";
import { command } from "@weir/runtime/command.ts";
import { commonOptions } from "@weir/runtime/common-options.ts";
import { openKeys } from "../cloud-keys.ts";
import { writeSiteIdentity } from "../enrolment/authority.ts";
import { readAddresses } from "./address-file.ts";
import { noteCommand } from "./command-audit.ts";
import { clocksOf, dataDirDefault, settingsOf } from "./settings-of.ts";

export const enrolSite = command({
  about:
    "Issues the certificate of one site and writes its identity folder. Works beside a running cloud.",
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
      doc: "Folder to write; <site>-identity without it.",
    },
    url: {
      flag: "--url",
      type: "string",
      default: undefined,
      value: "URL",
      doc: "How the site reaches the door; the address of the running cloud without it.",
    },
  },
  positionals: { name: "SITE", doc: "The site's id, such as my-site.", min: 1, max: 1 },
  examples: ["weir-cloud enrol-site my-site --out ./my-site --url https://cloud.example:8443"],
  async run(args, io) {
    const settings = settingsOf(args.config, io);
    if (!settings) return 1;
    const site = elementAt(args.positionals, 0);
    const dataDir = resolve(args.dataDir ?? dataDirDefault);
    mkdirSync(dataDir, { recursive: true, mode: 0o750 });
    const clocks = clocksOf(args.clock);
    const { authority, key } = await openKeys(dataDir, clocks.io);
    const folder = resolve(args.out ?? `${site}-identity`);
    const { host, port } = settings.door;
    const url = args.url ?? readAddresses(dataDir)?.door ?? `https://${host}:${port}`;
    const identity = await authority.enrol(site);
    writeSiteIdentity(folder, {
      ...{ site, url, identity, caPem: authority.caPem },
      signingKeyPem: key.publicPem,
    });
    noteCommand(dataDir, { action: "site.enrol", subject: site, detail: url }, args.clock);
    io.out(
      args.json
        ? JSON.stringify({ event: "enrolled", site, url, folder })
        : `${site} enrolled: give ${folder} to its fog (it speaks to ${url})`,
    );
    return 0;
  },
});
