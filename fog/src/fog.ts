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
import { create } from "@bufbuild/protobuf";
import { SiteModelSchema } from "@weir/contracts/generated/weir/v1/cloud_pb.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import type { AuditLog } from "@weir/runtime/audit-log.ts";
import { type Cancel, type Clock, every } from "@weir/runtime/clock.ts";
import type { HealthMonitor } from "@weir/runtime/health-monitor.ts";
import type { IntegrityLog } from "@weir/runtime/integrity-log.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { Metrics } from "@weir/runtime/metrics.ts";
import type { Random } from "@weir/runtime/random.ts";
import type { SigningKey } from "@weir/runtime/signing.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import type { EdgeDoor, OpenDoor } from "./broker/edge-door.ts";
import type { CommandDesk } from "./downlink/command-desk.ts";
import type { Downlink } from "./downlink/downlink.ts";
import type { ModelHost } from "./downlink/model-host.ts";
import type { EdgeRevocation } from "./enrolment/enrolment-book.ts";
import { type BuiltCore, buildCore, statusOf } from "./fog-core.ts";
import type { Historian } from "./historian/historian.ts";
import type { SiteTags } from "./historian/site-tags.ts";
import type { Ingest } from "./ingest/ingest.ts";
import type { EdgeLink, IngestListener } from "./ingest/ingested.ts";
import { openJournal } from "./open-journal.ts";
import type { CloudLink } from "./uplink/cloud-link.ts";
import type { UplinkBody } from "./uplink/outbox.ts";

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
  /** Left out: no edge of this site is ever revoked. */
  revocationOf?: ((edge: string) => EdgeRevocation | undefined) | undefined;
  /** Left out: this site has no cloud, and nothing is queued for one. */
  cloud?: { link: CloudLink; trustedKeys: readonly string[] } | undefined;
  metrics?: Metrics | undefined;
  /** Of the disk of `dataDir`; left out: nobody looks at it. */
  freeDiskBytes?: (() => number) | undefined;
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
  /** What the way from an edge may add to the age of what it says, plant time. */
  latenessMs: number;
  historyAgeMs: number;
  historyBytes: number;
  outboxBytes: number;
}

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
  /** `find("edge-1/TANK1/PT01")`, `rows`. */
  readonly tags: SiteTags;
  /** `links()`, `events.newest(n)`, `deadLetters.newest(n)`, `counts`. */
  readonly ingest: Ingest;
  /** `issue(…)` signs and sends thresholds; `rollBack`, `shelf.states()`. */
  readonly downlink: Downlink;
  /** `send(edge, {body: {case: "resetTrip", value: {rule}}, by, reason}): Promise<Ack>`. */
  readonly commands: CommandDesk;
  readonly audit: AuditLog;
  readonly limits: FogLimits;
  /** Who has shut an edge out; undefined of one that may speak to this fog. */
  readonly revocationOf: (edge: string) => EdgeRevocation | undefined;
  /** What is wrong with this fog; parts add how they are. */
  readonly problems: HealthMonitor;
  /** What was found lost, doubled or damaged: `problems()` belongs to health. */
  readonly integrity: IntegrityLog;
  /** Queues something for the cloud: `{case: "incident", value}`, `{case: "label", value}`. */
  report(body: UplinkBody): void;
  health(): FogHealth;
}

export interface FogParts {
  listeners: readonly IngestListener[];
  modelHost?: ModelHost | undefined;
  /** What is handed on from here on comes from an edge, and no longer from the journal. */
  listen?(): void;
  /** The fog is killed: nothing of it runs on. For tests that restart a tier. */
  kill?(): void;
  /** After the door has closed and everything received has been handed on. */
  close?(): void | Promise<void>;
}

export interface FogHealth {
  edges: EdgeLink[];
  ingestQueue: number;
  cloud: "online" | "offline" | "not configured";
  /** Since when it is so, plant calendar; undefined before the first try has ended. */
  cloudSinceMs: number | undefined;
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
/** Whether all is well is looked at this often, I/O clock. */
const healthEveryMs = 1_000;

/** Opens the stores, recovers what a death left half done, opens the door. */
export async function createFog(options: FogOptions): Promise<Fog> {
  const opened = openJournal({
    dataDir: options.dataDir,
    synchronous: options.synchronous ?? "FULL",
    nowMs: options.ioClock.nowMs(),
  });
  const { journal } = opened;
  const parts: Parts = { listeners: [], own: { listeners: [] } };
  let built: BuiltCore | undefined;
  try {
    built = buildCore(options, opened, parts.listeners);
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

/** Everything up to the first message: parts joined, half-done work finished, models running, door open. */
async function openUp(options: FogOptions, built: BuiltCore, parts: Parts): Promise<EdgeDoor> {
  const { core } = built;
  const { ingest, downlink, commands } = core;
  if (options.parts) parts.own = await options.parts(core);
  parts.listeners.push(
    { ...silentListener, onAck: (_edge, ack) => commands.answered(ack) },
    ...parts.own.listeners,
  );
  ingest.recover();
  await downlink.restore(parts.own.modelHost);
  parts.own.listen?.();
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
  }: { journal: SqlDatabase; built: BuiltCore; parts: Parts; door: EdgeDoor },
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
      parts.own.kill?.();
      ingest.kill();
      void door.close();
      closeStores();
    },
  };
}

function startTimers(options: FogOptions, { core, outbox, measure }: BuiltCore): Cancel[] {
  const { ingest, historian, downlink, clock, ioClock, logger } = core;
  // A full disk makes them fail; it must not make them end.
  const guarded = (work: () => void) => () => {
    try {
      work();
    } catch (error) {
      logger.error("a housekeeping step failed", { why: (error as Error).message });
    }
  };
  return [
    every(ioClock, sealEveryMs, () => historian.tick()),
    every(
      ioClock,
      sealEveryMs,
      guarded(() => ingest.settle()),
    ),
    every(
      ioClock,
      ordersEveryMs,
      guarded(() => downlink.orders.tick()),
    ),
    every(
      ioClock,
      retainEveryMs,
      guarded(() => historian.retain()),
    ),
    every(ioClock, sizeEveryMs, guarded(measure)),
    every(
      ioClock,
      healthEveryMs,
      guarded(() => core.problems.look()),
    ),
    every(
      clock,
      statusEveryMs,
      guarded(() =>
        outbox.enqueue(
          { case: "status", value: statusOf(core, options.version) },
          { atMs: clock.nowMs(), replace: true },
        ),
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
