/** The console's web server: the API, the built pages when they are there, and who may see them. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Clock, type ClockSpec, formatClockSpec } from "@weir/runtime/clock.ts";
import { integrityFigures } from "@weir/runtime/integrity-log.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import { createMetrics, type Metrics } from "@weir/runtime/metrics.ts";
import type { Accounts } from "@weir/runtime/web/accounts.ts";
import { createWebServer, type WebServer } from "@weir/runtime/web/server.ts";
import { type Cloud, cloudVersion } from "../cloud.ts";

export interface ConsoleOptions {
  cloud: Cloud;
  host: string;
  port: number;
  /** Needed where others than this machine can reach it. */
  tls?: { certPem: string; keyPem: string };
  /** Names besides localhost under which browsers reach it; none: any, where it has a certificate. */
  names?: readonly string[];
  /** Reverse proxies whose X-Forwarded-For is believed. */
  trustedProxies?: readonly string[];
  accounts: Accounts;
  /** The process's, when other parts have figures in them. */
  metrics?: Metrics;
  logger: Logger;
  plant: Clock;
  io: Clock;
  /** How the plant clock relates to real time; undefined: it is real time. */
  clockSpec: ClockSpec | undefined;
  /** Folder of the built pages; those of this repository unless said otherwise. */
  pages?: string;
}

const builtPages = fileURLToPath(new URL("../../console/dist", import.meta.url));

export async function createConsole(options: ConsoleOptions): Promise<WebServer> {
  const { cloud, plant, io, clockSpec, pages = builtPages } = options;
  const startedMs = io.monotonicMs();
  const hasPages = existsSync(pages);
  if (!hasPages)
    options.logger.warn("the pages of the console are not built", {
      remedy: "npm run build -w cloud/console, and start again",
    });
  const server = await createWebServer({
    host: options.host,
    port: options.port,
    ...(options.tls && { tls: options.tls }),
    ...(options.names && options.names.length > 0 && { hostNames: options.names }),
    trustedProxies: options.trustedProxies ?? [],
    hostNamesSetting: "console.names in cloud.yaml",
    ...(hasPages && { staticDir: pages }),
    accounts: options.accounts,
    inviteCommand: "weir-cloud people invite",
    logger: options.logger,
    metrics: cloudMetrics(cloud, options.metrics ?? createMetrics()),
    clock: io,
    session: () => ({
      site: "",
      version: cloudVersion,
      plantNowMs: plant.nowMs(),
      plantRate: clockSpec?.rate ?? 1,
      demo: cloud.isDemo,
    }),
    health: () => {
      const { sites, ingest, openTickets, trainingQueue } = cloud.fleetView();
      return {
        ...cloud.problems.look(),
        tier: "cloud",
        version: cloudVersion,
        uptimeMs: io.monotonicMs() - startedMs,
        clock: clockSpec ? formatClockSpec(clockSpec) : "real time",
        sites: sites.map(({ id, online, silentSinceMs, lastItemMs, tags, learning }) => ({
          ...{ id, online, silentSinceMs, lastItemMs, tags },
          learning: learning?.text ?? "not looked at yet",
        })),
        ...{ ingest, openTickets, trainingQueue },
      };
    },
  });
  cloud.addRoutes(server);
  return server;
}

function cloudMetrics(cloud: Cloud, metrics: Metrics): Metrics {
  const figures: [name: string, help: string, read: () => number][] = [
    ["weir_cloud_log_items", "Items in the event log.", () => cloud.log.size().itemCount],
    ["weir_cloud_log_bytes", "Bytes of items in the event log.", () => cloud.log.size().bytes],
    ["weir_cloud_history_bytes", "Bytes of sealed history.", () => cloud.historian.bytes()],
    ["weir_cloud_open_tickets", "Tickets not finished.", () => cloud.desk.openCount()],
    [
      "weir_cloud_training_queue",
      "Training jobs waiting or running.",
      () => cloud.trainings.waitingCount(),
    ],
    ...integrityFigures("cloud", cloud.integrity),
  ];
  for (const [name, help, read] of figures) metrics.gaugeOf(name, help, read);
  return metrics;
}
