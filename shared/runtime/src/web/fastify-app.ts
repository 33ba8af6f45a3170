/** Routes, guards and answers on Fastify. The one import of fastify and its plug-ins. */
import { existsSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { isAbsolute, relative, resolve } from "node:path";
import type { TLSSocket } from "node:tls";
import fastifyCookie from "@fastify/cookie";
import fastifyStatic from "@fastify/static";
import type { Role } from "@weir/contracts/api/live.ts";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import {
  type ConnectionCounts,
  type ConnectionGuard,
  type ConnectionLimits,
  defaultConnectionLimits,
  guardConnections,
} from "../connection-limits.ts";
import { RuntimeFault } from "../faults.ts";
import { idleSockets } from "../idle-sockets.ts";
import { openSocketsOf } from "../open-sockets.ts";
import { type Session, sessionLifeMs } from "./accounts.ts";
import { errorAnswer } from "./error-view.ts";
import { type EventStream, openEventStream } from "./event-stream.ts";
import { HttpFault } from "./http-fault.ts";
import { checkHost, checkOrigin, isLoopback, securityHeaders } from "./request-guard.ts";
import { roleAllows } from "./roles.ts";
import { RawAnswer, type RouteAccess, type Subscribe, type WebRequest } from "./route.ts";
import type { WebServerOptions } from "./web-server-options.ts";

/** What the session routes see besides what every route sees. */
export interface AppRequest extends WebRequest {
  session: Session | undefined;
  sessionToken: string;
}

export interface AppReply {
  status(code: number): void;
  /** Undefined takes the cookie away. */
  setSession(token: string | undefined): void;
  redirect(path: string): void;
}

export interface AppRoute {
  access: RouteAccess;
  handler(request: AppRequest, reply: AppReply): unknown;
  /** Public, yet a browser must prove that a page of this server sends it. */
  demandsOrigin?: boolean;
  /** Open to the holder of a one-time link who has no name yet. */
  allowsUnnamed?: boolean;
}

export interface App {
  readonly connections: ConnectionCounts;
  route(method: "GET" | "POST" | "PUT" | "DELETE", path: string, route: AppRoute): void;
  events(path: string, access: RouteAccess, subscribe: Subscribe): void;
  listen(): Promise<{ url: string; port: number }>;
  close(): Promise<void>;
}

const bodySizeMax = 1024 * 1024;
const requestTimeoutMs = 60_000;
const streamCountMax = 500;
const pathPartLengthMax = 500;
/** A proxy or a router with many browsers behind it is one address. */
const webLimits: ConnectionLimits = {
  ...defaultConnectionLimits,
  establishedMax: 1_024,
  establishedOfPeerMax: 256,
};

export async function createApp(options: WebServerOptions): Promise<App> {
  const app = await createFastify(options);
  const sockets = openSocketsOf(app.server);
  const streams = new Set<EventStream>();
  const connections = limitConnections(app, options);
  app.addHook("preClose", async () => {
    for (const stream of streams) stream.close();
    // Fastify cuts whoever has spoken HTTP; somebody who never finished a handshake has not.
    sockets.destroy();
  });
  const guard = new RouteGuard(app, options);
  return {
    connections,
    route: (method, url, route) => {
      app.route({
        method,
        url,
        bodyLimit: route.access.bodySizeMax ?? bodySizeMax,
        onRequest: async (request) => guard.admit(request, route),
        handler: async (request, reply) => {
          const answer = await route.handler(guard.requestOf(request, reply), guard.replyOf(reply));
          return sendAnswer(reply, answer);
        },
      });
    },
    events: (url, access, subscribe) => {
      app.route({
        method: "GET",
        url,
        onRequest: async (request) => guard.admit(request, { access }),
        handler: async (request, reply) => {
          if (streams.size >= streamCountMax)
            throw new HttpFault(503, "STREAMS_FULL", "Too many pages are open; close some.");
          const headers = reply.getHeaders() as Record<string, string>;
          reply.hijack();
          const isAllowed = () => guard.isStillIn(request, access);
          const stream = openEventStream(reply.raw, { clock: options.clock, headers, isAllowed });
          streams.add(stream);
          stream.signal.addEventListener("abort", () => streams.delete(stream));
          await startStream(
            stream,
            () => subscribe(stream.send, stream.signal, guard.requestOf(request, reply)),
            options,
          );
        },
      });
    },
    listen: () => listen(app, options),
    close: async () => {
      await app.close();
    },
  };
}

/** A first request is what tells a browser from a silent peer. */
function limitConnections(app: FastifyInstance, options: WebServerOptions): ConnectionGuard {
  const guard = guardConnections(app.server, {
    limits: { ...webLimits, ...options.connectionLimits },
    clock: options.clock,
    onRefused: (why, address) => options.logger.debug("connection refused", { why, address }),
  });
  const isIdle = idleSockets(app.server);
  app.server.on("request", ({ socket }) => {
    guard.establish(socket, socket.remoteAddress ?? "", () => isIdle(socket));
  });
  app.addHook("onClose", async () => guard.close());
  return guard;
}

async function startStream(
  stream: EventStream,
  subscribe: () => ReturnType<Subscribe>,
  { logger }: WebServerOptions,
): Promise<void> {
  try {
    const leave = await subscribe();
    if (!leave) return;
    if (stream.signal.aborted) leave();
    else stream.signal.addEventListener("abort", leave);
  } catch (error) {
    const { view, isBug } = errorAnswer(error);
    if (isBug) logger.error("a live stream failed", { message: (error as Error).message });
    stream.send("fault", view);
    stream.close();
  }
}

async function createFastify(options: WebServerOptions): Promise<FastifyInstance> {
  const { tls, logger } = options;
  const app = fastify({
    bodyLimit: bodySizeMax,
    requestTimeout: requestTimeoutMs,
    exposeHeadRoutes: false,
    trustProxy: options.trustedProxies?.length ? [...options.trustedProxies] : false,
    // A phone that went out of range must not hold up the end of the process.
    forceCloseConnections: true,
    routerOptions: { maxParamLength: pathPartLengthMax },
    ...(tls && {
      https: {
        cert: tls.certPem,
        key: tls.keyPem,
        minVersion: "TLSv1.2",
        ...(tls.clientCaPem && {
          ca: tls.clientCaPem,
          requestCert: true,
          rejectUnauthorized: true,
        }),
      },
    }),
  }) as unknown as FastifyInstance;
  const headers = securityHeaders({
    tls: tls !== undefined,
    inlineStyles: options.inlineStyles ?? false,
  });
  const names = options.hostNames?.map((name) => name.toLowerCase());
  const allowedHosts = isLoopback(options.host) || names ? new Set(names) : undefined;
  const setting = options.hostNamesSetting;
  app.addHook("onRequest", async (request, reply) => {
    reply.headers(headers);
    checkHost(request, allowedHosts, setting);
  });
  app.addHook("onSend", async (request, reply) => {
    if (request.url.startsWith("/api/") && !reply.hasHeader("cache-control"))
      reply.header("cache-control", "no-store");
  });
  app.setErrorHandler((error, request, reply) => {
    const { status, view, headers, isBug } = errorAnswer(error);
    const { message, stack } = error as Error;
    if (isBug) logger.error("a request failed", { path: pathOf(request.url), message, stack });
    return reply.status(status).headers(headers).send(view);
  });
  addParsers(app);
  await app.register(fastifyCookie);
  await addPages(app, options.staticDir);
  return app;
}

/** Without the query, in which a one-time link has its secret. */
const pathOf = (url: string): string => url.split("?")[0] ?? "";

/** JSON, where an empty body is no error, and bytes. */
function addParsers(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser("error", "error");
  app.removeContentTypeParser("application/json");
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, text, done) => {
    if (text === "") return done(null, undefined);
    return parseJson(request, text as string, done);
  });
  const binary = ["application/octet-stream", "application/x-protobuf", "application/protobuf"];
  app.addContentTypeParser(binary, { parseAs: "buffer" }, (_, bytes, done) => done(null, bytes));
}

