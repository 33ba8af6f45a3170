/** A fresh secret for orders from this machine, readable by the agent's own user. */
import { randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";

const tokenBytes = 32;

/** `onTrouble`: it could not be stored, so nobody can use it until the next start. */
export function createLocalToken(file: string, onTrouble: (reason: string) => void): string {
  const token = randomBytes(tokenBytes).toString("base64url");
  try {
    // A file that is there already would keep its own rights.
    rmSync(file, { force: true });
    writeFileSync(file, `${token}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    rmSync(file, { force: true });
    onTrouble((error as Error).message);
  }
  return token;
}
