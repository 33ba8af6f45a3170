/**
 * The MQTT door, and the one import of aedes. aedes 1.2 answers PUBACK before it stores anything; here
 * the message is on disk first: `authorizePublish` waits for the commit, and PUBACK follows it.
 *
 * In front of it: TLS with client certificates of the site's authority, a limit on connections (strangers
 * apart from those with a certificate, counted before TLS), on the size of packets before they are
 * buffered, and on the time until CONNECT.
 */
import type { AddressInfo } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { type Clock, every } from "@weir/runtime/clock.ts";
import {
  type ConnectionGuard,
  defaultConnectionLimits,
  guardConnections,
} from "@weir/runtime/connection-limits.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import { type OpenSockets, openSocketsOf } from "@weir/runtime/open-sockets.ts";
import { Aedes, type AuthenticateError, type Client, type ConnectPacket } from "aedes";
import type { CertificateRefusal } from "../enrolment/enrolment-book.ts";
import { FogFault } from "../faults.ts";
import type { DoorEvents, DownFamily, EdgeDoor } from "./edge-door.ts";
import { GuardedStream } from "./guarded-stream.ts";
import { defaultPacketLimits, type PacketLimits, PacketScanner } from "./packet-scanner.ts";
import { downTopic, type EdgeName, publishable, subscribable } from "./topic-rules.ts";

/** CONNECT must have come this long after the connection, I/O clock. */
const connectWithinMs = 5_000;

const cutReasons: Record<CertificateRefusal, string> = {
  "revoked certificate": "its certificate has been revoked",
  "certificate without a record": "this fog has no record of its certificate",
};
/** How often the list of revoked certificates is looked at for open sessions, I/O clock. */
const recheckMs = 5_000;

/** A subscriber that does not read is dropped after this long, real time. */
const drainTimeoutMs = 5_000;

const connectionsDefault = 256;
/** An edge has one; a second and third come when it reconnects before the fog noticed the loss. */
const connectionsOfEdgeMax = 8;

/** MQTT 3.1.1, 3.2.2.3: return codes of CONNACK. */
const identifierRejected = 2;
const notAuthorised = 5;

export interface BrokerOptions {
  host: string;
  /** 0: any free port. */
  port: number;
  site: string;
  /** The server's own certificate and key, and the authority that clients must be signed by; PEM. */
  tls: { certPem: string; keyPem: string; caPem: string };
  /** Why a certificate is not let in: revoked, or never issued as far as is known; asked at CONNECT and again and again. */
  refusalOf: (certificate: { serial: string; edge: string }) => CertificateRefusal | undefined;
  ioClock: Clock;
  logger: Logger;
  connectionsMax?: number;
  packetLimits?: PacketLimits;
}

export interface Broker extends EdgeDoor {
  readonly host: string;
  readonly port: number;
  /** Connections refused or cut off since the start, by what they did. */
  readonly refused: Readonly<Record<string, number>>;
}

interface Session {
  name: EdgeName;
  serial: string;
  client: Client;
  listening: Set<DownFamily>;
}

/** @throws Fault FOG_PORT */
export async function openBroker(options: BrokerOptions, events: DoorEvents): Promise<Broker> {
  const broker = new AedesBroker(options, events);
  await broker.listen();
  return broker;
}

class AedesBroker implements Broker {
  readonly refused: Record<string, number> = {};
  readonly #options: BrokerOptions;
  readonly #events: DoorEvents;
  readonly #aedes: Aedes;
  readonly #server: Server;
  readonly #guard: ConnectionGuard;
  readonly #names = new WeakMap<object, { name: EdgeName; serial: string }>();
  readonly #connects = new WeakMap<Client, ConnectPacket>();
  readonly #sessions = new Map<string, Session>();
  readonly #sockets: OpenSockets;
  #stopRecheck = () => {};