const pageMissing =
  'The pages of this server have not been built. Run "npm run build" in the Weir folder, then reload.\n';

async function addPages(app: FastifyInstance, staticDir: string | undefined): Promise<void> {
  const root = staticDir === undefined ? undefined : resolve(staticDir);
  const isBuilt = root !== undefined && existsSync(resolve(root, "index.html"));
  if (isBuilt) {
    await app.register(fastifyStatic, {
      root,
      cacheControl: false,
      setHeaders: (response, path) => {
        // Vite puts a hash into every name under assets/; all else may change under its name.
        const isHashed = isUnder(resolve(root, "assets"), path);
        response.header(
          "cache-control",
          isHashed ? "public, max-age=31536000, immutable" : "no-cache",
        );
      },
    });
  }
  app.setNotFoundHandler(async (request, reply) => {
    const wantsPage =
      request.method === "GET" &&
      !request.url.startsWith("/api/") &&
      (request.headers.accept ?? "").includes("text/html");
    if (wantsPage && isBuilt) return reply.sendFile("index.html");
    if (wantsPage && root !== undefined)
      return reply.status(503).type("text/plain").send(pageMissing);
    const message = `There is no ${request.method} ${request.url.split("?")[0]}.`;
    return reply.status(404).send({ code: "NOT_FOUND", message });
  });
}

const isUnder = (folder: string, path: string): boolean => {
  const way = relative(folder, path);
  return !way.startsWith("..") && !isAbsolute(way);
};

/** Who a request is from, and whether it may go on. */
class RouteGuard {
  readonly #app: FastifyInstance;
  readonly #options: WebServerOptions;
  readonly #sessions = new WeakMap<FastifyRequest, Session>();

