/**
 * The fog gateway, put together from its parts and its ports. `main.ts` gives it sockets and files;
 * tests that run all tiers in one process give it a simulated clock and a memory door.
 *
 *   edge → door → ingest (durable) → listeners: detection, alarms, the dashboard
 *                     └→ historian → outbox → cloud link;  cloud link → downlink → models here, orders to edges
 *
 * Detection, correlation, alarms and the API join through `FogOptions.parts`: they get a `FogCore` and
 * give back their `IngestListener`s and their `ModelHost`.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import {
  EdgeEventSchema,
  EdgeLineSchema,
  FogStatusSchema,
  SiteModelSchema,
} from "@weir/contracts/generated/weir/v1/cloud_pb.ts";
import { SiteMinuteSchema } from "@weir/contracts/generated/weir/v1/telemetry_pb.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import { type AuditLog, openAuditLog } from "@weir/runtime/audit-log.ts";
import { type Cancel, type Clock, every } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { Metrics } from "@weir/runtime/metrics.ts";
import type { Random } from "@weir/runtime/random.ts";
import type { SigningKey } from "@weir/runtime/signing.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import type { EdgeDoor, OpenDoor } from "./broker/edge-door.ts";
import { CommandDesk } from "./downlink/command-desk.ts";
import { Downlink } from "./downlink/downlink.ts";
import type { ModelHost } from "./downlink/model-host.ts";
import { meterFog } from "./fog-metrics.ts";
import { dayFolder } from "./historian/day-folder.node.ts";
import { Historian } from "./historian/historian.ts";
import { SiteTags } from "./historian/site-tags.ts";
import { Ingest } from "./ingest/ingest.ts";
import type { EdgeLink, IngestListener } from "./ingest/ingested.ts";
import { journalMigrations } from "./store.ts";
import type { CloudLink } from "./uplink/cloud-link.ts";
import { Outbox, type UplinkBody } from "./uplink/outbox.ts";
import { Uplink } from "./uplink/uplink.ts";

export interface FogOptions {
  site: SiteModel;
  version: string;
  /** Folder for the journal and the history; exists or is made. */
  dataDir: string;
  /** The plant's calendar. */
  clock: Clock;
  /** Deadlines of sockets and disks; always real outside simulations. */
  ioClock: Clock;
  random: Random;
  logger: Logger;
  signingKey: SigningKey;
  openDoor: OpenDoor;
  /** Left out: this site has no cloud, and nothing is queued for one. */
  cloud?: { link: CloudLink; trustedKeys: readonly string[] } | undefined;
  metrics?: Metrics | undefined;
  limits?: Partial<FogLimits> | undefined;
  /** FULL survives power loss, NORMAL only the death of the process. */
  synchronous?: "FULL" | "NORMAL" | undefined;
  /** Builds detection, alarms and whatever else listens; called once, before anything is received. */
  parts?: ((core: FogCore) => FogParts | Promise<FogParts>) | undefined;
}

export interface FogLimits {
  /** Messages wait this long for company before a commit, I/O clock; 0: one commit per turn. */
  groupCommitMs: number;
  /** How long a silent edge may hold a minute open, plant time. */
  patienceMs: number;
  historyAgeMs: number;
  historyBytes: number;
  outboxBytes: number;
}

const dayMs = 86_400_000;

export const defaultLimits: FogLimits = {
  groupCommitMs: 0,
  patienceMs: 30_000,
  historyAgeMs: 400 * dayMs,
  historyBytes: 20 * 2 ** 30,
  outboxBytes: 2 * 2 ** 30,
};

/** What the parts of the fog share. */
export interface FogCore {
  readonly site: SiteModel;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly ioClock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics | undefined;
  /** `tags`, `newest.of(index)`, `reader.series/minutes/hours/readings`, `span()`. */
  readonly historian: Historian;
  /** `find("edge-d/D11/CL01")`, `rows`. */
  readonly tags: SiteTags;
  /** `links()`, `events.newest(n)`, `deadLetters.newest(n)`, `counts`. */
  readonly ingest: Ingest;
  /** `issue(…)` signs and sends thresholds; `rollBack`, `shelf.states()`. */
  readonly downlink: Downlink;
  /** `send(edge, {body: {case: "resetTrip", value: {rule}}, by, reason}): Promise<Ack>`. */
  readonly commands: CommandDesk;
  readonly audit: AuditLog;
  /** Queues something for the cloud: `{case: "incident", value}`, `{case: "label", value}`. */
  report(body: UplinkBody): void;
  health(): FogHealth;
}

