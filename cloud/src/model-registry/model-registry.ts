/**
 * Every model and threshold set ever made: name, monotonic version, signed manifest, payload by hash,
 * how it was judged, and what each place answered when it came down.
 */

import { fromBinary } from "@bufbuild/protobuf";
import type { ArtifactView } from "@weir/contracts/api/live.ts";
import {
  type ArtifactKindLabel,
  artifactKindLabel,
  artifactKindOf,
  artifactOutcomeLabel,
} from "@weir/contracts/enum-labels.ts";
import {
  ArtifactOutcome,
  type ArtifactState,
  ManifestSchema,
  type SignedArtifact,
} from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import { risingNumber } from "@weir/contracts/rising-number.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import { type SigningKey, signArtifact } from "@weir/runtime/signing.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import type { DownlinkQueue } from "../downlink/downlink-queue.ts";
import { CloudFault } from "../faults.ts";
import { modelLifeMs, payloadSizeMaxBytes } from "../limits.ts";
import type { PayloadStore } from "./payload-store.ts";

export const registryMigration = `
  CREATE TABLE model (
    site TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL,
    kind TEXT NOT NULL, stage TEXT NOT NULL, target TEXT NOT NULL,
    sha256 TEXT NOT NULL, key_id TEXT NOT NULL,
    manifest BLOB NOT NULL, signature BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('champion', 'challenger', 'retired')),
    PRIMARY KEY (site, name, version)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE model_place (
    site TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL,
    place TEXT NOT NULL, outcome TEXT NOT NULL, reason TEXT NOT NULL, at_ms REAL NOT NULL,
    PRIMARY KEY (site, name, version, place, outcome)
  ) STRICT, WITHOUT ROWID;
`;

export interface NewModel {
  kind: ArtifactKindLabel;
  site: string;
  /** "forest/TANK1"; the version is given here. */
  name: string;
  stage: string;
  /** "fog", or an edge id. */
  target: string;
  payload: Uint8Array;
  mediaType: "application/onnx" | "application/json";
  trainedOn: string;
  metrics: Record<string, number>;
}

export interface ModelRecord {
  site: string;
  name: string;
  version: number;
  kind: ArtifactKindLabel;
  stage: string;
  target: string;
  sha256: string;
  keyId: string;
  sizeBytes: number;
  createdAtMs: number;
  expiresAtMs: number;
  trainedOn: string;
  metrics: Record<string, number>;
  state: "champion" | "challenger" | "retired";
  places: ArtifactView[];
}

export interface ModelRef {
  name: string;
  version: number;
  /** Needed only where two sites have a model of the same name. */
  site?: string | undefined;
}

export interface ModelRegistry {
  /** Signs and stores a challenger under the next version of its name. @throws Fault CLOUD_MODEL_TOO_LARGE */
  register(model: NewModel): ModelRecord;
  /** Makes it the champion and sends it down. @throws Fault CLOUD_MODEL_UNKNOWN */
  publish(ref: ModelRef): ModelRecord;
  /** Sends a copy with one flipped bit, to watch it being refused. @throws Fault CLOUD_MODEL_UNKNOWN */
  tamper(ref: ModelRef): ModelRecord;
  champion(site: string, name: string): ModelRecord | undefined;
  champions(site: string, kind: ArtifactKindLabel): ModelRecord[];
  payload(model: ModelRecord): Uint8Array;
  /** Newest first. */
  list(): ModelRecord[];
  /** What a place says of an artifact it was given. Inside the caller's transaction. */
  recordAnswer(site: string, state: ArtifactState): void;
}

interface Row {
  site: string;
  name: string;
  version: number;
  kind: ArtifactKindLabel;
  stage: string;
  target: string;
  sha256: string;
  key_id: string;
  manifest: Uint8Array;
  signature: Uint8Array;
  state: ModelRecord["state"];
}

export interface RegistryOptions {
  db: SqlDatabase;
  key: SigningKey;
  payloads: PayloadStore;
  downlink: DownlinkQueue;
  plant: Clock;
}

