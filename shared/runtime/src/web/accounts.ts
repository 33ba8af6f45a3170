/**
 * People of the web applications: users, sessions and one-time sign-in links, in the tier's SQLite.
 * Sessions and links are kept as SHA-256 only, so that a copied database opens nothing.
 */
import { createHash, randomBytes as systemRandomBytes } from "node:crypto";
import type { Role } from "@weir/contracts/api/live.ts";
import type { Clock } from "../clock.ts";
import { RuntimeFault } from "../faults.ts";
import type { SqlDatabase } from "../sql.ts";
import { createLoginThrottle } from "./login-throttle.ts";
import { hashPassword, passwordFlaw, saltSize, verifyPassword } from "./password.ts";
import { SessionStore, sessionSchema } from "./session-store.ts";

export interface Session {
  /** Empty until the person behind a one-time link has chosen a name. */
  user: string;
  role: Role;
  mustSetPassword: boolean;
  expiresAtMs: number;
}

export interface Login {
  /** The cookie's value. Never stored. */
  token: string;
  session: Session;
}

export interface UserView {
  user: string;
  role: Role;
  createdAtMs: number;
}

export interface Accounts {
  /** A link's secret; it works once, within `ttlMs`. */
  createSignInToken(options: { role: Role; ttlMs: number }): string;
  /** Undefined when the link is unknown, used or too old. @throws what the database throws: a link that stays */
  redeemSignInToken(token: string): Login | undefined;
  /** @throws Fault RUNTIME_LOGIN_REFUSED, RUNTIME_LOGIN_THROTTLED */
  logIn(options: { user: string; password: string; ip: string }): Promise<Login>;
  /** Undefined when there is none, or it is over. */
  sessionOf(token: string): Session | undefined;
  logOut(token: string): void;
  /**
   * Names the person of a one-time link, or changes the password of a user (`current` needed); other
   * sessions of that user end.
   * @throws Fault RUNTIME_PASSWORD_REFUSED, RUNTIME_USER_TAKEN, RUNTIME_LOGIN_REFUSED, RUNTIME_LOGIN_THROTTLED
   */
  setPassword(options: {
    token: string;
    user: string;
    password: string;
    current?: string;
    ip: string;
  }): Promise<Session>;
  /** @throws Fault RUNTIME_PASSWORD_REFUSED, RUNTIME_USER_TAKEN */
  addUser(options: { user: string; password: string; role: Role }): Promise<void>;
  /** Ends their sessions too. False when there is no such user. */
  removeUser(user: string): boolean;
  users(): UserView[];
}

export const sessionLifeMs = 12 * 3_600_000;
const tokenSize = 32; // bytes
const userPattern = /^[\p{L}\p{N}][\p{L}\p{N}._@ -]{1,39}$/u;

/** Two names that a person would read as one: Unicode TR 15 NFKC, without case. */
const folded = (user: string): string => user.normalize("NFKC").toLowerCase();

const schema = `
  CREATE TABLE IF NOT EXISTS web_user (
    user TEXT PRIMARY KEY COLLATE NOCASE, role TEXT NOT NULL, password TEXT NOT NULL,
    created_at_ms REAL NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS web_link (
    hash TEXT PRIMARY KEY, role TEXT NOT NULL, expires_at_ms REAL NOT NULL) STRICT;
  ${sessionSchema}`;

/** `clock`: real time. Makes its tables when they are missing. */
export function openAccounts(
  db: SqlDatabase,
  clock: Clock,
  randomBytes: (size: number) => Uint8Array = systemRandomBytes,
): Accounts {
  db.exec(schema);
  return new SqlAccounts(db, clock, randomBytes);
}

interface UserRow {
  user: string;
  role: Role;
  password: string;
}

class SqlAccounts implements Accounts {
  readonly #db: SqlDatabase;
  readonly #clock: Clock;
  readonly #randomBytes: (size: number) => Uint8Array;
  readonly #throttle;
  readonly #sessions: SessionStore;

  constructor(db: SqlDatabase, clock: Clock, randomBytes: (size: number) => Uint8Array) {
    this.#db = db;
    this.#clock = clock;
    this.#randomBytes = randomBytes;
    this.#throttle = createLoginThrottle(clock);
    this.#sessions = new SessionStore(db, clock);
  }

  createSignInToken({ role, ttlMs }: { role: Role; ttlMs: number }): string {
    const token = this.#newToken();
    this.#sessions.sweep();
    this.#db
      .prepare("INSERT INTO web_link VALUES (?, ?, ?)")
      .run(hashOf(token), role, this.#clock.nowMs() + ttlMs);
    return token;
  }

  redeemSignInToken(token: string): Login | undefined {
    return this.#db.transaction(() => {
      const link = this.#db
        .prepare("DELETE FROM web_link WHERE hash = ? RETURNING role, expires_at_ms AS expiresAtMs")
        .get<{ role: Role; expiresAtMs: number }>(hashOf(token));
      if (!link || link.expiresAtMs <= this.#clock.nowMs()) return undefined;
      return this.#begin("", link.role);
    });
  }

