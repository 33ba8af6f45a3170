/** One health: status command, /healthz, page, metrics and log say the same of each thing that is wrong. */
import { join } from "node:path";
import type { HealthView, OrderAnswer, PlantView } from "@weir/contracts/api/fog.ts";
import { OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { runProgram } from "@weir/runtime/cli.ts";
import { createLogger } from "@weir/runtime/logger.ts";
import { createMetrics } from "@weir/runtime/metrics.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { writeRunFile } from "../src/commands/run-file.ts";
import { program } from "../src/program.ts";
import { journalMigrations } from "../src/store.ts";
import { DashboardRig, signIn } from "./dashboard-rig.ts";
import { seconds, startMs } from "./fog-rig.ts";

const minuteMs = 60_000;
const gibibyte = 2 ** 30;

let rig: DashboardRig;
let freeBytes: number;
let lines: string[];
/** Real time of the dashboard. */
let ioClock: SimulatedClock;
let robin: Awaited<ReturnType<typeof signIn>>;
beforeEach(async () => {
  freeBytes = 100 * gibibyte;
  lines = [];
  ioClock = new SimulatedClock(startMs);
  const fog = {
    metrics: createMetrics(),
    freeDiskBytes: () => freeBytes,
    logger: createLogger({
      ...{ level: "info", json: true, nowMs: () => startMs },
      write: (line) => lines.push(line),
    }),
  } as const;
  rig = await new DashboardRig(undefined, undefined, fog, { ioClock }).start();
  robin = await signIn(rig.linkFor("engineer"), "robin");
  await rig.status({});
});
afterEach(() => rig.stop());

async function statusCommand(): Promise<{ code: number; out: string[] }> {
  const dataDir = rig.fogRig.folder;
  writeRunFile(dataDir, { httpUrl: rig.dashboard.url, mqttUrl: "" });
  const out: string[] = [];
  const code = await runProgram(program, ["status", "--data-dir", dataDir], {
    out: (line) => out.push(line),
    err: (line) => out.push(line),
    env: {},
    isTTY: false,
  });
  return { code, out };
}

/** All five places; each must have `code`, or none. */
async function allSay(code: string, is: { wrong: boolean; critical?: boolean }): Promise<void> {
  const healthz = await fetch(new URL("/healthz", rig.dashboard.url));
  const answer = (await healthz.json()) as HealthView;
  const page = (await (await robin.ask("/api/health")).json()) as HealthView;
  const plant = (await (await robin.ask("/api/plant")).json()) as PlantView;
  const metrics = await (await fetch(new URL("/metrics", rig.dashboard.url))).text();
  const { code: exit, out } = await statusCommand();
  const found = answer.problems.find((problem) => problem.code === code);
  for (const { problems } of [page, plant.health])
    expect(problems.find((problem) => problem.code === code)).toEqual(found);
  const metric = metrics.split("\n").find((line) => line.includes(`code="${code}"`));
  const told = lines.filter((line) => line.includes(`"code":"${code}"`));
  if (!is.wrong) {
    expect(found).toBeUndefined();
    expect(metric === undefined || metric.endsWith(" 0")).toBe(true);
    if (metric) expect(told.at(-1)).toContain(`"message":"over: `);
    return;
  }
  expect(found?.text).toBeTruthy();
  expect(found?.sinceMs).toBeGreaterThan(0);
  expect(metric).toMatch(/ 1$/);
  // The log tells it once, as old as it was then.
  expect(ageless(told.at(-1))).toContain(ageless(JSON.stringify(found?.text).slice(1, -1)));
  expect(out.some((line) => line.includes(found?.text ?? "?"))).toBe(true);
  const critical = is.critical ?? true;
  expect(healthz.status).toBe(critical ? 503 : 200);
  expect(exit).toBe(critical ? 1 : 0);
  expect(metrics).toContain(`weir_fog_ok ${critical ? 0 : 1}`);
}

const ageless = (text = ""): string => text.replace(/\d+ (s|min|h|d)\b/g, "…");

/** Refuses what would be written to `table`, as a disk without room does. */
function refuse(table: string): () => void {
  const journal = openSqlite(join(rig.fogRig.folder, "fog.db"), {
    ...{ synchronous: "NORMAL", migrations: journalMigrations },
  });
  journal.exec(
    `CREATE TRIGGER full BEFORE INSERT ON ${table} BEGIN SELECT RAISE(ABORT, 'disk is full'); END`,
  );
  return () => {
    journal.exec("DROP TRIGGER full");
    journal.close();
  };
}

const pass = (ms: number) => rig.fogRig.clock.advance(ms);
const readings = (count: number) =>
  rig.session.publish("blocks", rig.edge.blocks(seconds(rig.fogRig.clock.nowMs(), count)));

describe("what is wrong is told by all and ends for all", () => {
  test("a full disk", async () => {
    await allSay("disk-full", { wrong: false });
    freeBytes = 0;
    await pass(11_000);
    await allSay("disk-full", { wrong: true });
    freeBytes = 100 * gibibyte;
    await pass(11_000);
    await rig.status({});
    await pass(1_000);
    await allSay("disk-full", { wrong: false });
  });

  test("a disk with little room is told, and is no failure", async () => {
    freeBytes = gibibyte - 1;
    await pass(11_000);
    await rig.status({});
    await pass(1_000);
    await allSay("disk-low", { wrong: true, critical: false });
    freeBytes = 100 * gibibyte;
    await pass(11_000);
    await rig.status({});
    await pass(1_000);
    await allSay("disk-low", { wrong: false });
  });

  test("messages that cannot be stored", async () => {
    const allow = refuse("raw");
    await expect(readings(1)).rejects.toThrow("disk is full");
    await pass(1_000);
    await allSay("not-stored", { wrong: true });
    allow();
    await readings(1);
    await pass(1_000);
    await allSay("not-stored", { wrong: false });
  });

  test("minutes that cannot be sealed", async () => {
    const allow = refuse("sealing");
    await readings(1);
    await pass(2 * minuteMs);
    await allSay("not-sealed", { wrong: true });
    allow();
    await pass(10_000);
    await allSay("not-sealed", { wrong: false });
  });

  test("an edge that is silent", async () => {
    await pass(2 * minuteMs);
    await allSay("edge-silent", { wrong: true });
    await rig.status({});
    await pass(1_000);
    await allSay("edge-silent", { wrong: false });
  });

  test("an output that did not follow its trip", async () => {
    const trip = { rule: "HIGH", stage: "D11", tag: "D11/CL01", cause: "too high" };
    await rig.say({ case: "trip", value: { ...trip, outputs: ["pump"] } });
    const outcome = OutputOutcome.FAILED;
    await rig.say({ case: "output", value: { rule: "HIGH", output: "pump", outcome } });
    await pass(1_000);
    await allSay("trip-failed", { wrong: true });
    const verified = OutputOutcome.VERIFIED;
    await rig.say({ case: "output", value: { rule: "HIGH", output: "pump", outcome: verified } });
    await pass(1_000);
    await allSay("trip-failed", { wrong: false });
  });

  test("a clock of an edge that is far behind", async () => {
    await rig.session.publish("blocks", rig.edge.blocks(seconds(startMs - 10 * minuteMs, 1)));
    await pass(1_000);
    await allSay("edge-clock", { wrong: true });
  });
});

test("an order that nobody could take is answered with why, not with an error", async () => {
  const path = "/api/trips/edge-d/HIGH/reset";
  rig.answer = { accepted: false, reason: "the cause is still there" };
  const refused = (await (
    await robin.post(path, { reason: "looked at it" })
  ).json()) as OrderAnswer;
  expect(refused).toEqual({ ...rig.answer, outcome: "refused" });
  rig.session.close();
  const unreachable = await robin.post(path, { reason: "looked at it" });
  expect(unreachable.status).toBe(200);
  expect(await unreachable.json()).toEqual({
    accepted: false,
    outcome: "unreachable",
    reason: "edge-d is not connected; nothing was sent",
  });
});

test("the live feed beats within two seconds, first of all, whatever else there is to say", async () => {
  const response = await robin.ask("/api/live");
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const beats = () =>
    [...text.matchAll(/"kind":"beat","atMs":(\d+)/g)].map(([, atMs]) => Number(atMs));
  const untilBeats = async (count: number) => {
    while (beats().length < count) {
      const { value = "", done = true } = (await reader?.read()) ?? {};
      if (done) expect.fail(`the feed ended after ${beats().length} beats`);
      text += value;
    }
  };
  await untilBeats(1);
  // Whatever this machine takes to say it: real time moves by hand, and two seconds of it bring a beat.
  for (let round = 0; round < 5; round++) {
    const known = beats().length;
    await ioClock.advance(2_000);
    await untilBeats(known + 1);
  }
  await reader?.cancel();
  const kinds = [...text.matchAll(/"kind":"(beat|plant|edges)"/g)].map(([, kind]) => kind);
  expect(kinds.slice(0, 2)).toEqual(["beat", "plant"]);
  expect(beats()[0]).toBe(startMs);
  for (const [index, atMs] of beats().slice(1).entries()) {
    const sinceMs = atMs - (beats()[index] ?? 0);
    expect(sinceMs).toBeGreaterThan(0);
    expect(sinceMs).toBeLessThanOrEqual(2_000);
  }
});
