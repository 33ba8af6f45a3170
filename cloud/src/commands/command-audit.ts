/** What a command did beside a cloud, in the cloud's own audit log, by the clock that the cloud goes by. */
import { join } from "node:path";
import { auditCommand, type CommandEntry } from "@weir/runtime/command-audit.ts";
import { cloudDatabase, openCloudDatabase } from "../storage.ts";
import { readAddresses } from "./address-file.ts";

/**
 * `clock`: the specification that was given to the command, else that of the cloud that runs there. Makes the
 * database where there is none yet.
 */
export function noteCommand(
  dataDir: string,
  entry: CommandEntry,
  clock = readAddresses(dataDir)?.clock,
): void {
  auditCommand(openCloudDatabase(join(dataDir, cloudDatabase)), entry, clock);
}
