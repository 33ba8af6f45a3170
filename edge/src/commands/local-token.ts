/** A fresh secret for orders from this machine, readable by the agent's own user. */
import { randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";

const tokenBytes = 32;

export function createLocalToken(file: string): string {
  const token = randomBytes(tokenBytes).toString("base64url");
  // A file that is there already would keep its own rights.
  rmSync(file, { force: true });
  writeFileSync(file, `${token}\n`, { mode: 0o600, flag: "wx" });
  return token;
}
