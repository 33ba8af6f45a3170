/** The dashboard's HTTP API, as contracts/api/fog.ts lists it. */
import { create } from "@bufbuild/protobuf";
import type { FeedbackBody, OrderAnswer, ProofTestBody } from "@weir/contracts/api/fog.ts";
import { FeedbackLabelSchema } from "@weir/contracts/generated/weir/v1/incident_pb.ts";
import { siteTimeOf } from "@weir/contracts/site-time.ts";
import { Backups } from "@weir/runtime/backups.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import { Fault } from "@weir/runtime/fault.ts";
import { createRequestQuota } from "@weir/runtime/web/request-quota.ts";
import { HttpFault, RawAnswer, type WebRequest, type WebServer } from "@weir/runtime/web/server.ts";
import type { CommandBody } from "../downlink/command-desk.ts";
import type { FogCore } from "../fog.ts";
import type { StoredWaveform } from "../ingest/stored-waveforms.ts";
import type { SiteWatch } from "../site-watch.ts";
import { LiveFeed } from "./live-feed.ts";
import { bounded, oneOf, span, tagList } from "./query.ts";
import { tagLines } from "./tag-lines.ts";
import { Views } from "./views.ts";
import { waveformCsv, waveformView } from "./waveform-view.ts";

const tagsMax = 8;
const bucketsMax = 2_000;
const listMax = 1_000;
/** Of one user, answered at once. */
const historyRequestsMax = 8;
const choices: readonly FeedbackBody["choice"][] = ["real", "operation", "sensor_fault"];
const ratings: Record<FeedbackBody["choice"], string> = {
  real: "ANOMALY",
  operation: "NO_ANOMALY",
  sensor_fault: "ANOMALY",
};
const textMax = 2_000;
/** Letters of a reason or a note. */
const wordsMin = 3;

export interface RouteParts {
  core: FogCore;
  watch: SiteWatch;
  ioClock: Clock;
}

export function addFogRoutes(server: WebServer, { core, watch, ioClock }: RouteParts): void {
  const views = new Views(core, watch);
  const viewer = { role: "viewer" } as const;
  server.get("/api/plant", viewer, () => views.plant());
  server.get("/api/edges", viewer, () => views.edges());
  server.get("/api/suppressed", viewer, () => views.suppressed());
  server.get("/api/health", viewer, () => views.health());
  server.get("/api/tags", viewer, () => tagLines(core, watch));
  addHistory(server, views);
  server.get("/api/incidents", viewer, ({ query }) => {
    const state = oneOf(query, "state", { of: ["open", "closed", "all"], otherwise: "open" });
    return views.incidents(state, bounded(query, "limit", { otherwise: 100, max: listMax }));
  });
  server.get(
    "/api/incidents/:id",
    viewer,
    ({ params }) => views.incident(params["id"] ?? "") ?? missing(`incident ${params["id"]}`),
  );
  server.get("/api/events", viewer, ({ query }) =>
    views.events(
      bounded(query, "limit", { otherwise: 100, max: listMax }),
      query["kinds"]?.split(","),
    ),
  );
  server.get("/api/audit", { role: "engineer" }, ({ query }) =>
    core.audit.recent(bounded(query, "limit", { otherwise: 100, max: listMax })),
  );
  server.post("/api/incidents/:id/feedback", { role: "operator" }, (request) => {
    storeFeedback({ core, watch }, request);
    return views.incident(request.params["id"] ?? "");
  });
  addBackups(server, core);
  addOrders(server, core);
  addWaveforms(server, core);
  const live = new LiveFeed({
    ...{ ioClock, plantClock: core.clock },
    plant: () => views.plant(),
    edges: () => views.edges(),
  });
  server.events("/api/live", viewer, (send) =>
    live.follow((message) => send(message.kind, message)),
  );
}

function addBackups(server: WebServer, { dataDir, ioClock, audit, logger }: FogCore): void {
  const thread = new URL("../backup-thread.ts", import.meta.url);
  const backups = new Backups({ dataDir, ioClock, audit, logger, thread });
  server.get("/api/backup", { role: "viewer" }, () => backups.view());
  server.post("/api/backup", { role: "engineer" }, ({ user }) => {
    backups.start(user);
    return backups.view();
  });
}

/** What reads the past: a few at a time for each person, so that one open page cannot keep others waiting. */
function addHistory(server: WebServer, views: Views): void {
  const viewer = { role: "viewer" } as const;
  const quota = createRequestQuota({ ofUserMax: historyRequestsMax });
  server.get("/api/stages/:stage", viewer, async ({ params, user, signal }) => {
    const stage = await quota.run(user, () => views.stage(params["stage"] ?? "", signal));
    return stage ?? missing(`stage ${params["stage"]}`);
  });
  server.get("/api/trends", viewer, ({ query, user, signal }) => {
    const tags = tagList(query, tagsMax);
    const buckets = bounded(query, "buckets", { otherwise: 400, max: bucketsMax });
    const drawn = { ...span(query), buckets };
    return quota.run(user, () => views.trends(tags, drawn, signal));
  });
}

