/** What edges tell becomes incidents, one for each cause, ended by the edge's own word alone; on two plants. */
import type { IncidentView } from "@weir/contracts/api/fog.ts";
import { AlertRule, OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { Quality, QualityReason } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { tagsOf } from "./fake-edge.ts";
import { type EventBody, hourMs, minuteMs, plants, secondMs, TruthRig } from "./truth-rig.ts";

describe.each(Object.entries(plants))("%s", (_name, plant) => {
  const [edge = ""] = Object.keys(plant.edges);
  const [tag = "", other = ""] = plant.edges[edge] ?? [];
  const [stage = ""] = tag.split("/");

  let rig: TruthRig;
  beforeEach(async () => {
    rig = await new TruthRig(plant).start();
    await rig.connect();
    await rig.pass(10 * secondMs);
  });
  afterEach(() => rig.stop());

  const open = (): IncidentView[] => rig.views.incidents("open", 100);
  const top = (): IncidentView[] => rig.views.plant().incidents;
  const say = (body: EventBody) => rig.say(edge, body);
  const alert = (rule: AlertRule, active: boolean, of = tag) =>
    say({ case: "alert", value: { rule, stage, tag: of, active, text: `${of} is odd` } });
  const trip = (rule: string, limit: number, value: number): Promise<void> =>
    say({
      case: "trip",
      value: { rule, stage, tag, cause: "beyond its limit", value, limit, outputs: ["valve"] },
    });
  const output = (outcome: OutputOutcome, detail = ""): Promise<void> =>
    say({
      case: "output",
      value: { rule: "HIGH", output: "valve", state: "closed", outcome, detail, afterMs: 900 },
    });

  test.each([
    ["rate of change", AlertRule.DELTA, "low"],
    ["step", AlertRule.ROBUST_Z, "low"],
    ["standstill", AlertRule.STUCK, "low"],
    ["noise", AlertRule.NOISE, "advisory"],
    ["spikes", AlertRule.SPIKE, "advisory"],
    ["unusual course", AlertRule.STREAM, "advisory"],
    ["vote that disagrees", AlertRule.DEVIATION, "medium"],
  ] as const)(
    "an alert of the %s is an incident until its edge says that it is over",
    async (_what, rule, severity) => {
      await alert(rule, true);
      expect(top()).toMatchObject([{ kind: "alert", severity, stage, edge }]);
      await rig.pass(2 * minuteMs, 10 * secondMs);
      expect(top()).toHaveLength(1);
      await alert(rule, false);
      expect(open()).toEqual([]);
      const [closed] = rig.views.incidents("closed", 1);
      expect(closed?.closedBy).toBe(`${edge} says that it is over`);
    },
  );

  test("a revoked edge ends what it has told, by that act, and is no problem of health any more", async () => {
    await trip("HIGH", 2, 3);
    await alert(AlertRule.STUCK, true);
    rig.frozen.add(edge);
    await rig.pass(3 * minuteMs, 10 * secondMs);
    const kinds = () =>
      open()
        .map(({ kind }) => kind)
        .sort();
    expect(kinds()).toEqual(["alert", "edge-silent", "trip"]);
    const codes = () => rig.fogRig.fog.core.problems.look().problems.map(({ code }) => code);
    expect(codes()).toContain("edge-silent");
    rig.revoked.set(edge, { atMs: rig.io.nowMs(), by: "command, ana" });
    await rig.pass(2 * minuteMs, 10 * secondMs);
    expect(open()).toEqual([]);
    const closed = rig.views.incidents("closed", 10);
    const by = `${edge} was revoked by command, ana on `;
    for (const { kind, closedBy } of closed) {
      expect(closedBy).toContain(by);
      expect(closedBy?.endsWith("how it ended is not known here")).toBe(kind !== "edge-silent");
    }
    expect(closed).toHaveLength(3);
    expect(codes()).not.toContain("edge-silent");
    // What cannot be seen is not normal for that, and the trip is still on its card.
    expect(rig.watch.freshness.edge(edge)).toMatchObject({
      state: "silent",
      reason: expect.stringContaining(`${edge} was revoked by command, ana; it was last heard`),
    });
    expect(rig.views.trips().filter(({ latched }) => latched)).toHaveLength(1);

    // Enrolled again it is heard, and its trip, which nobody has reset, is an incident again.
    rig.revoked.clear();
    rig.frozen.clear();
    rig.says.set(edge, { latchedTrips: ["HIGH"] });
    await rig.connect();
    await rig.pass(20 * secondMs);
    expect(kinds()).toEqual(["trip"]);
  });

  test("a stage holds one incident for each cause, and none hides another", async () => {
    await alert(AlertRule.DELTA, true);
    await alert(AlertRule.STUCK, true, other);
    await alert(AlertRule.DEVIATION, true);
    expect(top().map(({ severity }) => severity)).toEqual(["medium", "low", "low"]);
    await alert(AlertRule.DELTA, false);
    expect(top()).toHaveLength(2);
  });

  test("like sensors that change together are one change, as long as the first of them is told", async () => {
    const flows = { W: ["W12/FL02", "W12/FL03"], T: ["TANK1/FLOW2", "TANK1/FLOW3"] };
    const [one = "", two = ""] = stage === "W12" ? flows.W : flows.T;
    for (const id of [one, two]) {
      rig.edge(edge).tags.push(...tagsOf([id]).map((made) => ({ ...made, kind: "flow" })));
    }
    for (const [index, made] of rig.edge(edge).tags.entries()) made.index = index;
    await rig.connect(edge);
    await alert(AlertRule.DELTA, true, one);
    await alert(AlertRule.DELTA, true, two);
    expect(top()).toHaveLength(1);
    expect(rig.views.suppressed()[0]?.reason).toContain("a like sensor");
    await alert(AlertRule.DELTA, false, one);
    expect(top()).toHaveLength(1);
    expect(rig.views.suppressed()).toEqual([]);
  });

  test("an end that is older than the newest alert, come late, ends nothing", async () => {
    const nowMs = rig.clock.nowMs();
    const value = { rule: AlertRule.DELTA, stage, tag, text: "odd" };
    await rig.say(edge, { case: "alert", value: { ...value, active: true } }, nowMs);
    await rig.say(edge, { case: "alert", value: { ...value, active: false } }, nowMs - minuteMs);
    expect(open()).toHaveLength(1);
  });

  test("a bad sensor says why, and ends with the edge's word or its list of conditions", async () => {
    const value = { tag, quality: Quality.BAD, reason: "refused", detail: "exception 2" };
    await say({ case: "quality", value });
    expect(top()).toMatchObject([{ kind: "sensor", stage }]);
    expect(top()[0]?.headline).toContain(`${tag} is bad: refused: exception 2`);
    await say({ case: "quality", value: { tag, quality: Quality.GOOD } });
    expect(open()).toEqual([]);
    const sinceMs = rig.clock.nowMs() - minuteMs;
    const reason = QualityReason.NO_ANSWER;
    const conditions = [{ tag, quality: Quality.STALE, reason, sinceMs }];
    await rig.status(edge, { incarnation: "7", conditions });
    expect(top()[0]?.headline).toContain("the device does not answer");
    await rig.status(edge, { incarnation: "7" });
    expect(open()).toEqual([]);
  });

  test("a connection that is lost explains the sensors behind it, as long as it is lost", async () => {
    await say({ case: "deviceLink", value: { connection: "bus", up: false, text: "refused" } });
    await say({ case: "quality", value: { tag, quality: Quality.STALE } });
    expect(top().map(({ kind }) => kind)).toEqual(["link"]);
    const [hidden] = rig.views.suppressed();
    expect(hidden).toMatchObject({ kind: "incident", by: top()[0]?.id });
    await say({ case: "deviceLink", value: { connection: "bus", up: true } });
    expect(top().map(({ kind }) => kind)).toEqual(["sensor"]);
    expect(rig.views.suppressed()).toEqual([]);
  });

  test("what makes protection less than whole is an incident by the edge's own status", async () => {
    const outputs = [
      { output: "valve", outcome: OutputOutcome.FAILED, state: "closed", detail: "exception 4" },
    ];
    const safety = { blindRules: ["HIGH"], unarmedConnections: ["bus"] };
    await rig.status(edge, { safety, bypassedRules: ["LOW"], outputs });
    const told = top().map(({ severity, headline }) => `${severity} ${headline}`);
    expect(told).toEqual([
      `high OUTPUT FAILED: valve at ${edge} did not go to "closed": exception 4; isolate locally`,
      `medium HIGH at ${edge} is blind: it cannot see its cause`,
      `medium ${edge}: the watchdog on bus is not set`,
      `low LOW at ${edge} is bypassed`,
    ]);
    // A status that says nothing of protection is no all-clear.
    await rig.status(edge, { bypassedRules: ["LOW"] });
    expect(top()).toHaveLength(4);
    const well = [{ output: "valve", outcome: OutputOutcome.VERIFIED, state: "closed" }];
    await rig.status(edge, { safety: {}, outputs: well });
    expect(open()).toEqual([]);
  });

  test("dropped readings are told until the edge has dropped none for an hour", async () => {
    const value = { fromMs: rig.clock.nowMs() - hourMs, toMs: rig.clock.nowMs(), readings: 4_000 };
    await say({ case: "dropped", value });
    expect(top()).toMatchObject([{ kind: "data-loss", severity: "medium" }]);
    rig.says.set(edge, { ledger: { dropped: 4_000 } });
    await rig.pass(50 * minuteMs, 10 * secondMs);
    expect(open()).toHaveLength(1);
    await rig.pass(20 * minuteMs, 10 * secondMs);
    expect(open()).toEqual([]);
  });

  test("trip card, incident, story and health tell one fact of an output, whatever comes after", async () => {
    await trip("HIGH", 4, 4.1);
    rig.says.set(edge, { latchedTrips: ["HIGH"] });
    const card = () => rig.views.plant().trips[0];
    const agree = () => {
      const [incident] = top();
      expect(incident?.headline).toContain(card()?.outcomeText ?? "?");
      const failed = card()?.outcome === "failed";
      expect(incident?.headline.includes("TRIP FAILED")).toBe(failed);
      const codes = rig.views.health().problems.map(({ code }) => code);
      expect(codes.includes("trip-failed")).toBe(failed);
      expect(incident?.severity).toBe("high");
    };
    expect(card()?.outcome).toBe("written");
    agree();
    await output(OutputOutcome.FAILED, "still open");
    expect(card()?.outcomeText).toBe(
      "TRIP FAILED: valve did not follow (still open); isolate locally",
    );
    agree();
    await output(OutputOutcome.VERIFIED);
    expect(card()?.outcomeText).toBe("valve closed: confirmed by feedback");
    agree();
    await rig.pass(5 * secondMs);
    const since = { rule: "HIGH", sinceMs: rig.clock.nowMs(), state: "closed" };
    const outputs = [{ output: "valve", outcome: OutputOutcome.FAILED, detail: "open", ...since }];
    await rig.status(edge, { latchedTrips: ["HIGH"], outputs });
    expect(card()?.outcome).toBe("failed");
    agree();
  });

  test("a latch explains nothing once live readings show that its cause is gone", async () => {
    // Values of the rig lie under 50: this limit is passed by none of them, the other by all.
    await trip("HIGH", -1, 1);
    await alert(AlertRule.DELTA, true);
    expect(top().map(({ kind }) => kind)).toEqual(["trip"]);
    expect(rig.views.suppressed()).toHaveLength(1);
    await say({ case: "tripReset", value: { rule: "HIGH", accepted: true, by: "ana" } });
    expect(top().map(({ kind }) => kind)).toEqual(["alert"]);

    await trip("HIGH", 1_000, 1_001);
    expect(top().map(({ kind }) => kind)).toEqual(["trip", "alert"]);
    expect(rig.views.suppressed()).toEqual([]);
    expect(rig.views.plant().trips[0]).toMatchObject({ latched: true, resettable: true });
  });

  test("what follows from a confirmed cut-off is its effect, until the reset", async () => {
    rig.says.set(edge, { latchedTrips: ["HIGH"] });
    await trip("HIGH", 1_000, 1_001);
    await alert(AlertRule.NOISE, true);
    await rig.pass(5 * secondMs);
    await output(OutputOutcome.VERIFIED);
    // From before the cut-off, and of a kind that no cut-off brings about: both stand for themselves.
    expect(top().map(({ kind }) => kind)).toEqual(["trip", "alert"]);
    await alert(AlertRule.NOISE, false);
    await rig.pass(5 * secondMs);
    await alert(AlertRule.DELTA, true);
    await alert(AlertRule.NOISE, true);
    const below = plant.site.stages.find(({ upstream }) => upstream.includes(stage))?.id ?? "";
    await say({
      case: "alert",
      value: { rule: AlertRule.ROBUST_Z, stage: below, tag: `${below}/X1`, active: true, text: "" },
    });
    expect(top().map(({ kind, detector }) => `${kind} ${detector}`)).toEqual([
      "trip edge trip HIGH",
      "alert edge noise",
    ]);
    const hidden = rig.views.suppressed();
    expect(hidden).toHaveLength(2);
    for (const { by, reason } of hidden) {
      expect(by).toBe(top()[0]?.id);
      expect(reason).toBe(`it follows from the trip of ${stage}, which holds valve`);
    }
    // Feedback that is lost again takes the explanation with it, and so does the reset.
    await output(OutputOutcome.FAILED, "open again");
    expect(rig.views.suppressed()).toEqual([]);
    await output(OutputOutcome.VERIFIED);
    expect(rig.views.suppressed()).toHaveLength(2);
    await say({ case: "tripReset", value: { rule: "HIGH", accepted: true, by: "ana" } });
    expect(rig.views.suppressed()).toEqual([]);
    expect(top().map(({ kind }) => kind)).toEqual(["alert", "alert", "alert"]);
  });

  test("a trip of a frozen edge stays open, and no reset is promised", async () => {
    await trip("HIGH", 1_000, 1_001);
    rig.frozen.add(edge);
    await rig.pass(minuteMs);
    const [card] = rig.views.plant().trips;
    expect(card).toMatchObject({ latched: true, resettable: false });
    expect(card?.resetBlockedBy).toContain(`${edge} has not been heard for`);
    expect(open().find(({ kind }) => kind === "trip")?.freshness.state).toBe("silent");
    expect(rig.views.plant().state).toBe("tripped");
  });

  test("rules that an edge keeps quiet are listed with their cause and end with it", async () => {
    const sinceMs = rig.clock.nowMs();
    const suppressed = [{ rule: "LOW", by: ["HIGH"], sinceMs, isBeyond: true }];
    await rig.status(edge, { suppressed });
    expect(rig.views.suppressed()).toMatchObject([
      { kind: "rule", id: `${edge}/LOW`, by: `${edge}/HIGH`, sinceMs },
    ]);
    await rig.status(edge, { suppressed: [] });
    expect(rig.views.suppressed()).toEqual([]);
  });

  test("open incidents outlive a restart of the fog, and end by the edge's word after it", async () => {
    await alert(AlertRule.STUCK, true);
    await trip("HIGH", 1_000, 1_001);
    await rig.restart();
    await rig.pass(hourMs, hourMs);
    expect(open().map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(["trip", "alert", "edge-silent"]),
    );
    await rig.connect();
    await rig.status(edge, { latchedTrips: [] });
    await rig.say(edge, {
      case: "alert",
      value: { rule: AlertRule.STUCK, stage, tag, active: false },
    });
    await rig.pass(minuteMs);
    expect(open()).toEqual([]);
    expect(rig.views.incidents("closed", 10).map(({ closedBy }) => closedBy)).toContain(
      `${edge} no longer lists it as latched`,
    );
  });
});
