import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { fullableDatabase } from "@weir/testing/fullable-database.ts";
import { describe, expect, test } from "vitest";
import { cookieOf, good, type Rig, start } from "../../test/web/web-rig.ts";
import { SimulatedClock } from "../simulated-clock.ts";
import { openSqlite } from "../sql.better-sqlite3.ts";
import { openAccounts, sessionLifeMs } from "./accounts.ts";
import type { WebServer } from "./server.ts";

describe("signing in", () => {
  test("a one-time link, then a name and a password, then a login", async () => {
    const { accounts, ask, post } = await start(
      { inviteCommand: "weir-fog people invite" },
      (server) => server.post("/api/x", {}, () => "done"),
    );
    const token = accounts.createSignInToken({ role: "engineer", ttlMs: 60_000 });
    const linked = await ask(`/signin?token=${token}`);
    expect([linked.status, linked.headers.get("location")]).toEqual([303, "/"]);
    expect(linked.headers.get("set-cookie")).toMatch(
      /^weir-\d+=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    const cookie = cookieOf(linked);
    const view = {
      role: "engineer",
      site: "riverside",
      version: "0.1.0",
      plantNowMs: 7,
      plantRate: 60,
    };
    expect(await (await ask("/api/session", { cookie })).json()).toEqual({
      ...view,
      user: "",
      mustSetPassword: true,
    });
    expect(await (await post("/api/x", {}, cookie)).json()).toMatchObject({ code: "NAME_NEEDED" });
    const weak = await post("/api/password", { user: "ada", password: "short" }, cookie);
    expect([weak.status, await weak.json()]).toEqual([
      422,
      {
        code: "RUNTIME_PASSWORD_REFUSED",
        message: "the password has 5 characters; give at least 10",
      },
    ]);
    const named = await post("/api/password", { user: "ada", password: good }, cookie);
    expect(await named.json()).toEqual({ ...view, user: "ada", mustSetPassword: false });
    expect(await (await post("/api/x", {}, cookie)).json()).toBe("done");
    const login = await post("/api/login", { user: "ada", password: good });
    expect([login.status, ((await login.json()) as { user: string }).user]).toEqual([200, "ada"]);
    const again = await ask(`/signin?token=${token}`);
    expect([again.status, await again.text()]).toEqual([
      410,
      expect.stringMatching(/no longer works[\s\S]*<code>weir-fog people invite<\/code>/),
    ]);
  });

  test("on a full disk a login works, and what cannot be stored answers 503 with the remedy", async () => {
    const disk = { isFull: false };
    const clock = new SimulatedClock(Date.UTC(2026, 5, 2));
    const db = openSqlite(":memory:", { synchronous: "NORMAL", migrations: [] });
    const accounts = openAccounts(
      fullableDatabase(db, () => disk.isFull),
      clock,
    );
    const { ask, post } = await start({ accounts });
    await accounts.addUser({ user: "ada", password: good, role: "engineer" });
    const token = accounts.createSignInToken({ role: "viewer", ttlMs: 60_000 });
    disk.isFull = true;
    const login = await post("/api/login", { user: "ada", password: good });
    expect(login.status).toBe(200);
    const cookie = cookieOf(login);
    expect((await ask("/api/session", { cookie })).status).toBe(200);
    const body = { user: "ada", password: "nine blue kingfishers", current: good };
    const refused = await post("/api/password", body, cookie);
    expect([refused.status, await refused.json()]).toEqual([
      503,
      { code: "DISK_FULL", message: expect.stringMatching(/disk is full.*Free some space/) },
    ]);
    const linked = await ask(`/signin?token=${token}`);
    expect([linked.status, await linked.text()]).toEqual([
      503,
      expect.stringMatching(/Free some space[\s\S]*link still works afterwards/),
    ]);
    expect((await post("/api/logout", {}, cookie)).status).toBeLessThan(300);
    expect((await ask("/api/session", { cookie })).status).toBe(401);
    disk.isFull = false;
    expect((await ask(`/signin?token=${token}`)).status).toBe(303);
  });

  test("a HEAD from a link preview does not use the link up", async () => {
    const { accounts, ask } = await start();
    const token = accounts.createSignInToken({ role: "viewer", ttlMs: 60_000 });
    await ask(`/signin?token=${token}`, { method: "HEAD" });
    expect((await ask(`/signin?token=${token}`)).status).toBe(303);
  });

  test("logging out and running out both end the session", async () => {
    const { ask, post, signIn, clock } = await start();
    const cookie = await signIn("viewer");
    expect((await ask("/api/session", { cookie })).status).toBe(200);
    const out = await post("/api/logout", {}, cookie);
    expect([out.status, out.headers.get("set-cookie")]).toEqual([
      204,
      expect.stringContaining("Max-Age=0"),
    ]);
    expect((await ask("/api/session", { cookie })).status).toBe(401);
    const second = cookieOf(await post("/api/login", { user: "viewer-one", password: good }));
    await clock.advance(sessionLifeMs);
    expect((await ask("/api/session", { cookie: second })).status).toBe(401);
  });

  test("the sixth failure in a minute is answered with 429 and the time to wait", async () => {
    const { post } = await start();
    for (let i = 0; i < 5; i++)
      expect((await post("/api/login", { user: "x", password: "y" })).status).toBe(401);
    const sixth = await post("/api/login", { user: "x", password: "y" });
    expect([sixth.status, sixth.headers.get("retry-after"), await sixth.json()]).toEqual([
      429,
      "60",
      {
        code: "RUNTIME_LOGIN_THROTTLED",
        message: "too many failed logins; try again in 60 seconds",
      },
    ]);
  });

  test("behind a trusted proxy everybody has an address of his own; nobody else may choose one", async () => {
    const fail = async (post: Rig["ask"], from: string) =>
      (
        await post("/api/login", {
          method: "POST",
          body: JSON.stringify({ user: "x", password: "y" }),
          headers: { "content-type": "application/json", "x-weir": "1", "x-forwarded-for": from },
        })
      ).status;
    const behind = await start({ trustedProxies: ["127.0.0.1"] });
    for (let i = 0; i < 5; i++) expect(await fail(behind.ask, "10.0.0.1")).toBe(401);
    expect(await fail(behind.ask, "10.0.0.1")).toBe(429);
    expect(await fail(behind.ask, "10.0.0.2")).toBe(401);
    const open = await start();
    for (let i = 0; i < 5; i++) expect(await fail(open.ask, `10.0.0.${i}`)).toBe(401);
    expect(await fail(open.ask, "10.0.0.9")).toBe(429);
  });

  test("a login without its fields is told so", async () => {
    const { post } = await start();
    for (const body of [
      null,
      {},
      { user: 1, password: "x" },
      [],
      { user: "x".repeat(2_000), password: "" },
    ])
      expect((await post("/api/login", body)).status).toBe(400);
  });
});

describe("who may do what", () => {
  const routes = (server: WebServer) => {
    server.get("/api/open", { public: true }, (r) => ({ user: r.user }));
    server.get("/api/seen", {}, (r) => ({ user: r.user, role: r.role, ip: r.ip }));
    server.post("/api/act", { role: "operator" }, (r) => r.body);
  };

  test("roles rise, and nobody is not somebody", async () => {
    const { ask, post, signIn } = await start({}, routes);
    expect(await (await ask("/api/open")).json()).toEqual({ user: "" });
    expect(await (await ask("/api/seen")).json()).toEqual({
      code: "LOGIN_NEEDED",
      message: "Sign in first.",
    });
    const viewer = await signIn("viewer");
    expect(await (await ask("/api/seen", { cookie: viewer })).json()).toEqual({
      user: "viewer-one",
      role: "viewer",
      ip: "127.0.0.1",
    });
    const refused = await post("/api/act", { a: 1 }, viewer);
    expect([refused.status, await refused.json()]).toEqual([
      403,
      { code: "ROLE_TOO_LOW", message: "This needs the role operator; you are viewer." },
    ]);
    expect(await (await post("/api/act", { a: 1 }, await signIn("engineer"))).json()).toEqual({
      a: 1,
    });
  });

  test.each([
    ["no mark at all", {}, 403],
    ["a foreign origin", { origin: "http://evil.example" }, 403],
    ["an origin on another port", { origin: "http://127.0.0.1:1" }, 403],
    ["the origin null", { origin: "null" }, 403],
    ["the mark", { "x-weir": "1" }, 200],
    ["its own origin", { origin: "own" }, 200],
  ])("a change with %s", async (_, headers, status) => {
    const { ask, signIn, url } = await start({}, routes);
    const own = {
      ...headers,
      ...("origin" in headers && headers.origin === "own" && { origin: url }),
    };
    const sent = {
      method: "POST",
      body: "{}",
      headers: { ...own, "content-type": "application/json" },
    };
    expect((await ask("/api/act", { ...sent, cookie: await signIn("operator") })).status).toBe(
      status,
    );
  });

  test("a foreign page can neither log a browser in nor post to a public route", async () => {
    const { ask } = await start({}, (server) =>
      server.post("/api/claim", { public: true }, () => "ok"),
    );
    const foreign = { method: "POST", headers: { origin: "http://evil.example" } };
    expect((await ask("/api/login", foreign)).status).toBe(403);
    expect((await ask("/api/claim", foreign)).status).toBe(403);
    expect((await ask("/api/claim", { method: "POST" })).status).toBe(200);
    expect((await ask("/api/login", { method: "POST" })).status).toBe(403);
  });

  test("another name for this machine is refused (DNS rebinding)", async () => {
    const { url } = await start();
    const status = async (host: string) => {
      const request = httpRequest(`${url}/healthz`, { headers: { host } }).end();
      const [response] = await once(request, "response");
      response.resume();
      return response.statusCode;
    };
    expect(await status("evil.example")).toBe(421);
    expect(await status("127.0.0.1.evil.example:80")).toBe(421);
    expect(await status("LOCALHOST:1234")).toBe(200);
  });
});
