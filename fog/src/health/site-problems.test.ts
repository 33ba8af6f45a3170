/** More that is wrong than can be kept open is counted and told; what is high is always taken. */
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
