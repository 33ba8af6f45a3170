import { create } from "@bufbuild/protobuf";
import {
  AlertRule,
  type Event,
  EventSchema,
  OutputOutcome,
} from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { type Incident, Severity } from "@weir/contracts/generated/weir/v1/incident_pb.ts";
import { Quality } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import type { SiteModel } from "@weir/contracts/site.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import { describe, expect, test } from "vitest";
import type { Verdict } from "../detection/detection.ts";
import type { SiteTags } from "../historian/site-tags.ts";
import { IncidentDesk } from "./incident-desk.ts";
import { IncidentStore, incidentMigrations } from "./incident-store.ts";
import { NoticeBoard } from "./notice-board.ts";
import { TripBoard } from "./trip-board.ts";

const site: SiteModel = {
  site: { id: "riverside", name: "Riverside", tz: "UTC" },
  lines: [{ id: "W", name: "Sewage" }],
  stages: ["W12", "W13", "W14"].map((id, index) => ({
    id,
    name: `Aerobic ${index + 1}`,
    line: "W",
    equipment: "aeration tank",
    upstream: index === 0 ? [] : [`W1${index + 1}`],
  })),
  kpis: [],
};
const noTags = { rows: [], current: [], find: () => undefined } as unknown as SiteTags;
const atMs = Date.UTC(2026, 5, 2, 6);

function desk(
  db: SqlDatabase = openSqlite(":memory:", {
    synchronous: "NORMAL",
    migrations: incidentMigrations,
  }),
  tz = "UTC",
) {
  const changes: [string, string][] = [];
  const store = new IncidentStore(db);
  const made = new IncidentDesk({
    site: { ...site, site: { ...site.site, tz } },
    tags: noTags,
    store,
    trips: new TripBoard(),
    notices: new NoticeBoard(),
    isCauseGone: () => false,
    onChange: (incident, what) => changes.push([incident.id, what]),
  });
  return { desk: made, store, changes, db };
}

const verdict = (stage: string, decided: boolean, ratio = 1.5, at = atMs): Verdict => ({
  stage,
  decided,
  ratio,
  atMs: at,
  score: { score: 0.6, distance: 2, ratio, coverage: 1, contributions: [] },
});

let number = 0;
const event = (body: Event["body"], at = atMs): Event =>
  create(EventSchema, { id: `edge-w/1/${++number}`, atMs: at, body });
const trip = (simulated = false) =>
  event({
    case: "trip",
    value: {
      rule: "CL-HIGH",
      stage: "W14",
      cause: "free chlorine above 4 mg/L",
      value: 4.1,
      limit: 4,
      outputs: ["pump"],
      simulated,
    } as never,
  });
const open = (incidents: IncidentDesk): Incident[] => incidents.open();

test("a decision opens one advisory, more of it changes it, its end closes it", () => {
  const { desk: incidents, changes } = desk();
  incidents.onVerdict(verdict("W13", true));
  incidents.onVerdict(verdict("W13", true, 3));
  expect(open(incidents)).toMatchObject([{ stage: "W13", severity: Severity.ADVISORY, score: 3 }]);
  incidents.onVerdict(verdict("W13", false));
  expect(open(incidents)).toEqual([]);
  expect(changes.map(([, what]) => what)).toEqual(["opened", "changed", "closed"]);
});

test("what follows downstream is named inside the first incident", () => {
  const { desk: incidents } = desk();
  incidents.onVerdict(verdict("W13", true));
  incidents.onVerdict(verdict("W14", true));
  expect(open(incidents)).toMatchObject([{ stage: "W13", related: ["W14"] }]);
});

test("a trip speaks for its stage: an advisory of it becomes the trip's incident and stays until the reset", () => {
  const { desk: incidents } = desk();
  incidents.onVerdict(verdict("W14", true));
  incidents.onEvent("edge-w", trip(), false);
  incidents.onVerdict(verdict("W14", false));
  expect(open(incidents)).toMatchObject([
    { stage: "W14", severity: Severity.HIGH, detector: "edge trip CL-HIGH" },
  ]);
  incidents.onEvent(
    "edge-w",
    event({ case: "tripReset", value: { rule: "CL-HIGH", accepted: false } as never }),
    false,
  );
  expect(open(incidents)).toHaveLength(1);
  incidents.onEvent(
    "edge-w",
    event({ case: "tripReset", value: { rule: "CL-HIGH", accepted: true } as never }),
    false,
  );
  expect(open(incidents)).toEqual([]);
});

