/** The console's HTTP API: every endpoint of contracts/api/cloud.ts on the tier's web server. */
import type {
  CloudLiveMessage,
  FleetView,
  HealthSeriesView,
  ModelView,
  TicketView,
  TrainingRunView,
} from "@weir/contracts/api/cloud.ts";
import type { AuditView } from "@weir/contracts/api/fog.ts";
import type { TierHealth } from "@weir/contracts/api/health.ts";
import type { Backups } from "@weir/runtime/backups.ts";
import { isFault } from "@weir/runtime/fault.ts";
import { HttpFault, type WebRequest, type WebServer } from "@weir/runtime/web/server.ts";
import type { HealthBook } from "../evaluation/health-book.ts";
import { CloudFault } from "../faults.ts";
import type { Historian } from "../historian/historian.ts";
import { bucketCountMax, dayMs } from "../limits.ts";
import type { ModelRecord, ModelRegistry } from "../model-registry/model-registry.ts";
import { tagWords } from "../tickets/plant-words.ts";
import { changeText, channelChanges } from "../tickets/stage-finding.ts";
import type { TicketDesk } from "../tickets/ticket-desk.ts";
import { type CloseCode, closeCodes, transitions } from "../tickets/ticket-life.ts";
import type { LearningPlanner } from "../trainer/learning-planner.ts";
import type { Trainer } from "../trainer/trainer.ts";
import type { TrainingBook, TrainingKind } from "../trainer/training-book.ts";
import { historyView } from "./history-view.ts";
import type { LiveFeed } from "./live-feed.ts";

export interface CloudApiSources {
  /** A demonstration started this cloud: what exists for it alone is served. */
  isDemo: boolean;
  tierHealth: () => TierHealth;
  fleet: () => FleetView;
  historian: Historian;
  health: HealthBook;
  registry: ModelRegistry;
  trainer: Trainer;
  planner: LearningPlanner;
  book: TrainingBook;
  desk: TicketDesk;
  live: LiveFeed;
  /** Newest first. */
  audit: { append(entry: AuditEntry): void; recent(limit: number): AuditView[] };
  sites: () => string[];
  backups: Backups;
}

interface AuditEntry {
  actor: string;
  action: string;
  subject: string;
  detail: string;
}

const trainingKinds: readonly TrainingKind[] = ["autoencoder", "forest", "thresholds"];
const auditCountMax = 1_000;
/** Days of a stage's health that the console draws. */
const healthDays = 30;

export function addCloudRoutes(server: WebServer, sources: CloudApiSources): void {
  const { historian, book, desk } = sources;
  server.get("/api/fleet", {}, sources.fleet);
  server.get("/api/history", {}, (request) => historyView(historian, historyQuery(request)));
  server.get("/api/sites/:site/tags", {}, ({ params }) =>
    historian.tags.tags(params["site"] ?? "").map((tag) => ({
      id: tag.id,
      name: tagWords(tag),
      unit: tag.unit,
      stage: tag.stage,
      kind: tag.kind,
      kindInferred: tag.measures.inferred,
    })),
  );
  server.get("/api/health-series", {}, ({ query }) =>
    healthSeries(sources, { site: needed(query, "site"), stage: needed(query, "stage") }),
  );
  server.get("/api/audit", { role: "engineer" }, ({ query }) =>
    sources.audit.recent(whole(query, "limit", { fallback: 200, min: 1, max: auditCountMax })),
  );
  server.get("/api/health", {}, sources.tierHealth);
  server.get("/api/learning", {}, () => sources.planner.views(sources.trainer.progress()));
  server.get("/api/training", {}, (): TrainingRunView[] => book.list());
  server.post("/api/training", { role: "engineer" }, (request) => startTraining(request, sources));
  server.get("/api/tickets", {}, ({ query }): TicketView[] =>
    desk.list(query["status"] === "all" ? "all" : "open"),
  );
  server.get("/api/tickets/:id", {}, ({ params }) =>
    ticketPage(
      orNotFound(() => desk.get(params["id"] ?? "")),
      sources,
    ),
  );
  server.post("/api/tickets/:id/status", { role: "operator" }, (request) =>
    setTicketStatus(request, sources),
  );
  addModelRoutes(server, sources);
  const { backups } = sources;
  server.get("/api/backup", {}, () => backups.view());
  server.post("/api/backup", { role: "engineer" }, ({ user }) => {
    backups.start(user);
    return backups.view();
  });
  server.events("/api/live", {}, (send, signal) => {
    const stop = sources.live.follow((message: CloudLiveMessage) => send(message.kind, message));
    signal.addEventListener("abort", stop, { once: true });
    return stop;
  });
}

function addModelRoutes(server: WebServer, sources: CloudApiSources): void {
  const { registry, audit, live, isDemo } = sources;
  server.get("/api/models", {}, (): ModelView[] => registry.list().map(modelView));
  const act = (
    word: "publish" | "tamper",
    work: (ref: { name: string; version: number; site: string | undefined }) => ModelRecord,
  ) =>
    server.post(`/api/models/:name/:version/${word}`, { role: "engineer" }, (request) => {
      const name = request.params["name"] ?? "";
      const version = Number(request.params["version"]);
      const site = request.query["site"];
      const model = orNotFound(() => work({ name, version, site }));
      audit.append({
        actor: request.user,
        action: `model.${word}`,
        subject: `${name}@${version}`,
        detail: model.site,
      });
      live.touch("models");
      return modelView(model);
    });
  act("publish", registry.publish);
  // A damaged copy on purpose, to watch it being refused: of no use outside a demonstration.
  if (isDemo) act("tamper", registry.tamper);
}

