/** Composition: settings in, adapters built, parts connected. What was opened is closed again on failure. */

import assert from "node:assert";
import { randomBytes } from "node:crypto";
import type { SiteModel } from "@weir/contracts/site.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import { openDataDir } from "@weir/runtime/data-dir.ts";
import type { Reporter } from "@weir/runtime/events.ts";
import type { Fault } from "@weir/runtime/fault.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import { createMetrics } from "@weir/runtime/metrics.ts";
import type { Identity } from "@weir/runtime/pki.ts";
import { seeded } from "@weir/runtime/random.ts";
import { serverNames } from "@weir/runtime/server-names.ts";
import { isLoopback } from "@weir/runtime/web/request-guard.ts";
import { type Broker, type BrokerOptions, openBroker } from "../broker/aedes-broker.ts";
import type { OpenDoor } from "../broker/edge-door.ts";
import { loadOnnxAutoencoder } from "../detection/autoencoder.onnxruntime.ts";
import { processScorer, threadedScorer } from "../detection/remote-scorer.ts";
import { powerlessAuthority, type SiteAuthority } from "../enrolment/site-authority.ts";
import { FogFault } from "../faults.ts";
import { createFog, type FogCore, type FogLimits } from "../fog.ts";
import { fogVersion } from "../fog-version.ts";
import { historyThread } from "../historian/history-query-thread.ts";
import { type FogSettings, historyBytes, outboxBytes } from "../settings.ts";
import { createSiteWatch, type SiteWatch } from "../site-watch.ts";
import { readCloudIdentity } from "../uplink/cloud-identity.ts";
import { connectCloud } from "../uplink/cloud-link.connect.ts";
import { type Dashboard, openDashboard } from "./dashboard-server.ts";
import { authorityOf } from "./fog-options.ts";
import { edgeReporter, reportIncident } from "./fog-reports.ts";
import { freeDiskBytes } from "./free-disk.node.ts";

export const version = fogVersion;

/** Training at the site is repeatable: the same history gives the same model. */
const scorerSeed = 1;

/** An edge that is late by this much real time has not gone silent, however fast the plant clock runs. */
const patienceRealMs = 3_000;
const patienceMs = 30_000;
/**
 * What sockets and disks may add to the age of what an edge says, real time. A clock that runs faster is a
 * simulation with everything on one machine, which may hold each part up for longer.
 */
const latenessRealMs = 2_000;
const latenessSimulatedMs = 5_000;

const connectBytesMax = 16 * 1_024;

export interface RunningFogOptions {
  settings: FogSettings;
  site: SiteModel;
  dataDir: string;
  clock: Clock;
  ioClock: Clock;
  /** How many times as fast as real time the plant clock runs. */
  plantRate: number;
  logger: Logger;
  reporter: Reporter;
}

export interface RunningFog {
  dataDir: string;
  mqttUrl: string;
  dashboard: Dashboard;
  watch: SiteWatch;
  close(): Promise<void>;
}

