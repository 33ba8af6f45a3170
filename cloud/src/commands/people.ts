/** `weir-cloud people`: who may sign in to the console. */
import { join, resolve } from "node:path";
import { systemClock } from "@weir/runtime/clock.ts";
import { peopleCommand } from "@weir/runtime/web/people-command.ts";
import { readAddresses } from "./address-file.ts";
import { noteCommand } from "./command-audit.ts";
import { dataDirDefault } from "./settings-of.ts";

const folderOf = (dataDir: string | undefined): string => resolve(dataDir ?? dataDirDefault);

export const people = peopleCommand({
  program: "weir-cloud",
  accountsFile: (dataDir) => join(folderOf(dataDir), "accounts.db"),
  url: (dataDir) => readAddresses(folderOf(dataDir))?.console,
  note: (dataDir, entry) => noteCommand(folderOf(dataDir), entry),
  clock: systemClock,
});
