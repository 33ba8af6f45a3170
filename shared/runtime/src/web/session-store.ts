/**
 * Who is signed in: rows of the accounts' database by the hash of their cookie. Where its disk refuses a
 * row, as a full one does, the session lives in this process alone: whoever has come to free the disk must
 * be let in.
 */
import type { Role } from "@weir/contracts/api/live.ts";
import type { Clock } from "../clock.ts";
import { refusedWrite, type SqlDatabase } from "../sql.ts";

export const sessionSchema = `
  CREATE TABLE IF NOT EXISTS web_session (
    hash TEXT PRIMARY KEY, user TEXT NOT NULL COLLATE NOCASE, role TEXT NOT NULL,
    expires_at_ms REAL NOT NULL) STRICT;`;

export interface SessionRow {
  /** Empty until the person behind a one-time link has chosen a name. */
  user: string;
  role: Role;
  expiresAtMs: number;
}

/** Sessions and ended sessions that the disk did not take; the oldest is forgotten first. */
const unstoredMax = 1_000;

export class SessionStore {
  readonly #db: SqlDatabase;
  readonly #clock: Clock;
  readonly #unstored = new Map<string, SessionRow>();
  /** Over, though their row is still there. */
  readonly #ended = new Set<string>();

  constructor(db: SqlDatabase, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  add(hash: string, row: SessionRow): void {
    try {
      this.#db
        .prepare("INSERT INTO web_session VALUES (?, ?, ?, ?)")
        .run(hash, row.user, row.role, row.expiresAtMs);
    } catch (error) {
      if (!refusedWrite(error)) throw error;
      this.#unstored.set(hash, row);
      forgetOldest(this.#unstored);
    }
  }

  /** Undefined when there is none, or it is over. */
  get(hash: string): SessionRow | undefined {
    const row = this.#inMemory(hash) ?? this.#stored(hash);
    return row && row.expiresAtMs > this.#clock.nowMs() ? row : undefined;
  }

  /** @throws what the database throws */
  rename(hash: string, user: string): void {
    this.#db.prepare("UPDATE web_session SET user = ? WHERE hash = ?").run(user, hash);
  }

  end(hash: string): void {
    this.#unstored.delete(hash);
    try {
      this.#db.prepare("DELETE FROM web_session WHERE hash = ?").run(hash);
    } catch (error) {
      if (!refusedWrite(error)) throw error;
      this.#ended.add(hash);
      forgetOldest(this.#ended);
    }
  }

  /** All of `user` but the one of `exceptHash`. @throws what the database throws */
  endOf(user: string, exceptHash = ""): void {
    this.#db.prepare("DELETE FROM web_session WHERE user = ? AND hash <> ?").run(user, exceptHash);
    for (const [hash, row] of this.#unstored) {
      if (row.user === user && hash !== exceptHash) this.#unstored.delete(hash);
    }
  }

  /** Drops what is over; a disk that takes nothing keeps it until later. */
  sweep(): void {
    const nowMs = this.#clock.nowMs();
    for (const [hash, row] of this.#unstored) {
      if (row.expiresAtMs <= nowMs) this.#unstored.delete(hash);
    }
    try {
      for (const hash of this.#ended) {
        this.#db.prepare("DELETE FROM web_session WHERE hash = ?").run(hash);
        this.#ended.delete(hash);
      }
      this.#db.prepare("DELETE FROM web_session WHERE expires_at_ms <= ?").run(nowMs);
      this.#db.prepare("DELETE FROM web_link WHERE expires_at_ms <= ?").run(nowMs);
    } catch (error) {
      if (!refusedWrite(error)) throw error;
    }
  }

  /** A user may have been removed by a command, which reaches the rows alone. */
  #inMemory(hash: string): SessionRow | undefined {
    const row = this.#unstored.get(hash);
    if (!row || row.user === "") return row;
    if (this.#db.prepare("SELECT 1 FROM web_user WHERE user = ?").get(row.user)) return row;
    this.#unstored.delete(hash);
    return undefined;
  }

  #stored(hash: string): SessionRow | undefined {
    if (this.#ended.has(hash)) return undefined;
    return this.#db
      .prepare("SELECT user, role, expires_at_ms AS expiresAtMs FROM web_session WHERE hash = ?")
      .get<SessionRow>(hash);
  }
}

function forgetOldest(entries: Map<string, unknown> | Set<string>): void {
  for (const hash of entries.keys()) {
    if (entries.size <= unstoredMax) return;
    entries.delete(hash);
  }
}
