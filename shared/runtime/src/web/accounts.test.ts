import { fullableDatabase } from "@weir/testing/fullable-database.ts";
import { describe, expect, test } from "vitest";
import { SimulatedClock } from "../simulated-clock.ts";
import { openSqlite } from "../sql.better-sqlite3.ts";
import { type Accounts, openAccounts, sessionLifeMs } from "./accounts.ts";
import { failuresMax } from "./login-throttle.ts";

const startMs = Date.UTC(2026, 5, 2);
const good = "seven green herons";

function rig() {
  const db = openSqlite(":memory:", { synchronous: "NORMAL", migrations: [] });
  const clock = new SimulatedClock(startMs);
  return { db, clock, accounts: openAccounts(db, clock) };
}

describe("on a full disk", () => {
  async function full() {
    const disk = { isFull: false };
    const { db, clock } = rig();
    const accounts = openAccounts(
      fullableDatabase(db, () => disk.isFull),
      clock,
    );
    /** Another process on the same file. */
    const open = () => openAccounts(db, clock);
    await accounts.addUser({ user: "ada", password: good, role: "operator" });
    const before = await accounts.logIn({ user: "ada", password: good, ip: "x" });
    disk.isFull = true;
    const login = () => accounts.logIn({ user: "ada", password: good, ip: "x" });
    return { disk, clock, accounts, before, login, open };
  }

  test("who has a password is let in, for as long as usual, in this process alone", async () => {
    const { accounts, before, login, clock, open } = await full();
    const { token, session } = await login();
    expect(session).toMatchObject({ user: "ada", role: "operator", mustSetPassword: false });
    expect(accounts.sessionOf(token)).toEqual(session);
    expect(accounts.sessionOf(before.token)).toBeDefined();
    expect(open().sessionOf(token)).toBeUndefined();
    await clock.advance(sessionLifeMs);
    expect(accounts.sessionOf(token)).toBeUndefined();
  });

  test("logging out ends a session, stored or not, and so does the removal of its user", async () => {
    const { accounts, before, login, open, disk } = await full();
    const [one, two] = [await login(), await login()];
    accounts.logOut(one.token);
    accounts.logOut(before.token);
    expect([one, before].map(({ token }) => accounts.sessionOf(token))).toEqual([
      undefined,
      undefined,
    ]);
    expect(accounts.sessionOf(two.token)).toBeDefined();
    disk.isFull = false;
    open().removeUser("ada");
    expect(accounts.sessionOf(two.token)).toBeUndefined();
  });

  test("a row that could not be deleted goes once there is room", async () => {
    const { accounts, before, login, disk, open } = await full();
    accounts.logOut(before.token);
    expect(open().sessionOf(before.token)).toBeDefined();
    disk.isFull = false;
    await login();
    expect(open().sessionOf(before.token)).toBeUndefined();
  });

  test("a changed password ends the sessions in memory too", async () => {
    const { accounts, login, disk } = await full();
    const [one, two] = [await login(), await login()];
    disk.isFull = false;
    const change = { user: "ada", password: "nine blue kingfishers", current: good, ip: "x" };
    await accounts.setPassword({ token: one.token, ...change });
    expect(accounts.sessionOf(one.token)).toBeDefined();
    expect(accounts.sessionOf(two.token)).toBeUndefined();
  });

  test("a one-time link is not used up", async () => {
    const { accounts, disk } = await full();
    disk.isFull = false;
    const link = accounts.createSignInToken({ role: "engineer", ttlMs: 60_000 });
    disk.isFull = true;
    expect(() => accounts.redeemSignInToken(link)).toThrow("disk is full");
    disk.isFull = false;
    expect(accounts.redeemSignInToken(link)).toBeDefined();
  });
});

describe("a one-time link", () => {
  test("works once and names nobody until a password is set", async () => {
    const { accounts } = rig();
    const link = accounts.createSignInToken({ role: "engineer", ttlMs: 60_000 });
    const login = accounts.redeemSignInToken(link);
    expect(login?.session).toMatchObject({ user: "", role: "engineer", mustSetPassword: true });
    expect(accounts.redeemSignInToken(link)).toBeUndefined();
    const token = login?.token ?? "";
    const session = await accounts.setPassword({ token, user: " Ada ", password: good, ip: "x" });
    expect(session).toMatchObject({ user: "Ada", role: "engineer", mustSetPassword: false });
    expect(accounts.sessionOf(token)).toEqual(session);
    expect(accounts.users()).toEqual([{ user: "Ada", role: "engineer", createdAtMs: startMs }]);
    const again = await accounts.logIn({ user: "ada", password: good, ip: "x" });
    expect(again.session).toMatchObject({ user: "Ada", role: "engineer" });
  });

  test("is too old after its time, and unknown when made up", async () => {
    const { accounts, clock } = rig();
    const link = accounts.createSignInToken({ role: "viewer", ttlMs: 60_000 });
    await clock.advance(60_000);
    expect(accounts.redeemSignInToken(link)).toBeUndefined();
    expect(accounts.redeemSignInToken("")).toBeUndefined();
  });
});

