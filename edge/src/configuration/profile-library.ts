/** The profiles that come with the agent: `profile: builtin:hach-ldo`. */
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";

export const builtinPrefix = "builtin:";
export const profileFolder = new URL("../../profiles/", import.meta.url).pathname;

/** The file of a profile as a device names it; other paths count from `folder`. */
export const profilePath = (name: string, folder: string): string =>
  name.startsWith(builtinPrefix)
    ? join(profileFolder, `${name.slice(builtinPrefix.length).replaceAll("/", "_")}.yaml`)
    : resolve(folder, name);

/** Names of the built-in profiles, sorted. */
export function builtinProfiles(): string[] {
  if (!existsSync(profileFolder)) return [];
  return readdirSync(profileFolder)
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => file.slice(0, -".yaml".length))
    .sort();
}
