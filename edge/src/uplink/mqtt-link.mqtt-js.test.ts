import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { systemClock } from "@weir/runtime/clock.ts";
import { createAuthority, type Identity, issueCertificate } from "@weir/runtime/pki.ts";
import { Aedes, type AedesOptions } from "aedes";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { explainTrouble } from "./link-trouble.ts";
import { createMqttJsLink } from "./mqtt-link.mqtt-js.ts";
import type { MqttLink } from "./mqtt-link.ts";

const will = { topic: "weir/v1/riverside/edge-w/death", bytes: Uint8Array.of(2, 1) };
const nowMs = systemClock().nowMs();

let authority: Identity;
let server: Identity;
let client: Identity;
let stranger: Identity;
beforeAll(async () => {
  authority = await createAuthority({ commonName: "riverside", nowMs, days: 2 });
  const own = { nowMs, days: 1 };
  server = await issueCertificate(authority, {
    ...own,
    commonName: "fog",
    usage: "server",
    hosts: ["127.0.0.1"],
  });
  client = await issueCertificate(authority, { ...own, commonName: "edge-w", usage: "client" });
  stranger = await createAuthority({ commonName: "elsewhere", nowMs, days: 2 });
});

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Rig {
  url: string;
  broker: Aedes;
  /** Ends every connection without a word. */
  cut(): void;
}

async function brokerRig(options: AedesOptions = {}, tls: TlsOptions = {}): Promise<Rig> {
  const broker = await Aedes.createBroker(options);
  const sockets = new Set<Socket>();
  const listener = createTlsServer(
    {
      cert: server.certPem,
      key: server.keyPem,
      ca: authority.certPem,
      requestCert: true,
      rejectUnauthorized: true,
      ...tls,
    },
    (socket) => broker.handle(socket as never),
  );
  listener.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
  });
  listener.on("tlsClientError", () => {});
  const port = await listen(listener);
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  closers.push(
    () => new Promise<void>((resolve) => broker.close(() => resolve())),
    () => {
      cut();
      listener.close();
    },
  );
  return { url: `mqtts://127.0.0.1:${port}`, broker, cut };
}

function listen(listener: Server): Promise<number> {
  return new Promise((resolve) =>
    listener.listen(0, "127.0.0.1", () => resolve((listener.address() as AddressInfo).port)),
  );
}

function linkTo(
  url: string,
  own: Partial<{ ca: string; cert: string; key: string }> = {},
): MqttLink {
  const tls = { ca: authority.certPem, cert: client.certPem, key: client.keyPem, ...own };
  const link = createMqttJsLink({
    url,
    clientId: "edge-w",
    tls: () => tls,
    ioClock: systemClock(),
  });
  closers.push(() => link.close());
  return link;
}

const troubleOf = async (attempt: Promise<unknown>, url: string) =>
  explainTrouble(
    await attempt.then(
      () => "it went through",
      (error: unknown) => error,
    ),
    url,
  ).kind;

