import type { TicketView } from "@weir/contracts/api/cloud.ts";
import type { FeedbackLabel } from "@weir/contracts/generated/weir/v1/incident_pb.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { sized } from "@weir/testing/test-size.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CloudFault } from "../faults.ts";
import { dayMs, hourMs } from "../limits.ts";
import type { Finding } from "./finding.ts";
import { automaticPerDayMax, createTicketDesk, ticketMigration } from "./ticket-desk.ts";
import { closeCodes, isFinished, transitions } from "./ticket-life.ts";

const startMs = Date.UTC(2026, 5, 2);

function openDesk() {
  const plant = new SimulatedClock(startMs);
  const labels: FeedbackLabel[] = [];
  const withdrawn: string[] = [];
  const changes: string[] = [];
  const taught: string[] = [];
  const desk = createTicketDesk({
    db: openSqlite(":memory:", { synchronous: "NORMAL", migrations: [ticketMigration] }),
    plant,
    onTicket: (ticket, change) => changes.push(`${ticket.id} ${change}`),
    onLabel: (_site, label) => labels.push(label),
    onLabelWithdrawn: (_site, id) => withdrawn.push(id),
    onTeachingChanged: (site, stage) => taught.push(`${site}/${stage}`),
  });
  return { desk, plant, labels, withdrawn, changes, taught };
}

/** The first two of a new desk: seconds of its clock since 2026, and the one after. */
const [firstId, secondId] = ["T-13132800", "T-13132801"];

const finding = (change: Partial<Finding> = {}): Finding => ({
  site: "riverside",
  stage: "S02",
  assetPath: "riverside/S/S02/thickener",
  equipmentClass: "thickener",
  failureMode: "LOO",
  mechanism: "",
  family: "autoencoder",
  title: "Thickener 2: sludge no longer thickens",
  summary: "",
  priority: "P2",
  policyMs: 48 * hourMs,
  detector: { model: "autoencoder/S02", version: 1, score: 3, threshold: 1 },
  confidence: 0.8,
  evidence: [],
  firstSeenMs: startMs - 10 * hourMs,
  seenMs: startMs,
  predictedFailure: null,
  recommendedActions: [],
  partsHint: [],
  safetyNotes: "",
  isSafetyRelated: false,
  ...change,
});

test("a note is a line of the open ticket's history; its status stays, and a finished one has none", () => {
  const { desk } = openDesk();
  const { id, dedupKey } = desk.report(finding()) as TicketView;
  desk.note(dedupKey, { atMs: startMs + hourMs, text: "confirmed since" });
  expect(desk.get(id)).toMatchObject({ status: "open" });
  expect(desk.get(id).history.at(-1)).toMatchObject({ atMs: startMs + hourMs, by: "weir" });
  desk.setStatus(id, { status: "closed", closeCode: "confirmed", notes: "", by: "mira" });
  const count = desk.get(id).history.length;
  desk.note(dedupKey, { atMs: startMs + hourMs, text: "confirmed since" });
  expect(desk.get(id).history).toHaveLength(count);
});

