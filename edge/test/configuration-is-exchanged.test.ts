/** Another configuration takes the place of the running one, or is taken back. */

import { join } from "node:path";
import { elementAt } from "@weir/contracts/elements.ts";
import { ConfigurationOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { seeded } from "@weir/runtime/random.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test } from "vitest";
import { createLiveControl } from "../src/control/live-control.ts";
import type { EventFields, Notice, Order } from "../src/hand-over.ts";
import { openLatchFile } from "../src/safety/latch-store.file.ts";
import { configurationOf, startMs } from "./control-rig.ts";
import { SynchronousClock } from "./synchronous-clock.ts";
import { VirtualSlave } from "./virtual-slave.ts";

/** Time-out of a connection that cannot even be made. */
const breakingMs = 1_234;

interface Over {
  timeout?: string;
  every?: string;
  unit?: number;
  hardHigh?: number;
  edge?: string;
  more?: string;
  /** Somebody has signed the table. */
  isApproved?: boolean;
}

const yaml = ({
  every = "1s",
  unit = 1,
  hardHigh = 4,
  edge = "edge-w",
  more = "",
  timeout = "1s",
}: Over = {}) => `
version: 1
site: {id: riverside}
edge: ${edge}
connections:
  plc:
    type: modbus-tcp
    host: plc
    watchdog: {heartbeat: "holding:900", every: 200ms, timeoutRegister: "holding:901", timeout: 500ms, resolution: 10ms}
  other: {type: modbus-tcp, host: other, timeout: ${timeout}}
devices:
  - {id: D11, connection: plc, tags: {CL01: {read: "holding:0", type: int16, scale: 0.01, every: 1s, min: 0, max: 10, limits: {hardHigh: ${hardHigh}, onDelay: 3s}}}}
  - {id: D12, connection: other, unit: ${unit}, tags: {PH01: {read: "holding:0", type: int16, scale: 0.01, every: ${every}, min: 0, max: 14}${more}}}
outputs: {pump: {write: "coil plc/1:0", safe: off}}
safety: [{id: CL-HIGH, when: {tag: CL01, above: hardHigh}, then: [{set: pump, to: off}]}]
`;

function rig() {
  const clock = new SynchronousClock(startMs);
  const [plc, other] = [new VirtualSlave(clock), new VirtualSlave(clock)];
  plc.holding[0] = 120;
  plc.coils[0] = 1;
  other.holding[0] = 720;
  // Answers to unit 1 only.
  other.behaviour = (request, answer, link) => {
    if (request[6] === 1) link.send(answer);
  };
  const notices: Notice[] = [];
  const latchFile = join(tempDir(), "latched-trips");
  const control = createLiveControl({
    configuration: configurationOf(yaml()),
    clock,
    ioClock: clock,
    channelFor: ({ index, timeoutMs }) => {
      if (timeoutMs === breakingMs) throw new RangeError("no such port");
      return index === 0 ? plc.open : other.open;
    },
    latchStore: openLatchFile(latchFile),
    notify: (notice) => notices.push(notice),
    logger: silentLogger,
    random: seeded(1, "rig"),
  });
  let n = 0;
  const change = (over: Over, answer: "applied" | "proven" = "applied") => {
    const ref = `r${++n}`;
    const loaded = configurationOf(yaml(over));
    const isApproved = over.isApproved ?? false;
    const configuration = { ...loaded, approval: { ...loaded.approval, isApproved } };
    control.order({ kind: "reconfigure", ref, by: "ana", configuration, answer });
    return () => notices.find((x) => x.kind === "answer" && x.ref === ref);
  };
  const events = <C extends NonNullable<EventFields["body"]>["case"]>(kind: C) =>
    notices.flatMap((x) =>
      x.kind === "event" && x.event.body?.case === kind
        ? [x.event.body.value as Extract<EventFields["body"], { case: C }>["value"]]
        : [],
    );
  const handed = () =>
    notices.reduce((sum, x) => sum + (x.kind === "readings" ? x.batch.tags.length : 0), 0);
  const status = () => {
    const last = notices.findLast((x) => x.kind === "status");
    if (last?.kind !== "status") expect.fail("no status");
    return last.status;
  };
  const standing = () => status().configuration;
  control.start();
  return { clock, plc, other, notices, control, change, events, handed, status, standing };
}

const { ACTIVE, REFUSED, ROLLED_BACK } = ConfigurationOutcome;
const order = (control: { order(order: Order): void }, kind: "set-bypass" | "reset-trip") =>
  control.order({
    kind,
    ref: kind,
    rule: "CL-HIGH",
    by: "ana",
    reason: "probe",
    active: true,
    forMs: 3_600_000,
  } as Order);

test("poll rates change within one poll, every reading is counted, heartbeats go on", () => {
  const { clock, plc, notices, change, events, handed, status, standing, control } = rig();
  clock.advance(20_000);
  expect(standing()).toMatchObject({ state: "good" });
  const beats = () => plc.requests.filter(({ fc, address }) => fc === 6 && address === 900);
  const answered = change({ every: "500ms" });
  expect(answered()).toMatchObject({ accepted: true });
  clock.advance(10_000);
  const gaps = beats().map(({ atMs }, i, all) => (i === 0 ? 0 : atMs - elementAt(all, i - 1).atMs));
  expect(Math.max(...gaps)).toBeLessThan(300);
  expect(plc.holding[901]).toBe(50);
  expect(events("configuration")).toMatchObject([
    {
      outcome: ACTIVE,
      by: "ana",
      changes: ["tag D12/PH01 every: 1s → 500ms", "tag D12/PH01 staleAfter: 3s → 2s"],
    },
  ]);
  const tables = notices.filter((x) => x.kind === "tags");
  expect(tables).toHaveLength(2);
  expect(standing()).toMatchObject({ state: "good" });
  expect(plc.coils[0]).toBe(1);
  control.stop();
  expect(status().acquired).toBe(handed());
});

test("a device that was read and no longer answers takes the change back", () => {
  const { clock, change, events, standing, control, handed, status } = rig();
  clock.advance(10_000);
  const answered = change({ unit: 7 }, "proven");
  clock.advance(100_000);
  expect(answered()).toBeUndefined();
  const asked = change({ unit: 7 }, "proven");
  expect(asked()).toBeUndefined();
  expect(standing()).toMatchObject({ state: "trial" });
  clock.advance(30_000);
  expect(asked()).toMatchObject({
    accepted: false,
    reason: expect.stringMatching(/no reading within 2m from D12 on other/),
  });
  expect(events("configuration").map(({ outcome }) => outcome)).toEqual([ACTIVE, ROLLED_BACK]);
  expect(standing()).toMatchObject({
    state: "rolled-back",
    running: configurationOf(yaml()).sha256,
  });
  const before = handed();
  clock.advance(10_000);
  expect(handed() - before).toBeGreaterThanOrEqual(18);
  // The file says again what runs.
  change({});
  expect(standing()).toMatchObject({ state: "good" });
  control.stop();
  expect(status().acquired).toBe(handed());
});

test("what falls silent where the change did not touch takes nothing back, and is told", () => {
  const { clock, plc, other, change, events, standing } = rig();
  clock.advance(10_000);
  plc.behaviour = () => {};
  const answered = change({ every: "500ms" }, "proven");
  clock.advance(130_000);
  expect(answered()).toMatchObject({
    accepted: true,
    reason: "no reading since from D11 on plc, which the change did not touch",
  });
  expect(events("configuration").map(({ outcome }) => outcome)).toEqual([ACTIVE]);
  expect(standing()).toMatchObject({ state: "good" });
  // Beside one that the change did touch it is no excuse for that one.
  plc.behaviour = (_, answer, link) => link.send(answer);
  clock.advance(10_000);
  plc.behaviour = () => {};
  other.behaviour = () => {};
  const second = change({ every: "2s" }, "proven");
  clock.advance(130_000);
  expect(second()).toMatchObject({
    accepted: false,
    reason: expect.stringMatching(/from D12 on other, which was read before$/),
  });
});

test("what is taken back says what ends with it", () => {
  const { clock, plc, change } = rig();
  plc.behaviour = () => {};
  clock.advance(10_000);
  const answered = change({ unit: 7, more: "" }, "proven");
  plc.behaviour = (_, answer, link) => link.send(answer);
  clock.advance(130_000);
  expect(answered()).toMatchObject({
    accepted: false,
    reason: expect.stringMatching(
      /D12 on other, which was read before; D11 gave readings, which ends with it$/,
    ),
  });
});

test("a second change on trial still falls back to what was good", () => {
  const { clock, change, standing } = rig();
  clock.advance(10_000);
  const first = change({ unit: 7 }, "proven");
  clock.advance(50_000);
  change({ unit: 8 });
  expect(first()).toMatchObject({ accepted: false });
  clock.advance(130_000);
  expect(standing()).toMatchObject({
    state: "rolled-back",
    running: configurationOf(yaml()).sha256,
  });
});

test("while a trip is latched what protects stays, all else may change and the latch holds", () => {
  const { clock, plc, change, events, status, control } = rig();
  clock.advance(10_000);
  plc.holding[0] = 450;
  clock.advance(5_000);
  expect(plc.coils[0]).toBe(0);
  expect(change({ hardHigh: 5, isApproved: true })()).toMatchObject({
    accepted: false,
    reason: expect.stringMatching(/CL-HIGH tripped and is not reset/),
  });
  expect(events("configuration")).toMatchObject([{ outcome: REFUSED }]);
  expect(change({ every: "2s" })()).toMatchObject({ accepted: true });
  plc.coils[0] = 1;
  clock.advance(5_000);
  expect(plc.coils[0]).toBe(0);
  expect(status().latchedTrips).toEqual(["CL-HIGH"]);
  expect(events("trip")).toHaveLength(1);
  plc.holding[0] = 120;
  clock.advance(5_000);
  order(control, "reset-trip");
  expect(status().latchedTrips).toEqual([]);
  expect(change({ every: "2s", hardHigh: 5 })()).toMatchObject({
    accepted: false,
    reason: expect.stringMatching(/hardHigh: 4 → 5.*only by an approved safety document/),
  });
  const approved = { every: "2s", hardHigh: 5, isApproved: true };
  expect(change(approved)()).toMatchObject({ accepted: true });
  // Once approved, never again without.
  expect(change({ every: "5s", hardHigh: 5 })()).toMatchObject({
    accepted: false,
    reason: expect.stringMatching(/the new one is not/),
  });
});

test("a bypass goes on for the rest of its time, without being told as ended", () => {
  const { clock, plc, change, events, status, control } = rig();
  clock.advance(10_000);
  order(control, "set-bypass");
  change({ every: "2s" });
  clock.advance(10_000);
  expect(status().bypassedRules).toEqual(["CL-HIGH"]);
  expect(events("bypass").map(({ active }) => active)).toEqual([true]);
  plc.holding[0] = 450;
  clock.advance(60_000);
  expect(plc.coils[0]).toBe(1);
  clock.advance(3_600_000);
  expect(events("bypass").at(-1)).toMatchObject({ active: false });
  expect(plc.coils[0]).toBe(0);
});

test("what other threads know the agent by cannot change, the same file changes nothing", () => {
  const { clock, change, notices } = rig();
  clock.advance(5_000);
  expect(change({ edge: "edge-x" })()).toMatchObject({
    accepted: false,
    reason: expect.stringMatching(/^edge cannot change/),
  });
  expect(change({})()).toMatchObject({
    accepted: true,
    reason: expect.stringMatching(/runs already/),
  });
  expect(notices.filter((x) => x.kind === "tags")).toHaveLength(1);
});

test("a configuration that breaks the agent's own code is taken back within the same call", () => {
  const { clock, change, events, standing, handed } = rig();
  clock.advance(10_000);
  expect(change({ timeout: `${breakingMs}ms` })()).toMatchObject({
    accepted: false,
    isTakenBack: true,
    reason: "it does not run: no such port",
  });
  expect(events("configuration")).toMatchObject([{ outcome: ROLLED_BACK }]);
  expect(standing()).toMatchObject({ state: "rolled-back" });
  const before = handed();
  clock.advance(5_000);
  expect(handed() - before).toBeGreaterThanOrEqual(8);
});

test("a change waits for a rule whose time runs, and is refused when that lasts", () => {
  const { clock, plc, change, events, control } = rig();
  clock.advance(10_000);
  plc.holding[0] = 450;
  clock.advance(1_500);
  const waiting = change({ every: "2s" });
  expect(waiting()).toBeUndefined();
  clock.advance(3_000);
  expect(events("trip")).toHaveLength(1);
  expect(waiting()).toMatchObject({ accepted: true });
  plc.holding[0] = 120;
  clock.advance(5_000);
  order(control, "reset-trip");
  // Beyond the limit, and never long enough.
  plc.holding[0] = 450;
  const chatter = change({ every: "5s" });
  for (let s = 0; s < 8; s++) {
    clock.advance(1_000);
    plc.holding[0] = s % 2 ? 450 : 120;
  }
  expect(chatter()).toBeDefined();
});
