/** The real program against a real device, a real broker over TLS, and kill -9. */
import { mkdirSync, writeFileSync } from "node:fs";
import type { AddressInfo, Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { balanced } from "@weir/contracts/ledger.ts";
import { parseTopic } from "@weir/contracts/topics.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { createAuthority, issueCertificate } from "@weir/runtime/pki.ts";
import { generateSigningKey } from "@weir/runtime/signing.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { startProgram, type TierProcess } from "@weir/testing/child-process.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { Aedes } from "aedes";
import { ServerTCP } from "modbus-serial";
import { expect, onTestFinished, test } from "vitest";
import { edgeMigrations } from "../src/edge-schema.ts";
import { OutboxStore } from "../src/outbox/outbox-store.ts";
import { ScriptedFog } from "./scripted-fog.ts";

/** Holding registers that move a little, as a plant's do. */
async function startDevice(): Promise<number> {
  let n = 0;
  const registers = { getHoldingRegister: () => 100 + (n++ % 7), getCoil: () => false };
  const server = new ServerTCP(registers, { host: "127.0.0.1", port: 0, unitID: 1 });
  server.on("socketError", () => {});
  await new Promise((resolve) => server.on("initialized", resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const inner = server as unknown as { _server: { address(): AddressInfo } };
  return inner._server.address().port;
}

async function startFog(
  folder: string,
): Promise<{ fog: ScriptedFog; port: number; cut: () => void }> {
  const nowMs = systemClock().nowMs();
  const own = { nowMs, days: 1 };
  const authority = await createAuthority({ ...own, commonName: "riverside" });
  const server = await issueCertificate(authority, {
    ...own,
    commonName: "fog",
    usage: "server",
    hosts: ["127.0.0.1"],
  });
  const client = await issueCertificate(authority, {
    ...own,
    commonName: "edge-w",
    usage: "client",
    organization: "riverside",
  });
  mkdirSync(folder, { recursive: true });
  const files = {
    "ca.pem": authority.certPem,
    "cert.pem": client.certPem,
    "key.pem": client.keyPem,
    "trusted-keys.pem": generateSigningKey().publicPem,
    "identity.json": JSON.stringify({ site: "riverside", edge: "edge-w" }),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(`${folder}/${name}`, text);
  const fog = new ScriptedFog();
  const broker = await Aedes.createBroker({
    // Before the PUBACK: what is acknowledged is stored.
    authorizePublish: (_client, packet, done) => {
      const family = parseTopic(packet.topic)?.family;
      if (family) fog.take(family, packet.payload as Buffer);
      done(null);
    },
  });
  const sockets = new Set<Socket>();
  const tls = {
    cert: server.certPem,
    key: server.keyPem,
    ca: authority.certPem,
    requestCert: true,
  };
  const listener = createTlsServer(tls, (socket) => broker.handle(socket as never));
  listener.on("connection", (socket: Socket) => {
    sockets.add(socket.on("error", () => {}));
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(() => {
    cut();
    listener.close();
    broker.close();
  });
  return { fog, port: (listener.address() as AddressInfo).port, cut };
}

const yaml = (device: number, fog: number) => `
version: 1
site: {id: riverside}
edge: edge-w
uplink: {url: "mqtts://127.0.0.1:${fog}", identity: ./identity}
connections:
  plc: {type: modbus-tcp, host: 127.0.0.1, port: ${device}}
devices:
  - id: W13
    connection: plc
    unit: 1
    tags:
${[1, 2, 3, 4].map((n) => `      TU0${n}: {read: "holding:${n}", type: int16, scale: 0.01, unit: NTU, kind: turbidity, every: 1s, min: 0, max: 10}`).join("\n")}
`;

test("weir-edge: killed, cut off, stopped; what the fog stored is what the ledger says was delivered", async () => {
  const folder = tempDir();
  const { fog, port, cut } = await startFog(`${folder}/identity`);
  writeFileSync(`${folder}/edge.yaml`, yaml(await startDevice(), port));
  const clock = `rate=20,from=2026-06-02T05:00:00Z,at=${Math.round(systemClock().nowMs())}`;
  const start = (): TierProcess =>
    startProgram({
      program: "weir-edge",
      args: [
        "run",
        "--config",
        `${folder}/edge.yaml`,
        "--data-dir",
        `${folder}/data`,
        "--clock",
        clock,
        "--json",
      ],
    });
  const storedAbove = async (count: number) => {
    while (fog.stored <= count) await systemClock().sleep(20);
  };

  const first = start();
  await first.waitFor("link", (event) => event["online"] === true);
  await storedAbove(100);
  await first.kill();

  const second = start();
  const { url } = await second.waitFor("address");
  await storedAbove(fog.stored + 100);
  cut();
  await storedAbove(fog.stored + 200);
  const status = startProgram({
    program: "weir-edge",
    args: ["status", "--url", String(url), "--data-dir", folder],
  });
  expect(await status.exited).toBe(0);
  expect(await second.stop()).toBe(0);

  const db = openSqlite(`${folder}/data/edge.db`, {
    synchronous: "NORMAL",
    migrations: edgeMigrations,
  });
  const ledger = new OutboxStore(db).loadLedger();
  db.close();
  expect(balanced(ledger)).toBe(true);
  expect(ledger).toMatchObject({ pending: 0, dropped: 0 });
  expect(fog.stored).toBe(ledger.delivered);
  expect(fog.births.length).toBeGreaterThanOrEqual(3);
  expect(fog.deaths.at(-1)).toMatchObject({ orderly: true });
}, 60_000);