describe("a finding", () => {
  test("of the same asset and kind goes into the ticket that is open", () => {
    const { desk, changes } = openDesk();
    const first = desk.report(finding());
    const again = desk.report(finding({ seenMs: startMs + hourMs, priority: "P3" }));
    expect(again).toMatchObject({ id: first?.id, occurrences: 2, priority: "P2" });
    expect(again?.lastSeenMs).toBe(startMs + hourMs);
    expect(changes).toEqual([`${firstId} opened`, `${firstId} updated`]);
    expect(desk.report(finding({ failureMode: "AIR" }))?.id).toBe(secondId);
  });

  test("may raise the priority, never lower it", () => {
    const { desk } = openDesk();
    desk.report(finding({ priority: "P3" }));
    expect(desk.report(finding({ priority: "P1" }))?.priority).toBe("P1");
    expect(desk.report(finding({ priority: "P4" }))?.priority).toBe("P1");
  });

  test("is due by policy, or half the way to the earliest failure", () => {
    const { desk } = openDesk();
    expect(desk.report(finding())?.dueAtMs).toBe(startMs + 48 * hourMs);
    const p10Ms = startMs + 60 * hourMs;
    const sooner = desk.report(
      finding({ predictedFailure: { p10Ms, p50Ms: p10Ms, p90Ms: p10Ms } }),
    );
    expect(sooner?.dueAtMs).toBe(startMs + 30 * hourMs);
  });

  test("that comes back within the window opens its ticket again", async () => {
    const { desk, plant } = openDesk();
    desk.report(finding());
    desk.setStatus(firstId, { status: "closed", closeCode: "confirmed", notes: "", by: "ada" });
    await plant.advance(10 * dayMs);
    expect(desk.report(finding({ seenMs: plant.nowMs() }))).toMatchObject({
      id: firstId,
      status: "open",
    });
    desk.setStatus(firstId, { status: "closed", closeCode: "confirmed", notes: "", by: "ada" });
    await plant.advance(20 * dayMs);
    expect(desk.report(finding({ seenMs: plant.nowMs() }))?.id).not.toBe(firstId);
  });

  test("stays quiet after it was closed as operation", async () => {
    const { desk, plant } = openDesk();
    desk.report(finding());
    desk.setStatus(firstId, { status: "closed", closeCode: "operation", notes: "CIP", by: "ada" });
    await plant.advance(dayMs);
    expect(desk.report(finding({ seenMs: plant.nowMs() }))).toBeUndefined();
    await plant.advance(14 * dayMs);
    expect(desk.report(finding({ seenMs: plant.nowMs() }))).toBeDefined();
  });

  test("beyond the day's limit goes into one digest; P1 never does", () => {
    const { desk } = openDesk();
    for (let i = 0; i < automaticPerDayMax + 3; i++) desk.report(finding({ assetPath: `a${i}` }));
    const all = desk.list("all");
    expect(all).toHaveLength(automaticPerDayMax + 1);
    expect(all.filter((ticket) => ticket.title.startsWith("More than"))[0]?.occurrences).toBe(3);
    expect(desk.report(finding({ assetPath: "x", priority: "P1" }))?.priority).toBe("P1");
    const tomorrow = startMs + dayMs + 1;
    expect(desk.report(finding({ assetPath: "y", seenMs: tomorrow }))?.assetPath).toBe("y");
  });
});

test("closing asks for a code and writes the label that training reads", () => {
  const { desk, labels } = openDesk();
  desk.report(finding());
  const close = (closeCode: "" | "confirmed") => () =>
    desk.setStatus(firstId, { status: "closed", closeCode, notes: "pump worn", by: "ada" });
  expect(close("")).toThrow("needs a close code");
  close("confirmed")();
  expect(labels[0]).toMatchObject({
    id: `riverside/${firstId}`,
    stage: "S02",
    rating: "ANOMALY",
    fromMs: startMs - 10 * hourMs,
    toMs: startMs,
    author: "ada",
  });
  expect(() => desk.get("T-77")).toThrow("there is no ticket T-77");
});

test("a stage is learned anew when a person's word changes what may teach it, and only then", () => {
  const { desk, taught } = openDesk();
  desk.report(finding());
  const set = (status: TicketView["status"], closeCode?: TicketView["closeCode"], notes = "") => {
    const before = taught.length;
    desk.setStatus(firstId, { status, closeCode: closeCode ?? "", notes, by: "ada" });
    return taught.slice(before);
  };
  // Under an open ticket it did not teach, and confirmed it does not either.
  expect(set("closed", "confirmed")).toEqual([]);
  expect(set("closed", "no_fault_found")).toEqual(["riverside/S02"]);
  expect(set("closed", "operation", "cleaning")).toEqual([]);
  expect(set("closed", "confirmed")).toEqual(["riverside/S02"]);
  expect(set("open")).toEqual([]);
  expect(set("closed", "operation")).toEqual(["riverside/S02"]);
  expect(set("open")).toEqual(["riverside/S02"]);
});

