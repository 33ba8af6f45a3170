/** Incidents and their labels on disk, each as the message that also goes to the cloud. */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type FeedbackLabel,
  FeedbackLabelSchema,
  type Incident,
  IncidentSchema,
} from "@weir/contracts/generated/weir/v1/incident_pb.ts";
import type { SqlDatabase, SqlStatement } from "@weir/runtime/sql.ts";

export const incidentMigrations: readonly string[] = [
  `CREATE TABLE incidents (
     id TEXT PRIMARY KEY, opened_at REAL NOT NULL, open INTEGER NOT NULL, bytes BLOB NOT NULL
   ) STRICT;
   CREATE INDEX incidents_by_time ON incidents (opened_at);
   CREATE TABLE labels (id TEXT PRIMARY KEY, incident TEXT NOT NULL, at REAL NOT NULL, bytes BLOB NOT NULL) STRICT;`,
];

export type IncidentState = "open" | "closed" | "all";

export class IncidentStore {
  readonly #put: SqlStatement;
  readonly #get: SqlStatement;
  readonly #list: Record<IncidentState, SqlStatement>;
  readonly #count: SqlStatement;
  readonly #putLabel: SqlStatement;

  constructor(db: SqlDatabase) {
    const list = (where: string) =>
      db.prepare(`SELECT bytes FROM incidents ${where} ORDER BY opened_at DESC LIMIT ?`);
    this.#put = db.prepare(
      "INSERT OR REPLACE INTO incidents (id, opened_at, open, bytes) VALUES (?, ?, ?, ?)",
    );
    this.#get = db.prepare("SELECT bytes FROM incidents WHERE id = ?");
    this.#list = { open: list("WHERE open = 1"), closed: list("WHERE open = 0"), all: list("") };
    this.#count = db.prepare("SELECT count(*) AS n FROM incidents WHERE opened_at >= ?");
    this.#putLabel = db.prepare(
      "INSERT OR REPLACE INTO labels (id, incident, at, bytes) VALUES (?, ?, ?, ?)",
    );
  }

  put(incident: Incident): void {
    const open = incident.closedAtMs === undefined ? 1 : 0;
    this.#put.run(incident.id, incident.openedAtMs, open, toBinary(IncidentSchema, incident));
  }

  get(id: string): Incident | undefined {
    const row = this.#get.get<{ bytes: Uint8Array }>(id);
    return row && fromBinary(IncidentSchema, row.bytes);
  }

  /** Newest first. */
  list(state: IncidentState, limit: number): Incident[] {
    return this.#list[state]
      .all<{ bytes: Uint8Array }>(limit)
      .map((row) => fromBinary(IncidentSchema, row.bytes));
  }

  openedSince(atMs: number): number {
    return this.#count.get<{ n: number }>(atMs)?.n ?? 0;
  }

  putLabel(label: FeedbackLabel): void {
    this.#putLabel.run(label.id, label.incident, label.atMs, toBinary(FeedbackLabelSchema, label));
  }
}

/** The store encodes plain reasons as messages. */
export const asContribution = <T extends object>(reason: T) => ({
  $typeName: "weir.v1.Contribution" as const,
  ...reason,
});

/** A new incident; everything not given is empty. */
export const newIncident = (
  fields: Parameters<typeof create<typeof IncidentSchema>>[1],
): Incident => create(IncidentSchema, fields);
