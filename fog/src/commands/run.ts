/** weir-fog run: settings in, adapters built, parts connected. */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { hostname, networkInterfaces } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Incident } from "@weir/contracts/generated/weir/v1/incident_pb.ts";
import { command } from "@weir/runtime/cli.ts";
import { type Clock, parseClockSpec, plantClock, systemClock } from "@weir/runtime/clock.ts";
import { commonOptions } from "@weir/runtime/common-options.ts";
import { openDataDir } from "@weir/runtime/data-dir.ts";
import { createReporter, type Reporter } from "@weir/runtime/events.ts";
import { createLogger, type Level } from "@weir/runtime/logger.ts";
import { createMetrics } from "@weir/runtime/metrics.ts";
import { runUntilStopped } from "@weir/runtime/process.ts";
import { seeded } from "@weir/runtime/random.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { openAccounts } from "@weir/runtime/web/accounts.ts";
import { createWebServer } from "@weir/runtime/web/server.ts";
import { severityWord } from "../api/incident-view.ts";
import { addFogRoutes } from "../api/routes.ts";
import { type Broker, openBroker } from "../broker/aedes-broker.ts";
import { threadedScorer } from "../detection/threaded-scorer.ts";
import { openSiteAuthority } from "../enrolment/site-authority.ts";
import { createFog, type Fog } from "../fog.ts";
import type { IngestListener } from "../ingest/ingested.ts";
import { type FogSettings, historyBytes, outboxBytes } from "../settings.ts";
import { createSiteWatch, type SiteWatch } from "../site-watch.ts";
import { readCloudIdentity } from "../uplink/cloud-identity.ts";
import { connectCloud } from "../uplink/cloud-link.connect.ts";
import { authorityFolder, configurationOf, dataDirOf } from "./fog-options.ts";
import { writeRunFile } from "./run-file.ts";

const version = "0.1.0";

/** Training at the site is repeatable: the same history gives the same model. */
const scorerSeed = 1;

/** Where closed loops hide trouble best, and dosing: these stages are learned before the others. */
const learnedFirst = ["W13", "W12", "W14", "D11", "W22", "W15", "W16", "S02", "S01"];

/** An edge that is late by this much real time has not gone silent, however fast the plant clock runs. */
const patienceRealMs = 3_000;
const patienceMs = 30_000;

/** How long the first sign-in link is good for. */
const firstLinkMs = 24 * 3_600_000;

export const run = command({
  about: "Run the fog gateway until it is stopped.",
  options: commonOptions,
  async run(args, io) {
    const ioClock = systemClock();
    const startedMs = ioClock.monotonicMs();
    const clock = plantClock(args.clock);
    const reporter = createReporter({ json: args.json, out: io.out });
    const logger = createLogger({
      level: args.logLevel as Level,
      json: args.json,
      nowMs: () => ioClock.nowMs(),
      write: io.err,
    });
    const { settings, site } = configurationOf(args.config);
    const dataDir = openDataDir(dataDirOf(args.dataDir));
    const metrics = createMetrics();
    const siteId = site.site.id;
    const nowMs = ioClock.nowMs();
    const authority = await openSiteAuthority({
      folder: authorityFolder(dataDir.path),
      site: siteId,
      nowMs,
    });
    const server = await authority.issueServer(serverNames(settings), nowMs);
    const identity = settings.cloud && readCloudIdentity(settings.cloud.identity, siteId);
    let broker: Broker | undefined;
    let watch: SiteWatch | undefined;
    const thread = (name: string) =>
      threadedScorer({
        seed: scorerSeed,
        onEnd: (reason) => logger.error(`the ${name} thread ended`, { reason }),
      });
    const fog = await createFog({
      site,
      version,
      dataDir: dataDir.path,
      clock,
      ioClock,
      random: seeded(randomBytes(4).readUInt32LE(), "fog"),
      logger,
      metrics,
      signingKey: authority.signingKey,
      cloud: identity && { link: connectCloud(identity), trustedKeys: [identity.cloudKeyPem] },
      limits: {
        groupCommitMs: settings.groupCommit,
        patienceMs: Math.max(patienceMs, patienceRealMs * rateOf(args.clock)),
        historyAgeMs: settings.history.age,
        historyBytes: historyBytes(settings),
        outboxBytes: outboxBytes(settings),
      },
      openDoor: async (events) => {
        broker = await openBroker(
          {
            host: settings.mqtt.host,
            port: settings.mqtt.port,
            site: siteId,
            tls: { ...server, caPem: authority.caPem },
            isTrusted: (certificate) => authority.book.isTrusted(certificate),
            ioClock,
            logger,
            connectionsMax: settings.mqtt.connections,
            packetLimits: {
              packetBytesMax: settings.mqtt.packetKib * 1_024,
              connectBytesMax: 16 * 1_024,
            },
          },
          events,
        );
        return broker;
      },
      parts: (core) => {
        watch = createSiteWatch(core, {
          scorer: thread("scorer"),
          trainer: thread("trainer"),
          firstStages: learnedFirst,
          onIncident: (incident, what) => reportIncident(reporter, incident, what),
          onStory: (line) => reporter.event("story", { ...line }, line.text),
        });
        return { ...watch, listeners: [...watch.listeners, tripReporter(reporter)] };
      },
    });
    const web = await openWeb({
      fog,
      watch: watch as SiteWatch | undefined,
      settings,
      clock,
      ioClock,
      metrics,
      clockSpec: args.clock,
      logger,
    });
    const mqttUrl = `mqtts://${settings.mqtt.host}:${broker?.port}`;
    writeRunFile(dataDir.path, { httpUrl: web.url, mqttUrl });
    reporter.event("address", { what: "mqtt", url: mqttUrl }, `edges connect to ${mqttUrl}`);
    reporter.event("address", { what: "dashboard", url: web.url }, `dashboard on ${web.url}`);
    if (web.signInUrl) {
      reporter.event("sign-in", { url: web.signInUrl }, `first sign-in: ${web.signInUrl}`);
    }
    const ms = Math.round(ioClock.monotonicMs() - startedMs);
    reporter.event("started", { tier: "fog", ms }, `the fog of ${site.site.name} is up (${ms} ms)`);
    // Long, and in its own thread: the gateway is up and judging stage by stage meanwhile.
    watch
      ?.learn()
      .catch((error: Error) => logger.error("learning stopped", { why: error.message }));
    return runUntilStopped({
      clock: ioClock,
      logger,
      stop: async () => {
        await web.close();
        await fog.close();
        authority.close();
        dataDir.close();
      },
    });
  },
});

