/** A broker of the site: its address, and the files that say who we are to it. */
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { SettingPath } from "@weir/runtime/problem.ts";
import type { BrokerSettings } from "./configuration.ts";
import type { BrokerKeys } from "./document-words.ts";
import { fault, type Resolving, warn } from "./resolving.ts";

export function resolveBroker(at: Resolving, raw: BrokerKeys, path: SettingPath): BrokerSettings {
  const folder = dirname(at.source.file);
  const fileOf = (key: "passwordFile" | "identity"): string | undefined => {
    const name = raw[key];
    if (name === undefined) return undefined;
    const file = resolve(folder, name);
    if (!existsSync(file))
      fault(at, [...path, key], `there is no file or folder ${name}, seen from this file's folder`);
    return file;
  };
  const passwordFile = fileOf("passwordFile");
  if ((raw.username === undefined) !== (passwordFile === undefined)) {
    const missing = passwordFile ? "username" : "passwordFile";
    fault(at, path, `"${missing}" is missing: a login needs a name and a password`);
  }
  if (raw.username !== undefined && raw.url?.startsWith("mqtt:")) {
    warn(at, [...path, "url"], "the password travels unencrypted; use mqtts:// where you can");
  }
  return {
    url: raw.url ?? "",
    username: raw.username,
    passwordFile,
    identity: fileOf("identity"),
  };
}