test("a wrong outcome is corrected: its label is replaced; a ticket opened again has none", () => {
  const { desk, labels, withdrawn, changes } = openDesk();
  desk.report(finding());
  const set = (status: TicketView["status"], closeCode: "" | "confirmed" | "no_fault_found") =>
    desk.setStatus(firstId, { status, closeCode, notes: "", by: "ada" });
  set("closed", "confirmed");
  expect(() => set("closed", "confirmed")).toThrow("is closed as confirmed already");
  expect(set("closed", "no_fault_found").history.at(-1)).toMatchObject({
    by: "ada",
    text: "outcome corrected: closed: no fault found",
  });
  expect(labels.map(({ id, rating }) => `${id} ${rating}`)).toEqual([
    `riverside/${firstId} ANOMALY`,
    `riverside/${firstId} NO_ANOMALY`,
  ]);
  expect(withdrawn).toEqual([]);
  const again = set("open", "");
  expect(again).toMatchObject({ status: "open", closeCode: "", closeNotes: "" });
  expect(withdrawn).toEqual([`riverside/${firstId}`]);
  expect(changes.at(-1)).toBe(`${firstId} reopened`);
  expect(desk.openCount()).toBe(1);
  expect(set("cancelled", "").allowedStatus).toEqual(["open"]);
});

const statuses = Object.keys(transitions) as TicketView["status"][];
type Step =
  | { do: "report"; priority: Finding["priority"] }
  | { do: "status"; to: TicketView["status"] }
  | { do: "wait"; days: number };
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant("report" as const),
    priority: fc.constantFrom("P1", "P2", "P3", "P4"),
  }),
  fc.record({ do: fc.constant("status" as const), to: fc.constantFrom(...statuses) }),
  fc.record({ do: fc.constant("wait" as const), days: fc.nat(20) }),
);

test("whatever happens, one open ticket a signature, only allowed steps, nothing forgotten", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const { desk, plant } = openDesk();
      let last = desk.report(finding()) as TicketView;
      for (const one of steps) {
        const before = desk.get(last.id);
        if (one.do === "wait") await plant.advance(one.days * dayMs);
        else if (one.do === "report") {
          const ticket = desk.report(finding({ seenMs: plant.nowMs(), priority: one.priority }));
          if (ticket?.id === before.id && !isFinished(before.status)) {
            expect(ticket.occurrences).toBe(before.occurrences + 1);
            expect(ticket.priority <= before.priority).toBe(true);
            expect(ticket.dueAtMs).toBeLessThanOrEqual(before.dueAtMs);
          }
          last = ticket ?? last;
        } else {
          try {
            const code = one.to === "closed" ? closeCodes[plant.nowMs() % 4] : undefined;
            last = desk.setStatus(last.id, {
              status: one.to,
              closeCode: code ?? "",
              notes: "",
              by: "ada",
            });
            expect(transitions[before.status]).toContain(one.to);
          } catch (error) {
            if (CloudFault.is(error, "CLOUD_TICKET_UNCHANGED")) {
              expect([before.status, one.to]).toEqual(["closed", "closed"]);
              continue;
            }
            expect(CloudFault.is(error, "CLOUD_TICKET_TRANSITION")).toBe(true);
            expect(transitions[before.status]).not.toContain(one.to);
          }
        }
        expect(desk.list("open").length).toBeLessThanOrEqual(1);
        expect(desk.openCount()).toBe(desk.list("open").length);
        expect(desk.get(last.id).history.length).toBeGreaterThan(0);
      }
    }),
    { numRuns: sized(60, 3_000) },
  );
});

test("after a restore no later ticket, and no label of one, has the name of an earlier one", async () => {
  const { desk: before, labels } = openDesk();
  for (const failureMode of ["LOO", "AIR", "STP"]) before.report(finding({ failureMode }));
  const known = before.list("all").map(({ id }) => id);
  // The backup was made before the first of them; a minute later another machine fails.
  const { desk: restored, plant, labels: labelsAfter } = openDesk();
  await plant.advance(60_000);
  const later = restored.report(finding({ failureMode: "ELU" }))?.id ?? "";
  expect(known).toHaveLength(3);
  expect(known).not.toContain(later);
  const close = { status: "closed", closeCode: "confirmed", notes: "", by: "ada" } as const;
  for (const id of known) before.setStatus(id, close);
  restored.setStatus(later, close);
  expect(labels.map(({ id }) => id)).not.toContain(labelsAfter[0]?.id);
});
