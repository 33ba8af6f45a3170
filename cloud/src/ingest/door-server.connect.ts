/**
 * The door over HTTPS with mutual TLS: gRPC, gRPC-web and Connect/JSON, HTTP/2 and HTTP/1.1, from one
 * definition. The one import of @connectrpc on the server side.
 */
import { createSecureServer, type Http2SecureServer } from "node:http2";
import type { AddressInfo } from "node:net";
import type { PeerCertificate, TLSSocket } from "node:tls";
import {
  Code,
  ConnectError,
  type ConnectRouter,
  createContextKey,
  createContextValues,
  type HandlerContext,
} from "@connectrpc/connect";
import { compressionGzip, connectNodeAdapter } from "@connectrpc/connect-node";
import { CloudDoor } from "@weir/contracts/generated/weir/v1/cloud_pb.ts";
import { type Clock, every } from "@weir/runtime/clock.ts";
import {
  type ConnectionCounts,
  type ConnectionLimits,
  defaultConnectionLimits,
  guardConnections,
} from "@weir/runtime/connection-limits.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import { openSocketsOf } from "@weir/runtime/open-sockets.ts";
import { certificateBackdateMs } from "@weir/runtime/pki.ts";
import type { SiteCertificate } from "../enrolment/revocations.ts";
import { CloudFault } from "../faults.ts";
import { pullWaitMaxMs, requestSizeMaxBytes } from "../limits.ts";
import type { CloudDoorHandler } from "./cloud-door.ts";
import { siteOrganization } from "./site-organization.ts";

export interface DoorServerOptions {
  handler: CloudDoorHandler;
  host: string;
  /** 0: a free one. */
  port: number;
  tls: { certPem: string; keyPem: string; caPem: string };
  logger: Logger;
  /** Real time. */
  io: Clock;
  /** True for a certificate that was withdrawn; asked at each request and again and again of open connections. */
  isRevoked: (certificate: SiteCertificate) => boolean;
}

/** A fog has two: one pushes, one pulls. More come when it reconnects before the loss was noticed. */
const limits: ConnectionLimits = {
  ...defaultConnectionLimits,
  pendingMs: 0, // handshakeTimeout of TLS
  establishedOfPeerMax: 16,
};
const handshakeMsMax = 10_000;
/** Without a byte for longer than the longest wait of a pull, a connection is dead. */
const idleMsMax = 5 * pullWaitMaxMs;
/** How often open connections are asked for their certificates again. */
const recheckMs = 5_000;

export interface DoorServer {
  host: string;
  port: number;
  readonly connections: ConnectionCounts;
  close(): Promise<void>;
}

const callerKey = createContextKey("", { description: "site named by the client certificate" });

/** Listens; a client without a certificate of this cloud's authority does not get past the handshake. */
export async function openDoorServer(options: DoorServerOptions): Promise<DoorServer> {
  const { handler, logger } = options;
  const adapter = connectNodeAdapter({
    routes: (router) => serve(router, handler, logger),
    contextValues: (request) =>
      createContextValues().set(callerKey, callerOf(request.socket as TLSSocket, options)),
    readMaxBytes: requestSizeMaxBytes,
    acceptCompression: [compressionGzip],
  });
  const server = createSecureServer(
    {
      allowHTTP1: true,
      cert: options.tls.certPem,
      key: options.tls.keyPem,
      ca: options.tls.caPem,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: "TLSv1.2",
      handshakeTimeout: handshakeMsMax,
    },
    adapter,
  );
  const all = openSocketsOf(server);
  server.setTimeout(idleMsMax);
  const guard = guardConnections(server, {
    ...{ limits, clock: options.io },
    onRefused: (why, address) => logger.debug("refused at the door", { why, address }),
  });
  /** A connection that is closing no longer knows its certificate: it is kept from the handshake. */
  const sockets = new Map<TLSSocket, SiteCertificate | undefined>();
  // Before the listener that serves: one that is not let in is gone by then.
  server.prependListener("secureConnection", (socket: TLSSocket) => {
    const certificate = certificateOf(socket);
    if (isRefused(certificate, options)) {
      logger.warn("a revoked or foreign certificate at the door", { site: certificate?.site });
      return void socket.destroy();
    }
    if (!guard.establish(socket, certificate?.site ?? "")) return;
    sockets.set(socket, certificate);
    socket.on("close", () => sockets.delete(socket));
  });
  const stopRecheck = every(options.io, recheckMs, () => {
    for (const [socket, certificate] of sockets) {
      if (!isRefused(certificate, options)) continue;
      logger.warn("cut off: its certificate was revoked", { site: certificate?.site });
      socket.destroy();
    }
  });
  // A certificate that was refused ends as "socket hang up"; why is known to its socket alone.
  server.on("tlsClientError", ({ message }, { authorizationError }) =>
    logger.debug("refused at the door", { error: authorizationError ?? message }),
  );
  const port = await listen(server, options);
  return {
    host: options.host,
    port,
    connections: guard,
    close: () =>
      new Promise((resolve) => {
        stopRecheck();
        guard.close();
        server.close(() => resolve());
        all.destroy();
      }),
  };
}

function serve(router: ConnectRouter, handler: CloudDoorHandler, logger: Logger): void {
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw toConnectError(error, logger);
    }
  };
  const caller = (context: HandlerContext) => context.values.get(callerKey);
  router.service(CloudDoor, {
    push: (request, context) => guarded(() => handler.push(request, caller(context))),
    pull: (request, context) =>
      guarded(() => handler.pull(request, caller(context), context.signal)),
  });
}

function toConnectError(error: unknown, logger: Logger): ConnectError {
  if (CloudFault.is(error, "CLOUD_SITE_MISMATCH")) {
    return new ConnectError(error.message, Code.PermissionDenied);
  }
  if (CloudFault.is(error, "CLOUD_PUSH_INVALID")) {
    return new ConnectError(error.message, Code.InvalidArgument);
  }
  logger.error("the door failed", { error: String(error) });
  return new ConnectError("the cloud could not store this now; try again", Code.Unavailable);
}

/** Undefined for a certificate of this authority that is none of a site. */
function certificateOf(socket: TLSSocket): SiteCertificate | undefined {
  // Null once the socket is destroyed, whatever its type says.
  const { subject, serialNumber, valid_from } = (socket.getPeerCertificate() ??
    {}) as Partial<PeerCertificate>;
  if (subject?.O !== siteOrganization) return undefined;
  const issuedAtMs = Date.parse(valid_from ?? "") + certificateBackdateMs;
  return { site: String(subject.CN ?? ""), serial: serialNumber ?? "", issuedAtMs };
}

const isRefused = (
  certificate: SiteCertificate | undefined,
  { isRevoked }: Pick<DoorServerOptions, "isRevoked">,
): boolean => certificate === undefined || isRevoked(certificate);

/** The site of a certificate; "" for any other, which then speaks for no site. */
function callerOf(socket: TLSSocket, options: Pick<DoorServerOptions, "isRevoked">): string {
  const certificate = certificateOf(socket);
  return certificate && !isRefused(certificate, options) ? certificate.site : "";
}

function listen(server: Http2SecureServer, { host, port }: DoorServerOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}