  constructor(options: BrokerOptions, events: DoorEvents) {
    this.#options = options;
    this.#events = events;
    this.#aedes = new Aedes({
      drainTimeout: drainTimeoutMs,
      connectTimeout: 2 * connectWithinMs, // Ours comes first; this one only stops its timer.
      preConnect: (client, packet, done) => {
        this.#connects.set(client, packet);
        done(null, true);
      },
      authenticate: (client, _user, _password, done) => {
        const refusal = this.#admit(client);
        done(refusal ?? null, refusal === undefined);
      },
      authorizePublish: (client, packet, done) => this.#publish(client, packet, done),
      authorizeSubscribe: (client, subscription, done) => {
        const known = this.#names.get(client.conn);
        const family = known && subscribable(known.name, subscription.topic);
        if (!family)
          this.#refuse("foreign subscription", { topic: subscription.topic, ...known?.name });
        // No subscription means SUBACK 0x80: refused.
        done(null, family ? subscription : null);
      },
    });
    this.#listenToClients();
    const { tls } = options;
    this.#server = createServer(
      {
        cert: tls.certPem,
        key: tls.keyPem,
        ca: tls.caPem,
        requestCert: true,
        rejectUnauthorized: true,
        minVersion: "TLSv1.2",
        handshakeTimeout: connectWithinMs,
      },
      (socket) => this.#accept(socket),
    );
    this.#sockets = openSocketsOf(this.#server);
    this.#guard = guardConnections(this.#server, {
      limits: {
        ...defaultConnectionLimits,
        pendingMs: 0, // handshakeTimeout above
        establishedMax: options.connectionsMax ?? connectionsDefault,
        establishedOfPeerMax: connectionsOfEdgeMax,
      },
      clock: options.ioClock,
      onRefused: (why, remote) => this.#refuse(why, { remote }),
    });
    this.#server.on("tlsClientError", (error) =>
      this.#refuse("no valid certificate", { why: error.message }),
    );
  }

  get host(): string {
    return this.#options.host;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async listen(): Promise<void> {
    await this.#aedes.listen();
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", (error: NodeJS.ErrnoException) => {
        this.#aedes.close();
        const why = error.code === "EADDRINUSE" ? "the port is in use" : error.message;
        reject(
          new FogFault("FOG_PORT", { what: "the MQTT broker", host, port, why }, { cause: error }),
        );
      });
      this.#server.listen(port, host, resolve);
    });
    this.#stopRecheck = every(this.#options.ioClock, recheckMs, () => this.#recheck());
  }

  publish(edge: string, family: DownFamily, bytes: Uint8Array): Promise<boolean> {
    const session = this.#sessions.get(edge);
    if (!session?.listening.has(family)) return Promise.resolve(false);
    const topic = downTopic(session.name, family);
    return new Promise((resolve) => {
      this.#aedes.publish(
        { cmd: "publish", topic, payload: Buffer.from(bytes), qos: 1, dup: false, retain: false },
        (error) => resolve(!error),
      );
    });
  }

  cutOff(edge: string, reason: string): void {
    const session = this.#sessions.get(edge);
    if (!session) return;
    this.#refuse("cut off", { edge, why: reason });
    session.client.conn.destroy();
  }

  async close(): Promise<void> {
    this.#stopRecheck();
    this.#guard.close();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await new Promise<void>((resolve) => this.#aedes.close(() => resolve()));
    this.#sockets.destroy();
    await closed;
  }

  #accept(socket: TLSSocket): void {
    const { ioClock, packetLimits = defaultPacketLimits } = this.#options;
    const certificate = socket.getPeerCertificate();
    const { CN, O } = certificate.subject ?? {};
    const remote = socket.remoteAddress;
    if (typeof CN !== "string" || O !== this.#options.site) {
      this.#refuse("certificate of another site", { commonName: CN, organization: O, remote });
      socket.destroy();
      return;
    }
    if (!this.#guard.establish(socket, CN)) return;
    const stream = new GuardedStream(socket, {
      scanner: new PacketScanner(packetLimits),
      onRefused: (why) => this.#refuse("broken packet rules", { edge: CN, why }),
    });
    const name = { site: O, edge: CN };
    this.#names.set(stream, { name, serial: certificate.serialNumber.toLowerCase() });
    const client = this.#aedes.handle(stream);
    const cancel = ioClock.after(connectWithinMs, () => {
      if (client.connected || client.connecting) return;
      this.#refuse("no CONNECT in time", { edge: CN });
      stream.destroy();
    });
    stream.on("close", cancel);
  }

  #admit(client: Client): AuthenticateError | undefined {
    const known = this.#names.get(client.conn);
    const connect = this.#connects.get(client);
    if (!known || !connect) return refusal("no certificate", notAuthorised);
    const { name, serial } = known;
    const refuse = (why: string, code: number) => {
      this.#refuse(why, { ...name, clientId: connect.clientId });
      return refusal(why, code);
    };
    if (connect.clientId === "") return refuse("empty client id", identifierRejected);
    if (connect.clientId !== name.edge) {
      return refuse("client id of another edge", identifierRejected);
    }
    if (connect.will && publishable(name, connect.will.topic) !== "death") {
      return refuse("will on a foreign topic", notAuthorised);
    }
    const untrusted = this.#options.refusalOf({ serial, edge: name.edge });
    return untrusted && refuse(untrusted, notAuthorised);
  }

  #publish(
    client: Client | null,
    packet: { topic: string; payload: string | Buffer; retain?: boolean },
    done: (error?: Error | null) => void,
  ): void {
    const known = client ? this.#names.get(client.conn) : undefined;
    const family = known && publishable(known.name, packet.topic);
    if (!known || !family) {
      this.#refuse("foreign publish", { topic: packet.topic, ...known?.name });
      done(refusal("not authorised to publish there", notAuthorised));
      return;
    }
    // The fog keeps births itself, on disk; aedes would keep them in memory for nobody.
    packet.retain = false;
    const { payload } = packet;
    const bytes = typeof payload === "string" ? Buffer.from(payload) : payload;
    this.#events.receive(known.name.edge, family, bytes).then(
      () => done(null),
      (error: Error) => done(error), // Closes the connection: no PUBACK, and the edge sends it again.
    );
  }

  #listenToClients(): void {
    const aedes = this.#aedes;
    aedes.on("clientReady", (client) => {
      const known = this.#names.get(client.conn);
      if (!known) return;
      this.#sessions.set(known.name.edge, { ...known, client, listening: new Set() });
      this.#options.logger.info("edge connected", { edge: known.name.edge });
      this.#events.connected(known.name.edge);
      // A resumed session has its subscriptions already and need not send them again.
      this.#heardAs(client, Object.keys((client as WithSubscriptions).subscriptions ?? {}));
    });
    aedes.on("clientDisconnect", (client) => {
      const session = this.#sessions.get(client.id);
      if (session?.client !== client) return; // Taken over by a newer connection.
      this.#sessions.delete(client.id);
      this.#options.logger.info("edge disconnected", { edge: client.id });
      this.#events.disconnected(client.id);
    });
    aedes.on("subscribe", (subscriptions, client) =>
      this.#heardAs(
        client,
        subscriptions.map(({ topic }) => topic),
      ),
    );
    aedes.on("clientError", (client, error) =>
      this.#options.logger.debug("session error", { edge: client.id, why: error.message }),
    );
    aedes.on("connectionError", (_client, error) =>
      this.#options.logger.debug("connection error", { why: error.message }),
    );
  }

  /** `client` now hears `topics`. */
  #heardAs(client: Client, topics: readonly string[]): void {
    const session = this.#sessions.get(client.id);
    if (session?.client !== client) return;
    for (const topic of topics) {
      const family = subscribable(session.name, topic);
      if (!family || session.listening.has(family)) continue;
      session.listening.add(family);
      this.#events.listening(client.id, family);
    }
  }

  #recheck(): void {
    for (const { name, serial } of [...this.#sessions.values()]) {
      const refusal = this.#options.refusalOf({ serial, edge: name.edge });
      if (refusal) this.cutOff(name.edge, cutReasons[refusal]);
    }
  }

  #refuse(what: string, fields: Record<string, unknown>): void {
    this.refused[what] = (this.refused[what] ?? 0) + 1;
    // The first of a kind and then every hundredth: a flood must not fill the log.
    const count = this.refused[what];
    if (count === 1 || count % 100 === 0) {
      this.#options.logger.warn(`refused: ${what}`, { ...fields, count });
    }
  }
}

/** aedes keeps them there, and says so only in its source (lib/client.js). */
type WithSubscriptions = Client & { subscriptions?: Record<string, unknown> };

function refusal(why: string, returnCode: number): AuthenticateError {
  return Object.assign(new FogFault("FOG_DOOR_REFUSED", { why }), {
    returnCode,
  }) as AuthenticateError;
}
