/** The door over real TLS: who gets in, what is kept, what is answered, in every dialect. */

import { once } from "node:events";
import { request as httpsRequest } from "node:https";
import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import { ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { CloudDoor } from "@weir/contracts/generated/weir/v1/cloud_pb.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { defaultConnectionLimits } from "@weir/runtime/connection-limits.ts";
import { createLogger } from "@weir/runtime/logger.ts";
import { createAuthority, type Identity, issueCertificate } from "@weir/runtime/pki.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { until } from "@weir/testing/until.ts";
import { expect, onTestFinished, test } from "vitest";
import { createDownlinkQueue, downlinkMigration } from "../src/downlink/downlink-queue.ts";
import { openAuthority } from "../src/enrolment/authority.ts";
import { createCloudDoor } from "../src/ingest/cloud-door.ts";
import { openDoorServer } from "../src/ingest/door-server.connect.ts";
import { createSqliteLog, sqliteLogMigrations } from "../src/log/event-log.sqlite.ts";
import { item, modelBody, push, site } from "./site-feed.ts";
import { temporaryDir } from "./temporary-dir.ts";

async function openRig(revoked: string[] = []) {
  const io = new SimulatedClock(systemClock().nowMs());
  const authority = await openAuthority({ folder: temporaryDir(), io, mayCreate: true });
  const log = createSqliteLog(
    openSqlite(":memory:", { synchronous: "FULL", migrations: sqliteLogMigrations }),
  );
  const plant = new SimulatedClock(0);
  const db = openSqlite(":memory:", { synchronous: "FULL", migrations: [downlinkMigration] });
  const stopping = new AbortController();
  const lines: string[] = [];
  const logger = createLogger({
    ...{ level: "debug", json: true, nowMs: () => 0, write: (line: string) => lines.push(line) },
  });
  const { handler } = createCloudDoor({
    ...{ log, plant, io: systemClock(), stopping: stopping.signal },
    downlink: createDownlinkQueue(db, plant),
  });
  const server = await openDoorServer({
    ...{ handler, host: "127.0.0.1", port: 0, logger, io },
    tls: { ...(await authority.server(["127.0.0.1"])), caPem: authority.caPem },
    isRevoked: (certificate) =>
      revoked.includes(certificate.serial.toLowerCase()) || authority.isRevoked(certificate),
  });
  onTestFinished(() => server.close());
  const url = `https://127.0.0.1:${server.port}`;
  const client = (identity: Identity | undefined, dialect: "grpc" | "connect" = "connect") => {
    const nodeOptions = {
      ca: authority.caPem,
      ...(identity && { cert: identity.certPem, key: identity.keyPem }),
    };
    const transport =
      dialect === "grpc"
        ? createGrpcTransport({ baseUrl: url, nodeOptions })
        : createConnectTransport({ baseUrl: url, httpVersion: "2", nodeOptions });
    return createClient(CloudDoor, transport);
  };
  return { authority, log, url, client, server, io, lines };
}

/** What somebody sees whose connection is cut, by the moment at which it was. */
const cutOff = /ECONNRESET|EPIPE|closed|disconnected|hang up|certificate required/;

const revokedAtDoor = `"message":"a revoked or foreign certificate at the door","site":"${site}"`;

const code = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "ok",
    (error: unknown) => (error instanceof ConnectError ? error.rawMessage : String(error)),
  );

test("a site pushes as itself, in gRPC and in Connect; what was there before is not kept twice", async () => {
  const { authority, client, log } = await openRig();
  const identity = await authority.enrol(site);
  const first = await client(identity, "grpc").push(
    push([item(1, modelBody()), item(2, modelBody())]),
  );
  expect(first).toMatchObject({ epoch: 1, durableSequence: 2 });
  const again = await client(identity).push(push([item(2, modelBody()), item(3, modelBody())]));
  expect(again.durableSequence).toBe(3);
  expect(log.size().itemCount).toBe(3);
});

test("the same definition answers JSON over HTTP/1.1", async () => {
  const { authority, url, log } = await openRig();
  const { certPem: cert, keyPem: key } = await authority.enrol(site);
  const body = JSON.stringify({
    site,
    epoch: 1,
    items: [{ sequence: 1, label: { id: "l1", stage: "S02", rating: "ANOMALY" } }],
  });
  const answer = await new Promise<string>((resolve, reject) => {
    const options = { method: "POST", ca: authority.caPem, cert, key };
    const request = httpsRequest(`${url}/weir.v1.CloudDoor/Push`, options, (response) => {
      let text = "";
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve(`${response.httpVersion} ${response.statusCode} ${text}`));
    });
    request.on("error", reject);
    request.setHeader("content-type", "application/json");
    request.end(body);
  });
  expect(answer).toBe('1.1 200 {"epoch":1,"durableSequence":1}');
  expect((await log.read(new Map(), 1))[0]?.kind).toBe("label");
});

