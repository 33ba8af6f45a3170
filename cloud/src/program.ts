/** weir-cloud: the tier above all sites, by its commands. */
import type { Program } from "@weir/runtime/cli.ts";
import { cloudVersion } from "./cloud-version.ts";
import { audit, backup, restore } from "./commands/backup.ts";
import { enrolSite } from "./commands/enrol-site.ts";
import { importHistory } from "./commands/import-history.ts";
import { people } from "./commands/people.ts";
import { renewKey } from "./commands/renew-signing-key.ts";
import { revokeSite } from "./commands/revoke-site.ts";
import { run } from "./commands/run.ts";
import { status } from "./commands/status.ts";
import { train } from "./commands/train.ts";
import { validate } from "./commands/validate.ts";

export const program: Program = {
  name: "weir-cloud",
  about: "The cloud tier of Weir: takes in what sites push, remembers, learns, writes tickets.",
  version: cloudVersion,
  commands: {
    run,
    "enrol-site": enrolSite,
    "revoke-site": revokeSite,
    "renew-signing-key": renewKey,
    people,
    import: importHistory,
    backup,
    restore,
    audit,
    train,
    status,
    validate,
  },
};