describe("the line over TLS to a broker", () => {
  test("publishes with an answer, takes what comes down, leaves without a will", async () => {
    const { url, broker } = await brokerRig();
    const heard: string[] = [];
    broker.on("publish", (packet) => heard.push(packet.topic));
    const link = linkTo(url);
    const messages: string[] = [];
    link.onMessage(({ topic, bytes }) => messages.push(`${topic} ${bytes.length}`));
    await link.connect(will);
    await link.subscribe(["weir/v1/riverside/edge-w/command"]);
    await link.publish(
      { topic: "weir/v1/riverside/edge-w/blocks", bytes: new Uint8Array(9) },
      { retain: false },
    );
    await new Promise<void>((resolve) => {
      link.onMessage(({ topic, bytes }) => {
        messages.push(`${topic} ${bytes.length}`);
        resolve();
      });
      broker.publish(
        {
          cmd: "publish",
          topic: "weir/v1/riverside/edge-w/command",
          payload: Buffer.from([1, 2, 3]),
          qos: 1,
          retain: false,
          dup: false,
        },
        () => {},
      );
    });
    expect(messages).toEqual(["weir/v1/riverside/edge-w/command 3"]);
    expect(heard).toContain("weir/v1/riverside/edge-w/blocks");
    await link.close();
    expect(heard).not.toContain(will.topic);
  });

  test("a lost broker ends what was waiting, tells once, and publishes the will", async () => {
    const { url, broker, cut } = await brokerRig({
      // Never acknowledged: the publish waits until the line ends.
      authorizePublish: (_client, packet, done) => {
        if (packet.topic.endsWith("blocks")) return;
        done(null);
      },
    });
    const lastWill = new Promise<string>((resolve) => {
      broker.on("publish", (packet) => packet.topic === will.topic && resolve(packet.topic));
    });
    const link = linkTo(url);
    const losses: unknown[] = [];
    link.onLost((reason) => losses.push(reason));
    await link.connect(will);
    const waiting = link.publish(
      { topic: "weir/v1/riverside/edge-w/blocks", bytes: new Uint8Array(1) },
      { retain: false },
    );
    cut();
    expect(await troubleOf(waiting, url)).toBe("closed");
    expect(losses.length).toBe(1);
    expect(await lastWill).toBe(will.topic);
    await expect(
      link.publish(
        { topic: "weir/v1/riverside/edge-w/blocks", bytes: new Uint8Array(1) },
        { retain: false },
      ),
    ).rejects.toMatchObject({ code: "EDGE_LINK_CLOSED" });
    await link.connect(will);
  });

  test("hangs up on a broker that acknowledges nothing, and takes its leave all the same", async () => {
    const { url, broker } = await brokerRig({
      authorizePublish: (_client, packet, done) => {
        if (!packet.topic.endsWith("blocks")) done(null);
      },
      authorizeSubscribe: () => {},
    });
    const heard: string[] = [];
    broker.on("publish", (packet) => heard.push(packet.topic));
    const gone = new Promise<void>((resolve) => broker.once("clientDisconnect", () => resolve()));
    const link = linkTo(url);
    await link.connect(will);
    const bytes = new Uint8Array(1);
    const topic = "weir/v1/riverside/edge-w/blocks";
    const waiting = Promise.allSettled([
      link.publish({ topic, bytes }, { retain: false }),
      link.subscribe(["weir/v1/riverside/edge-w/command"]),
    ]);
    await link.close();
    const ends = await waiting;
    expect(ends.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await gone;
    expect(heard).not.toContain(will.topic);
  });

  test("hangs up on a machine that is there and says nothing, before and after CONNECT", async () => {
    const mute = createTcpServer((socket) => socket.on("error", () => {}));
    const url = `mqtts://127.0.0.1:${await listen(mute)}`;
    closers.push(() => void mute.close());
    const link = linkTo(url);
    const attempt = troubleOf(link.connect(will), url);
    await link.close();
    expect(await attempt).not.toBe("it went through");
  });

  test("a fog of another authority is not trusted", async () => {
    const { url } = await brokerRig();
    expect(await troubleOf(linkTo(url, { ca: stranger.certPem }).connect(will), url)).toBe(
      "fog-not-trusted",
    );
  });

  test("a fog that does not trust this edge says so", async () => {
    const { url } = await brokerRig({}, { ca: stranger.certPem });
    expect(await troubleOf(linkTo(url).connect(will), url)).toBe("edge-not-trusted");
  });

  test("a certificate for another host is refused", async () => {
    const { url } = await brokerRig();
    const other = url.replace("127.0.0.1", "localhost");
    expect(await troubleOf(linkTo(other).connect(will), other)).toBe("wrong-host");
  });

  test("nobody at the port, no such name, no TLS, old TLS: each in its own words", async () => {
    const closed = createTcpServer();
    const port = await listen(closed);
    closed.close();
    const nobody = `mqtts://127.0.0.1:${port}`;
    expect(await troubleOf(linkTo(nobody).connect(will), nobody)).toBe("unreachable");

    const unnamed = "mqtts://fog.invalid:8883";
    expect(await troubleOf(linkTo(unnamed).connect(will), unnamed)).toBe("name-not-found");

    const plain = createTcpServer((socket) => {
      socket.on("error", () => {});
      socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    const notTls = `mqtts://127.0.0.1:${await listen(plain)}`;
    closers.push(() => void plain.close());
    expect(await troubleOf(linkTo(notTls).connect(will), notTls)).toBe("not-tls");

    const old = await brokerRig(
      {},
      { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "ALL:@SECLEVEL=0" },
    );
    expect(await troubleOf(linkTo(old.url).connect(will), old.url)).toBe("tls-version");
  });

  test("a broker that refuses the client, or a subscription, is told apart from one that is gone", async () => {
    const denies = await brokerRig({
      authenticate: (_client, _user, _password, done) =>
        done(Object.assign(new Error("no"), { returnCode: 5 }) as never, false),
    });
    expect(await troubleOf(linkTo(denies.url).connect(will), denies.url)).toBe("refused");
    const filters = await brokerRig({
      authorizeSubscribe: (_client, _subscription, done) => done(null, null),
    });
    const link = linkTo(filters.url);
    await link.connect(will);
    expect(await troubleOf(link.subscribe(["weir/v1/riverside/edge-d/command"]), filters.url)).toBe(
      "refused",
    );
  });
});
