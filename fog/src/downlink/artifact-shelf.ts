/** Verified artifacts of the fog itself, by name and version, and what every place says it runs. */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type ArtifactKind,
  ArtifactOutcome,
  type ArtifactState,
  ArtifactStateSchema,
  type Manifest,
} from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import type { SqlDatabase, SqlStatement } from "@weir/runtime/sql.ts";
import type { OfferedModel } from "./model-host.ts";

/** Versions whose payload is kept: the running one and the one to fall back to. */
const payloadsKept = 3;

interface Row {
  name: string;
  version: number;
  kind: ArtifactKind;
  stage: string;
  outcome: ArtifactOutcome;
  payload: Uint8Array;
}

export class ArtifactShelf {
  readonly #put: SqlStatement;
  readonly #setOutcome: SqlStatement;
  readonly #last: SqlStatement;
  readonly #dropPayloads: SqlStatement;
  readonly #newestOf: SqlStatement;
  readonly #runnable: SqlStatement;
  readonly #putState: SqlStatement;
  readonly #states: SqlStatement;

  constructor(db: SqlDatabase) {
    this.#put = db.prepare(
      `INSERT INTO artifacts (name, version, kind, stage, outcome, reason, at_ms, expires_at_ms, payload)
       VALUES (?, ?, ?, ?, ?, '', ?, ?, ?)`,
    );
    this.#setOutcome = db.prepare(
      "UPDATE artifacts SET outcome = ?, reason = ?, at_ms = ? WHERE name = ? AND version = ?",
    );
    this.#last = db.prepare("SELECT max(version) AS version FROM artifacts WHERE name = ?");
    this.#dropPayloads = db.prepare(
      `UPDATE artifacts SET payload = NULL WHERE name = ? AND version < (
         SELECT min(version) FROM (
           SELECT version FROM artifacts WHERE name = ? ORDER BY version DESC LIMIT ${payloadsKept}))`,
    );
    this.#newestOf = db.prepare(
      `SELECT * FROM artifacts WHERE name = ? AND outcome = ? AND version < ? AND payload IS NOT NULL
       ORDER BY version DESC LIMIT 1`,
    );
    this.#runnable = db.prepare(
      `SELECT * FROM artifacts WHERE outcome = ? AND payload IS NOT NULL ORDER BY name, version`,
    );
    this.#putState = db.prepare(
      "INSERT OR REPLACE INTO artifact_states (place, name, bytes) VALUES (?, ?, ?)",
    );
    this.#states = db.prepare("SELECT bytes FROM artifact_states ORDER BY place, name");
  }

  /** Highest version ever verified under `name`, 0 when none. */
  lastVersion(name: string): number {
    return this.#last.get<{ version: number | null }>(name)?.version ?? 0;
  }

  /** `payload` undefined: it is another place's, only its version is remembered here. */
  stage(manifest: Manifest, payload: Uint8Array | undefined, nowMs: number): void {
    const { name, version, kind, stage, expiresAtMs } = manifest;
    const { STAGED } = ArtifactOutcome;
    this.#put.run(name, version, kind, stage, STAGED, nowMs, expiresAtMs, payload ?? null);
    this.#dropPayloads.run(name, name);
  }

  setOutcome(
    of: { name: string; version: number },
    outcome: ArtifactOutcome,
    why: { reason: string; nowMs: number },
  ): void {
    this.#setOutcome.run(outcome, why.reason, why.nowMs, of.name, of.version);
  }

  /** The active models, then those staged and not yet tried. */
  runnable(outcome: ArtifactOutcome): OfferedModel[] {
    const newest = new Map(this.#runnable.all<Row>(outcome).map((row) => [row.name, row]));
    return [...newest.values()].map(offered);
  }

  /** What was active before `version`, to fall back to. */
  activeBefore(name: string, version: number): OfferedModel | undefined {
    const row = this.#newestOf.get<Row>(name, ArtifactOutcome.ACTIVE, version);
    return row && offered(row);
  }

  putState(state: ArtifactState): void {
    this.#putState.run(state.where, state.name, toBinary(ArtifactStateSchema, state));
  }

  /** The newest word of every place about every artifact. */
  states(): ArtifactState[] {
    return this.#states
      .all<{ bytes: Uint8Array }>()
      .map(({ bytes }) => fromBinary(ArtifactStateSchema, bytes));
  }
}

const offered = ({ name, version, kind, stage, payload }: Row): OfferedModel => ({
  name,
  version,
  kind,
  stage,
  payload,
});

export const artifactState = (
  fields: Omit<ArtifactState, "$typeName" | "$unknown">,
): ArtifactState => create(ArtifactStateSchema, fields);