export const modelView = (model: ModelRecord): ModelView => model;

function startTraining({ body, user }: WebRequest, sources: CloudApiSources): TrainingRunView {
  const { site, stage, kind } = (body ?? {}) as Record<string, unknown>;
  if (typeof site !== "string" || !sources.sites().includes(site)) {
    throw new HttpFault(400, "SITE_UNKNOWN", `There is no site ${JSON.stringify(site)}.`);
  }
  if (!trainingKinds.includes(kind as TrainingKind)) {
    throw new HttpFault(400, "KIND_UNKNOWN", `"kind" must be one of ${trainingKinds.join(", ")}.`);
  }
  const tags = sources.historian.tags.tags(site);
  const isKnown = tags.some((tag) => (kind === "thresholds" ? tag.edge : tag.stage) === stage);
  if (!isKnown) {
    const what = kind === "thresholds" ? "edge" : "stage";
    throw new HttpFault(
      400,
      "STAGE_UNKNOWN",
      `Site ${site} has no ${what} ${JSON.stringify(stage)}.`,
    );
  }
  const request = { site, stage: stage as string, kind: kind as TrainingKind };
  const run = sources.trainer.queue(request);
  sources.audit.append({
    actor: user,
    action: "training.start",
    subject: `${request.kind}/${request.stage}`,
    detail: site,
  });
  return run;
}

function setTicketStatus({ params, body, user }: WebRequest, sources: CloudApiSources) {
  const { desk, audit } = sources;
  const { status, closeCode = "", notes = "" } = (body ?? {}) as Record<string, unknown>;
  if (typeof status !== "string" || !(status in transitions)) {
    throw new HttpFault(
      400,
      "STATUS_UNKNOWN",
      `"status" must be one of ${Object.keys(transitions).join(", ")}.`,
    );
  }
  if (closeCode !== "" && !closeCodes.includes(closeCode as CloseCode)) {
    throw new HttpFault(400, "CLOSE_CODE", `"closeCode" must be one of ${closeCodes.join(", ")}.`);
  }
  if (typeof notes !== "string" || notes.length > 10_000) {
    throw new HttpFault(400, "NOTES", '"notes" must be a text of at most 10 000 characters.');
  }
  const ticket = orNotFound(() =>
    desk.setStatus(params["id"] ?? "", {
      status: status as TicketView["status"],
      closeCode: closeCode as CloseCode | "",
      notes,
      by: user,
    }),
  );
  const detail = [status, closeCode].filter(Boolean).join(": ");
  audit.append({ actor: user, action: "ticket.status", subject: ticket.id, detail });
  return ticketPage(ticket, sources);
}

/** With what its page may ask next. */
const ticketPage = (ticket: TicketView, { health }: CloudApiSources): TicketView => ({
  ...ticket,
  allowedStatus: [...transitions[ticket.status]],
  hasHealthSeries: ticket.stage !== "" && health.newest(ticket.site, ticket.stage) !== undefined,
});

async function healthSeries(
  { health, historian }: CloudApiSources,
  { site, stage }: { site: string; stage: string },
): Promise<HealthSeriesView> {
  const newest = health.newest(site, stage);
  if (!newest) {
    throw new HttpFault(404, "NOT_FOUND", `Stage ${stage} of ${site} has no health score yet.`);
  }
  const points = health.points(site, stage, newest.atMs - healthDays * dayMs);
  const { changes } = await channelChanges(historian, { site, stage, point: newest });
  return {
    site,
    stage,
    model: `autoencoder/${stage}`,
    version: newest.version,
    threshold: newest.threshold,
    at: points.map((point) => point.atMs / 1_000),
    score: points.map((point) => point.score),
    channels: changes.map((change) => ({
      tag: change.tag.id,
      name: tagWords(change.tag),
      share: change.share,
      text: changeText(change),
    })),
  };
}

function historyQuery({ query }: WebRequest) {
  const now = Number.MAX_SAFE_INTEGER;
  const fromMs = whole(query, "from", { min: 0, max: now });
  const toMs = whole(query, "to", { min: 0, max: now });
  if (toMs <= fromMs) throw new HttpFault(400, "RANGE", '"to" must be after "from".');
  return {
    site: needed(query, "site"),
    tags: needed(query, "tags").split(",").filter(Boolean),
    fromMs,
    toMs,
    bucketCount: whole(query, "buckets", { fallback: 300, min: 1, max: bucketCountMax }),
  };
}

type Query = WebRequest["query"];

function needed(query: Query, name: string): string {
  const value = query[name];
  if (!value) throw new HttpFault(400, "QUERY", `The query needs "${name}".`);
  return value;
}

function whole(
  query: Query,
  name: string,
  { fallback, min, max }: { fallback?: number; min: number; max: number },
): number {
  const text = query[name];
  if (text === undefined && fallback !== undefined) return fallback;
  const value = Math.round(Number(text));
  if (text === undefined || !(value >= min && value <= max)) {
    throw new HttpFault(400, "QUERY", `"${name}" must be a number from ${min} to ${max}.`);
  }
  return value;
}

function orNotFound<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (CloudFault.is(error, "CLOUD_TICKET_CLOSE_CODE")) {
      throw new HttpFault(400, "CLOSE_CODE", error.message);
    }
    if (
      CloudFault.is(error, "CLOUD_TICKET_UNKNOWN") ||
      CloudFault.is(error, "CLOUD_MODEL_UNKNOWN")
    ) {
      throw new HttpFault(404, "NOT_FOUND", error.message);
    }
    if (isFault(error)) throw new HttpFault(409, error.code, error.message);
    throw error;
  }
}