describe("sessions", () => {
  test("end after twelve hours, or by logging out", async () => {
    const { accounts, clock } = rig();
    await accounts.addUser({ user: "ada", password: good, role: "operator" });
    const one = await accounts.logIn({ user: "ada", password: good, ip: "x" });
    const two = await accounts.logIn({ user: "ada", password: good, ip: "x" });
    accounts.logOut(one.token);
    expect(accounts.sessionOf(one.token)).toBeUndefined();
    await clock.advance(sessionLifeMs - 1);
    expect(accounts.sessionOf(two.token)).toBeDefined();
    await clock.advance(1);
    expect(accounts.sessionOf(two.token)).toBeUndefined();
    expect(accounts.sessionOf("")).toBeUndefined();
  });

  test("neither they nor links nor passwords can be read from the database", async () => {
    const { accounts, db } = rig();
    await accounts.addUser({ user: "ada", password: good, role: "operator" });
    const { token } = await accounts.logIn({ user: "ada", password: good, ip: "x" });
    const link = accounts.createSignInToken({ role: "viewer", ttlMs: 1_000 });
    const tables = ["web_user", "web_session", "web_link"];
    const dump = JSON.stringify(tables.map((name) => db.prepare(`SELECT * FROM ${name}`).all()));
    for (const secret of [token, link, good]) expect(dump).not.toContain(secret);
  });

  test("a new password ends the user's others and needs the old one", async () => {
    const { accounts } = rig();
    await accounts.addUser({ user: "ada", password: good, role: "operator" });
    const one = await accounts.logIn({ user: "ada", password: good, ip: "x" });
    const two = await accounts.logIn({ user: "ada", password: good, ip: "x" });
    const change = { token: one.token, user: "ada", password: "nine blue otters", ip: "x" };
    await expect(accounts.setPassword({ ...change, current: "wrong" })).rejects.toMatchObject({
      code: "RUNTIME_LOGIN_REFUSED",
    });
    await accounts.setPassword({ ...change, current: good });
    expect(accounts.sessionOf(one.token)).toBeDefined();
    expect(accounts.sessionOf(two.token)).toBeUndefined();
    await accounts.logIn({ user: "ada", password: "nine blue otters", ip: "x" });
  });

  test("end when their user is removed", async () => {
    const { accounts } = rig();
    await accounts.addUser({ user: "ada", password: good, role: "operator" });
    const { token } = await accounts.logIn({ user: "ada", password: good, ip: "x" });
    expect(accounts.removeUser("ADA")).toBe(true);
    expect(accounts.removeUser("ada")).toBe(false);
    expect(accounts.removeUser("")).toBe(false);
    expect(accounts.sessionOf(token)).toBeUndefined();
  });
});

describe("failed logins", () => {
  const address = "10.0.0.1";
  const wrong = (accounts: Accounts, user: string, ip: string) =>
    accounts.logIn({ user, password: "wrong", ip }).then(
      () => "in",
      (error: { code: string }) => error.code,
    );
  const times = <T>(count: number, what: (i: number) => T): T[] =>
    Array.from({ length: count }, (_, i) => what(i));

  test("a sixth of one name from one address within a minute is put off, and told how long", async () => {
    const { accounts, clock } = rig();
    await accounts.addUser({ user: "ada", password: good, role: "operator" });
    const codes = await Promise.all(times(6, () => wrong(accounts, "ada", address)));
    expect(codes.filter((code) => code === "RUNTIME_LOGIN_REFUSED")).toHaveLength(5);
    await clock.advance(20_000);
    await expect(accounts.logIn({ user: "Ada", password: good, ip: address })).rejects.toThrow(
      "too many failed logins; try again in 40 seconds",
    );
    await clock.advance(40_000);
    await accounts.logIn({ user: "ada", password: good, ip: address });
  });

  test("lock out neither others behind that address nor that person at another", async () => {
    const { accounts } = rig();
    for (const user of ["ada", "bob"])
      await accounts.addUser({ user, password: good, role: "operator" });
    await Promise.all(times(12, () => wrong(accounts, "ada", address)));
    await accounts.logIn({ user: "bob", password: good, ip: address });
    await accounts.logIn({ user: "ada", password: good, ip: "10.0.0.2" });
  });

  test("of one name from many addresses, and of many names from one, are bounded as well", async () => {
    const { accounts } = rig();
    const spread = await Promise.all(times(30, (i) => wrong(accounts, "ada", `10.0.1.${i}`)));
    expect(spread.filter((code) => code === "RUNTIME_LOGIN_REFUSED")).toHaveLength(
      failuresMax.user,
    );
    const sprayed = await Promise.all(times(60, (i) => wrong(accounts, `user${i}`, address)));
    expect(sprayed.filter((code) => code === "RUNTIME_LOGIN_REFUSED")).toHaveLength(
      failuresMax.address,
    );
  });
});

test("a user name is unique whatever its case, and has a form", async () => {
  const { accounts } = rig();
  const add = (user: string) => accounts.addUser({ user, password: good, role: "viewer" });
  await add("Ada");
  await expect(add("aDA")).rejects.toThrow("there is already a user aDA; choose another name");
  await add("Élise");
  for (const alike of ["Ａda", "élise", "E\u0301lise"])
    await expect(add(alike)).rejects.toThrow(/already a user|is no user name/);
  for (const user of ["", "a", "<b>", "x".repeat(41)])
    await expect(add(user)).rejects.toThrow(/is no user name/);
});
