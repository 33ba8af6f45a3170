/** weir-fog people: who may sign in to the dashboard. */
import { join } from "node:path";
import { systemClock } from "@weir/runtime/clock.ts";
import { peopleCommand } from "@weir/runtime/web/people-command.ts";
import { noteCommand } from "./command-audit.ts";
import { dataDirOf } from "./fog-options.ts";
import { readRunFile } from "./run-file.ts";

export const people = peopleCommand({
  program: "weir-fog",
  accountsFile: (dataDir) => join(dataDirOf(dataDir), "accounts.db"),
  url: (dataDir) => readRunFile(dataDirOf(dataDir))?.httpUrl,
  note: (dataDir, entry) => noteCommand(dataDirOf(dataDir), entry),
  clock: systemClock,
});
