import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { expect, test } from "vitest";
import { openSocketsOf } from "./open-sockets.ts";

const kinds: [string, () => Server][] = [
  ["TCP", () => createServer()],
  ["TLS", () => createTlsServer({})],
  ["HTTP", () => createHttpServer()],
  ["HTTPS", () => createHttpsServer({})],
];

test.each(kinds)("a %s server closes beside a peer that says nothing", async (_, create) => {
  const server = create();
  const sockets = openSocketsOf(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const peer = connect((server.address() as AddressInfo).port, "127.0.0.1");
  peer.on("error", () => {});
  await Promise.all([once(peer, "connect"), once(server, "connection")]);
  const closed = once(server, "close");
  server.close();
  sockets.destroy();
  await closed;
  expect(server.listening).toBe(false);
  peer.destroy();
});