const rateOf = (spec: string | undefined): number => (spec ? parseClockSpec(spec).rate : 1);

/** Every name and address by which an edge may reach this machine. */
function serverNames({ mqtt }: FogSettings): string[] {
  const addresses = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .map(({ address }) => address)
    .filter((address) => !address.includes("%"));
  const listening = ["0.0.0.0", "::"].includes(mqtt.host) ? [] : [mqtt.host];
  return [
    ...new Set(["localhost", "127.0.0.1", hostname(), ...listening, ...addresses, ...mqtt.names]),
  ];
}

interface WebOptions {
  fog: Fog;
  watch: SiteWatch | undefined;
  settings: FogSettings;
  clock: Clock;
  ioClock: Clock;
  metrics: ReturnType<typeof createMetrics>;
  clockSpec: string | undefined;
  logger: ReturnType<typeof createLogger>;
}

async function openWeb(options: WebOptions) {
  const { fog, settings, clock, ioClock, metrics, logger } = options;
  const { core } = fog;
  const db = openSqlite(join(core.dataDir, "accounts.db"), { synchronous: "FULL", migrations: [] });
  const accounts = openAccounts(db, ioClock);
  const pages = fileURLToPath(new URL("../../dashboard/dist", import.meta.url));
  const server = await createWebServer({
    host: settings.http.host,
    port: settings.http.port,
    accounts,
    logger,
    metrics,
    clock: ioClock,
    ...(existsSync(pages) && { staticDir: pages }),
    health: () => ({ ok: true, tier: "fog", version, ...healthOf(fog) }),
    session: () => ({
      site: core.site.site.name,
      version,
      plantNowMs: clock.nowMs(),
      plantRate: rateOf(options.clockSpec),
    }),
  });
  if (options.watch) addFogRoutes(server, { core, watch: options.watch, ioClock });
  const { url } = await server.listen();
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
function healthOf(fog: Fog) {
  const { edges, ...health } = fog.core.health();
  const lines = edges.map(({ birth, status, ...line }) => ({
    ...line,
    epoch: birth?.epoch ?? 0,
    tags: birth?.tags.length ?? 0,
    latchedTrips: status?.latchedTrips ?? [],
  }));
  return { ...health, edges: lines };
}

function reportIncident(
  reporter: Reporter,
  incident: Incident,
  what: "opened" | "changed" | "closed",
): void {
  if (what === "changed") return;
  const { id, stage, headline, severity, openedAtMs, closedAtMs, score } = incident;
  const atMs = closedAtMs ?? openedAtMs;
  reporter.event(
    "incident",
    { id, stage, what, severity: severityWord(severity), atMs, headline, score },
    `${what === "opened" ? "" : "over: "}${headline}`,
  );
}

/** Trips as they come in, for programs that watch this one. */
function tripReporter(reporter: Reporter): IngestListener {
  return {
    onBirth: (edge, { epoch, tags }) =>
      reporter.event("birth", { edge, epoch, tags: tags.length }, `${edge}: ${tags.length} tags`),
    onDeath: (edge, orderly) =>
      reporter.event("death", { edge, orderly }, `${edge} is ${orderly ? "stopped" : "gone"}`),
    onReadings: () => {},
    onStatus: () => {},
    onAck: () => {},
    onEvent: (edge, { atMs, body }, backlog) => {
      if (body.case !== "trip") return;
      const { rule, stage, tag, cause, value, limit, writtenAfterMs, simulated } = body.value;
      const trip = { edge, atMs, rule, stage, tag, cause, value, limit, writtenAfterMs, simulated };
      reporter.event("trip", { ...trip, backlog }, `${edge} tripped ${rule}: ${cause}`);
    },
  };
}
