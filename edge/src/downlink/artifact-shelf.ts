/** Artifacts this edge was given: versions, outcomes and the payload to apply again after a restart. */
import {
  type ArtifactKind,
  ArtifactOutcome,
  type Manifest,
} from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import type { SqlDatabase, SqlStatement } from "@weir/runtime/sql.ts";

export interface ShelvedArtifact {
  name: string;
  version: number;
  kind: ArtifactKind;
  outcome: ArtifactOutcome;
  reason: string;
  atMs: number;
}

/** Versions kept of one name: the active one and the one to fall back to. */
const versionsKept = 2;

const columns = "name, version, kind, outcome, reason, at_ms AS atMs";
const { STAGED, ACTIVE, ROLLED_BACK } = ArtifactOutcome;

export class ArtifactShelf {
  readonly #lastVersion: SqlStatement;
  readonly #put: SqlStatement;
  readonly #mark: SqlStatement;
  readonly #list: SqlStatement;
  readonly #payload: SqlStatement;
  readonly #prune: SqlStatement;

  constructor(db: SqlDatabase) {
    this.#lastVersion = db.prepare(
      `SELECT max(version) AS version FROM artifacts WHERE name = ? AND outcome IN (${STAGED}, ${ACTIVE}, ${ROLLED_BACK})`,
    );
    this.#put = db.prepare("INSERT OR REPLACE INTO artifacts VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    this.#mark = db.prepare(
      "UPDATE artifacts SET outcome = ?, reason = ?, at_ms = ? WHERE name = ? AND version = ?",
    );
    this.#list = db.prepare(`SELECT ${columns} FROM artifacts ORDER BY name, version`);
    this.#payload = db.prepare("SELECT payload FROM artifacts WHERE name = ? AND version = ?");
    // A refused version is only kept while it is the newest of its name: people ask why.
    this.#prune = db.prepare(
      `DELETE FROM artifacts WHERE name = ? AND version < (
         SELECT min(version) FROM (
           SELECT version FROM artifacts WHERE name = ? AND outcome IN (${STAGED}, ${ACTIVE})
           ORDER BY version DESC LIMIT ${versionsKept}))`,
    );
  }

  /** Highest version ever accepted under `name`, 0 when none. */
  lastVersion(name: string): number {
    return this.#lastVersion.get<{ version: number | null }>(name)?.version ?? 0;
  }

  /** Durable when it returns; the payload is only needed of what may be applied again. */
  put(
    manifest: Manifest,
    state: Omit<ShelvedArtifact, "name" | "version" | "kind">,
    payload: Uint8Array,
  ): void {
    const { name, version, kind, expiresAtMs } = manifest;
    const { outcome, reason, atMs } = state;
    this.#put.run(name, version, kind, outcome, reason, atMs, expiresAtMs, payload);
    this.#prune.run(name, name);
  }

  mark(
    of: { name: string; version: number },
    outcome: ArtifactOutcome,
    why: { reason: string; atMs: number },
  ): void {
    this.#mark.run(outcome, why.reason, why.atMs, of.name, of.version);
    this.#prune.run(of.name, of.name);
  }

  payload(of: { name: string; version: number }): Uint8Array | undefined {
    return this.#payload.get<{ payload: Uint8Array }>(of.name, of.version)?.payload;
  }

  /** Of each name the active version and, where it is another one, the newest. */
  current(): ShelvedArtifact[] {
    const byName = Map.groupBy(this.#list.all<ShelvedArtifact>(), (row) => row.name);
    return [...byName.values()].flatMap((rows) => {
      const active = rows.findLast((row) => row.outcome === ACTIVE);
      const newest = rows.at(-1);
      return [active, newest === active ? undefined : newest].filter((row) => row !== undefined);
    });
  }

  /** What runs, or was about to when the power went: newest first within each name. */
  toApply(): ShelvedArtifact[] {
    const byName = Map.groupBy(
      this.#list
        .all<ShelvedArtifact>()
        .filter((row) => row.outcome === STAGED || row.outcome === ACTIVE),
      (row) => row.name,
    );
    return [...byName.values()].map((rows) => rows.at(-1) as ShelvedArtifact);
  }
}
