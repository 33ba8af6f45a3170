import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "@weir/testing/until.ts";
import { describe, expect, test } from "vitest";
import { closers, cookieOf, good, start } from "../../test/web/web-rig.ts";
import { defaultConnectionLimits } from "../connection-limits.ts";
import { RuntimeFault } from "../faults.ts";
import { createLogger } from "../logger.ts";
import { createAuthority, issueCertificate } from "../pki.ts";
import { heartbeatMs } from "./event-stream.ts";
import { HttpFault, RawAnswer } from "./server.ts";

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
        Promise.reject(new RuntimeFault("RUNTIME_CLOCK_SPEC", { text: "x", rateMax: 1 })),
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

  test("closes beside a peer that never begins its handshake", async () => {
    const nowMs = Date.now();
    const ca = await createAuthority({ commonName: "ca", nowMs, days: 2 });
    const own = await issueCertificate(ca, {
      commonName: "fog",
      usage: "server",
      hosts: ["127.0.0.1"],
      nowMs,
      days: 1,
    });
    const { server, url } = await start({ tls: own });
    const peer = connect(Number(new URL(url).port), "127.0.0.1");
    peer.on("error", () => {});
    await once(peer, "connect");
    await server.close();
    await once(peer, "close");
  });

  test.each(["plain", "TLS"])(
    "%s: silent peers keep no browser out, and are counted",
    async (how) => {
      const nowMs = Date.now();
      const ca = await createAuthority({ commonName: "ca", nowMs, days: 2 });
      const tls = await issueCertificate(ca, {
        ...{ commonName: "fog", usage: "server", hosts: ["127.0.0.1"], nowMs, days: 1 },
      });
      const { server, url } = await start(how === "TLS" ? { tls } : {});
      const port = Number(new URL(url).port);
      const silent = Array.from({ length: 500 }, () =>
        connect(port, "127.0.0.1").on("error", () => {}),
      );
      closers.push(() => {
        for (const socket of silent) socket.destroy();
      });
      await Promise.all(silent.map((socket) => once(socket, "connect")));
      const status =
        how === "TLS"
          ? await new Promise<number | undefined>((resolve, reject) => {
              const asked = httpsRequest(`${url}/healthz`, { ca: ca.certPem, agent: false });
              asked.on("response", (response) => resolve(response.resume().statusCode));
              asked.on("error", reject).end();
            })
          : (await fetch(`${url}/healthz`)).status;
      expect(status).toBe(200);
      const refused = () => server.connections.refused["too many silent peers of one address"] ?? 0;
      const most = defaultConnectionLimits.pendingOfAddressMax;
      await until(() => refused() >= 500 - most, "the refusals");
      expect(server.connections.pendingCount).toBeLessThanOrEqual(
        defaultConnectionLimits.pendingOfAddressMax,
      );
    },
  );

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

test("connections that are only kept shut nobody of their address out; a stream among them goes on", async () => {
  const { ask, url } = await start({ connectionLimits: { establishedOfPeerMax: 8 } }, (server) => {
    server.get("/api/text", { public: true }, () => "text");
    server.events("/api/live", { public: true }, () => () => {});
  });
  const get = async (path: string) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    closers.push(() => socket.destroy());
    socket.on("error", () => {});
    socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
    await once(socket, "data");
    return socket;
  };
  const stream = await get("/api/live");
  for (let i = 0; i < 30; i++) await get("/api/text");
  expect(await (await ask("/api/text")).json()).toBe("text");
  expect(stream.closed).toBe(false);
});
