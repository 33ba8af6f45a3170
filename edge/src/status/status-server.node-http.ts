/** The status server on node:http. Answers GET and HEAD on the loopback, nothing else. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { declareFaults, Fault } from "@weir/runtime/fault.ts";
import type { OpenStatusServer, Reply, Routes } from "./status-server.ts";

declareFaults({
  EDGE_STATUS_PORT: {
    retry: true,
    text: (f: { host: string; port: number; why: string }) =>
      `the status page cannot listen on ${f.host}:${f.port}: ${f.why}; choose another --status-port, 0 for a free one`,
  },
});

/** Answered so many at once; more are turned away. */
const connectionsMax = 20;

export const openStatusServer: OpenStatusServer = async ({ host, port, routes }) => {
  const server = createServer((request, response) => {
    answer(request, routes).then((reply) => send(request, response, reply));
  });
  server.maxConnections = connectionsMax;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) =>
      reject(new Fault("EDGE_STATUS_PORT", { host, port, why: error.message }, { cause: error })),
    );
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host}:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

async function answer(request: IncomingMessage, routes: Routes): Promise<Reply> {
  const plain = (status: number, body: string): Reply => ({ status, type: "text/plain", body });
  if (request.method !== "GET" && request.method !== "HEAD") return plain(405, "read-only\n");
  // A page of another site that was made to resolve to this address must not read it.
  const host = (request.headers.host ?? "").replace(/:\d+$/, "");
  if (!["127.0.0.1", "localhost", "[::1]"].includes(host)) return plain(403, "local only\n");
  const path = (request.url ?? "/").split("?")[0] as string;
  if (!Object.hasOwn(routes, path)) {
    return plain(404, `there is ${Object.keys(routes).join(", ")}\n`);
  }
  try {
    return await (routes[path] as () => Reply | Promise<Reply>)();
  } catch (error) {
    return plain(500, `${(error as Error).message}\n`);
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
