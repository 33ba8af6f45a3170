/** What a fog says of its site: each edge's own problems, edges that are not heard, signs without room. */
import { HealthSeverity } from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import { Severity } from "@weir/contracts/generated/weir/v1/incident_pb.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { expect, test } from "vitest";
import { IncidentStore, incidentMigrations } from "../correlation/incident-store.ts";
import { OpenIncidents } from "../correlation/open-incidents.ts";
import { type SiteParts, siteProblems } from "./site-problems.ts";

const startMs = Date.UTC(2026, 5, 2);

test("incidents-full: from the first sign below high that found no room", () => {
  const db = openSqlite(":memory:", { synchronous: "NORMAL", migrations: incidentMigrations });
  const incidents = new OpenIncidents({
    ...{ site: "mill", zone: "UTC", store: new IncidentStore(db) },
    onChange: () => {},
  });
  const look = siteProblems({
    ...{ clock: new SimulatedClock(startMs), incidents: { incidents }, latenessMs: 0 },
    ...{ ingest: { links: () => [] }, freshness: {}, trips: { list: () => [] } },
    detection: { service: { state: "working" }, waitingMs: () => 0 },
    learning: { learner: { state: "waiting" } },
    revocationOf: () => undefined,
  } as unknown as SiteParts);
  const full = () => look().find(({ code }) => code === "incidents-full");
  // A second apart: each has a name of its own at once.
  const raise = (n: number, severity: Severity) =>
    incidents.raise({
      ...{ cause: `alert/e/t${n}/1`, severity, headline: `sign ${n}` },
      atMs: startMs + n * 1_000,
    });
  for (let n = 0; n < 2_000; n++) raise(n, Severity.LOW);
  expect(full()).toBeUndefined();
  raise(2_000, Severity.HIGH);
  expect(incidents.all()[0]?.headline).toBe("sign 2000");
  expect(full()).toBeUndefined();
  raise(2_001, Severity.MEDIUM);
  raise(2_002, Severity.LOW);
  expect(incidents.all()).toHaveLength(2_001);
  expect(full()).toMatchObject({ severity: "medium" });
  expect(full()?.text).toContain("2 signs below high were not taken");
});

/** A fog whose only edge is as given. */
function lookAt(
  state: "live" | "stale" | "silent" | "never",
  { isOfNow = true, problems = [] as readonly object[] } = {},
) {
  const status = { problems };
  return siteProblems({
    ...{ clock: new SimulatedClock(startMs), latenessMs: 0, trips: { list: () => [] } },
    incidents: { incidents: { refusedCount: 0 } },
    ingest: { links: () => [{ edge: "mixer", skewMs: 0, status }], refusals: { has: () => false } },
    freshness: {
      edge: () => ({ state, reason: "mixer has not been heard for 9 min", sinceMs: startMs }),
      isStatusOfNow: () => isOfNow,
    },
    detection: { service: { state: "working" }, waitingMs: () => 0 },
    learning: { learner: { state: "waiting" } },
    revocationOf: () => undefined,
  } as unknown as SiteParts)();
}

const said = (code: string, subject: string, severity: HealthSeverity) => ({
  ...{ code, subject, severity, text: `${code} of ${subject}`, sinceMs: startMs - 1_000 },
});

test("an edge's own problems are the fog's, each with its severity, subject and time", () => {
  const problems = [
    said("device-silent", "plc1", HealthSeverity.PROBLEM),
    said("watchdog-unarmed", "io", HealthSeverity.CRITICAL),
    said("clock", "", HealthSeverity.WARNING),
  ];
  const sinceMs = startMs - 1_000;
  expect(lookAt("live", { problems })).toEqual([
    {
      ...{ code: "edge-device-silent", severity: "medium", subject: "mixer/plc1", sinceMs },
      text: "mixer: device-silent of plc1",
    },
    {
      ...{ code: "edge-watchdog-unarmed", severity: "high", subject: "mixer/io", sinceMs },
      text: "mixer: watchdog-unarmed of io",
    },
    {
      ...{ code: "edge-clock", severity: "low", subject: "mixer", sinceMs },
      text: "mixer: clock of ",
    },
  ]);
  const [old] = lookAt("live", { problems, isOfNow: false });
  expect(old?.text).toBe("mixer, as it last said: device-silent of plc1");
});

test.each([
  ["stale", "low", []],
  ["silent", "medium", ["edge-silent"]],
  ["never", "medium", []],
] as const)("a site none of whose edges is heard, %s, has a problem", (state, severity, more) => {
  const found = lookAt(state);
  expect(found.map(({ code }) => code)).toEqual([...more, "no-edge-heard"]);
  expect(found.at(-1)).toMatchObject({ severity });
});
