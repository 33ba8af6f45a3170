/** A broker with real sockets and certificates, and mqtt.js clients against it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Family } from "@weir/contracts/topics.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import {
  certificateInfo,
  createAuthority,
  type Identity,
  issueCertificate,
} from "@weir/runtime/pki.ts";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { type Broker, type BrokerOptions, openBroker } from "../src/broker/aedes-broker.ts";
import type { DoorEvents } from "../src/broker/edge-door.ts";
import { openSiteAuthority, type SiteAuthority } from "../src/enrolment/site-authority.ts";

const clock = systemClock();

export class BrokerRig {
  readonly folder = mkdtempSync(join(tmpdir(), "weir-broker-"));
  readonly received: { edge: string; family: Family; bytes: Uint8Array }[] = [];
  readonly sessions: string[] = [];
  /** What the fog does with a message before it may be acknowledged. */
  store: () => Promise<void> = async () => {};
  authority!: SiteAuthority;
  broker!: Broker;
  readonly #clients: MqttClient[] = [];

  async start(options: Partial<BrokerOptions> = {}): Promise<this> {
    const nowMs = clock.nowMs();
    this.authority = await openSiteAuthority({
      folder: join(this.folder, "authority"),
      site: "riverside",
      nowMs,
    });
    const server = await this.authority.issueServer(["localhost", "127.0.0.1"], nowMs);
    const events: DoorEvents = {
      receive: async (edge, family, bytes) => {
        await this.store();
        this.received.push({ edge, family, bytes });
      },
      connected: (edge) => this.sessions.push(`+${edge}`),
      disconnected: (edge) => this.sessions.push(`-${edge}`),
      listening: () => {},
    };
    this.broker = await openBroker(
      {
        host: "127.0.0.1",
        port: 0,
        site: "riverside",
        tls: { ...server, caPem: this.authority.caPem },
        refusalOf: (certificate) => this.authority.book.refusalOf(certificate),
        ioClock: clock,
        logger: silentLogger,
        ...options,
      },
      events,
    );
    return this;
  }

  enrol(edge: string): Promise<Identity> {
    return this.authority.issueEdge(edge, { nowMs: clock.nowMs() });
  }

  /** A certificate of an authority that is not the site's, with the right names. */
  async forged(edge: string): Promise<Identity> {
    const nowMs = clock.nowMs();
    const other = await createAuthority({ commonName: "riverside site authority", nowMs, days: 1 });
    return issueCertificate(other, {
      commonName: edge,
      organization: "riverside",
      usage: "client",
      nowMs,
      days: 1,
    });
  }

  async connect(identity: Identity, options: IClientOptions = {}): Promise<MqttClient> {
    const settings: IClientOptions = {
      ca: this.authority.caPem,
      cert: identity.certPem,
      key: identity.keyPem,
      reconnectPeriod: 0,
      connectTimeout: 10_000,
      clientId:
        options.clientId ??
        (identity.certPem === "" ? "" : certificateInfo(identity.certPem).commonName),
      ...options,
    };
    // Without retries, a connection that ends before CONNACK rejects too.
    const client = await connectAsync(`mqtts://127.0.0.1:${this.broker.port}`, settings, false);
    client.on("error", () => {});
    this.#clients.push(client);
    return client;
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.end(true);
    await this.broker.close();
    this.authority.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export const closed = (client: MqttClient): Promise<void> =>
  new Promise((resolve) => {
    if (!client.connected) resolve();
    client.on("close", () => resolve());
  });