/** @throws Fault of whatever cannot be opened; nothing stays open then */
export async function openRunningFog(options: RunningFogOptions): Promise<RunningFog> {
  const opened = new AsyncDisposableStack();
  try {
    return await open(options, opened);
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

async function open(options: RunningFogOptions, opened: AsyncDisposableStack): Promise<RunningFog> {
  const { settings, site, clock, ioClock, logger, plantRate } = options;
  const siteId = site.site.id;
  const dataDir = openDataDir(options.dataDir);
  opened.defer(() => dataDir.close());
  const { authority, lost } = await authorityOrNone(dataDir.path, siteId, ioClock.nowMs());
  opened.defer(() => authority.close());
  const metrics = createMetrics();
  const identity = settings.cloud && readCloudIdentity(settings.cloud.identity, siteId);
  // One certificate for both servers; made anew at every start, kept in memory only.
  const names = serverNames([...settings.mqtt.names, settings.mqtt.host, settings.http.host]);
  const server = await authority.issueServer(names, ioClock.nowMs());
  const door = mqttDoor(options, { authority, server });
  let watch: SiteWatch | undefined;
  const fog = await createFog({
    site,
    version,
    dataDir: dataDir.path,
    freeDiskBytes: () => freeDiskBytes(dataDir.path),
    clock,
    ioClock,
    random: seeded(randomBytes(4).readUInt32LE(), "fog"),
    logger,
    metrics,
    signingKey: authority.signingKey,
    revocationOf: (edge) => authority.book.revocationOf(edge),
    cloud: identity && { link: connectCloud(identity), trustedKeys: [identity.cloudKeyPem] },
    limits: limitsOf(settings, plantRate),
    openDoor: door.open,
    parts: (core) => {
      watch = watchOf(core, options);
      return { ...watch, listeners: [...watch.listeners, edgeReporter(options.reporter)] };
    },
  });
  opened.defer(() => fog.close());
  assert(watch, "createFog asks for its parts");
  if (lost) tellLost(fog.core, lost);
  const dashboard = await openDashboard({
    fog,
    watch,
    settings: settings.http,
    ...(!isLoopback(settings.http.host) && { tls: server }),
    version,
    plantRate,
    ioClock,
    metrics,
    logger,
  });
  opened.defer(() => dashboard.close());
  const close = opened.move();
  return {
    dataDir: dataDir.path,
    mqttUrl: `mqtts://${settings.mqtt.host}:${door.port()}`,
    dashboard,
    watch,
    close: () => close.disposeAsync(),
  };
}

/** A fog whose authority is lost shows what it has and lets nobody in. */
async function authorityOrNone(
  dataDir: string,
  site: string,
  nowMs: number,
): Promise<{ authority: SiteAuthority; lost: Fault | undefined }> {
  try {
    return { authority: await authorityOf(dataDir, site, nowMs), lost: undefined };
  } catch (error) {
    if (FogFault.is(error, "FOG_AUTHORITY_LOST") || FogFault.is(error, "FOG_ENROLMENT_LOST"))
      return { authority: await powerlessAuthority(site, nowMs), lost: error };
    throw error;
  }
}

/** In the log and the audit once, in health for as long as it is so. */
function tellLost({ integrity, problems, clock }: FogCore, { message: text }: Fault): void {
  const sinceMs = clock.nowMs();
  const subject = "authority";
  integrity.note({ code: "lost", subject, text });
  problems.add(() => [{ code: "authority-lost", severity: "high", subject, text, sinceMs }]);
}

const limitsOf = (settings: FogSettings, plantRate: number): FogLimits => ({
  groupCommitMs: settings.groupCommit,
  patienceMs: Math.max(patienceMs, patienceRealMs * plantRate),
  latenessMs: plantRate > 1 ? latenessSimulatedMs * plantRate : latenessRealMs,
  historyAgeMs: settings.history.age,
  historyBytes: historyBytes(settings),
  outboxBytes: outboxBytes(settings),
});

function watchOf(core: FogCore, { logger, reporter }: RunningFogOptions): SiteWatch {
  const remote = (name: string) => ({
    seed: scorerSeed,
    onEnd: (reason: string) => logger.error(`the ${name} ended`, { reason }),
    ioClock: core.ioClock,
  });
  return createSiteWatch(core, {
    scorer: threadedScorer(remote("scorer")),
    trainer: processScorer(remote("trainer")),
    loadAutoencoder: loadOnnxAutoencoder,
    history: historyThread({
      dataDir: core.dataDir,
      ioClock: core.ioClock,
      openTag: (id) => core.historian.openTag(id),
      onLost: (why) => logger.error("the thread that reads the past was replaced", { why }),
    }),
    onIncident: (incident, what) => reportIncident(reporter, incident, what),
    onStory: (line) => reporter.event("story", { ...line }, line.text),
  });
}

function mqttDoor(
  { settings: { mqtt }, ioClock, logger }: RunningFogOptions,
  { authority, server }: { authority: SiteAuthority; server: Identity },
): { open: OpenDoor; port: () => number } {
  const options: BrokerOptions = {
    host: mqtt.host,
    port: mqtt.port,
    site: authority.site,
    tls: { ...server, caPem: authority.caPem },
    refusalOf: (certificate) => authority.book.refusalOf(certificate),
    ioClock,
    logger,
    connectionsMax: mqtt.connections,
    packetLimits: { packetBytesMax: mqtt.packetKib * 1_024, connectBytesMax },
  };
  let broker: Broker | undefined;
  return {
    open: async (events) => {
      broker = await openBroker(options, events);
      return broker;
    },
    port: () => broker?.port ?? 0,
  };
}