export function createModelRegistry(options: RegistryOptions): ModelRegistry {
  const { db, key, payloads, downlink, plant } = options;
  const insert = db.prepare(
    "INSERT INTO model VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'challenger')",
  );
  const lastVersion = db.prepare(
    "SELECT coalesce(max(version), 0) AS version FROM model WHERE site = ? AND name = ?",
  );
  const find = db.prepare(
    "SELECT * FROM model WHERE name = ? AND version = ? AND (? IS NULL OR site = ?) ORDER BY site",
  );
  const championOf = db.prepare(
    "SELECT * FROM model WHERE site = ? AND name = ? AND state = 'champion'",
  );
  const championsOf = db.prepare(
    "SELECT * FROM model WHERE site = ? AND kind = ? AND state = 'champion' ORDER BY name",
  );
  const retire = db.prepare(
    "UPDATE model SET state = 'retired' WHERE site = ? AND name = ? AND version <> ? AND (state = 'champion' OR version < ?)",
  );
  const crown = db.prepare(
    "UPDATE model SET state = 'champion' WHERE site = ? AND name = ? AND version = ?",
  );
  const all = db.prepare("SELECT * FROM model");
  const savePlace = db.prepare("INSERT OR REPLACE INTO model_place VALUES (?, ?, ?, ?, ?, ?, ?)");
  const places = db.prepare(
    `SELECT place AS "where", outcome, reason, at_ms AS atMs FROM model_place
     WHERE site = ? AND name = ? AND version = ? ORDER BY at_ms DESC`,
  );

  const recordOf = (row: Row): ModelRecord => {
    const manifest = fromBinary(ManifestSchema, row.manifest);
    const { site, name, version, kind, stage, target, sha256, state } = row;
    return {
      ...{ site, name, version, kind, stage, target, sha256, state },
      keyId: row.key_id,
      sizeBytes: manifest.size,
      createdAtMs: manifest.createdAtMs,
      expiresAtMs: manifest.expiresAtMs,
      trainedOn: manifest.trainedOn,
      metrics: { ...manifest.metrics },
      places: places
        .all<Omit<ArtifactView, "name" | "kind" | "version">>(site, name, version)
        .map((place) => ({ name, kind, version, ...place })),
    };
  };
  const rowOf = ({ name, version, site }: ModelRef): Row => {
    const row = find.get<Row>(name, version, site ?? null, site ?? null);
    if (!row) throw new CloudFault("CLOUD_MODEL_UNKNOWN", { name, version });
    return row;
  };
  const signedOf = (row: Row): SignedArtifact => ({
    $typeName: "weir.v1.SignedArtifact",
    manifest: row.manifest,
    signature: row.signature,
    keyId: row.key_id,
    payload: payloads.get(row.sha256),
  });
  const edgeOf = (row: Row) => (row.target === "fog" ? "" : row.target);
  const read = (ref: ModelRef) => recordOf(rowOf(ref));

  return {
    register(model) {
      if (model.payload.length > payloadSizeMaxBytes) {
        throw new CloudFault("CLOUD_MODEL_TOO_LARGE", {
          name: model.name,
          sizeBytes: model.payload.length,
          maxBytes: payloadSizeMaxBytes,
        });
      }
      const sha256 = payloads.put(model.payload);
      const { site, name, kind, stage, target } = model;
      return db.transaction(() => {
        const nowMs = plant.nowMs();
        const last = lastVersion.get<{ version: number }>(site, name)?.version ?? 0;
        const version = risingNumber(last, nowMs);
        const signed = signArtifact(
          key,
          {
            ...{ name, version, site, target, stage },
            kind: artifactKindOf(kind),
            mediaType: model.mediaType,
            createdAtMs: nowMs,
            expiresAtMs: nowMs + modelLifeMs,
            trainedOn: model.trainedOn,
            metrics: model.metrics,
            minAgentVersion: "0.1.0",
          },
          model.payload,
        );
        insert.run(
          ...[site, name, version, kind, stage, target, sha256, key.id],
          signed.manifest,
          signed.signature,
        );
        return read({ site, name, version });
      });
    },

    publish(ref) {
      const row = rowOf(ref);
      const { site, name, version } = row;
      db.transaction(() => {
        retire.run(site, name, version, version);
        crown.run(site, name, version);
        savePlace.run(site, name, version, row.target, "published", "", plant.nowMs());
      });
      downlink.send(site, { edge: edgeOf(row), slot: name, artifact: signedOf(row) });
      return read({ site, name, version });
    },

    tamper(ref) {
      const row = rowOf(ref);
      const artifact = signedOf(row);
      const payload = artifact.payload.slice();
      const middle = payload.length >> 1;
      payload[middle] = (payload[middle] ?? 0) ^ 1;
      const { site, name, version } = row;
      const slot = `damaged copy of ${name}`;
      downlink.send(site, { edge: edgeOf(row), slot, artifact: { ...artifact, payload } });
      return read({ site, name, version });
    },

    champion(site, name) {
      const row = championOf.get<Row>(site, name);
      return row && recordOf(row);
    },
    champions: (site, kind) => championsOf.all<Row>(site, kind).map(recordOf),
    payload: (model) => payloads.get(model.sha256),
    list: () =>
      all
        .all<Row>()
        .map(recordOf)
        .sort((a, b) => b.createdAtMs - a.createdAtMs || b.version - a.version),
    recordAnswer(site, state) {
      if (state.outcome === ArtifactOutcome.UNSPECIFIED) return;
      const outcome = artifactOutcomeLabel(state.outcome);
      const { name, version, where, reason, atMs } = state;
      savePlace.run(site, name, version, where, outcome, reason, atMs);
    },
  };
}

/** For states that name no model of ours. */
export const viewOfState = (state: ArtifactState): ArtifactView => ({
  name: state.name,
  kind: artifactKindLabel(state.kind),
  version: state.version,
  where: state.where,
  outcome: artifactOutcomeLabel(state.outcome),
  reason: state.reason,
  atMs: state.atMs,
});
