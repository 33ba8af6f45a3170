/** What every command of weir-fog finds out first: settings, site and data folder. */
import { existsSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { join, resolve } from "node:path";
import { formatProblems } from "@weir/runtime/problem.ts";
import { openSiteAuthority, type SiteAuthority } from "../enrolment/site-authority.ts";
import { FogFault } from "../faults.ts";
import { hasServed } from "../open-journal.ts";
import { type FogConfiguration, readConfiguration } from "../settings.ts";

export const configDefault = "fog.yaml";
/** The data folder that "weir-fog init" makes beside fog.yaml. */
export const dataDirHere = "fog-data";
const configOfSystem = "/etc/weir/fog.yaml";

/** `--data-dir`, or `fog-data` where there is one here, or the place the system keeps such things. */
export function dataDirOf(given: string | undefined): string {
  if (given !== undefined) return resolve(given);
  if (existsSync(dataDirHere)) return resolve(dataDirHere);
  const isService = userInfo().uid === 0 || userInfo().username === "weir";
  return isService ? "/var/lib/weir/fog" : join(homedir(), ".local/share/weir/fog");
}

/** @throws Fault FOG_SETTINGS with every problem of the files */
export function configurationOf(given: string | undefined): FogConfiguration & { file: string } {
  const file = given ?? [configDefault, configOfSystem].find((name) => existsSync(name));
  if (file === undefined) {
    throw new FogFault("FOG_SETTINGS", {
      text: `no settings: there is neither ${configDefault} here nor ${configOfSystem}; name the file with --config`,
    });
  }
  const read = readConfiguration(file);
  if (!read.ok) throw new FogFault("FOG_SETTINGS", { text: formatProblems(read.problems) });
  return { ...read.value, file };
}

export const authorityFolder = (dataDir: string): string => join(dataDir, "authority");

/**
 * The site's authority in a data folder, made where the site is new. One that cannot be read is lost to a fog
 * that has served edges.
 * @throws Fault FOG_AUTHORITY, FOG_AUTHORITY_OTHER, FOG_AUTHORITY_LOST
 */
export async function authorityOf(
  dataDir: string,
  site: string,
  nowMs: number,
): Promise<SiteAuthority> {
  const folder = authorityFolder(dataDir);
  const served = hasServed(dataDir);
  try {
    return await openSiteAuthority({ folder, site, nowMs, hasServed: served });
  } catch (error) {
    if (!served || !FogFault.is(error, "FOG_AUTHORITY")) throw error;
    throw new FogFault("FOG_AUTHORITY_LOST", { folder, broken: error.facts }, { cause: error });
  }
}
