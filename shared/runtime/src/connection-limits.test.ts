/** Real sockets: silent peers, and those who have something to say beside them. */

import { once } from "node:events";
import { createServer as createHttpServer, get } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from "node:tls";
import { elementAt } from "@weir/contracts/elements.ts";
import { until } from "@weir/testing/until.ts";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "./clock.ts";
import { defaultConnectionLimits, guardConnections } from "./connection-limits.ts";
import { createAuthority, issueCertificate } from "./pki.ts";
import { SimulatedClock } from "./simulated-clock.ts";

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** Connections that say nothing, from one address of the loopback network. */
async function silent(port: number, count: number, localAddress = "127.0.0.1"): Promise<Socket[]> {
  const sockets = Array.from({ length: count }, () =>
    connect({ port, host: "127.0.0.1", localAddress }).on("error", () => {}),
  );
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  await Promise.all(
    sockets.map((socket) => Promise.race([once(socket, "connect"), once(socket, "close")])),
  );
  return sockets;
}

const limits = {
  ...defaultConnectionLimits,
  ...{ pendingMax: 12, pendingOfAddressMax: 8, establishedMax: 4, establishedOfPeerMax: 2 },
};

test("of silent peers the oldest gives way: first of its own address, then of whoever has most", async () => {
  const clock = new SimulatedClock(0);
  const server = createServer();
  const refusals: string[] = [];
  const guard = guardConnections(server, {
    ...{ limits, clock },
    onRefused: (why, address) => refusals.push(`${address}: ${why}`),
  });
  const port = await listen(server);
  const first = await silent(port, 10, "127.0.0.2");
  await until(() => refusals.length === 2);
  expect(guard.pendingCount).toBe(8);
  await until(() => first[0]?.destroyed === true && first[1]?.destroyed === true);
  await silent(port, 6, "127.0.0.3");
  await until(() => refusals.length === 4);
  expect(guard.pendingCount).toBe(12);
  expect(refusals).toEqual([
    "127.0.0.2: too many silent peers of one address",
    "127.0.0.2: too many silent peers of one address",
    "127.0.0.2: too many silent peers",
    "127.0.0.2: too many silent peers",
  ]);
});

test("who shows nothing in time is cut; who has shown itself is not", async () => {
  const clock = new SimulatedClock(0);
  const server = createServer();
  const accepted: Socket[] = [];
  server.on("connection", (socket: Socket) => accepted.push(socket));
  const guard = guardConnections(server, { limits, clock });
  const port = await listen(server);
  const [mute, known] = await silent(port, 2);
  await until(() => accepted.length === 2);
  const ofKnown = accepted.find(({ remotePort }) => remotePort === known?.localPort) as Socket;
  expect(guard.establish(ofKnown, "press")).toBe(true);
  expect(guard.establish(ofKnown, "press")).toBe(true);
  expect(guard).toMatchObject({ pendingCount: 1, establishedCount: 1 });
  await clock.advance(limits.pendingMs);
  await until(() => mute?.destroyed === true);
  expect(known?.destroyed).toBe(false);
  expect(guard.refused).toEqual({ "nothing shown in time": 1 });
  known?.destroy();
  await until(() => guard.establishedCount === 0);
});

test("one peer has its share of connections, and all together theirs", async () => {
  const server = createServer();
  const accepted: Socket[] = [];
  server.on("connection", (socket: Socket) => accepted.push(socket));
  const guard = guardConnections(server, { limits, clock: systemClock() });
  await silent(await listen(server), 7);
  await until(() => accepted.length === 7);
  const peers = ["a", "a", "a", "b", "b", "c", "d"];
  const results = accepted.map((socket, i) => guard.establish(socket, elementAt(peers, i)));
  expect(results).toEqual([true, true, false, true, true, false, false]);
  expect(guard.refused).toEqual({
    "too many connections of one peer": 1,
    "too many connections": 2,
  });
});

test("a connection that is only kept gives its place up, the longest unused first; one at work never", async () => {
  const server = createServer();
  const accepted: Socket[] = [];
  server.on("connection", (socket: Socket) => accepted.push(socket));
  const guard = guardConnections(server, { limits, clock: systemClock() });
  await silent(await listen(server), 5);
  await until(() => accepted.length === 5);
  const [kept, working, used, later, last] = accepted as [Socket, Socket, Socket, Socket, Socket];
  const idle = new Set([kept, used]);
  const establish = (socket: Socket, peer = "a") =>
    guard.establish(socket, peer, () => idle.has(socket));
  expect(establish(kept)).toBe(true);
  expect(establish(working)).toBe(true);
  expect(establish(used)).toBe(true); // the second of `limits` is the last place of a peer: `kept` goes
  expect(kept.destroyed).toBe(true);
  expect(establish(later)).toBe(true);
  expect(used.destroyed).toBe(true);
  expect(establish(last)).toBe(false);
  expect(working.destroyed).toBe(false);
  expect(guard.refused).toEqual({
    "its place was wanted": 2,
    "too many connections of one peer": 1,
  });
});

test("two thousand silent peers on a TLS port keep nobody with a certificate out, even of their own address", async () => {
  const nowMs = systemClock().nowMs();
  const authority = await createAuthority({ commonName: "Test", nowMs, days: 1 });
  const issue = (usage: "server" | "client", commonName: string) =>
    issueCertificate(authority, { usage, commonName, hosts: ["127.0.0.1"], nowMs, days: 1 });
  const own = await issue("server", "door");
  const server = createTlsServer(
    {
      ...{ cert: own.certPem, key: own.keyPem, ca: authority.certPem },
      ...{ requestCert: true, rejectUnauthorized: true },
    },
    (socket: TLSSocket) => {
      if (guard.establish(socket, String(socket.getPeerCertificate().subject.CN))) {
        socket.end("welcome");
      }
    },
  );
  server.on("tlsClientError", () => {});
  const guard = guardConnections(server, {
    limits: defaultConnectionLimits,
    clock: systemClock(),
  });
  const port = await listen(server);
  for (let batch = 0; batch < 10; batch++) await silent(port, 200);
  await until(() => (guard.refused["too many silent peers of one address"] ?? 0) >= 1_936);
  const site = await issue("client", "bakery");
  const socket = connectTls({
    ...{ port, host: "127.0.0.1", ca: authority.certPem },
    ...{ cert: site.certPem, key: site.keyPem },
  });
  const [said] = (await once(socket, "data")) as [Buffer];
  expect(said.toString()).toBe("welcome");
  expect(guard.pendingCount).toBeLessThanOrEqual(defaultConnectionLimits.pendingOfAddressMax);
});

test("an HTTP server answers beside silent peers; its first request is what shows a peer", async () => {
  const clock = systemClock();
  const server = createHttpServer((request, response) => {
    guard.establish(request.socket, request.socket.remoteAddress ?? "");
    response.end("here");
  });
  const guard = guardConnections(server, { limits, clock });
  const port = await listen(server);
  await silent(port, 40);
  const status = await new Promise<number | undefined>((resolve, reject) => {
    get({ port, host: "127.0.0.1", agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on("error", reject);
  });
  expect(status).toBe(200);
});
