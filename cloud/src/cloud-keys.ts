/** The keys of this cloud, opened together: whether they may be made anew depends on what else is there. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@weir/runtime/clock.ts";
import type { SigningKey } from "@weir/runtime/signing.ts";
import { type CloudAuthority, openAuthority } from "./enrolment/authority.ts";
import { openSigningKey } from "./model-registry/signing-key.ts";

export interface CloudKeys {
  key: SigningKey;
  authority: CloudAuthority;
}

export const signingKeyFile = (dataDir: string) => join(dataDir, "signing-key.pem");

/**
 * Makes them only in a folder that holds nothing of a cloud yet: what sites already trust is never
 * replaced in silence. Called before the databases are made.
 * @throws Fault CLOUD_KEY_UNREADABLE, CLOUD_REVOCATIONS
 */
export async function openKeys(dataDir: string, io: Clock): Promise<CloudKeys> {
  const folder = join(dataDir, "pki");
  const hasStores = existsSync(join(dataDir, "cloud.db"));
  const hasAuthority = existsSync(join(folder, "ca.pem"));
  const key = openSigningKey(signingKeyFile(dataDir), { mayCreate: !hasStores && !hasAuthority });
  return { key, authority: await openAuthority({ folder, io, mayCreate: !hasStores }) };
}
