/** Where an edge looks for its things when it is not told. */

export const configDefault = "edge.yaml";

/** In the data folder: the outbox and what came down. */
export const databaseFile = "edge.db";

/** systemd names the state folder in STATE_DIRECTORY. */
export const dataDirDefault = (env: Readonly<Record<string, string | undefined>>): string =>
  env["STATE_DIRECTORY"] ?? "edge-data";

/** In the data folder: the address of the status page of the running agent. */
export const statusUrlFile = "status-url";

/** In the data folder: who can read this file may give orders to the running agent. */
export const localTokenFile = "local-token";
