/** The folder an edge gets: who it is, whom it believes. Never overwritten. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FogFault } from "../faults.ts";

export interface EdgeIdentityFolder {
  site: string;
  edge: string;
  caPem: string;
  certPem: string;
  keyPem: string;
  /** Ed25519 public keys whose artifacts the edge accepts: the fog's, and the cloud's if there is one. */
  trustedKeys: readonly string[];
}

const names = ["ca.pem", "cert.pem", "key.pem", "trusted-keys.pem", "identity.json"] as const;

/** @throws Fault FOG_ALREADY_ENROLLED */
export function assertFree(dir: string): void {
  const taken = names.find((name) => existsSync(join(dir, name)));
  if (taken) throw new FogFault("FOG_ALREADY_ENROLLED", { dir, file: taken });
}

export function writeIdentityFolder(dir: string, identity: EdgeIdentityFolder): void {
  const { site, edge, caPem, certPem, keyPem, trustedKeys } = identity;
  const texts: Record<(typeof names)[number], string> = {
    "ca.pem": caPem,
    "cert.pem": certPem,
    "key.pem": keyPem,
    "trusted-keys.pem": trustedKeys.join(""),
    "identity.json": `${JSON.stringify({ site, edge }, null, 2)}\n`,
  };
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  for (const name of names) {
    // wx: of two commands at once, one wins and the other is told.
    writeFileSync(join(dir, name), texts[name], {
      mode: name === "key.pem" ? 0o600 : 0o644,
      flag: "wx",
    });
  }
}
