import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { open, seal } from "@weir/contracts/envelope.ts";
import {
  ArtifactKind,
  ArtifactOutcome,
  type SignedArtifact,
} from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import { DownlinkItemSchema } from "@weir/contracts/generated/weir/v1/cloud_pb.ts";
import { AckSchema, CommandSchema } from "@weir/contracts/generated/weir/v1/command_pb.ts";
import {
  generateSigningKey,
  parseManifest,
  signArtifact,
  signingKeyFromPem,
} from "@weir/runtime/signing.ts";
import { copySqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ModelHost, OfferedModel } from "../src/downlink/model-host.ts";
import { FakeCloud } from "./fake-cloud.ts";
import { FogRig, startMs } from "./fog-rig.ts";

const cloudKey = signingKeyFromPem(generateSigningKey().privatePem);
const otherKey = signingKeyFromPem(generateSigningKey().privatePem);
const day = 86_400_000;

class Host implements ModelHost {
  readonly running = new Map<string, number>();
  refuses: (model: OfferedModel) => string | undefined = () => undefined;
  activate(model: OfferedModel) {
    const reason = this.refuses(model);
    if (reason !== undefined) return { ok: false as const, reason };
    this.running.set(model.name, model.version);
    return { ok: true as const };
  }
}

let cloud: FakeCloud;
let host: Host;
let rig: FogRig;
beforeEach(async () => {
  cloud = new FakeCloud();
  host = new Host();
  rig = await new FogRig({
    cloud: { link: cloud, trustedKeys: [cloudKey.publicPem] },
    parts: () => ({ listeners: [], modelHost: host }),
  }).start();
});
afterEach(() => rig.stop());

interface Making {
  name?: string;
  version?: number;
  target?: string;
  site?: string;
  key?: typeof cloudKey;
  expiresAtMs?: number;
}

const make = (making: Making = {}): SignedArtifact =>
  signArtifact(
    making.key ?? cloudKey,
    {
      kind: making.target ? ArtifactKind.THRESHOLDS : ArtifactKind.FOREST,
      name: making.name ?? "forest/D11",
      version: making.version ?? 1,
      site: making.site ?? "riverside",
      target: making.target ?? "fog",
      stage: "D11",
      mediaType: "application/onnx",
      createdAtMs: startMs,
      expiresAtMs: making.expiresAtMs ?? startMs + day,
      trainedOn: "a test",
      metrics: {},
      minAgentVersion: "",
    },
    new TextEncoder().encode(`payload ${making.version ?? 1}`),
  );

async function send(artifact: SignedArtifact, edge = "") {
  const cursor = cloud.down.length + 1;
  cloud.down.push(
    create(DownlinkItemSchema, { cursor, edge, body: { case: "artifact", value: artifact } }),
  );
  await rig.clock.advance(2_000);
}

const outcomes = () =>
  cloud.bodies("artifact").map(({ where, name, version, outcome, reason }) => ({
    at: `${where} ${name}@${version}`,
    outcome,
    reason,
  }));
const { STAGED, ACTIVE, REFUSED, ROLLED_BACK } = ArtifactOutcome;

test("a model for the fog is verified, put to work, reported, and runs again after a restart", async () => {
  await send(make());
  await send(make({ version: 2 }));
  expect(host.running.get("forest/D11")).toBe(2);
  expect(outcomes().map(({ outcome }) => outcome)).toEqual([STAGED, ACTIVE, STAGED, ACTIVE]);
  host.running.clear();
  await rig.restart();
  expect(host.running.get("forest/D11")).toBe(2);
});

test("what is not exactly what the cloud signed is refused, with the reason, and reported", async () => {
  await send(make({ version: 5 }));
  const flipped = make({ version: 6 });
  flipped.payload = flipped.payload.map((byte, i) => (i === 3 ? byte ^ 1 : byte));
  const relabelled = make({ version: 6 });
  relabelled.manifest = relabelled.manifest.map((byte, i) => (i === 3 ? byte ^ 1 : byte));
  const bad: [SignedArtifact, RegExp][] = [
    [flipped, /not the one that was signed/],
    [relabelled, /signature does not match/],
    [make({ version: 6, key: otherKey }), /not trusted here/],
    [make({ version: 5 }), /not newer than 5/],
    [make({ version: 6, expiresAtMs: startMs - 1 }), /expired/],
    [make({ version: 6, site: "harbour" }), /made for site harbour/],
    [make({ version: 6, target: "edge-d" }), /made for edge-d/],
  ];
  for (const [artifact] of bad) await send(artifact);
  const refused = outcomes().filter(({ outcome }) => outcome === REFUSED);
  expect(refused).toHaveLength(bad.length);
  for (const [i, [, why]] of bad.entries()) expect(refused[i]?.reason).toMatch(why);
  expect(host.running.get("forest/D11")).toBe(5);
  expect(rig.fog.core.downlink.shelf.lastVersion("forest/D11")).toBe(5);
  expect(rig.fog.core.audit.verify()).toMatchObject({ ok: true });
});

test("a model that the host refuses is rolled back; a worse one falls back to the one before", async () => {
  await send(make());
  host.refuses = ({ version }) =>
    version === 2 ? "it has 9 features, the stage has 8" : undefined;
  await send(make({ version: 2 }));
  expect(host.running.get("forest/D11")).toBe(1);
  expect(outcomes().at(-1)).toMatchObject({ outcome: ROLLED_BACK, reason: /9 features/ });
  await send(make({ version: 3 }));
  expect(host.running.get("forest/D11")).toBe(3);
  await rig.fog.core.downlink.rollBack({ name: "forest/D11", version: 3 }, "twice the alarms");
  expect(host.running.get("forest/D11")).toBe(1);
  await rig.restart();
  expect(host.running.get("forest/D11")).toBe(1);
});

