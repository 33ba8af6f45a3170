/**
 * Which certificates have been issued, and which are revoked. SQLite, so that the command line can
 * write while the fog reads. Claims of edges that ask to be let in will be a second table here: a token
 * goes in, a person approves, and `issue` of site-authority.ts signs the key the edge has made.
 */
import type { SqlDatabase, SqlStatement } from "@weir/runtime/sql.ts";

export const enrolmentMigrations: readonly string[] = [
  `
  CREATE TABLE certificates (
    serial TEXT PRIMARY KEY,          -- lower-case hex
    edge TEXT NOT NULL,
    fingerprint TEXT NOT NULL,        -- SHA-256 of the DER
    issued_at_ms REAL NOT NULL,
    not_after_ms REAL NOT NULL,
    revoked_at_ms REAL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX certificates_edge ON certificates (edge);
  `,
  "ALTER TABLE certificates ADD COLUMN revoked_by TEXT;",
];

/** An edge that nobody may be any more, by a person's act. */
export interface EdgeRevocation {
  /** Real time. */
  atMs: number;
  /** Who has revoked it; empty where that was not noted. */
  by: string;
}

export interface IssuedCertificate {
  serial: string;
  edge: string;
  fingerprint: string;
  issuedAtMs: number;
  notAfterMs: number;
  revokedAtMs: number | null;
}

/** Without a record: of this site's authority, but this list has lost it, or never held it for this edge. */
export type CertificateRefusal = "revoked certificate" | "certificate without a record";

export class EnrolmentBook {
  readonly #db: SqlDatabase;
  readonly #put: SqlStatement;
  readonly #all: SqlStatement;
  readonly #one: SqlStatement;
  readonly #revoke: SqlStatement;
  readonly #revocation: SqlStatement;

  constructor(db: SqlDatabase) {
    this.#db = db;
    const columns =
      "serial, edge, fingerprint, issued_at_ms AS issuedAtMs, not_after_ms AS notAfterMs, revoked_at_ms AS revokedAtMs";
    this.#put = db.prepare(
      "INSERT INTO certificates (serial, edge, fingerprint, issued_at_ms, not_after_ms) VALUES (?, ?, ?, ?, ?)",
    );
    this.#all = db.prepare(`SELECT ${columns} FROM certificates ORDER BY edge, issued_at_ms`);
    this.#one = db.prepare(`SELECT ${columns} FROM certificates WHERE serial = ?`);
    this.#revoke = db.prepare(
      "UPDATE certificates SET revoked_at_ms = ?, revoked_by = ? WHERE edge = ? AND revoked_at_ms IS NULL",
    );
    this.#revocation = db.prepare(
      `SELECT revoked_at_ms AS atMs, coalesce(revoked_by, '') AS by FROM certificates
       WHERE edge = ? ORDER BY revoked_at_ms IS NOT NULL, revoked_at_ms DESC LIMIT 1`,
    );
  }

  add(certificate: Omit<IssuedCertificate, "revokedAtMs">): void {
    const { serial, edge, fingerprint, issuedAtMs, notAfterMs } = certificate;
    this.#put.run(serial, edge, fingerprint, issuedAtMs, notAfterMs);
  }

  list(): IssuedCertificate[] {
    return this.#all.all<IssuedCertificate>();
  }

  /** Undefined: issued here for this edge and not revoked. */
  refusalOf(of: { serial: string; edge: string }): CertificateRefusal | undefined {
    const found = this.#one.get<IssuedCertificate>(of.serial);
    if (found?.edge !== of.edge) return "certificate without a record";
    return found.revokedAtMs === null ? undefined : "revoked certificate";
  }

  /** Revokes every certificate of `edge`; how many there were. A running fog cuts it off within seconds. */
  revoke(edge: string, { atMs, by }: EdgeRevocation): number {
    return this.#revoke.run(atMs, by, edge).changes;
  }

  /** Undefined while `edge` holds a certificate that counts, or has never held one. */
  revocationOf(edge: string): EdgeRevocation | undefined {
    const row = this.#revocation.get<{ atMs: number | null; by: string }>(edge);
    return row && row.atMs !== null ? { atMs: row.atMs, by: row.by } : undefined;
  }

  close(): void {
    this.#db.close();
  }
}
