/** What a configuration says of a broker, with the files read. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { BrokerSettings } from "../configuration/configuration.ts";
import type { BrokerAccount } from "./broker-line.ts";

export function readAccount(
  { url, username, passwordFile, identity }: BrokerSettings,
  clientId: string,
): BrokerAccount {
  const pem = (name: string): string | undefined => {
    const file = identity === undefined ? undefined : join(identity, name);
    return file !== undefined && existsSync(file) ? readFileSync(file, "utf8") : undefined;
  };
  return {
    url,
    clientId,
    username,
    password: passwordFile === undefined ? undefined : readFileSync(passwordFile, "utf8").trim(),
    ...(identity === undefined
      ? {}
      : { tls: { ca: pem("ca.pem"), cert: pem("cert.pem"), key: pem("key.pem") } }),
  };
}