test("an edge's thresholds wait on disk until the edge has answered", async () => {
  const got: SignedArtifact[] = [];
  const deliver = (family: string, bytes: Uint8Array) => {
    const opened = family === "model" ? open("model", bytes) : undefined;
    if (opened?.ok) got.push(opened.value);
  };
  await send(make({ name: "thresholds/edge-d", target: "edge-d" }), "edge-d");
  await rig.restart();
  let session = rig.door.connect("edge-d", deliver);
  await rig.clock.advance(2_000);
  expect(got).toHaveLength(1); // Kept over the restart, sent once the edge listened.
  session.close();
  session = rig.door.connect("edge-d", deliver);
  await rig.clock.advance(2_000);
  expect(got).toHaveLength(2); // Not answered: a new session hears it again.
  const ack = create(AckSchema, { ref: "thresholds/edge-d@1", accepted: true });
  await session.publish("ack", seal("ack", ack));
  await rig.clock.advance(120_000);
  expect(got).toHaveLength(2);
  expect(outcomes().at(-1)).toMatchObject({ at: "edge-d thresholds/edge-d@1", outcome: ACTIVE });
});

/** Of thresholds made at this site. */
const issue = (payload = "{}") =>
  rig.fog.core.downlink.issue(
    {
      ...{ kind: ArtifactKind.THRESHOLDS, name: "thresholds/edge-d", target: "edge-d", stage: "" },
      ...{ mediaType: "application/json", trainedOn: "28 days of good data" },
      expiresAtMs: startMs + 365 * day,
    },
    new TextEncoder().encode(payload),
  );

test("thresholds made at this site travel under its own signature", async () => {
  const got: SignedArtifact[] = [];
  rig.door.connect("edge-d", (family, bytes) => {
    const opened = family === "model" ? open("model", bytes) : undefined;
    if (opened?.ok) got.push(opened.value);
  });
  await issue();
  expect(got).toHaveLength(1);
});

test("after a restore, what this site makes is newer for an edge than all it made before", async () => {
  const got: number[] = [];
  const listen = () =>
    rig.door.connect("edge-d", (family, bytes) => {
      const opened = family === "model" ? open("model", bytes) : undefined;
      if (opened?.ok) got.push(parseManifest(opened.value.manifest)?.version ?? 0);
    });
  listen();
  await issue();
  const copy = join(rig.folder, "copy of the journal");
  copySqlite(join(rig.folder, "fog.db"), copy);
  for (let n = 0; n < 3; n++) {
    await rig.clock.advance(1_000);
    await issue();
  }
  await rig.fog.close();
  for (const tail of ["", "-wal", "-shm"])
    rmSync(join(rig.folder, `fog.db${tail}`), { force: true });
  renameSync(copy, join(rig.folder, "fog.db"));
  await rig.clock.advance(1_000);
  await rig.start();
  const known = Math.max(...got);
  got.length = 0;
  listen();
  await issue();
  expect(Math.max(...got)).toBeGreaterThan(known);
});

test("of versions that are far apart, as of those that follow each other, the one before is kept to fall back to", async () => {
  for (const version of [1, 1_000, 13_000_000]) await send(make({ version }));
  await rig.fog.core.downlink.rollBack({ name: "forest/D11", version: 13_000_000 }, "worse");
  expect(host.running.get("forest/D11")).toBe(1_000);
});

test("a command of the cloud is forwarded once it can be, and dropped when it is too late", async () => {
  const got: string[] = [];
  const order = (id: string, expiresAtMs: number) => {
    const body = { case: "simulateTrip", value: { rule: "CL-HIGH" } } as const;
    const value = create(CommandSchema, { id, issuedAtMs: startMs, expiresAtMs, body });
    const cursor = cloud.down.length + 1;
    cloud.down.push(
      create(DownlinkItemSchema, { cursor, edge: "edge-d", body: { case: "command", value } }),
    );
  };
  order("late", startMs - 1);
  order("soon", startMs + 5_000);
  order("good", startMs + day);
  await rig.clock.advance(60_000);
  rig.door.connect("edge-d", (_family, bytes) => {
    const opened = open("command", bytes);
    if (opened.ok) got.push(opened.value.id);
  });
  await rig.clock.advance(2_000);
  expect(got).toEqual(["good"]);
});

test("a person's command is answered, times out, or is refused at once when the edge is away", async () => {
  const { commands } = rig.fog.core;
  const order = {
    body: { case: "resetTrip", value: { rule: "CL-HIGH" } },
    by: "anna",
    reason: "checked on site",
  } as const;
  await expect(commands.send("edge-d", order)).rejects.toThrow(/edge-d is not connected/);
  let answers = true;
  const session = rig.door.connect("edge-d", (_family, bytes) => {
    const opened = open("command", bytes);
    if (!opened.ok || !answers) return;
    const { id: ref, issuedBy } = opened.value;
    const ack = create(AckSchema, { ref, accepted: false, reason: `still high, ${issuedBy}` });
    void session.publish("ack", seal("ack", ack));
  });
  expect(await commands.send("edge-d", order)).toMatchObject({
    accepted: false,
    reason: "still high, anna",
  });
  answers = false;
  const silent = commands.send("edge-d", order);
  const refusal = expect(silent).rejects.toThrow(/did not answer within 10 s/);
  await rig.clock.advance(11_000);
  await refusal;
  expect(rig.fog.core.audit.recent(10).map(({ action }) => action)).toContain("resetTrip");
});
