/** The key that signs what travels down: made at first start, readable by its owner alone. */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { generateSigningKey, type SigningKey, signingKeyFromPem } from "@weir/runtime/signing.ts";
import { CloudFault } from "../faults.ts";

const remedy =
  'restore it from a copy: every site trusts this key alone. Where there is none, "weir-cloud renew-signing-key" makes a new one, and every site must be enrolled again';

/**
 * The Ed25519 key in `file`. `mayCreate`: this is a new installation, so one that is not there is made.
 * @throws Fault CLOUD_KEY_UNREADABLE
 */
export function openSigningKey(file: string, { mayCreate }: { mayCreate: boolean }): SigningKey {
  if (!existsSync(file) && mayCreate) {
    // "wx": two processes that start at once must not sign with different keys.
    writeFileSync(file, generateSigningKey().privatePem, { mode: 0o600, flag: "wx", flush: true });
  }
  try {
    const key = signingKeyFromPem(readFileSync(file, "utf8"));
    const { asymmetricKeyType } = key.privateKey;
    if (asymmetricKeyType === "ed25519") return key;
    throw new TypeError(`a key of type ${asymmetricKeyType}, not ed25519`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "it is not there" : message;
    throw new CloudFault("CLOUD_KEY_UNREADABLE", { file, why, remedy }, { cause: error });
  }
}

/** A new key in place of what is in `file`, which is set aside; returns where. */
export function renewSigningKey(file: string, nowMs: number): { aside: string | undefined } {
  const aside = `${file}.${new Date(nowMs).toISOString().replaceAll(":", "")}`;
  const had = existsSync(file);
  if (had) renameSync(file, aside);
  writeFileSync(file, generateSigningKey().privatePem, { mode: 0o600, flag: "wx", flush: true });
  return { aside: had ? aside : undefined };
}
