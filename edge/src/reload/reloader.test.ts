import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { ConfigurationOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { generateSigningKey, signingKeyFromPem } from "@weir/runtime/signing.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test } from "vitest";
import { approveFile } from "../commands/approve.ts";
import type { ConfigurationStanding, ControlStatus, Notice, Order } from "../hand-over.ts";
import { fingerprintOf } from "./fingerprint.node-fs.ts";
import { LastGood } from "./last-good.file.ts";
import { Reloader, watchEveryMs } from "./reloader.ts";
import { RemoteConfigurationFile } from "./remote-configuration.file.ts";
import { startConfiguration } from "./start-configuration.ts";

const yaml = (every: string, downlink = "allow") => `
version: 1
site: {id: riverside}
edge: edge-d
downlink: {configuration: ${downlink}}
connections: {plc: {type: modbus-tcp, host: plc}}
devices: [{id: D11, connection: plc, profile: ./profiles/d.yaml, tags: {CL01: {every: ${every}}}}]
`;
const profile = 'profile: d\ntags:\n  CL01: {read: "holding:0", type: int16, scale: 0.01}\n';
const overlay = "version: 1\ndevices: [{id: D11, tags: {CL01: {every: 9s}}}]\n";

function site(folder = tempDir()) {
  const file = join(folder, "edge.yaml");
  mkdirSync(join(folder, "profiles"), { recursive: true });
  mkdirSync(join(folder, "data"), { recursive: true });
  writeFileSync(join(folder, "profiles/d.yaml"), profile);
  writeFileSync(file, yaml("1s"));
  return { folder, file, data: join(folder, "data") };
}

/** An agent whose control loop does as it is told. */
function start({ file, data }: { file: string; data: string }) {
  const lastGood = new LastGood(data);
  const remote = new RemoteConfigurationFile(data);
  const begun = startConfiguration({ file, lastGood, overlay: remote.load()?.text });
  if (!begun.ok) return expect.fail("nothing to start with");
  const clock = new SimulatedClock(0);
  const orders: Order[] = [];
  const notices: Notice[] = [];
  const reloader = new Reloader({
    file,
    started: begun.loaded,
    fallback: begun.fallback,
    remote,
    lastGood,
    order: (order) => orders.push(order),
    notify: (notice) => notices.push(notice),
    plantClock: clock,
    ioClock: clock,
    logger: silentLogger,
    fingerprint: fingerprintOf,
  });
  reloader.start();
  const last = () => {
    const order = orders.at(-1);
    return order?.kind === "reconfigure" ? order : expect.fail("no order to reconfigure");
  };
  const stand = (state: ConfigurationStanding["state"], sha256: string, running = sha256) =>
    reloader.onNotice({
      kind: "configuration",
      standing: { state, sha256, running, reason: "because", atMs: 5 },
    });
  const own = begun.loaded.configuration.sha256;
  const events = () =>
    notices.flatMap((x) =>
      x.kind === "event" && x.event.body?.case === "configuration" ? [x.event.body.value] : [],
    );
  return { ...begun, clock, orders, notices, reloader, last, stand, own, events, lastGood, remote };
}

const periodOf = (order: Extract<Order, { kind: "reconfigure" }>) =>
  order.configuration.tags[0]?.periodMs;

test("a saved file is applied once it stands still, a profile's change as well, the same text never", async () => {
  const at = site();
  const { clock, orders, last } = start(at);
  await clock.advance(5 * watchEveryMs);
  expect(orders).toEqual([]);
  writeFileSync(at.file, yaml("2s"));
  await clock.advance(3 * watchEveryMs);
  expect(orders).toHaveLength(1);
  expect(periodOf(last())).toBe(2_000);
  writeFileSync(join(at.folder, "profiles/d.yaml"), profile.replace("0.01", "0.001"));
  await clock.advance(3 * watchEveryMs);
  expect(orders).toHaveLength(2);
  await clock.advance(20 * watchEveryMs);
  expect(orders).toHaveLength(2);
});

test("a broken file changes nothing and is told once, by whoever asked", async () => {
  const at = site();
  const { clock, orders, notices, reloader, events } = start(at);
  writeFileSync(at.file, yaml("soon"));
  await clock.advance(5 * watchEveryMs);
  expect(orders).toEqual([]);
  expect(events()).toMatchObject([{ outcome: ConfigurationOutcome.REFUSED, by: "file" }]);
  reloader.order({ kind: "reload", ref: "r", by: "ana" });
  expect(events()[1]?.reason).toMatch(/"soon" is not a duration/);
  expect(notices.at(-1)).toMatchObject({ kind: "answer", ref: "r", accepted: false });
  const trouble = () => {
    const status = { buses: [] } as unknown as ControlStatus;
    reloader.onNotice({ kind: "status", status });
    return status.configurationTrouble;
  };
  expect(trouble()).toMatch(/"soon"/);
  writeFileSync(at.file, yaml("1s"));
  reloader.reload("ana");
  expect(trouble()).toBeUndefined();
});

test("what reads the plant is kept with its profiles, and runs when the file is lost or broken", () => {
  const at = site();
  const first = start(at);
  first.stand("good", first.own);
  expect(readFileSync(join(at.data, "last-good/1-d.yaml"), "utf8")).toBe(profile);
  rmSync(join(at.folder, "profiles"), { recursive: true });
  writeFileSync(at.file, "not: [a configuration");
  const second = start(at);
  expect(second.fallback).toMatch(/edge.yaml/);
  expect(second.loaded.configuration).toEqual(first.loaded.configuration);
  expect(second.events()).toMatchObject([
    { outcome: ConfigurationOutcome.ROLLED_BACK, by: "start" },
  ]);
  // A damaged copy is not run either.
  writeFileSync(join(at.data, "last-good/1-d.yaml"), "profile: other");
  expect(
    startConfiguration({ file: at.file, lastGood: new LastGood(at.data), overlay: undefined }).ok,
  ).toBe(false);
});

test("what was taken back, or fell while on trial, is not run at the next start; it may be tried again", () => {
  const at = site();
  const first = start(at);
  first.stand("good", first.own);
  writeFileSync(at.file, yaml("2s"));
  first.reloader.reload("ana");
  const { sha256 } = first.last().configuration;
  first.stand("trial", sha256);
  // The process dies here.
  const second = start(at);
  expect(second.fallback).toMatch(/fell while it was on trial/);
  expect(second.own).toBe(first.own);
  second.reloader.reload("ana");
  second.stand("trial", sha256);
  second.stand("rolled-back", sha256, first.own);
  expect(start(at).fallback).toMatch(/taken back before: because/);
  const third = start(at);
  third.reloader.reload("ana");
  third.stand("trial", sha256);
  third.stand("good", sha256);
  expect(start(at)).toMatchObject({ fallback: undefined, own: sha256 });
  const fourth = start(at);
  writeFileSync(at.file, yaml("3s"));
  fourth.reloader.reload("ana");
  fourth.stand("trial", fourth.last().configuration.sha256);
  fourth.reloader.stop(true);
  expect(start(at).fallback).toBeUndefined();
});

test("changes from above are in force from the trial they pass to the site's next word", () => {
  const at = site();
  const first = start(at);
  first.reloader.order({
    kind: "apply-configuration",
    ref: "c@1",
    name: "c",
    version: 1,
    text: overlay,
  });
  expect(first.last()).toMatchObject({ ref: "c@1", by: "c@1", answer: "proven" });
  expect(periodOf(first.last())).toBe(9_000);
  expect(first.remote.load()).toBeUndefined();
  const { sha256 } = first.last().configuration;
  first.stand("trial", sha256);
  // Should the process die here, it is not tried again and again.
  const fallen = start(at);
  expect(fallen.own).toBe(first.own);
  fallen.reloader.order({
    kind: "apply-configuration",
    ref: "c@1",
    name: "c",
    version: 1,
    text: overlay,
  });
  expect(fallen.orders).toEqual([]);
  expect(fallen.notices.at(-1)).toMatchObject({
    accepted: false,
    reason: "taken back before: the agent fell while it was on trial",
  });
  first.stand("good", sha256);
  expect(first.remote.load()).toMatchObject({ name: "c", version: 1 });
  expect(start(at).own).toBe(sha256);
  // The site no longer allows them.
  writeFileSync(at.file, yaml("1s", "refuse"));
  const second = start(at);
  expect(second.loaded.overlayRefusal).toMatch(/does not let/);
  second.reloader.order({
    kind: "apply-configuration",
    ref: "c@2",
    name: "c",
    version: 2,
    text: overlay,
  });
  expect(second.notices.at(-1)).toMatchObject({ ref: "c@2", accepted: false });
  expect(second.orders).toEqual([]);
});

test("a changed safety document is refused until it is approved, and then applied by itself", async () => {
  const at = site();
  const here = (name: string) => join(at.folder, name);
  const key = signingKeyFromPem(generateSigningKey().privatePem);
  const approve = () => {
    const out = () => {};
    const who = { key, by: "Ana", reason: "review 12" };
    expect(approveFile(at.file, who, { out, err: out }, 1)).toBe(0);
  };
  const table = (limit: number) =>
    `version: 1\nedge: edge-d\noutputs: {pump: {write: "coil plc/1:0", safe: off}}\nsafety: [{id: CL-HIGH, when: {tag: D11/CL01, above: ${limit}}, then: [{set: pump, to: off}]}]\n`;
  writeFileSync(here("ana.pub"), key.publicPem);
  writeFileSync(here("safety.yaml"), table(4));
  writeFileSync(at.file, `${yaml("1s")}safety: {document: ./safety.yaml, trusted: [./ana.pub]}\n`);
  approve();
  const { clock, orders, events, last, stand, own, lastGood } = start(at);
  stand("good", own);
  // The copy holds document, approval and key: it runs without any of the site's files.
  expect([...(lastGood.load()?.texts.keys() ?? [])].map((path) => basename(path)).sort()).toEqual([
    "ana.pub",
    "d.yaml",
    "edge.yaml",
    "safety.yaml",
    "safety.yaml.approval",
  ]);
  writeFileSync(here("safety.yaml"), table(5));
  await clock.advance(4 * watchEveryMs);
  expect(orders).toEqual([]);
  expect(events()).toMatchObject([
    { reason: expect.stringMatching(/was changed after Ana approved it/) },
  ]);
  approve();
  await clock.advance(4 * watchEveryMs);
  const { configuration, diff } = last();
  expect(configuration.approval).toMatchObject({ isApproved: true, by: "Ana" });
  expect(diff?.changes).toMatchObject([{ item: "rule CL-HIGH", key: "limit", isSafety: true }]);
});
