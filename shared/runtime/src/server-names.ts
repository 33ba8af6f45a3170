/** Under which names and addresses others can reach this machine: what a server's certificate is made for. */
import { hostname, networkInterfaces } from "node:os";

/** `configured` and what the system says of itself, each once; "0.0.0.0" and "::" stand for none. */
export function serverNames(configured: readonly string[]): string[] {
  const addresses = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .map(({ address }) => address)
    .filter((address) => !address.includes("%"));
  const all = ["localhost", "127.0.0.1", hostname(), ...addresses, ...configured];
  return [...new Set(all)].filter((name) => name !== "0.0.0.0" && name !== "::");
}