function storeFeedback(
  { core, watch }: Pick<RouteParts, "core" | "watch">,
  request: WebRequest,
): void {
  const body = (request.body ?? {}) as Partial<FeedbackBody>;
  if (!body.choice || !choices.includes(body.choice)) {
    throw new HttpFault(
      400,
      "FOG_API_FEEDBACK",
      `choice ${JSON.stringify(body.choice)} is not one of ${choices.join(", ")}`,
    );
  }
  const id = request.params["id"] ?? "";
  const incident = watch.incidents.label(id, body.choice);
  if (!incident) missing(`incident ${id}`);
  const atMs = core.clock.nowMs();
  const label = create(FeedbackLabelSchema, {
    id: `${id}/${atMs}`,
    incident: id,
    stage: incident.stage,
    fromMs: incident.openedAtMs,
    toMs: incident.closedAtMs ?? atMs,
    rating: ratings[body.choice],
    choice: body.choice,
    operation: text(body.operation),
    notes: text(body.notes),
    author: request.user,
    atMs,
  });
  watch.incidentStore.putLabel(label);
  core.report({ case: "label", value: label });
  core.audit.append({
    actor: request.user,
    action: "feedback",
    subject: id,
    detail: `${body.choice} ${label.operation} ${label.notes}`.trim(),
  });
}

function addOrders(server: WebServer, core: FogCore): void {
  const supervisor = { role: "supervisor" } as const;
  server.post("/api/trips/:edge/:rule/reset", supervisor, (request) => {
    const { rule = "" } = request.params;
    return order(core, request, {
      body: { case: "resetTrip", value: { rule } },
      reason: reasonOf(request),
    });
  });
  server.post("/api/trips/:edge/:rule/simulate", supervisor, (request) => {
    const { rule = "" } = request.params;
    return order(core, request, {
      body: { case: "simulateTrip", value: { rule } },
      reason: reasonOf(request),
    });
  });
  server.post("/api/rules/:edge/:rule/proof-test", supervisor, (request) => {
    const { rule = "" } = request.params;
    const { passed, note } = proofTestOf(request);
    const body = { case: "recordProofTest", value: { rule, passed, note } } as const;
    return order(core, request, { body, reason: note });
  });
}

async function order(
  core: FogCore,
  { params, user }: WebRequest,
  what: { body: CommandBody; reason: string },
): Promise<OrderAnswer> {
  try {
    const ack = await core.commands.send(params["edge"] ?? "", { ...what, by: user });
    const { accepted } = ack;
    const reason = ack.reason || (accepted ? "" : "the edge gave no reason");
    return { accepted, reason, outcome: accepted ? "accepted" : "refused" };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const outcome = notDone[error.code];
    if (!outcome) throw error;
    return { accepted: false, reason: error.message, outcome };
  }
}

/** What an order came to that no edge has answered. */
const notDone: Partial<Record<string, OrderAnswer["outcome"]>> = {
  FOG_EDGE_OFFLINE: "unreachable",
  FOG_EDGE_SILENT: "unanswered",
};

function reasonOf(request: WebRequest): string {
  const reason = text((request.body as { reason?: unknown } | undefined)?.reason);
  if (reason.length >= wordsMin) return reason;
  throw new HttpFault(
    400,
    "FOG_API_REASON",
    "say what was checked, in three letters or more; it goes into the record",
  );
}

function proofTestOf(request: WebRequest): ProofTestBody {
  const body = (request.body ?? {}) as Partial<Record<keyof ProofTestBody, unknown>>;
  if (typeof body.passed !== "boolean")
    throw new HttpFault(400, "FOG_API_VERDICT", '"passed" must be true or false');
  const note = text(body.note);
  if (note.length < wordsMin)
    throw new HttpFault(
      400,
      "FOG_API_NOTE",
      "say what was seen at the machine, in three letters or more; it goes into the record",
    );
  return { passed: body.passed, note };
}

function addWaveforms(server: WebServer, core: FogCore): void {
  const viewer = { role: "viewer" } as const;
  const stored = ({ params }: WebRequest): StoredWaveform =>
    core.ingest.events.waveforms.get(params["event"] ?? "") ??
    missing(`waveform ${params["event"]} (any more)`);
  server.get("/api/waveforms/:event", viewer, (request) => waveformView(stored(request)));
  server.get("/api/waveforms/:event/csv", viewer, (request) => {
    const found = stored(request);
    const { device, fromMs } = found.waveform;
    const at = siteTimeOf(core.site.site.tz).fileStamp(fromMs);
    const name = `${device}-${at}.csv`.replace(/[^\w.+-]/g, "_");
    return new RawAnswer("text/csv; charset=utf-8", waveformCsv(found), name);
  });
}

const text = (value: unknown): string =>
  typeof value === "string" ? value.trim().slice(0, textMax) : "";

function missing(what: string): never {
  throw new HttpFault(404, "FOG_API_UNKNOWN", `there is no ${what} at this site`);
}