test("feedback that does not follow is the headline", () => {
  const { desk: incidents } = desk();
  incidents.onEvent("edge-w", trip(), false);
  incidents.onEvent(
    "edge-w",
    event({
      case: "output",
      value: {
        rule: "CL-HIGH",
        output: "pump",
        outcome: OutputOutcome.FAILED,
        detail: "still running",
      } as never,
    }),
    false,
  );
  expect(open(incidents)[0]?.headline).toContain("TRIP FAILED");
});

test("what a device said of its reading stands once in the incident", () => {
  const { desk: incidents } = desk();
  const detail = "exception 3: illegal data value (22 registers from input:101)";
  const reason = `failure: the device refused the request: ${detail}`;
  const value = { tag: "D11/PT01", quality: Quality.BAD, reason, detail } as never;
  incidents.onEvent("edge-w", event({ case: "quality", value }), false);
  expect(open(incidents)[0]?.contributions).toMatchObject([{ text: `D11/PT01 is bad: ${reason}` }]);
});

test("a fast change opens an incident that a trip then takes over", () => {
  const { desk: incidents } = desk();
  const alert = (active: boolean) =>
    event({
      case: "alert",
      value: {
        rule: AlertRule.DELTA,
        stage: "W14",
        tag: "W14/CL01",
        active,
        text: "rising",
        value: 1.6,
        score: 0.4,
        threshold: 0.3,
      } as never,
    });
  incidents.onEvent("edge-w", alert(true), false);
  expect(open(incidents)).toMatchObject([{ severity: Severity.LOW }]);
  incidents.onEvent("edge-w", trip(), false);
  incidents.onEvent("edge-w", alert(false), false);
  expect(open(incidents)).toMatchObject([{ severity: Severity.HIGH }]);
});

test("open incidents and their ids outlive a restart", () => {
  const first = desk();
  first.desk.onVerdict(verdict("W13", true));
  const [id] = open(first.desk).map((incident) => incident.id);
  const again = desk(first.db);
  expect(open(again.desk)).toMatchObject([{ stage: "W13", id }]);
  again.desk.onVerdict(verdict("W13", false));
  again.desk.onVerdict(verdict("W12", true));
  expect(open(again.desk)).toMatchObject([{ stage: "W12" }]);
  expect(open(again.desk)[0]?.id).not.toBe(id);
});

/** Ids by stage of what is decided at these instants, in this order, by a fog that knows nothing earlier. */
const idsOf = (decisions: readonly (readonly [stage: string, atMs: number])[]) => {
  const { desk: incidents } = desk(undefined, "Europe/Vienna");
  const ids: Record<string, string> = {};
  for (const [stage, atMs] of decisions) {
    incidents.onVerdict(verdict(stage, true, 1.5, atMs));
    ids[stage] = incidents.incidents.all().find((one) => one.stage === stage)?.id ?? "";
  }
  return ids;
};

describe("an id is of one incident alone, whatever was restored in between", () => {
  const twiceMs = Date.UTC(2026, 9, 25, 0, 30); // 2:30 in Vienna, and an hour later 2:30 again
  const hourMs = 3_600_000;

  test("in the hour that comes twice", () => {
    const first = idsOf([["W13", twiceMs]]);
    const second = idsOf([["W13", twiceMs + hourMs]]);
    expect(first["W13"]).toMatch(/^riverside-20261025T003000Z-[0-9a-f]{8}$/);
    expect(second["W13"]).toMatch(/^riverside-20261025T013000Z-[0-9a-f]{8}$/);
  });

  test("on the day of 25 hours, whose last hour repeats a time of UTC", () => {
    const lateMs = Date.UTC(2026, 9, 24, 22, 30);
    expect(idsOf([["W13", lateMs]])).not.toEqual(idsOf([["W13", lateMs + 24 * hourMs]]));
  });

  test("two causes in one second, told in another order", () => {
    const early = ["W12", twiceMs] as const;
    const late = ["W14", twiceMs + 400] as const;
    const ids = idsOf([early, late]);
    expect(idsOf([late, early])).toEqual(ids);
    expect(ids["W14"]).toMatch(/^riverside-20261025T003000Z-/);
    expect(ids["W12"]).not.toBe(ids["W14"]);
  });

  test("one cause that ends and comes again within the second", () => {
    const { desk: incidents } = desk();
    incidents.onVerdict(verdict("W13", true));
    const [id] = open(incidents).map((incident) => incident.id);
    incidents.onVerdict(verdict("W13", false));
    incidents.onVerdict(verdict("W13", true));
    expect(open(incidents)[0]?.id).toBe(`${id}-2`);
  });
});
