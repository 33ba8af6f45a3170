/**
 * Whatever is not well: `status`, the status page, `/healthz`, metrics, log and the message to the fog say the
 * same, with the same since. One row for each problem there is.
 */
import { elementAt } from "@weir/contracts/elements.ts";
import { open } from "@weir/contracts/envelope.ts";
import { HealthSeverity } from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import { QualityReason } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import { logEveryMs } from "@weir/runtime/problem-memory.ts";
import { beforeAll, describe, expect, test } from "vitest";
import { textOf } from "../src/commands/status.ts";
import { controlSilenceMaxMs } from "../src/status/agent-findings.ts";
import { EdgeHealth } from "../src/status/edge-health.ts";
import { plantTimeOf } from "../src/status/plant-time.ts";
import { problemCodes } from "../src/status/problem-codes.ts";
import { statusRoutes } from "../src/status/status-routes.ts";
import { sealStatus } from "../src/uplink/messages.ts";
import type { SnapshotFacts } from "../src/uplink/uplink-snapshot.ts";
import { edgeRig, startMs } from "./edge-rig.ts";
import { link, rows, sinceMs, tag, withControl } from "./health-rows.ts";
import { idleControl } from "./idle-control.ts";
import { SynchronousClock } from "./synchronous-clock.ts";

let well: SnapshotFacts;
beforeAll(() => {
  const { uplink } = edgeRig();
  const { health: _, ...facts } = uplink.snapshot();
  well = {
    ...facts,
    link: { url: "mqtts://fog:8883", state: "live", trouble: undefined },
    control: idleControl,
  };
});

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function watching() {
  const clock = new SynchronousClock(startMs);
  const lines: string[] = [];
  const note =
    (level: string) =>
    (text: string): void => {
      lines.push(`${level} ${text}`);
    };
  const logger = {
    debug: note("debug"),
    info: note("info"),
    warn: note("warn"),
    error: note("error"),
    child: () => logger,
  };
  const monitor = new EdgeHealth({ ioClock: clock, logger });
  monitor.look(well);
  lines.length = 0;
  const look = (facts: Partial<SnapshotFacts>) => {
    const all = { ...well, ...facts, atMs: clock.nowMs() };
    return { ...all, health: monitor.look(all) };
  };
  return { clock, lines, look };
}

const body = (snapshot: ReturnType<ReturnType<typeof watching>["look"]>, path: string) => {
  const reply = statusRoutes(() => snapshot)[path]?.();
  if (!reply || reply instanceof Promise) throw new TypeError(`${path} is no page`);
  return reply;
};

test("a row for each code, and no code twice", () => {
  expect(Object.keys(rows).toSorted()).toEqual(problemCodes.toSorted());
});

test("a reason that only a later version knows is told as one that is not named", () => {
  const { look } = watching();
  const { health } = look(withControl({ conditions: [tag("A", 99 as QualityReason)] }));
  expect(health.problems).toMatchObject([{ code: "tag-not-good", subject: "DEV/A" }]);
  expect(health.problems[0]?.text).toContain("a reason that it does not name");
});

