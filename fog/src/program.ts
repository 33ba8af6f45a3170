/** weir-fog: the site's gateway between edges and cloud, by its commands. */
import type { Program } from "@weir/runtime/cli.ts";
import { audit, backup, restore } from "./commands/backup.ts";
import { enrolEdge } from "./commands/enrol-edge.ts";
import { importHistory } from "./commands/import.ts";
import { init } from "./commands/init.ts";
import { people } from "./commands/people.ts";
import { revokeEdge } from "./commands/revoke-edge.ts";
import { run } from "./commands/run.ts";
import { status } from "./commands/status.ts";
import { validate } from "./commands/validate.ts";

export const program: Program = {
  name: "weir-fog",
  about: "Gathers a site's edges, keeps its history, finds what stands out, and tells the cloud.",
  version: "0.1.0",
  commands: {
    init,
    run,
    validate,
    "enrol-edge": enrolEdge,
    "revoke-edge": revokeEdge,
    people,
    import: importHistory,
    backup,
    restore,
    audit,
    status,
  },
};
