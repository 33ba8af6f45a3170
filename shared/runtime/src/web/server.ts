/**
 * The web server of a tier: its JSON API, its live streams, its pages and who may see them. The one
 * import of fastify is in web/fastify-app.ts.
 */
import type { ConnectionCounts } from "../connection-limits.ts";
import { RuntimeFault } from "../faults.ts";
import { type App, createApp } from "./fastify-app.ts";
import { isLoopback } from "./request-guard.ts";
import { type Handler, RawAnswer, type RouteAccess, type Subscribe } from "./route.ts";
import { addSessionRoutes } from "./session-routes.ts";
import type { WebServerOptions } from "./web-server-options.ts";

export { HttpFault } from "./http-fault.ts";
export { type Handler, RawAnswer, type RouteAccess, type WebRequest } from "./route.ts";
export type { WebServerOptions } from "./web-server-options.ts";

export interface WebServer {
  readonly connections: ConnectionCounts;
  get(path: string, access: RouteAccess, handler: Handler): void;
  post(path: string, access: RouteAccess, handler: Handler): void;
  put(path: string, access: RouteAccess, handler: Handler): void;
  delete(path: string, access: RouteAccess, handler: Handler): void;
  /** Server-sent events. */
  events(path: string, access: RouteAccess, subscribe: Subscribe): void;
  /** @throws Fault RUNTIME_PORT_TAKEN */
  listen(): Promise<{ url: string; port: number }>;
  /** Ends the streams and cuts every connection. */
  close(): Promise<void>;
}

/** @throws Fault RUNTIME_WEB_NEEDS_TLS */
export async function createWebServer(options: WebServerOptions): Promise<WebServer> {
  if (!options.tls && !isLoopback(options.host)) {
    throw new RuntimeFault("RUNTIME_WEB_NEEDS_TLS", { host: options.host });
  }
  const app = await createApp(options);
  addOwnRoutes(app, options);
  if (options.accounts) addSessionRoutes(app, { ...options, accounts: options.accounts });
  return {
    connections: app.connections,
    get: (path, access, handler) => app.route("GET", path, { access, handler }),
    post: (path, access, handler) => app.route("POST", path, { access, handler }),
    put: (path, access, handler) => app.route("PUT", path, { access, handler }),
    delete: (path, access, handler) => app.route("DELETE", path, { access, handler }),
    events: app.events,
    listen: app.listen,
    close: app.close,
  };
}

function addOwnRoutes(app: App, { health, metrics }: WebServerOptions): void {
  const open = { public: true };
  app.route("GET", "/healthz", {
    access: open,
    handler: (_, reply) => {
      const answer = health();
      if ("ok" in answer && answer.ok === false) reply.status(503);
      return answer;
    },
  });
  app.route("GET", "/metrics", {
    access: open,
    handler: async () => new RawAnswer("text/plain; version=0.0.4", await metrics.text()),
  });
}
