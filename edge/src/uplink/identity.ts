/** The identity folder that the fog gave this edge: who it is, whom it trusts. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "@weir/runtime/fault.ts";
import { EdgeFault } from "../faults.ts";

export interface Identity {
  site: string;
  edge: string;
  /** Public keys whose artifacts are taken, PEM. */
  trusted: string[];
  /** Read anew at each call. PEM. */
  tls: () => { ca: string; cert: string; key: string };
}

/** @throws Fault EDGE_IDENTITY, EDGE_IDENTITY_OTHER when it belongs to another edge or site */
export function loadIdentity(dir: string, own: { site: string; edge: string }): Identity {
  const tls = () => ({
    ca: read(dir, "ca.pem"),
    cert: read(dir, "cert.pem"),
    key: read(dir, "key.pem"),
  });
  tls();
  const { site, edge } = parseIdentity(dir);
  const file = join(dir, "identity.json");
  if (site !== own.site) {
    throw new EdgeFault("EDGE_IDENTITY_OTHER", { what: "site", given: site, own: own.site, file });
  }
  if (edge !== own.edge) {
    throw new EdgeFault("EDGE_IDENTITY_OTHER", { what: "edge", given: edge, own: own.edge, file });
  }
  const trusted = read(dir, "trusted-keys.pem").match(publicKeyPattern) ?? [];
  return { site, edge, trusted, tls };
}

const publicKeyPattern = /-----BEGIN PUBLIC KEY-----[\s\S]+?-----END PUBLIC KEY-----/g;

function read(dir: string, name: string): string {
  const file = join(dir, name);
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new EdgeFault("EDGE_IDENTITY", { file, why: (error as Error).message }, { cause: error });
  }
}

function parseIdentity(dir: string): { site: string; edge: string } {
  const file = join(dir, "identity.json");
  try {
    const { site, edge } = JSON.parse(read(dir, "identity.json")) as Record<string, unknown>;
    if (typeof site === "string" && typeof edge === "string") return { site, edge };
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new EdgeFault("EDGE_IDENTITY", { file, why: (error as Error).message }, { cause: error });
  }
  throw new EdgeFault("EDGE_IDENTITY", { file, why: `"site" and "edge" are needed as text` });
}
