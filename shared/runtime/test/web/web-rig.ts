/** A web server on a free port with accounts in memory, closed after each test. */
import { afterEach } from "vitest";
import { silentLogger } from "../../src/logger.ts";
import { createMetrics } from "../../src/metrics.ts";
import { SimulatedClock } from "../../src/simulated-clock.ts";
import { openSqlite } from "../../src/sql.better-sqlite3.ts";
import { type Accounts, openAccounts } from "../../src/web/accounts.ts";
import { createWebServer, type WebServer, type WebServerOptions } from "../../src/web/server.ts";

export const good = "seven green herons";
export const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

export interface Rig {
  server: WebServer;
  url: string;
  clock: SimulatedClock;
  accounts: Accounts;
  ask(path: string, options?: RequestInit & { cookie?: string }): Promise<Response>;
  post(path: string, body: unknown, cookie?: string): Promise<Response>;
  /** The cookie of a new user of that role. */
  signIn(role: "viewer" | "operator" | "engineer"): Promise<string>;
}

export async function start(
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

export const cookieOf = (response: Response): string =>
  (response.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
