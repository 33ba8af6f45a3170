/** A certificate and its key as two PEM files; checked whenever they are read. */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Identity, identityFault } from "@weir/runtime/pki.ts";
import { CloudFault } from "../faults.ts";

/** @throws Fault CLOUD_KEY_UNREADABLE: not there, no PEM, or the one does not belong to the other */
export function readIdentityFiles(
  { cert, key }: { cert: string; key: string },
  remedy: string,
): Identity {
  const read = (file: string): string => {
    try {
      return readFileSync(file, "utf8");
    } catch (error) {
      throw new CloudFault("CLOUD_KEY_UNREADABLE", { file, why: (error as Error).message, remedy });
    }
  };
  const identity = { certPem: read(cert), keyPem: read(key) };
  const fault = identityFault(identity);
  if (fault) {
    const file = fault.of === "key" ? key : cert;
    throw new CloudFault("CLOUD_KEY_UNREADABLE", { file, why: fault.why, remedy });
  }
  return identity;
}

export const identityFilesIn = (folder: string, name: string) => ({
  cert: join(folder, `${name}.pem`),
  key: join(folder, `${name}-key.pem`),
});

/** The key first: a certificate on disk means that its key is there too. */
export function writeIdentityFiles(
  { cert, key }: { cert: string; key: string },
  identity: Identity,
): void {
  writeWhole(key, identity.keyPem, 0o600);
  writeWhole(cert, identity.certPem, 0o644);
}

/** What cannot be read but can be made again: undefined then. */
export function identityFilesIfSound(files: { cert: string; key: string }): Identity | undefined {
  if (!existsSync(files.cert) || !existsSync(files.key)) return undefined;
  try {
    return readIdentityFiles(files, "");
  } catch {
    return undefined;
  }
}

/** Under its own name only once it is whole. */
function writeWhole(file: string, text: string, mode: number): void {
  writeFileSync(`${file}.new`, text, { mode, flush: true });
  renameSync(`${file}.new`, file);
}
