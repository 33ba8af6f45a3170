/** The status server on node:http. Answers GET and HEAD on the loopback, and orders that show the token. */

import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { elementAt } from "@weir/contracts/elements.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { type ConnectionLimits, guardConnections } from "@weir/runtime/connection-limits.ts";
import { idleSockets } from "@weir/runtime/idle-sockets.ts";
import { EdgeFault } from "../faults.ts";
import type { OpenStatusServer, Orders, Reply, Routes } from "./status-server.ts";

/** Programs of this machine alone; one that opens connections and asks nothing keeps nobody out. */
const connectionLimits: ConnectionLimits = {
  pendingMax: 16,
  pendingOfAddressMax: 16,
  pendingMs: 2_000,
  establishedMax: 20,
  establishedOfPeerMax: 20,
  // Longer than the control thread may take for an order.
  idleMs: 20_000,
};

/** Bytes of an order. */
const bodyMax = 16 * 1024;

export const openStatusServer: OpenStatusServer = async ({ host, port, routes, orders }) => {
  const server = createServer((request, response) => {
    const { socket } = request;
    if (!guard.establish(socket, socket.remoteAddress ?? "", () => isIdle(socket))) return;
    answer(request, routes, orders).then((reply) => send(request, response, reply));
  });
  const isIdle = idleSockets(server);
  const guard = guardConnections(server, { limits: connectionLimits, clock: systemClock() });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) =>
      reject(
        new EdgeFault("EDGE_STATUS_PORT", { host, port, why: error.message }, { cause: error }),
      ),
    );
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host}:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        guard.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const plain = (status: number, body: string): Reply => ({ status, type: "text/plain", body });

async function answer(
  request: IncomingMessage,
  routes: Routes,
  orders: Orders | undefined,
): Promise<Reply> {
  // A page of another site that was made to resolve to this address must not read it.
  const host = (request.headers.host ?? "").replace(/:\d+$/, "");
  if (!["127.0.0.1", "localhost", "[::1]"].includes(host)) return plain(403, "local only\n");
  const path = elementAt((request.url ?? "/").split("?"), 0);
  if (request.method === "POST" && path === "/orders" && orders) return takeOrder(request, orders);
  if (request.method !== "GET" && request.method !== "HEAD") return plain(405, "read-only\n");
  if (!Object.hasOwn(routes, path)) {
    return plain(404, `there is ${Object.keys(routes).join(", ")}\n`);
  }
  try {
    return await (routes[path] as () => Reply | Promise<Reply>)();
  } catch (error) {
    return plain(500, `${(error as Error).message}\n`);
  }
}

async function takeOrder(request: IncomingMessage, orders: Orders): Promise<Reply> {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  // Compared by their hashes: equal in length, and in constant time.
  const shown = digest(request.headers.authorization ?? "");
  if (!timingSafeEqual(shown, digest(`Bearer ${orders.token}`))) {
    return plain(401, "the token of the data folder is needed\n");
  }
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > bodyMax) return plain(413, `an order has at most ${bodyMax} bytes\n`);
      chunks.push(chunk);
    }
    return await orders.take(JSON.parse(Buffer.concat(chunks).toString("utf8")));
  } catch (error) {
    return plain(400, `${(error as Error).message}\n`);
  }
}

function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  response.writeHead(reply.status, {
    "content-type": `${reply.type}; charset=utf-8`,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
  });
  response.end(request.method === "HEAD" ? undefined : reply.body);
}
