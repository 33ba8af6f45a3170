import type {
  AuditView,
  EdgeView,
  EventView,
  PlantView,
  WaveformView,
} from "@weir/contracts/api/fog.ts";
import { elementAt } from "@weir/contracts/elements.ts";
import { AlertRule, ConfigurationOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { waveformsMax } from "../src/ingest/stored-waveforms.ts";
import {
  DashboardRig,
  type EventBody,
  fullStatus,
  signIn,
  waveformBody,
  wornPump,
} from "./dashboard-rig.ts";
import { startMs } from "./fog-rig.ts";

let rig: DashboardRig;
let robin: Awaited<ReturnType<typeof signIn>>;
beforeEach(async () => {
  rig = await new DashboardRig().start();
  robin = await signIn(rig.linkFor("engineer"), "robin");
});
afterEach(() => rig.stop());

const get = async <T>(path: string): Promise<T> => (await robin.ask(path)).json() as Promise<T>;
const edgeOf = async (): Promise<EdgeView> => elementAt(await get<EdgeView[]>("/api/edges"), 0);
const hourMs = 3_600_000;

const bypass: EventBody = {
  case: "bypass",
  value: {
    rule: "PH-LOW",
    active: true,
    by: "ana",
    reason: "probe is being cleaned",
    expiresAtMs: startMs + 8 * hourMs,
  },
};

const refused: EventBody = {
  case: "configuration",
  value: {
    sha256: "badc0ffee0000000",
    outcome: ConfigurationOutcome.REFUSED,
    by: "file",
    reason: "D11/CL01 has no register",
    changes: ["D11/CL01: every 1 s becomes 2 s"],
  },
};

test("an edge's protection, connections and configuration are told, also after a restart", async () => {
  await rig.status(fullStatus);
  await rig.say(bypass);
  await rig.say(refused);
  const check = async () => {
    const edge = await edgeOf();
    expect(edge.safety).toMatchObject({ approved: false, blindRules: ["TU-HIGH"] });
    expect(edge.safety?.proofTests.map(({ rule, state }) => `${rule} ${state}`)).toEqual([
      "CL-HIGH overdue",
      "PH-LOW current",
      "TU-HIGH soon",
      "LV-HIGH never",
      "FL-LOW failed",
    ]);
    expect(edge.bypasses).toEqual([
      {
        rule: "PH-LOW",
        by: "ana",
        reason: "probe is being cleaned",
        untilMs: startMs + 8 * hourMs,
      },
    ]);
    expect(edge.configuration).toMatchObject({
      sha256: "5e1f0a3377c2b8d9",
      offered: { outcome: "refused", reason: "D11/CL01 has no register" },
    });
    expect(edge.buses[1]).toMatchObject({ kind: "modbus-rtu", budget: 0.71, skippedPolls: 212 });
    expect(edge.fastTags).toEqual(["D11/CL01"]);
  };
  await check();
  await rig.restart();
  robin = await signIn(rig.linkFor("viewer"), "vera");
  await rig.status(fullStatus);
  await check();
});

test("an agent that says nothing of its protection is not called unapproved", async () => {
  await rig.status({});
  expect((await edgeOf()).safety).toBeNull();
});

test("a restarted fog still knows what is tripped", async () => {
  const trip = { rule: "VIB-HIGH", stage: "D11", tag: "P01-VIB/rms", cause: "too high" };
  await rig.say({ case: "trip", value: trip });
  await rig.say({ case: "trip", value: { ...trip, rule: "CL-HIGH" } });
  await rig.say({ case: "output", value: { rule: "VIB-HIGH", output: "pump", state: "off" } });
  await rig.status({ latchedTrips: ["VIB-HIGH"] });
  await rig.restart();
  robin = await signIn(rig.linkFor("viewer"), "vera");
  const { trips, state } = await get<PlantView>("/api/plant");
  expect(state).toBe("tripped");
  expect(trips.map(({ rule, latched, outputs }) => [rule, latched, outputs.length])).toEqual([
    ["VIB-HIGH", true, 1],
    ["CL-HIGH", false, 0],
  ]);
});

test("every kind of event has its plant words", async () => {
  await rig.say(bypass);
  await rig.say({ case: "bypass", value: { rule: "PH-LOW", active: false, reason: "time is up" } });
  await rig.say(refused);
  await rig.say({
    case: "configuration",
    value: {
      sha256: "aa11bb22cc",
      outcome: ConfigurationOutcome.ROLLED_BACK,
      by: "ana",
      reason: "no tag was read for 30 s",
    },
  });
  await rig.say({
    case: "proofTest",
    value: {
      rule: "CL-HIGH",
      by: "ana",
      passed: true,
      note: "pump stopped",
      writtenAfterMs: 0.4,
      verifiedAfterMs: 1_200,
      dueAtMs: startMs,
    },
  });
  await rig.say({ case: "proofTest", value: { rule: "PH-LOW", by: "ben", passed: false } });
  for (const rule of [AlertRule.STREAM, AlertRule.DEVIATION]) {
    await rig.say({ case: "alert", value: { rule, tag: "D11/CL01", stage: "D11", active: true } });
  }
  await rig.say(waveformBody());
  const events = await get<EventView[]>("/api/events");
  expect(events.map(({ kind, text }) => `${kind}: ${text}`).reverse()).toEqual([
    "bypass: PH-LOW bypassed by ana for 8 h: probe is being cleaned",
    "bypass: PH-LOW protects again: time is up",
    "configuration: edge-d refused configuration badc0ffe from its file; the running one stays: D11/CL01 has no register",
    "configuration: edge-d took back configuration aa11bb22 from ana and runs the last good one again: no tag was read for 30 s",
    "proof-test: proof test of CL-HIGH passed, watched by ana: pump stopped (commanded after 0.4 ms, confirmed by feedback after 1.2 s; next due 2026-06-02)",
    "proof-test: proof test of PH-LOW FAILED, watched by ben (no feedback seen)",
    "alert: D11/CL01: Unlike its own past",
    "alert: D11/CL01: Does not agree with the sensors beside it",
    "waveform: P01-VIB: 10.0 s of vibration kept from before VIB-HIGH tripped",
  ]);
  expect(events.find(({ kind }) => kind === "configuration")?.details).toBeUndefined();
  const some = await get<EventView[]>("/api/events?kinds=proof-test,waveform&limit=2");
  expect(some.map(({ kind }) => kind)).toEqual(["waveform", "proof-test"]);
  expect(await get<EventView[]>("/api/events?kinds=nonsense")).toEqual([]);
  expect(events.at(-3)?.details).toEqual(["D11/CL01: every 1 s becomes 2 s"]);
});

test("a waveform is there sample by sample, with its spectrum, as a file, and from its trip", async () => {
  const trip = { rule: "VIB-HIGH", stage: "D11", tag: "P01-VIB/rms", cause: "too high" };
  await rig.say({ case: "trip", value: trip });
  const samples = wornPump();
  const id = await rig.say(waveformBody(samples));
  const path = `/api/waveforms/${encodeURIComponent(id)}`;
  const view = await get<WaveformView>(path);
  expect(Buffer.from(view.samples, "base64").equals(Buffer.from(samples))).toBe(true);
  const { hz, amplitude } = view.spectrum;
  const near = (axis: number, at: number): number =>
    Math.sqrt(
      hz.reduce(
        (sum, one, i) => sum + (Math.abs(one - at) < 1 ? (amplitude[axis]?.[i] ?? 0) ** 2 : 0),
        0,
      ),
    );
  expect(near(0, 24.67)).toBeCloseTo(2 / Math.SQRT2, 1);
  expect(near(1, 49.33)).toBeCloseTo(0.6 / Math.SQRT2, 1);
  expect(near(2, 88.4)).toBeLessThan(0.05);
  const csv = await robin.ask(`${path}/csv`);
  const kept = decodeURIComponent(csv.headers.get("content-disposition") ?? "");
  expect(kept).toContain("P01-VIB-2026-06-02T045950+0000.csv");
  const lines = (await csv.text()).trimEnd().split("\r\n");
  expect(lines).toHaveLength(10_001);
  expect(lines[0]).toBe("s,x [mm/s],y [mm/s],z [mm/s]");
  const first = new Int16Array(samples.buffer, 0, 3);
  expect(lines[1]?.split(",").map(Number)).toEqual([
    0,
    ...Array.from(first, (count) => count / 100),
  ]);
  expect((await get<PlantView>("/api/plant")).trips[0]?.waveform).toBe(id);
});

test("waveforms give way to newer ones, and damaged ones are told but not kept", async () => {
  const short = new Uint8Array(600);
  const first = await rig.say(waveformBody(short));
  const damaged = await rig.say({
    case: "waveform",
    value: { ...waveformBody(short).value, axes: 0 },
  });
  for (let i = 0; i < waveformsMax; i++) await rig.say(waveformBody(short));
  for (const id of [first, damaged, "nothing"]) {
    expect((await robin.ask(`/api/waveforms/${encodeURIComponent(id)}`)).status).toBe(404);
  }
  const events = await get<EventView[]>("/api/events?limit=1000");
  expect(events.filter(({ hasWaveform }) => hasWaveform)).toHaveLength(waveformsMax);
  expect(events).toHaveLength(waveformsMax + 2);
});

test("a test trip and its verdict reach the edge under the name of who gave them", async () => {
  const simulate = await robin.post("/api/trips/edge-d/CL-HIGH/simulate", {
    reason: "yearly test",
  });
  expect(await simulate.json()).toEqual({ accepted: true, reason: "", outcome: "accepted" });
  rig.answer = { accepted: false, reason: "dosing_pump_1 is not verified yet" };
  const record = await robin.post("/api/rules/edge-d/CL-HIGH/proof-test", {
    passed: true,
    note: "pump stopped",
  });
  expect(await record.json()).toEqual({ ...rig.answer, outcome: "refused" });
  expect(rig.commands.map(({ body, issuedBy }) => [body.case, issuedBy])).toEqual([
    ["simulateTrip", "robin"],
    ["recordProofTest", "robin"],
  ]);
  expect(rig.commands[1]?.body.value).toMatchObject({
    rule: "CL-HIGH",
    passed: true,
    note: "pump stopped",
  });
  const audit = await get<AuditView[]>("/api/audit");
  expect(audit.map(({ actor, action }) => `${actor} ${action}`).slice(0, 4)).toEqual([
    "edge-d refused",
    "robin recordProofTest",
    "edge-d accepted",
    "robin simulateTrip",
  ]);
});

test("a verdict without words or without a verdict is refused here; an operator gives none", async () => {
  const path = "/api/rules/edge-d/CL-HIGH/proof-test";
  for (const body of [{ passed: true }, { passed: true, note: "ok" }, { note: "it stopped" }]) {
    expect((await robin.post(path, body)).status).toBe(400);
  }
  const otto = await signIn(rig.linkFor("operator"), "otto");
  expect((await otto.post(path, { passed: true, note: "it stopped" })).status).toBe(403);
  expect((await otto.post("/api/trips/edge-d/CL-HIGH/simulate", { reason: "test" })).status).toBe(
    403,
  );
  expect(rig.commands).toEqual([]);
});
