/** The fog's parts, made from its options and wired to each other; nothing runs yet. */
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import {
  EdgeEventSchema,
  EdgeLineSchema,
  type FogStatus,
  FogStatusSchema,
} from "@weir/contracts/generated/weir/v1/cloud_pb.ts";
import { SiteMinuteSchema } from "@weir/contracts/generated/weir/v1/telemetry_pb.ts";
import { auditFinding } from "@weir/runtime/audit-command.ts";
import { openAuditLog } from "@weir/runtime/audit-log.ts";
import { HealthMonitor } from "@weir/runtime/health-monitor.ts";
import { type IntegrityLog, openIntegrityLog } from "@weir/runtime/integrity-log.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import { CommandDesk } from "./downlink/command-desk.ts";
import { Downlink } from "./downlink/downlink.ts";
import type { FogCore, FogHealth, FogLimits, FogOptions } from "./fog.ts";
import { meterFog } from "./fog-metrics.ts";
import { storeProblems } from "./health/store-problems.ts";
import { dayFolder } from "./historian/day-folder.node.ts";
import { Historian } from "./historian/historian.ts";
import { SiteTags } from "./historian/site-tags.ts";
import { DeadLetters } from "./ingest/dead-letters.ts";
import { Ingest } from "./ingest/ingest.ts";
import type { IngestListener } from "./ingest/ingested.ts";
import type { CommitPartner } from "./ingest/message-store-options.ts";
import { copyTags, historyFolder, type OpenedJournal } from "./open-journal.ts";
import { Outbox } from "./uplink/outbox.ts";
import { Uplink } from "./uplink/uplink.ts";

const dayMs = 86_400_000;

export const defaultLimits: FogLimits = {
  groupCommitMs: 0,
  patienceMs: 30_000,
  latenessMs: 2_000,
  historyAgeMs: 400 * dayMs,
  historyBytes: 20 * 2 ** 30,
  outboxBytes: 2 * 2 ** 30,
};

export interface BuiltCore {
  core: FogCore;
  outbox: Outbox;
  uplink: Uplink | undefined;
  /** Looks up sizes on disk, which is too slow for every question. */
  measure(): void;
}

/** `listeners` may be filled until the first message comes. */
export function buildCore(
  options: FogOptions,
  { journal, findings, told }: OpenedJournal,
  listeners: readonly IngestListener[],
): BuiltCore {
  const { clock, ioClock, random, logger, cloud, metrics, dataDir } = options;
  const site = options.site.site.id;
  const limits = { ...defaultLimits, ...options.limits };
  const audit = openAuditLog(journal, () => clock.nowMs());
  const integrity = buildIntegrity(options, { journal, audit, findings });
  told();
  const keepTags = () => storeTagCopy(options, journal);
  const tags = new SiteTags(journal, options.site, keepTags);
  const outbox = buildOutbox(options, journal, limits);
  const historian = buildHistorian(options, { journal, tags, outbox, limits, integrity });
  keepTags();
  const downlink = new Downlink({
    ...{ site, journal, outbox, clock, ioClock, random, logger, audit },
    agentVersion: options.version,
    link: cloud?.link,
    trustedKeys: cloud?.trustedKeys ?? [],
    signingKey: options.signingKey,
  });
  const commands = new CommandDesk({ clock, ioClock, random, audit });
  const ingest = new Ingest({
    ...{ site, journal, tags, historian, clock, ioClock, logger, listeners, integrity },
    ...{ groupCommitMs: limits.groupCommitMs, latenessMs: limits.latenessMs },
    partner: commitPartner({ outbox, downlink, nowMs: () => clock.nowMs() }),
    requestRebirth: (edge) => {
      const body = { case: "rebirth", value: {} } as const;
      commands
        .send(edge, { body, by: "fog", reason: "its tag table is not known here" })
        .catch((error: Error) => logger.info("no rebirth yet", { edge, why: error.message }));
    },
  });
  const uplink =
    cloud &&
    new Uplink({ site, link: cloud.link, outbox, integrity, clock, ioClock, random, logger });
  let historianBytes = historian.bytes();
  const problems = new HealthMonitor({ tier: "fog", clock, ioClock, logger, metrics });
  let freeBytes = options.freeDiskBytes?.();
  problems.add(
    storeProblems({
      ...{ clock, ingest, historian, outbox, uplink },
      freeDiskBytes: () => freeBytes,
    }),
  );
  problems.add(() => integrity.problems());
  problems.add(() => ingest.refusals.problems());
  const core: FogCore = {
    ...{ site: options.site, dataDir, clock, ioClock, random, logger, metrics },
    ...{ historian, tags, ingest, downlink, commands, audit, integrity, limits, problems },
    revocationOf: options.revocationOf ?? (() => undefined),
    report: (body) => outbox.enqueue(body, { atMs: clock.nowMs() }),
    health: () => healthOf({ ingest, uplink, outbox, historianBytes }),
  };
  if (metrics) meterFog(metrics, core, outbox);
  return {
    core,
    outbox,
    uplink,
    measure: () => {
      historianBytes = historian.bytes();
      freeBytes = options.freeDiskBytes?.();
    },
  };
}

