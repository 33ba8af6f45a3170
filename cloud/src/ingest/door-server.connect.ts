/**
 * The door over HTTPS with mutual TLS: gRPC, gRPC-web and Connect/JSON, HTTP/2 and HTTP/1.1, from one
 * definition. The one import of @connectrpc on the server side.
 */
import { createSecureServer, type Http2SecureServer } from "node:http2";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
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
import { isFault } from "@weir/runtime/fault.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import { openSocketsOf } from "@weir/runtime/open-sockets.ts";
import { requestSizeMaxBytes } from "../limits.ts";
import type { CloudDoorHandler } from "./cloud-door.ts";
import { siteOrganization } from "./site-organization.ts";

export interface DoorServerOptions {
  handler: CloudDoorHandler;
  host: string;
  /** 0: a free one. */
  port: number;
  tls: { certPem: string; keyPem: string; caPem: string };
  logger: Logger;
  /** True for a certificate that was withdrawn, by serial number. */
  isRevoked: (serial: string) => boolean;
}

export interface DoorServer {
  host: string;
  port: number;
  close(): Promise<void>;
}

const callerKey = createContextKey("", { description: "site named by the client certificate" });

/** Listens; a client without a certificate of this cloud's authority does not get past the handshake. */
export async function openDoorServer(options: DoorServerOptions): Promise<DoorServer> {
  const { handler, logger } = options;
  const adapter = connectNodeAdapter({
    routes: (router) => serve(router, handler, logger),
    contextValues: (request) =>
      createContextValues().set(
        callerKey,
        callerOf(request.socket as TLSSocket, options.isRevoked),
      ),
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
    },
    adapter,
  );
  const sockets = openSocketsOf(server);
  server.on("tlsClientError", (error) =>
    logger.debug("refused at the door", { error: error.message }),
  );
  const port = await listen(server, options);
  return {
    host: options.host,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        sockets.destroy();
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
  if (isFault(error, "CLOUD_SITE_MISMATCH")) {
    return new ConnectError(error.message, Code.PermissionDenied);
  }
  if (isFault(error, "CLOUD_PUSH_INVALID")) {
    return new ConnectError(error.message, Code.InvalidArgument);
  }
  logger.error("the door failed", { error: String(error) });
  return new ConnectError("the cloud could not store this now; try again", Code.Unavailable);
}

/** The CN of a site certificate, "" for any other, which then speaks for no site. */
function callerOf(socket: TLSSocket, isRevoked: (serial: string) => boolean): string {
  const { subject, serialNumber } = socket.getPeerCertificate();
  if (subject?.O !== siteOrganization || isRevoked(serialNumber)) return "";
  return String(subject.CN ?? "");
}

function listen(server: Http2SecureServer, { host, port }: DoorServerOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}