describe.each(Object.entries(rows))("%s", (code, { facts, severity, subject, says, logLevel }) => {
  test("is told by every surface with the same words and since", () => {
    const { lines, look } = watching();
    const snapshot = look(facts(well));
    const { health } = snapshot;
    const all = [...health.problems, ...health.warnings];
    expect(all).toHaveLength(1);
    const problem = elementAt(all, 0);
    expect(problem).toMatchObject({ code, severity, subject });
    for (const word of says) expect(problem.text).toContain(word);
    expect([sinceMs, startMs]).toContain(problem.sinceMs);
    const isWarning = severity === "warning";
    expect(health.ok).toBe(isWarning);

    const since = plantTimeOf(snapshot.zone).since(problem.sinceMs, snapshot.atMs);
    const text = textOf(snapshot);
    expect(text).toContain(`${problem.text} (${since})`);
    expect(text).not.toContain("all well");
    expect(text.startsWith("!! ")).toBe(severity === "critical");

    const page = body(snapshot, "/").body;
    expect(page).toContain(escaped(problem.text));
    expect(page).toContain(since);
    expect(page.toLowerCase()).not.toContain("all well");
    const isFirst = page.indexOf(escaped(problem.text)) < page.indexOf("<h1>");
    expect(isFirst, "the loudest thing stands first").toBe(severity === "critical");

    const healthz = body(snapshot, "/healthz");
    expect(healthz.status).toBe(isWarning ? 200 : 503);
    expect(JSON.parse(healthz.body)).toEqual(JSON.parse(JSON.stringify(health)));

    const metrics = body(snapshot, "/metrics").body;
    expect(metrics).toContain(
      `weir_edge_problem_since_seconds{code="${code}",subject="${subject}",severity="${severity}"} ${problem.sinceMs / 1_000}\n`,
    );
    expect(metrics).toMatch(new RegExp(`^weir_edge_ok ${isWarning ? 1 : 0}$`, "m"));

    const level = logLevel ?? (isWarning ? "warn" : "error");
    expect(lines).toEqual([
      `${level} ${severity === "critical" ? "CRITICAL: " : ""}${problem.text}`,
    ]);

    const numbering = { epoch: 1, incarnation: "1", numbered: numberedNothing, pendingFrom: [] };
    const opened = open("status", sealStatus(snapshot, numbering));
    expect(opened.ok && opened.value.problems).toMatchObject([
      {
        ...{ code, subject, text: problem.text, sinceMs: problem.sinceMs },
        severity: HealthSeverity[severity.toUpperCase() as "WARNING"],
      },
    ]);
  });

  test("is told once while it lasts, a critical one once a minute, and when it is over", () => {
    const { clock, lines, look } = watching();
    const given = facts(well);
    for (let s = 0; s < 130; s += 5) {
      look(given);
      clock.advance(5_000);
    }
    expect(lines).toHaveLength(severity === "critical" ? 3 : 1);
    lines.length = 0;
    // What was lost stays told for an hour.
    if (code === "readings-dropped" || code === "events-refused") clock.advance(3_700_000);
    look(code === "readings-dropped" || code === "events-refused" ? given : {});
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^info over: /);
    expect(look({ ...given, ...wellAgain(code) }).health.ok).toBe(true);
  });
});

const numberedNothing = { epoch: 1, incarnation: "1", sequence: { telemetry: 0, events: 0 } };
const wellAgain = (code: string): Partial<SnapshotFacts> =>
  code === "readings-dropped" ? { ledger: well.ledger } : well;

test("with nothing known against it, and only then, all is well", () => {
  const { look } = watching();
  const snapshot = look({});
  expect(textOf(snapshot)).toContain("  all well");
  expect(body(snapshot, "/").body).toContain("All well.");
  expect(body(snapshot, "/healthz").status).toBe(200);
});

test("before the control thread has spoken the agent is starting, and after the grace it is silent: one state everywhere", () => {
  const { lines, look } = watching();
  const starting = look({ control: undefined, controlSilentMs: controlSilenceMaxMs });
  expect(starting.health.problems.map(({ code }) => code)).toEqual(["control-starting"]);
  expect(textOf(starting)).toMatch(/^ {2}starting$/m);
  expect(body(starting, "/").body).toContain("Starting.");
  expect(body(starting, "/healthz").status).toBe(503);
  expect(lines).toEqual([expect.stringMatching(/^info starting: the control thread/)]);
  lines.length = 0;
  const silent = look({ control: undefined, controlSilentMs: controlSilenceMaxMs + 1 });
  expect(silent.health.problems.map(({ code }) => code)).toEqual(["control-silent"]);
  expect(textOf(silent)).toMatch(/^!! the control thread does not report/);
  expect(lines[0]).toMatch(/^error CRITICAL: the control thread does not report/);
});

test("a thousand bad tags make one line, and a message that stays small", () => {
  const { look } = watching();
  const conditions = Array.from({ length: 1_000 }, (_, i) => tag(`T${i}`, QualityReason.REFUSED));
  const snapshot = look(withControl({ conditions }));
  expect(snapshot.health.problems).toHaveLength(1);
  const numbering = { epoch: 1, incarnation: "1", numbered: numberedNothing, pendingFrom: [] };
  const sealed = sealStatus(snapshot, numbering);
  expect(sealed.length).toBeLessThan(8_192);
  const opened = open("status", sealed);
  expect(opened.ok && opened.value.moreConditions).toBe(950);
});

test("what comes and goes every second does not fill the log", () => {
  const { clock, lines, look } = watching();
  for (let s = 0; s < 300; s++) {
    look(s % 2 === 0 ? withControl({ silentConnections: [link] }) : {});
    clock.advance(1_000);
  }
  const begun = lines.filter((line) => line.startsWith("error"));
  expect(begun.length).toBeLessThanOrEqual(1 + 300_000 / logEveryMs);
});
