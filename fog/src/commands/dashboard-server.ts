/** The web server of "weir-fog run": pages, API, accounts, /healthz and /metrics. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Clock } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { Metrics } from "@weir/runtime/metrics.ts";
import type { Identity } from "@weir/runtime/pki.ts";
import { openAccounts } from "@weir/runtime/web/accounts.ts";
import { createWebServer } from "@weir/runtime/web/server.ts";
import { addFogRoutes } from "../api/routes.ts";
import type { Fog } from "../fog.ts";
import type { FogSettings } from "../settings.ts";
import { openSideDatabase } from "../side-database.ts";
import type { SiteWatch } from "../site-watch.ts";

/** How long the first sign-in link is good for. */
const firstLinkMs = 24 * 3_600_000;

const builtPages = fileURLToPath(new URL("../../dashboard/dist", import.meta.url));

export interface DashboardOptions {
  fog: Fog;
  watch: SiteWatch;
  settings: FogSettings["http"];
  /** Needed where others than this machine can reach it. */
  tls?: Identity;
  version: string;
  /** Folder of the built pages; those of this repository unless said otherwise. */
  pages?: string;
  plantRate: number;
  ioClock: Clock;
  metrics: Metrics;
  logger: Logger;
}

export interface Dashboard {
  url: string;
  /** One-time link for the first person, while there are no users. */
  signInUrl: string | undefined;
  close(): Promise<void>;
}

/** @throws Fault RUNTIME_PORT_TAKEN, RUNTIME_WEB_NEEDS_TLS */
export async function openDashboard(options: DashboardOptions): Promise<Dashboard> {
  const { fog, settings, version, ioClock, metrics, logger } = options;
  const { core } = fog;
  const db = openSideDatabase(core, "accounts.db", {
    migrations: [],
    holds: "the accounts so far: sign in with the link that is printed at the start",
  });
  const accounts = openAccounts(db, ioClock);
  const pages = options.pages ?? builtPages;
  const hasPages = existsSync(pages);
  if (!hasPages)
    logger.warn("the pages of the dashboard are not built", {
      remedy: "npm run build -w fog/dashboard, and start again",
    });
  const server = await createWebServer({
    host: settings.host,
    port: settings.port,
    trustedProxies: settings.trustedProxies,
    accounts,
    inviteCommand: "weir-fog people invite",
    logger,
    metrics,
    clock: ioClock,
    ...(options.tls && { tls: options.tls }),
    ...(hasPages && { staticDir: pages }),
    health: () => ({
      ...core.problems.look(),
      tier: "fog",
      version,
      ...healthOf(fog, options.watch),
    }),
    session: () => ({
      site: core.site.site.name,
      version,
      plantNowMs: core.clock.nowMs(),
      plantRate: options.plantRate,
    }),
  });
  addFogRoutes(server, { core, watch: options.watch, ioClock });
  const { url } = await server.listen().catch((error: unknown) => {
    db.close();
    throw error;
  });
  const isFirst = accounts.users().length === 0;
  const token = isFirst && accounts.createSignInToken({ role: "engineer", ttlMs: firstLinkMs });
  return {
    url,
    signInUrl: token ? new URL(`/signin?token=${token}`, url).href : undefined,
    close: async () => {
      await server.close();
      db.close();
    },
  };
}

/** For /healthz: figures, no tag tables. */
function healthOf(fog: Fog, watch: SiteWatch) {
  const { edges, ...health } = fog.core.health();
  const lines = edges.map(({ birth, status, ...line }) => ({
    ...line,
    freshness: watch.freshness.edge(line.edge),
    epoch: birth?.epoch ?? 0,
    tags: birth?.tags.length ?? 0,
    latchedTrips: status?.latchedTrips ?? [],
  }));
  return { ...health, edges: lines, learning: watch.learning.view() };
}