/** With what opening the journal found, and whether the audit log is whole. */
function buildIntegrity(
  { clock, logger }: FogOptions,
  on: {
    journal: SqlDatabase;
    audit: FogCore["audit"];
    findings: OpenedJournal["findings"];
  },
): IntegrityLog {
  const { journal, audit, findings } = on;
  const integrity = openIntegrityLog({
    ...{ db: journal, logger, audit },
    nowMs: () => clock.nowMs(),
  });
  const broken = auditFinding(audit);
  for (const finding of broken ? [...findings, broken] : findings) integrity.note(finding);
  return integrity;
}

/** A copy that cannot be written is told and costs nothing now: the table itself is in the journal. */
function storeTagCopy({ dataDir, logger }: FogOptions, journal: SqlDatabase): void {
  try {
    copyTags(dataDir, journal);
  } catch (error) {
    logger.error("the copy of the tag table could not be stored", {
      why: (error as Error).message,
    });
  }
}

function buildOutbox(
  { cloud, ioClock, logger }: FogOptions,
  journal: SqlDatabase,
  limits: FogLimits,
) {
  return new Outbox({
    journal,
    nowMs: () => ioClock.nowMs(),
    bytesMax: cloud ? limits.outboxBytes : 0,
    onEvicted: (count) => {
      if (count % 100 === 1) {
        logger.warn("the outbox is full; the oldest minutes give way", { count });
      }
    },
  });
}

function buildHistorian(
  { clock, ioClock, logger, dataDir }: FogOptions,
  on: {
    journal: SqlDatabase;
    tags: SiteTags;
    outbox: Outbox;
    limits: FogLimits;
    integrity: IntegrityLog;
  },
): Historian {
  const { journal, tags, outbox, limits, integrity } = on;
  const letters = new DeadLetters(journal);
  return new Historian({
    ...{ journal, tags, clock, ioClock, logger },
    folder: dayFolder(join(dataDir, historyFolder)),
    onDamaged: (day, { movedTo, why }) =>
      integrity.note({
        code: "damaged",
        subject: `${historyFolder}/${day}.db`,
        text: `the history of ${day} was damaged (${why}): it lies in ${movedTo} now and a new file was begun; minutes of that day from before are in no trend until a backup is restored`,
      }),
    ...{ patienceMs: limits.patienceMs, latenessMs: limits.latenessMs },
    retention: { ageMaxMs: limits.historyAgeMs, bytesMax: limits.historyBytes },
    onUnreadable: (minuteMs, bytes) => {
      const minute = new Date(minuteMs).toISOString();
      const reason = `the readings of ${minute} cannot be read`;
      letters.put({ atMs: clock.nowMs(), edge: "", family: "history", reason, bytes });
      integrity.note({
        code: "damaged",
        subject: historyFolder,
        text: `${reason}; late readings of that minute were written without them. What could not be read is kept among the dead letters`,
      });
    },
    onSealed: ({ minuteMs, block, panes, late }) => {
      const value = create(SiteMinuteSchema, { minuteMs, block, panes, backlog: late });
      outbox.enqueue({ case: "minute", value }, { atMs: minuteMs });
    },
  });
}

/** What is queued for the cloud, or struck off, in the commit of the message that says so. */
function commitPartner(of: {
  outbox: Outbox;
  downlink: Downlink;
  nowMs: () => number;
}): CommitPartner {
  const { outbox, downlink, nowMs } = of;
  return {
    event: (edge, event) => {
      if (event.body.case === "artifact") downlink.recordState(edge, event.body.value);
      const value = create(EdgeEventSchema, { edge, event });
      outbox.enqueue({ case: "event", value }, { atMs: event.atMs });
    },
    ack: (edge, ack) => downlink.recordAck(edge, ack),
    siteTags: (value) => outbox.enqueue({ case: "tags", value }, { atMs: nowMs(), replace: true }),
    rolledBack: () => outbox.recount(),
  };
}

function healthOf(of: {
  ingest: Ingest;
  uplink: Uplink | undefined;
  outbox: Outbox;
  historianBytes: number;
}): FogHealth {
  const { ingest, uplink, outbox, historianBytes } = of;
  const edges = ingest.links();
  const worst = (a: number, b: number) => (Math.abs(b) > Math.abs(a) ? b : a);
  return {
    edges,
    ingestQueue: ingest.queueLength,
    cloud: !uplink ? "not configured" : uplink.online ? "online" : "offline",
    cloudSinceMs: uplink?.sinceMs,
    cloudBacklog: outbox.items,
    historianBytes,
    skewMsWorst: edges.reduce((skewMs, edge) => worst(skewMs, edge.skewMs), 0),
  };
}

/** A frozen edge keeps its connection; it is not online for that, plant time. */
const heardWithinMs = 30_000;

/** How the fog is, for the cloud. */
export function statusOf(core: FogCore, version: string): FogStatus {
  const health = core.health();
  const atMs = core.clock.nowMs();
  const heardMs = heardWithinMs + core.limits.latenessMs;
  return create(FogStatusSchema, {
    atMs,
    version,
    edges: health.edges.flatMap(({ edge, lastSeenMs, skewMs, status, ...link }) => {
      // Shut out by a person, it is no edge of this site any more.
      if (core.revocationOf(edge)) return [];
      const online = link.online && atMs - lastSeenMs <= heardMs;
      const line = { edge, online, lastSeenMs, skewMs, ...(status && { status }) };
      return [create(EdgeLineSchema, line)];
    }),
    artifacts: core.downlink.shelf.states(),
    historianBytes: health.historianBytes,
    outboxItems: health.cloudBacklog,
  });
}
