/** Where a running cloud can be reached, in its data folder. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Addresses {
  /** As this machine reaches it. */
  console: string;
  door: string;
  /** SHA-256 of the console's certificate, hex: by it a command knows that it speaks to this cloud. */
  consoleFingerprint?: string;
  /** Specification of the plant clock of a simulation. */
  clock?: string;
}

export const addressFile = "address.json";

export function writeAddresses(dataDir: string, addresses: Addresses): void {
  writeFileSync(join(dataDir, addressFile), JSON.stringify(addresses));
}

/** Undefined when none was left, or it cannot be read: the next start writes it again. */
export function readAddresses(dataDir: string): Addresses | undefined {
  try {
    return JSON.parse(readFileSync(join(dataDir, addressFile), "utf8")) as Addresses;
  } catch {
    return undefined;
  }
}
