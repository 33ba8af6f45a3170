/** The key that signs what travels down: made at first start, readable by its owner alone. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { generateSigningKey, type SigningKey, signingKeyFromPem } from "@weir/runtime/signing.ts";

/** The Ed25519 key in `file`; a new one where there is none. */
export function openSigningKey(file: string): SigningKey {
  if (!existsSync(file)) {
    // "wx": two processes that start at once must not sign with different keys.
    writeFileSync(file, generateSigningKey().privatePem, { mode: 0o600, flag: "wx" });
  }
  return signingKeyFromPem(readFileSync(file, "utf8"));
}
