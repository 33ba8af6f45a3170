import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { Fault } from "../fault.ts";
import { createLogger, silentLogger } from "../logger.ts";
import { createMetrics } from "../metrics.ts";
import { createAuthority, issueCertificate } from "../pki.ts";
import { SimulatedClock } from "../simulated-clock.ts";
import { openSqlite } from "../sql.better-sqlite3.ts";
import { type Accounts, openAccounts, sessionLifeMs } from "./accounts.ts";
import { heartbeatMs } from "./event-stream.ts";
import {
  createWebServer,
  HttpFault,
  RawAnswer,
  type WebServer,
  type WebServerOptions,
} from "./server.ts";

const good = "seven green herons";
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Rig {
  server: WebServer;
  url: string;
  clock: SimulatedClock;
  accounts: Accounts;
  ask(path: string, options?: RequestInit & { cookie?: string }): Promise<Response>;
  post(path: string, body: unknown, cookie?: string): Promise<Response>;
  /** The cookie of a new user of that role. */
  signIn(role: "viewer" | "operator" | "engineer"): Promise<string>;
}

async function start(
  extra: Partial<WebServerOptions> = {},
  routes: (server: WebServer) => void = () => {},
): Promise<Rig> {
  const clock = new SimulatedClock(Date.UTC(2026, 5, 2));
  const accounts = openAccounts(
    openSqlite(":memory:", { synchronous: "NORMAL", migrations: [] }),
    clock,
  );
  const server = await createWebServer({
    host: "127.0.0.1",
    port: 0,
    accounts,
    logger: silentLogger,
    health: () => ({ ok: true }),
    metrics: createMetrics(),
    clock,
    session: () => ({ site: "riverside", version: "0.1.0", plantNowMs: 7, plantRate: 60 }),
    ...extra,
  });
  routes(server);
  const { url } = await server.listen();
  closers.push(() => server.close());
  const ask: Rig["ask"] = (path, { cookie, headers, ...rest } = {}) =>
    fetch(url + path, {
      redirect: "manual",
      ...rest,
      headers: { ...headers, ...(cookie && { cookie }) },
    });
  const post: Rig["post"] = (path, body, cookie) =>
    ask(path, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json", "x-weir": "1" },
      ...(cookie && { cookie }),
    });
  const signIn: Rig["signIn"] = async (role) => {
    const user = `${role}-one`;
    await accounts.addUser({ user, password: good, role });
    return cookieOf(await post("/api/login", { user, password: good }));
  };
  return { server, url, clock, accounts, ask, post, signIn };
}

const cookieOf = (response: Response): string =>
  (response.headers.get("set-cookie") ?? "").split(";")[0] ?? "";