test("a site may not speak for another, a server certificate for none, a revoked one not at all", async () => {
  const revoked: string[] = [];
  const { authority, client, log, lines } = await openRig(revoked);
  const elsewhere = await authority.enrol("elsewhere");
  expect(await code(client(elsewhere).push(push([item(1, modelBody())])))).toContain(
    'a client with the certificate of "elsewhere" may not speak for site "riverside"',
  );
  const server = await authority.server(["127.0.0.1"]);
  expect(await code(client(server).push(push([item(1, modelBody())])))).toMatch(cutOff);
  expect(lines.at(-1)).toContain('"message":"refused at the door","error":"INVALID_PURPOSE"');
  const own = await authority.enrol(site);
  const { certificateInfo } = await import("@weir/runtime/pki.ts");
  revoked.push(certificateInfo(own.certPem).serial);
  expect(await code(client(own).push(push([item(1, modelBody())])))).toMatch(cutOff);
  expect(lines.at(-1)).toContain(revokedAtDoor);
  expect(log.size().itemCount).toBe(0);
});

test("without a certificate of this cloud nobody gets past the handshake", async () => {
  const { client, url, authority, lines } = await openRig();
  const nowMs = systemClock().nowMs();
  const other = await createAuthority({ commonName: "Other", nowMs, days: 1 });
  const forged = await issueCertificate(other, {
    ...{ commonName: site, organization: "weir-site", usage: "client", nowMs, days: 1 },
  });
  expect(await code(client(forged).push(push([])))).toMatch(cutOff);
  expect(lines.at(-1)).toMatch(/refused at the door","error":"[A-Z_]*VERIFY[A-Z_]*"/);
  expect(await code(client(undefined).push(push([])))).toMatch(cutOff);
  expect(lines.at(-1)).toContain("peer did not return a certificate");
  const socket = connectTls({ port: Number(new URL(url).port), ca: authority.caPem });
  socket.on("error", () => {});
  await new Promise((resolve) => socket.once("close", resolve));
});

test("a push that makes no sense is refused whole, in one sentence", async () => {
  const { authority, client, log } = await openRig();
  const door = client(await authority.enrol(site));
  expect(await code(door.push(push([item(2, modelBody()), item(1, modelBody())])))).toContain(
    "sequence 1 after 2",
  );
  expect(await code(door.push(push([item(1, { case: undefined })])))).toContain("no body");
  expect(await code(door.push(push([item(1, modelBody())], 0)))).toContain("epoch 0");
  expect(log.size().itemCount).toBe(0);
});

test("a revoked site is cut off where it is and does not come back; enrolled again it does", async () => {
  const { authority, client, io, lines } = await openRig();
  const lost = client(await authority.enrol(site));
  expect(await code(lost.push(push([item(1, modelBody())])))).toBe("ok");
  const pulling = code(lost.pull({ site, cursor: 0, waitMs: 50_000 }));
  authority.revokeSite(site, { atMs: systemClock().nowMs(), by: "ana" });
  // The list is read again, and open connections are asked for their certificates.
  await io.advance(10_000);
  expect(await pulling).toMatch(cutOff);
  expect(lines.at(-1)).toContain(
    `"message":"cut off: its certificate was revoked","site":"${site}"`,
  );
  expect(await code(lost.push(push([item(2, modelBody())])))).toMatch(cutOff);
  expect(lines.at(-1)).toContain(revokedAtDoor);
  expect(await code(client(await authority.enrol("elsewhere")).push(push([])))).toContain(
    "may not speak for site",
  );
  const again = client(await authority.enrol(site));
  expect(await code(again.push(push([item(2, modelBody())])))).toBe("ok");
});

test("silent peers keep no site out", async () => {
  const { authority, client, url, server } = await openRig();
  const silent = Array.from({ length: 2_000 }, () =>
    connectTcp({ port: Number(new URL(url).port), host: "127.0.0.1" }).on("error", () => {}),
  );
  onTestFinished(() => {
    for (const socket of silent) socket.destroy();
  });
  await Promise.all(silent.map((socket) => once(socket, "connect")));
  const door = client(await authority.enrol(site));
  expect(await code(door.push(push([item(1, modelBody())])))).toBe("ok");
  // A crowd that is larger than the queue of the port is let in by and by.
  const refused = () => server.connections.refused["too many silent peers of one address"] ?? 0;
  await until(() => refused() > 1_000, "a thousand refusals");
  expect(server.connections.pendingCount).toBeLessThanOrEqual(
    defaultConnectionLimits.pendingOfAddressMax,
  );
});
