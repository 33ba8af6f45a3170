/** weir-fog revoke-edge <edge>: its certificates are worth nothing from now on. */

import { elementAt } from "@weir/contracts/elements.ts";
import { command } from "@weir/runtime/cli.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { commandUser } from "@weir/runtime/command-audit.ts";
import { commonOptions } from "@weir/runtime/common-options.ts";
import { createReporter } from "@weir/runtime/events.ts";
import { FogFault } from "../faults.ts";
import { noteCommand } from "./command-audit.ts";
import { authorityOf, configurationOf, dataDirOf } from "./fog-options.ts";

export const revokeEdge = command({
  about: "Revokes every certificate of an edge; a running fog cuts it off within seconds.",
  options: {
    config: commonOptions.config,
    dataDir: commonOptions.dataDir,
    json: commonOptions.json,
    clock: commonOptions.clock,
  },
  positionals: { name: "EDGE", doc: "The edge's id.", min: 1, max: 1 },
  async run(args, io) {
    const edge = elementAt(args.positionals, 0);
    const { site } = configurationOf(args.config);
    const nowMs = systemClock().nowMs();
    const dataDir = dataDirOf(args.dataDir);
    const authority = await authorityOf(dataDir, site.site.id, nowMs);
    const known = authority.book.list();
    const revoked = authority.book.revoke(edge, { atMs: nowMs, by: commandUser() });
    authority.close();
    if (!known.some((certificate) => certificate.edge === edge)) {
      const names = [...new Set(known.map((certificate) => certificate.edge))].join(", ");
      throw new FogFault("FOG_NOT_ENROLLED", { edge, known: names });
    }
    const detail = `${revoked} certificates`;
    noteCommand(dataDir, { action: "edge.revoke", subject: edge, detail }, args.clock);
    createReporter({ json: args.json, out: io.out }).event(
      "revoked",
      { edge, certificates: revoked },
      revoked === 0 ? `${edge} was revoked before` : `${edge} is revoked (${revoked} certificates)`,
    );
    return 0;
  },
});
