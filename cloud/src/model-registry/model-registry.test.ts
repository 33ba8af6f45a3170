import { renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import {
  ArtifactKind,
  ArtifactOutcome,
  ArtifactStateSchema,
  type SignedArtifact,
} from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import { acceptArtifact } from "@weir/runtime/signing.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { copySqlite, openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { temporaryDir } from "../../test/temporary-dir.ts";
import { createDownlinkQueue, downlinkMigration } from "../downlink/downlink-queue.ts";
import { dayMs } from "../limits.ts";
import {
  createModelRegistry,
  type NewModel,
  registryMigration,
  viewOfState,
} from "./model-registry.ts";
import { openPayloadStore } from "./payload-store.ts";
import { openSigningKey } from "./signing-key.ts";

const startMs = Date.UTC(2026, 5, 2);
const site = "riverside";

/** `on`: opens again what lies there. */
function openRig(on = { dir: temporaryDir(), plant: new SimulatedClock(startMs) }) {
  const { dir, plant } = on;
  const migrations = [downlinkMigration + registryMigration];
  const db = openSqlite(join(dir, "cloud.db"), { synchronous: "NORMAL", migrations });
  const downlink = createDownlinkQueue(db, plant);
  const key = openSigningKey(join(dir, "signing-key.pem"), { mayCreate: true });
  const payloads = openPayloadStore(join(dir, "models"));
  const open = () => createModelRegistry({ db, key, payloads, downlink, plant });
  return { dir, plant, db, downlink, key, open, registry: open() };
}

const model = (change: Partial<NewModel> = {}): NewModel => ({
  ...{ kind: "forest", site, name: "forest/W13", stage: "W13", target: "fog" },
  payload: new Uint8Array([1, 2, 3, 4]),
  mediaType: "application/onnx",
  trainedOn: "28 days",
  metrics: { threshold: 1 },
  ...change,
});

test("versions of a name only go up, also over restarts and with other names between", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom("a", "b"), fc.boolean()), { maxLength: 10 }),
      (steps) => {
        const rig = openRig();
        let registry = rig.registry;
        const last: Record<string, number> = {};
        for (const [name, restarts] of steps) {
          const { version } = registry.register(model({ name }));
          expect(version).toBeGreaterThan(last[name] ?? 0);
          last[name] = version;
          if (restarts) registry = rig.open();
        }
      },
    ),
    { numRuns: 15 },
  );
});

test("what is published is accepted by its target, expires after 90 days, and retires the one before", () => {
  const { registry, downlink, key, plant } = openRig();
  const first = registry.publish(registry.register(model()));
  const second = registry.publish(registry.register(model({ payload: new Uint8Array(9) })));
  expect(registry.list().map((one) => `${one.version} ${one.state}`)).toEqual([
    `${second.version} champion`,
    `${first.version} retired`,
  ]);
  expect(registry.champion(site, "forest/W13")?.version).toBe(second.version);
  // The first was never fetched: only the newer one travels.
  const [item, ...rest] = downlink.after(site, 0);
  expect(rest).toEqual([]);
  const rules = {
    ...{ trusted: [key.publicPem], site, target: "fog", agentVersion: "0.1.0" },
    nowMs: plant.nowMs(),
    lastVersion: () => first.version,
  };
  const artifact = item?.body.value as SignedArtifact;
  expect(acceptArtifact(artifact, rules)).toMatchObject({ ok: true });
  const late = acceptArtifact(artifact, { ...rules, nowMs: plant.nowMs() + 90 * dayMs });
  expect(late).toMatchObject({ ok: false, reason: expect.stringContaining("expired") });
  expect(second.expiresAtMs - second.createdAtMs).toBe(90 * dayMs);
});

test("a tampered copy travels and is refused; the answer is kept beside the good one's", () => {
  const { registry, downlink, key, plant } = openRig();
  const published = registry.publish(registry.register(model()));
  const answer = (outcome: ArtifactOutcome, reason: string) =>
    registry.recordAnswer(
      site,
      create(ArtifactStateSchema, {
        ...{ name: "forest/W13", version: published.version, kind: ArtifactKind.FOREST },
        ...{ where: "fog", outcome },
        ...{ reason, atMs: plant.nowMs() },
      }),
    );
  answer(ArtifactOutcome.ACTIVE, "");
  registry.tamper(published);
  const [, damaged] = downlink.after(site, 0);
  const verdict = acceptArtifact(damaged?.body.value as SignedArtifact, {
    ...{ trusted: [key.publicPem], site, target: "fog", agentVersion: "0.1.0" },
    ...{ nowMs: plant.nowMs(), lastVersion: () => 0 },
  });
  expect(verdict).toMatchObject({
    ok: false,
    reason: "the payload is not the one that was signed",
  });
  answer(ArtifactOutcome.REFUSED, "the payload is not the one that was signed");
  const outcomes = registry
    .list()[0]
    ?.places.map((place) => place.outcome)
    .toSorted();
  expect(outcomes).toEqual(["active", "published", "refused"]);
});

test("after a restore the next version is newer than whatever a site may have had before it", async () => {
  const { dir, plant, db, registry } = openRig();
  registry.publish(registry.register(model()));
  const copy = join(dir, "copy.db");
  copySqlite(join(dir, "cloud.db"), copy);
  let known = 0;
  for (let n = 0; n < 5; n++) {
    await plant.advance(1_000);
    known = registry.publish(registry.register(model())).version;
  }
  db.close();
  for (const tail of ["", "-wal", "-shm"]) rmSync(join(dir, `cloud.db${tail}`), { force: true });
  renameSync(copy, join(dir, "cloud.db"));
  await plant.advance(1_000);
  const restored = openRig({ dir, plant });
  const { version } = restored.registry.publish(restored.registry.register(model()));
  expect(version).toBeGreaterThan(known);
  const [item] = restored.downlink.after(site, 0);
  const verdict = acceptArtifact(item?.body.value as SignedArtifact, {
    ...{ trusted: [restored.key.publicPem], site, target: "fog", agentVersion: "0.1.0" },
    ...{ nowMs: plant.nowMs(), lastVersion: () => known },
  });
  expect(verdict).toMatchObject({ ok: true });
});

test("the signing key is its owner's alone; a damaged payload is noticed", () => {
  const { dir, registry } = openRig();
  expect(statSync(join(dir, "signing-key.pem")).mode & 0o777).toBe(0o600);
  const record = registry.register(model());
  writeFileSync(join(dir, "models", record.sha256), "x");
  expect(() => registry.payload(record)).toThrow("is not the payload that was registered");
  expect(() => registry.publish({ name: "forest/X", version: 3 })).toThrow(
    "there is no model forest/X@3",
  );
});

test("an answer of a fog of a later version is kept as unknown, never as published or a forest", () => {
  const { registry, plant } = openRig();
  const later = 17 as never;
  const { name, version } = registry.publish(registry.register(model()));
  const state = create(ArtifactStateSchema, {
    ...{ name, version, kind: later, where: "fog", outcome: later, atMs: plant.nowMs() },
  });
  registry.recordAnswer(site, state);
  expect(registry.list()[0]?.places).toContainEqual(
    expect.objectContaining({ where: "fog", outcome: "unknown (17)" }),
  );
  expect(viewOfState(state)).toMatchObject({ kind: "unknown (17)", outcome: "unknown (17)" });
});