export interface FogParts {
  listeners: readonly IngestListener[];
  modelHost?: ModelHost | undefined;
  /** After the door has closed and everything received has been handed on. */
  close?(): void | Promise<void>;
}

export interface FogHealth {
  edges: EdgeLink[];
  ingestQueue: number;
  cloud: "online" | "offline" | "not configured";
  cloudBacklog: number;
  historianBytes: number;
  skewMsWorst: number;
}

export interface Fog {
  readonly core: FogCore;
  readonly door: EdgeDoor;
  /** Stops in order and loses nothing. */
  close(): Promise<void>;
  /** Stops as a power cut does: what is not committed is gone. For tests that restart a tier. */
  kill(): void;
}

/** Sealing looks for due minutes this often, I/O clock. */
const sealEveryMs = 250;
const ordersEveryMs = 1_000;
const retainEveryMs = 10 * 60_000;
/** The fog says how it is to the cloud this often, plant time. */
const statusEveryMs = 60_000;
/** Sizes on disk are looked up this often, I/O clock. */
const sizeEveryMs = 10_000;

/** Opens the stores, recovers what a death left half done, opens the door. */
export async function createFog(options: FogOptions): Promise<Fog> {
  mkdirSync(options.dataDir, { recursive: true });
  const journal = openSqlite(join(options.dataDir, "fog.db"), {
    synchronous: options.synchronous ?? "FULL",
    migrations: journalMigrations,
  });
  const parts: Parts = { listeners: [], own: { listeners: [] } };
  let built: Built | undefined;
  try {
    built = buildCore(options, journal, parts.listeners);
    const door = await openUp(options, built, parts);
    return started(options, { journal, built, parts, door });
  } catch (error) {
    await parts.own.close?.();
    built?.core.historian.close();
    options.cloud?.link.close();
    journal.close();
    throw error;
  }
}

interface Parts {
  readonly listeners: IngestListener[];
  own: FogParts;
}

type Built = ReturnType<typeof buildCore>;

/** Everything up to the first message: parts joined, half-done work finished, models running, door open. */
async function openUp(options: FogOptions, built: Built, parts: Parts): Promise<EdgeDoor> {
  const { core } = built;
  const { ingest, downlink, commands } = core;
  if (options.parts) parts.own = await options.parts(core);
  parts.listeners.push(
    { ...silentListener, onAck: (_edge, ack) => commands.answered(ack) },
    ...parts.own.listeners,
  );
  ingest.recover();
  await downlink.restore(parts.own.modelHost);
  const door = await options.openDoor({
    receive: (edge, family, bytes) => ingest.receive(edge, family, bytes),
    connected: (edge) => ingest.connected(edge),
    disconnected: (edge) => {
      downlink.orders.gone(edge);
      ingest.disconnected(edge);
    },
    listening: (edge, family) => {
      if (family === "command") downlink.orders.listening(edge);
    },
  });
  commands.attach(door);
  downlink.orders.attach(door);
  return door;
}

function started(
  options: FogOptions,
  {
    journal,
    built,
    parts,
    door,
  }: { journal: SqlDatabase; built: Built; parts: Parts; door: EdgeDoor },
): Fog {
  const { core, uplink } = built;
  const { ingest, historian, downlink, commands } = core;
  const value = create(SiteModelSchema, { json: JSON.stringify(options.site) });
  core.report({ case: "siteModel", value });
  if (core.tags.rows.length > 0) core.report({ case: "tags", value: core.tags.message() });
  uplink?.start();
  downlink.start();
  const timers = startTimers(options, built);
  const stopLoops = () => {
    for (const cancel of timers) cancel();
    uplink?.close();
    downlink.close();
    commands.close();
    options.cloud?.link.close();
  };
  const closeStores = () => {
    historian.close();
    journal.close();
  };
  return {
    core,
    door,
    close: async () => {
      stopLoops();
      await door.close();
      ingest.close();
      await parts.own.close?.();
      ingest.settle();
      closeStores();
    },
    kill: () => {
      stopLoops();
      ingest.kill();
      void door.close();
      closeStores();
    },
  };
}

function startTimers(options: FogOptions, { core, outbox, measure }: Built): Cancel[] {
  const { ingest, historian, downlink, clock, ioClock } = core;
  return [
    every(ioClock, sealEveryMs, () => {
      historian.tick();
      ingest.settle();
    }),
    every(ioClock, ordersEveryMs, () => downlink.orders.tick()),
    every(ioClock, retainEveryMs, () => historian.retain()),
    every(ioClock, sizeEveryMs, measure),
    every(clock, statusEveryMs, () =>
      outbox.enqueue(
        { case: "status", value: statusOf(core, options.version) },
        { atMs: clock.nowMs(), replace: true },
      ),
    ),
  ];
}

