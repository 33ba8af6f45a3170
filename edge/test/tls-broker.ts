/** The broker of a scripted fog behind TLS, and the identity of the edge that may come in. */
import { mkdirSync, writeFileSync } from "node:fs";
import type { AddressInfo, Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { type Family, parseTopic, topicOf } from "@weir/contracts/topics.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { createAuthority, issueCertificate } from "@weir/runtime/pki.ts";
import { generateSigningKey, type SigningKey, signingKeyFromPem } from "@weir/runtime/signing.ts";
import { Aedes } from "aedes";
import { ScriptedFog } from "./scripted-fog.ts";

export interface TlsBroker {
  fog: ScriptedFog;
  port: number;
  /** Cuts every connection. */
  cut: () => void;
  /** To edge-w. */
  send: (family: Family, bytes: Uint8Array) => void;
  /** Whose artifacts edge-w takes. */
  key: SigningKey;
  close: () => void;
}

/** Writes the identity of edge-w to `folder`. */
export async function openTlsBroker(folder: string): Promise<TlsBroker> {
  const keys = generateSigningKey();
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
    "trusted-keys.pem": keys.publicPem,
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
  const close = () => {
    cut();
    listener.close();
    broker.close();
  };
  const send = (family: Family, bytes: Uint8Array) =>
    broker.publish(
      {
        cmd: "publish",
        topic: topicOf({ site: "riverside", edge: "edge-w", family }),
        payload: Buffer.from(bytes),
        qos: 1,
        dup: false,
        retain: false,
      },
      () => {},
    );
  const { port } = listener.address() as AddressInfo;
  return { fog, port, cut, send, key: signingKeyFromPem(keys.privatePem), close };
}
