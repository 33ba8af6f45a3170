/** `weir-cloud revoke-site SITE`: its certificates are worth nothing from now on. */

import { resolve } from "node:path";
import { elementAt } from "@weir/contracts/elements.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { command } from "@weir/runtime/command.ts";
import { commandUser } from "@weir/runtime/command-audit.ts";
import { commonOptions } from "@weir/runtime/common-options.ts";
import { openKeys } from "../cloud-keys.ts";
import { revocationsReadEveryMs } from "../enrolment/revocations.ts";
import { CloudFault } from "../faults.ts";
import { noteCommand } from "./command-audit.ts";
import { knownSites } from "./known-sites.ts";
import { dataDirDefault } from "./settings-of.ts";

export const revokeSite = command({
  about: "Revokes every certificate of a site; a running cloud cuts it off within seconds.",
  options: { dataDir: commonOptions.dataDir, json: commonOptions.json, clock: commonOptions.clock },
  positionals: { name: "SITE", doc: "The site's id.", min: 1, max: 1 },
  examples: ["weir-cloud revoke-site my-site --data-dir /var/lib/weir-cloud"],
  async run(args, io) {
    const site = elementAt(args.positionals, 0);
    const dataDir = resolve(args.dataDir ?? dataDirDefault);
    const clock = systemClock();
    const { authority } = await openKeys(dataDir, clock);
    const known = knownSites(dataDir, authority);
    if (!known.includes(site)) {
      throw new CloudFault("CLOUD_SITE_NOT_ENROLLED", { site, known: known.join(", ") });
    }
    const atMs = clock.nowMs();
    authority.revokeSite(site, { atMs, by: commandUser() });
    noteCommand(
      dataDir,
      { action: "site.revoke", subject: site, detail: "all certificates" },
      args.clock,
    );
    io.out(
      args.json
        ? JSON.stringify({ event: "revoked", site, atMs })
        : `${site} is revoked; a running cloud cuts it off within ${(2 * revocationsReadEveryMs) / 1_000} s. "weir-cloud enrol-site ${site}" lets it in again with a new identity`,
    );
    return 0;
  },
});