const silentListener: IngestListener = {
  onBirth: () => {},
  onDeath: () => {},
  onReadings: () => {},
  onEvent: () => {},
  onStatus: () => {},
  onAck: () => {},
};

function buildCore(options: FogOptions, journal: SqlDatabase, listeners: IngestListener[]) {
  const { clock, ioClock, random, logger, cloud } = options;
  const site = options.site.site.id;
  const limits = { ...defaultLimits, ...options.limits };
  const audit = openAuditLog(journal, () => clock.nowMs());
  const tags = new SiteTags(journal);
  const outbox = new Outbox({
    journal,
    nowMs: () => ioClock.nowMs(),
    bytesMax: cloud ? limits.outboxBytes : 0,
    onEvicted: (count) => {
      if (count % 100 === 1)
        logger.warn("the outbox is full; the oldest minutes give way", { count });
    },
  });
  const historian = new Historian({
    journal,
    folder: dayFolder(join(options.dataDir, "history")),
    tags,
    clock,
    ioClock,
    logger,
    patienceMs: limits.patienceMs,
    retention: { ageMaxMs: limits.historyAgeMs, bytesMax: limits.historyBytes },
    onSealed: ({ minuteMs, block, late }) => {
      const value = create(SiteMinuteSchema, { minuteMs, block, backlog: late });
      outbox.enqueue({ case: "minute", value }, { atMs: minuteMs });
    },
  });
  const downlink = new Downlink({
    site,
    agentVersion: options.version,
    journal,
    outbox,
    link: cloud?.link,
    trustedKeys: cloud?.trustedKeys ?? [],
    signingKey: options.signingKey,
    clock,
    ioClock,
    random,
    logger,
    audit,
  });
  const commands = new CommandDesk({ clock, ioClock, random, audit });
  const ingest = new Ingest({
    site,
    journal,
    tags,
    historian,
    clock,
    ioClock,
    logger,
    groupCommitMs: limits.groupCommitMs,
    listeners,
    partner: {
      event: (edge, event) => {
        if (event.body.case === "artifact") downlink.recordState(edge, event.body.value);
        const value = create(EdgeEventSchema, { edge, event });
        outbox.enqueue({ case: "event", value }, { atMs: event.atMs });
      },
      ack: (edge, ack) => downlink.recordAck(edge, ack),
      siteTags: (value) =>
        outbox.enqueue({ case: "tags", value }, { atMs: clock.nowMs(), replace: true }),
      rolledBack: () => outbox.recount(),
    },
    requestRebirth: (edge) => {
      const body = { case: "rebirth", value: {} } as const;
      commands
        .send(edge, { body, by: "fog", reason: "its tag table is not known here" })
        .catch((error: Error) => logger.info("no rebirth yet", { edge, why: error.message }));
    },
  });
  const uplink =
    cloud && new Uplink({ site, link: cloud.link, outbox, clock, ioClock, random, logger });
  let historianBytes = historian.bytes();
  const core: FogCore = {
    site: options.site,
    dataDir: options.dataDir,
    clock,
    ioClock,
    random,
    logger,
    metrics: options.metrics,
    historian,
    tags,
    ingest,
    downlink,
    commands,
    audit,
    report: (body) => outbox.enqueue(body, { atMs: clock.nowMs() }),
    health: () => {
      const edges = ingest.links();
      return {
        edges,
        ingestQueue: ingest.queueLength,
        cloud: !uplink ? "not configured" : uplink.online ? "online" : "offline",
        cloudBacklog: outbox.items,
        historianBytes,
        skewMsWorst: edges.reduce(
          (worst, { skewMs }) => (Math.abs(skewMs) > Math.abs(worst) ? skewMs : worst),
          0,
        ),
      };
    },
  };
  if (options.metrics) meterFog(options.metrics, core, outbox);
  return {
    core,
    outbox,
    uplink,
    measure: () => {
      historianBytes = historian.bytes();
    },
  };
}

function statusOf(core: FogCore, version: string) {
  const health = core.health();
  return create(FogStatusSchema, {
    atMs: core.clock.nowMs(),
    version,
    edges: health.edges.map(({ edge, online, lastSeenMs, skewMs, status }) =>
      create(EdgeLineSchema, { edge, online, lastSeenMs, skewMs, ...(status && { status }) }),
    ),
    artifacts: core.downlink.shelf.states(),
    historianBytes: health.historianBytes,
    outboxItems: health.cloudBacklog,
  });
}