describe("signing in", () => {
  test("a one-time link, then a name and a password, then a login", async () => {
    const { accounts, ask, post } = await start({}, (server) =>
      server.post("/api/x", {}, () => "done"),
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
      expect.stringContaining("no longer works"),
    ]);
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

describe("answers", () => {
  test("values, downloads, nothing and faults", async () => {
    const { ask } = await start({}, (server) => {
      const open = { public: true };
      server.get("/api/text", open, () => "text");
      server.get("/api/null", open, () => null);
      server.get("/api/none", open, () => undefined);
      server.get("/api/file", open, () => new RawAnswer("text/csv", "a,b\n", "Linie Ü.csv"));
      server.get(
        "/api/bytes",
        open,
        () => new RawAnswer("application/octet-stream", new Uint8Array([1, 2]).subarray(1)),
      );
      server.get("/api/http", open, () =>
        Promise.reject(new HttpFault(409, "SHELVED", "Already shelved.")),
      );
      server.get("/api/fault", open, () =>
        Promise.reject(new Fault("RUNTIME_CLOCK_SPEC", { text: "x", rateMax: 1 })),
      );
      server.get("/api/bug", open, () => (undefined as never as string).length);
      server.get("/api/item/:id", open, (r) => [r.params["id"], r.query["q"]]);
    });
    expect(await (await ask("/api/text")).json()).toBe("text");
    expect(await (await ask("/api/null")).json()).toBeNull();
    expect((await ask("/api/none")).status).toBe(204);
    const file = await ask("/api/file");
    expect(file.headers.get("content-disposition")).toBe(
      "attachment; filename*=UTF-8''Linie%20%C3%9C.csv",
    );
    expect([...new Uint8Array(await (await ask("/api/bytes")).arrayBuffer())]).toEqual([2]);
    expect(await (await ask("/api/http")).json()).toEqual({
      code: "SHELVED",
      message: "Already shelved.",
    });
    expect((await ask("/api/fault")).status).toBe(422);
    const bug = await ask("/api/bug");
    expect([bug.status, await bug.json()]).toEqual([
      500,
      { code: "INTERNAL", message: "Something went wrong on the server; its log tells more." },
    ]);
    expect(await (await ask("/api/item/W13?q=1&q=2")).json()).toEqual(["W13", "2"]);
    expect(await (await ask("/api/nowhere")).json()).toEqual({
      code: "NOT_FOUND",
      message: "There is no GET /api/nowhere.",
    });
  });

  test("a bug is logged", async () => {
    const lines: string[] = [];
    const logger = createLogger({
      level: "error",
      json: true,
      nowMs: () => 0,
      write: (l) => lines.push(l),
    });
    const { ask } = await start({ logger }, (server) =>
      server.get("/api/bug", { public: true }, () => Promise.reject(new TypeError("oops"))),
    );
    await ask("/api/bug");
    expect(lines.join()).toContain("oops");
  });

  test("bodies: broken, too large, of another kind, bytes, none", async () => {
    const { ask } = await start({}, (server) => {
      server.post("/api/any", { public: true, bodySizeMax: 100 }, (r) =>
        r.body instanceof Uint8Array ? r.body.length : (r.body ?? null),
      );
    });
    const send = async (body: string, type: string) => {
      const response = await ask("/api/any", {
        method: "POST",
        body,
        headers: { "content-type": type },
      });
      return [response.status, ((await response.json()) as { code?: string } | null)?.code];
    };
    expect(await send("{", "application/json")).toEqual([400, "JSON_BROKEN"]);
    expect(await send(JSON.stringify("x".repeat(200)), "application/json")).toEqual([
      413,
      "BODY_TOO_LARGE",
    ]);
    expect(await send("a=b", "application/x-www-form-urlencoded")).toEqual([415, "MEDIA_TYPE"]);
    expect(await send('{"__proto__": 1}', "application/json")).toEqual([400, "JSON_BROKEN"]);
    expect(await send("", "application/json")).toEqual([200, undefined]);
    const bytes = await ask("/api/any", {
      method: "POST",
      body: new Uint8Array(7),
      headers: { "content-type": "application/x-protobuf" },
    });
    expect(await bytes.json()).toBe(7);
  });

  test("health and figures are always there; ill health is 503", async () => {
    let ok = true;
    const { ask } = await start({ health: () => ({ ok, why: "disk" }) });
    expect(await (await ask("/healthz")).json()).toEqual({ ok: true, why: "disk" });
    ok = false;
    expect((await ask("/healthz")).status).toBe(503);
    expect(await (await ask("/metrics")).text()).toContain("process_resident_memory_bytes");
  });

  test("every answer carries the security headers, and the API is not cached", async () => {
    const { ask } = await start();
    for (const path of ["/healthz", "/api/session", "/nowhere"]) {
      const { headers } = await ask(path);
      expect(headers.get("content-security-policy")).toContain(
        "default-src 'self'; style-src 'self'; ",
      );
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("x-frame-options")).toBe("DENY");
    }
    expect((await ask("/api/session")).headers.get("cache-control")).toBe("no-store");
  });
});

describe("pages", () => {
  const html = { headers: { accept: "text/html" } };

  test("files, the fallback of the router, and caching", async () => {
    const root = mkdtempSync(join(tmpdir(), "weir-pages-"));
    closers.push(() => rmSync(root, { recursive: true }));
    mkdirSync(join(root, "assets"));
    writeFileSync(join(root, "index.html"), "<p>app</p>");
    writeFileSync(join(root, "assets/app-1a2b.js"), "1");
    const { ask } = await start({ staticDir: root });
    const page = await ask("/", html);
    expect([await page.text(), page.headers.get("cache-control")]).toEqual([
      "<p>app</p>",
      "no-cache",
    ]);
    const deep = await ask("/incidents/12", html);
    expect([await deep.text(), deep.headers.get("cache-control")]).toEqual([
      "<p>app</p>",
      "no-cache",
    ]);
    const script = await ask("/assets/app-1a2b.js");
    expect(script.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(script.headers.get("content-type")).toContain("javascript");
    expect((await ask("/assets/none.js")).status).toBe(404);
    expect((await ask("/api/none", html)).status).toBe(404);
    expect((await ask("/..%2f..%2fetc/passwd")).status).not.toBe(200);
    expect(page.headers.get("content-security-policy")).toBeTruthy();
  });

  test("pages that were never built are told so", async () => {
    const { ask } = await start({ staticDir: "/nowhere" });
    const page = await ask("/", html);
    expect([page.status, await page.text()]).toEqual([
      503,
      expect.stringContaining("npm run build"),
    ]);
  });
});

describe("live streams", () => {
  async function read(response: Response) {
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    let text = "";
    return {
      until: async (part: string) => {
        while (!text.includes(part)) {
          const { value, done } = await reader.read();
          if (done) return `${text}(end)`;
          text += Buffer.from(value).toString();
        }
        return text;
      },
      cancel: () => reader.cancel(),
    };
  }

  test("messages, heartbeats, and the end of the client", async () => {
    let gone: () => void = () => {};
    const left = new Promise<void>((resolve) => {
      gone = resolve;
    });
    const { ask, signIn, clock } = await start({}, (server) =>
      server.events("/api/live", {}, (send, _signal, request) => {
        send("hello", { user: request.user, lines: "a\nb" });
        return gone;
      }),
    );
    expect((await ask("/api/live")).status).toBe(401);
    const response = await ask("/api/live", { cookie: await signIn("viewer") });
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(response.headers.get("content-security-policy")).toBeTruthy();
    const stream = await read(response);
    expect(await stream.until("}\n\n")).toBe(
      'retry: 2000\n\nevent: hello\ndata: {"user":"viewer-one","lines":"a\\nb"}\n\n',
    );
    await clock.advance(heartbeatMs);
    expect(await stream.until(": still here")).toContain(": still here\n\n");
    await stream.cancel();
    await left;
  });

  test("end with their session, and with the server", async () => {
    const { server, ask, post, signIn, clock } = await start({}, (server) =>
      server.events("/api/live", {}, () => {}),
    );
    const cookie = await signIn("viewer");
    const one = await read(await ask("/api/live", { cookie }));
    await post("/api/logout", {}, cookie);
    await clock.advance(heartbeatMs);
    expect(await one.until("never")).toContain("(end)");
    const other = cookieOf(await post("/api/login", { user: "viewer-one", password: good }));
    const two = await read(await ask("/api/live", { cookie: other }));
    await server.close();
    expect(await two.until("never")).toContain("(end)");
  });

  test("a reader that stops gets only the newest of each name, and is told to fetch again", async () => {
    const big = "x".repeat(100_000);
    let sent = 0;
    const { url } = await start({}, (server) =>
      server.events("/api/live", { public: true }, (send) => {
        for (; sent < 400; sent++) send("tick", { n: sent, big });
      }),
    );
    const { port } = new URL(url);
    const socket = connect(Number(port), "127.0.0.1");
    socket.write(`GET /api/live HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`);
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk;
      if (text.includes('"n":399')) socket.destroy();
    });
    await once(socket, "close");
    expect(sent).toBe(400);
    expect(text).toContain("event: resync");
    expect((text.match(/event: tick/g) ?? []).length).toBeLessThan(10);
  });

  test("a subscription that fails ends the stream with its sentence", async () => {
    const { ask } = await start({}, (server) =>
      server.events("/api/live", { public: true }, () => {
        throw new HttpFault(404, "NO_STAGE", "There is no stage X.");
      }),
    );
    const stream = await read(await ask("/api/live"));
    expect(await stream.until("never")).toContain(
      'event: fault\ndata: {"code":"NO_STAGE","message":"There is no stage X."}',
    );
  });
});

describe("listening", () => {
  test("plain HTTP stays on this machine", async () => {
    await expect(start({ host: "0.0.0.0" })).rejects.toMatchObject({
      code: "RUNTIME_WEB_NEEDS_TLS",
    });
  });

  test("a taken port is one sentence", async () => {
    const { url } = await start();
    await expect(start({ port: Number(new URL(url).port) })).rejects.toThrow(
      /is in use by another program; stop it/,
    );
  });

  test("TLS with client certificates tells who calls, and marks cookies Secure", async () => {
    const nowMs = Date.now(); // node:tls judges validity by the system's clock
    const ca = await createAuthority({ commonName: "ca", nowMs, days: 2 });
    const own = await issueCertificate(ca, {
      commonName: "cloud",
      usage: "server",
      hosts: ["127.0.0.1"],
      nowMs,
      days: 1,
    });
    const site = await issueCertificate(ca, {
      commonName: "riverside",
      organization: "weir",
      usage: "client",
      nowMs,
      days: 1,
    });
    const { url, accounts } = await start(
      { host: "0.0.0.0", hostNames: ["127.0.0.1"], tls: { ...own, clientCaPem: ca.certPem } },
      (server) => server.get("/peer", { public: true }, (r) => r.peer),
    );
    const get = async (path: string, identity?: typeof site) => {
      const tls = {
        ca: ca.certPem,
        ...(identity && { cert: identity.certPem, key: identity.keyPem }),
        agent: false as const,
      };
      const [response] = await once(httpsRequest(url + path, tls).end(), "response");
      let text = "";
      for await (const chunk of response) text += chunk;
      return { text, headers: response.headers };
    };
    expect(JSON.parse((await get("/peer", site)).text)).toEqual({
      commonName: "riverside",
      organization: "weir",
    });
    await expect(get("/peer")).rejects.toThrow();
    const token = accounts.createSignInToken({ role: "viewer", ttlMs: 1_000 });
    const { headers } = await get(`/signin?token=${token}`, site);
    expect(headers["set-cookie"]?.[0]).toContain("; Secure;");
    expect(headers["strict-transport-security"]).toBeTruthy();
  });
});
