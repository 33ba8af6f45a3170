/** The one import of mqtt.js. One client per connection, so that nothing of an old one is resent by itself. */
import type { Clock } from "@weir/runtime/clock.ts";
import type { Fault } from "@weir/runtime/fault.ts";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { EdgeFault } from "../faults.ts";
import { hangUp } from "../mqtt/hang-up.mqtt-js.ts";
import type { MqttLink, MqttMessage, PublishOptions } from "./mqtt-link.ts";

export interface MqttJsOptions {
  /** "mqtts://host:port" */
  url: string;
  /** The edge's id: the fog holds it against the certificate's common name. */
  clientId: string;
  /** Read at every attempt, so that a renewed certificate is taken without a restart. PEM. */
  tls: () => { ca: string; cert: string; key: string };
  /** Deadlines. */
  ioClock: Clock;
}

/** Seconds without a packet after which the broker is asked; half as long again and the line is dead. */
const keepaliveSeconds = 20;
const connectTimeoutMs = 10_000;
const subscriptionRefused = 0x80;

export function createMqttJsLink(options: MqttJsOptions): MqttLink {
  return new MqttJsLink(options);
}

class MqttJsLink implements MqttLink {
  readonly #options: MqttJsOptions;
  #client: MqttClient | undefined;
  /** Of an attempt that has neither succeeded nor failed. */
  #dialling: MqttClient | undefined;
  #onMessage: (message: MqttMessage) => void = () => {};
  #onLost: (reason: unknown) => void = () => {};
  /** Publishes and subscriptions without an answer yet; mqtt.js forgets them when the line ends. */
  readonly #waiting = new Set<(reason: unknown) => void>();

  constructor(options: MqttJsOptions) {
    this.#options = options;
  }

  onMessage(listener: (message: MqttMessage) => void): void {
    this.#onMessage = listener;
  }

  onLost(listener: (reason: unknown) => void): void {
    this.#onLost = listener;
  }

  async connect(will: MqttMessage): Promise<void> {
    const client = mqtt.connect(this.#options.url, this.#settings(will));
    this.#dialling = client;
    let reason: unknown;
    // Errors come before the close that they cause; without a listener they would end the process.
    client.on("error", (error) => {
      reason ??= error;
    });
    // mqtt.js sends the PUBACK after this returns, so what the listener stored is stored before it.
    client.on("message", (topic, payload) => this.#onMessage({ topic, bytes: payload }));
    try {
      await new Promise<void>((resolve, reject) => {
        client.once("connect", () => resolve());
        client.once("close", () => reject(reason ?? turnedAway()));
        client.once("error", reject);
      });
    } catch (error) {
      client.end(true);
      if (this.#dialling === client) this.#dialling = undefined;
      throw (error as { code?: unknown }).code === "ECONNRESET" ? turnedAway() : error;
    }
    this.#dialling = undefined;
    this.#client = client;
    client.once("close", () => {
      if (this.#client !== client) return;
      this.#client = undefined;
      client.end(true);
      const why = reason ?? closed("by the other side");
      for (const reject of [...this.#waiting]) reject(why);
      this.#onLost(why);
    });
  }

  subscribe(topics: readonly string[]): Promise<void> {
    return this.#asking((client, done) => {
      client.subscribe([...topics], { qos: 1 }, (error, granted) => {
        const denied = granted?.find((grant) => grant.qos === subscriptionRefused);
        if (denied)
          return done(refused(`the fog does not let this edge subscribe ${denied.topic}`));
        done(error ? refused(`the fog refused the subscription: ${error.message}`) : undefined);
      });
    });
  }

  publish(message: MqttMessage, { retain }: PublishOptions): Promise<void> {
    return this.#asking((client, done) => {
      const { topic, bytes } = message;
      const payload = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      client.publish(topic, payload, { qos: 1, retain }, (error) => done(error ?? undefined));
    });
  }

  async close(): Promise<void> {
    // An attempt under way ends as one that failed.
    this.#dialling?.end(true);
    const client = this.#client;
    if (!client) return;
    this.#client = undefined;
    for (const reject of [...this.#waiting]) reject(closed("by this edge"));
    await hangUp(client, this.#options.ioClock);
  }

  #asking(ask: (client: MqttClient, done: (fault?: unknown) => void) => void): Promise<void> {
    const client = this.#client;
    // Never into mqtt.js's own queue: the outbox is the queue.
    if (!client?.connected) return Promise.reject(closed("before this was sent"));
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      ask(client, (fault) => {
        this.#waiting.delete(reject);
        if (fault === undefined || fault === null) resolve();
        else reject(fault);
      });
    });
  }

  #settings(will: MqttMessage): IClientOptions {
    const { clientId, tls } = this.#options;
    return {
      ...tls(),
      clientId,
      protocolVersion: 4,
      rejectUnauthorized: true,
      minVersion: "TLSv1.2",
      // The fog keeps what we have not answered and sends it when we subscribe. A session kept by the
      // broker as well would repeat it, and such queues have neither a limit nor an order.
      clean: true,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      keepalive: keepaliveSeconds,
      connectTimeout: connectTimeoutMs,
      will: { topic: will.topic, payload: Buffer.from(will.bytes), qos: 1, retain: true },
    } as IClientOptions;
  }
}

const closed = (why: string): Fault => new EdgeFault("EDGE_LINK_CLOSED", { why: `closed ${why}` });

// With TLS 1.3 a server judges our certificate after our side of the handshake is done, and Node's then
// ends the connection without an alert.
const turnedAway = (): Fault =>
  new EdgeFault("EDGE_LINK_TURNED_AWAY", { why: "it closed the connection without a word" });

const refused = (why: string): Fault => new EdgeFault("EDGE_LINK_REFUSED", { why });