  constructor(app: FastifyInstance, options: WebServerOptions) {
    this.#app = app;
    this.#options = options;
  }

  admit(request: FastifyRequest, route: Omit<AppRoute, "handler">): void {
    const { access } = route;
    const isPublic = access.public === true;
    checkOrigin(request, { isPublic: isPublic && route.demandsOrigin !== true });
    if (isPublic) return;
    const session = this.#options.accounts?.sessionOf(this.#tokenOf(request));
    if (!session) throw new HttpFault(401, "LOGIN_NEEDED", "Sign in first.");
    checkRole(session, access.role ?? "viewer");
    const isChange = request.method !== "GET";
    if (isChange && session.mustSetPassword && !route.allowsUnnamed)
      throw new HttpFault(403, "NAME_NEEDED", "Choose a name and a password first.");
    this.#sessions.set(request, session);
  }

  /** Whether a long-lived request would be admitted now. */
  isStillIn(request: FastifyRequest, access: RouteAccess): boolean {
    if (access.public) return true;
    const session = this.#options.accounts?.sessionOf(this.#tokenOf(request));
    return session !== undefined && roleAllows(session.role, access.role ?? "viewer");
  }

  requestOf(request: FastifyRequest, reply: FastifyReply): AppRequest {
    const session = this.#sessions.get(request);
    return {
      params: request.params as Record<string, string>,
      query: lastOfEach(request.query),
      body: request.body,
      user: session?.user ?? "",
      role: session?.role ?? "viewer",
      ip: request.ip,
      peer: peerOf(request),
      headers: request.headers,
      signal: goneSignal(reply),
      session,
      sessionToken: this.#tokenOf(request),
    };
  }

  replyOf(reply: FastifyReply): AppReply {
    return {
      status: (code) => void reply.status(code),
      redirect: (path) => void reply.redirect(path, 303),
      setSession: (token) => {
        const cookie = {
          path: "/",
          httpOnly: true,
          sameSite: "strict" as const,
          secure: this.#options.tls !== undefined,
        };
        if (token === undefined) reply.clearCookie(this.#cookieName(), cookie);
        else
          reply.setCookie(this.#cookieName(), token, { ...cookie, maxAge: sessionLifeMs / 1_000 });
      },
    };
  }

  #tokenOf(request: FastifyRequest): string {
    return request.cookies[this.#cookieName()] ?? "";
  }

  /** Cookies know no ports: without one in the name, fog and cloud on one machine sign each other out. */
  #cookieName(): string {
    const { port } = this.#app.server.address() as AddressInfo;
    return `weir-${port}`;
  }
}

function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
}

function checkRole(session: Session, needed: Role): void {
  if (roleAllows(session.role, needed)) return;
  const message = `This needs the role ${needed}; you are ${session.role}.`;
  throw new HttpFault(403, "ROLE_TOO_LOW", message);
}

function lastOfEach(query: unknown): Record<string, string> {
  const entries = Object.entries(query as Record<string, string | string[]>);
  return Object.fromEntries(entries.map(([key, value]) => [key, [value].flat().at(-1) as string]));
}

function peerOf(request: FastifyRequest): WebRequest["peer"] {
  const socket = request.raw.socket as Partial<TLSSocket>;
  if (!socket.authorized) return undefined;
  const { subject } = socket.getPeerCertificate?.() ?? {};
  if (!subject) return undefined;
  const text = (part: string | string[] | undefined) => [part ?? ""].flat()[0] ?? "";
  return { commonName: text(subject.CN), organization: text(subject.O) };
}

function sendAnswer(reply: FastifyReply, answer: unknown): FastifyReply {
  if (reply.sent) return reply;
  if (answer === undefined) return reply.status(204).send();
  if (!(answer instanceof RawAnswer)) {
    // By hand, so that a plain text, number or null is JSON as well.
    return reply.type("application/json; charset=utf-8").send(JSON.stringify(answer));
  }
  reply.type(answer.contentType);
  if (answer.fileName !== undefined) {
    const name = encodeURIComponent(answer.fileName);
    reply.header("content-disposition", `attachment; filename*=UTF-8''${name}`);
  }
  const { body } = answer;
  return reply.send(
    typeof body === "string" ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength),
  );
}

async function listen(
  app: FastifyInstance,
  { host, port, tls, hostNames }: WebServerOptions,
): Promise<{ url: string; port: number }> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!code?.startsWith("E")) throw error;
    throw new RuntimeFault("RUNTIME_PORT_TAKEN", { host, port, code }, { cause: error });
  }
  const bound = (app.server.address() as AddressInfo).port;
  const name = hostNames?.[0] ?? (host.includes(":") ? `[${host}]` : host);
  return { url: `${tls ? "https" : "http"}://${name}:${bound}`, port: bound };
}