  async logIn(options: { user: string; password: string; ip: string }): Promise<Login> {
    const row = await this.#check(options);
    return this.#begin(row.user, row.role);
  }

  sessionOf(token: string): Session | undefined {
    if (token === "") return undefined;
    const row = this.#sessions.get(hashOf(token));
    return row && { ...row, mustSetPassword: row.user === "" };
  }

  logOut(token: string): void {
    this.#sessions.end(hashOf(token));
  }

  async setPassword(options: {
    token: string;
    user: string;
    password: string;
    current?: string;
    ip: string;
  }): Promise<Session> {
    const { token, password, current = "", ip } = options;
    const session = this.sessionOf(token);
    if (!session) throw new RuntimeFault("RUNTIME_LOGIN_REFUSED");
    if (session.mustSetPassword) {
      await this.addUser({ user: options.user, password, role: session.role });
      const user = options.user.trim();
      this.#sessions.rename(hashOf(token), user);
      return { ...session, user, mustSetPassword: false };
    }
    const { user } = session;
    await this.#check({ user, password: current, ip });
    const stored = await this.#hash(user, password);
    this.#db.transaction(() => {
      this.#db.prepare("UPDATE web_user SET password = ? WHERE user = ?").run(stored, user);
      this.#sessions.endOf(user, hashOf(token));
    });
    return session;
  }

  async addUser(options: { user: string; password: string; role: Role }): Promise<void> {
    const user = options.user.trim();
    if (!userPattern.test(user)) {
      const why = `"${user}" is no user name; give 2 to 40 letters, digits, spaces or . _ @ -`;
      throw new RuntimeFault("RUNTIME_PASSWORD_REFUSED", { why });
    }
    const users = this.#db.prepare("SELECT user FROM web_user").all<{ user: string }>();
    if (users.some((one) => folded(one.user) === folded(user)))
      throw new RuntimeFault("RUNTIME_USER_TAKEN", { user });
    const stored = await this.#hash(user, options.password);
    const { changes } = this.#db
      .prepare("INSERT OR IGNORE INTO web_user VALUES (?, ?, ?, ?)")
      .run(user, options.role, stored, this.#clock.nowMs());
    if (changes === 0) throw new RuntimeFault("RUNTIME_USER_TAKEN", { user });
  }

  removeUser(user: string): boolean {
    if (user === "") return false;
    return this.#db.transaction(() => {
      this.#sessions.endOf(user);
      return this.#db.prepare("DELETE FROM web_user WHERE user = ?").run(user).changes > 0;
    });
  }

  users(): UserView[] {
    return this.#db
      .prepare("SELECT user, role, created_at_ms AS createdAtMs FROM web_user ORDER BY user")
      .all<UserView>();
  }

  async #check(options: { user: string; password: string; ip: string }): Promise<UserRow> {
    const user = options.user.trim();
    const attempt = { user, address: options.ip };
    const waitMs = this.#throttle.take(attempt);
    if (waitMs > 0) throw new RuntimeFault("RUNTIME_LOGIN_THROTTLED", { waitMs });
    const row = this.#db
      .prepare("SELECT user, role, password FROM web_user WHERE user = ?")
      .get<UserRow>(user);
    if (!row) {
      // As long as for a known user, so that the time does not tell who exists.
      await hashPassword(options.password, this.#randomBytes(saltSize));
      throw new RuntimeFault("RUNTIME_LOGIN_REFUSED");
    }
    if (!(await verifyPassword(options.password, row.password)))
      throw new RuntimeFault("RUNTIME_LOGIN_REFUSED");
    this.#throttle.forgive(attempt);
    return row;
  }

  async #hash(user: string, password: string): Promise<string> {
    const why = passwordFlaw(password, user);
    if (why) throw new RuntimeFault("RUNTIME_PASSWORD_REFUSED", { why });
    return hashPassword(password, this.#randomBytes(saltSize));
  }

  #begin(user: string, role: Role): Login {
    const token = this.#newToken();
    const expiresAtMs = this.#clock.nowMs() + sessionLifeMs;
    this.#sessions.sweep();
    this.#sessions.add(hashOf(token), { user, role, expiresAtMs });
    return { token, session: { user, role, mustSetPassword: user === "", expiresAtMs } };
  }

  #newToken(): string {
    return Buffer.from(this.#randomBytes(tokenSize)).toString("base64url");
  }
}

const hashOf = (token: string): string => createHash("sha256").update(token).digest("hex");
