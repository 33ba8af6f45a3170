/** A line to a site's broker over mqtt.js, which reconnects by itself. */
import type { Cancel, Clock } from "@weir/runtime/clock.ts";
import { within } from "@weir/runtime/within.ts";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import type { BrokerAccount, BrokerEvents, BrokerLine, BrokerMessage } from "./broker-line.ts";
import { hangUp } from "./hang-up.mqtt-js.ts";

const keepaliveSeconds = 20;
const connectTimeoutMs = 10_000;
const reconnectMs = 2_000;
const subscriptionRefused = 0x80;
/** A farewell that a frozen broker does not even take in is given up, I/O milliseconds. */
const farewellWithinMs = 500;

/** `account` is asked when the line is opened, so that a changed password file is read anew. */
export const brokerLine = (account: () => BrokerAccount, ioClock: Clock): BrokerLine =>
  new MqttJsLine(account, ioClock);

class MqttJsLine implements BrokerLine {
  readonly #account: () => BrokerAccount;
  readonly #ioClock: Clock;
  #client: MqttClient | undefined;
  #events: BrokerEvents | undefined;
  /** The connection before a redial, as it is being closed. */
  #leaving: Promise<void> | undefined;
  #isClosed = false;
  #cancelRetry: Cancel = () => {};

  constructor(account: () => BrokerAccount, ioClock: Clock) {
    this.#account = account;
    this.#ioClock = ioClock;
  }

  open(events: BrokerEvents): void {
    this.#events = events;
    const account = this.#readAccount(events);
    if (!account) return;
    const { url, clientId, username, password, tls } = account;
    const client = mqtt.connect(url, {
      clientId,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...tls,
      minVersion: "TLSv1.2",
      protocolVersion: 4,
      clean: true,
      reconnectPeriod: reconnectMs,
      resubscribe: false,
      queueQoSZero: false,
      keepalive: keepaliveSeconds,
      connectTimeout: connectTimeoutMs,
      ...this.#will(),
    } as IClientOptions);
    this.#client = client;
    let reason = "";
    client.on("error", (error) => {
      reason = error.message || String((error as { code?: unknown }).code);
    });
    client.on("connect", () => {
      reason = "";
      if (this.#client === client) events.onUp();
    });
    client.on("message", (topic, bytes, { retain: isRetained }) => {
      // What still comes while the line is being closed is for nobody.
      if (this.#client === client) events.onMessage({ topic, bytes, isRetained });
    });
    client.on("close", () => {
      if (this.#client !== client) return;
      Object.assign(client.options, this.#will());
      events.onDown(reason || "the broker closed the connection");
    });
  }

  subscribe(topics: readonly string[]): void {
    const client = this.#client;
    if (!client) return;
    client.subscribe([...topics], { qos: 1 }, (error, granted) => {
      if (this.#client !== client) return;
      const denied = granted?.find((grant) => grant.qos === subscriptionRefused);
      if (!error && !denied) return;
      this.#events?.onDown(`the broker refused the subscription ${denied?.topic ?? ""}`.trim());
      client.reconnect();
    });
  }

  publish({ topic, bytes }: BrokerMessage): void {
    if (this.#client?.connected) this.#client.publish(topic, asBuffer(bytes), { qos: 0 });
  }

  redial(farewell: BrokerMessage): void {
    const events = this.#events;
    if (!events) return;
    this.#leaving = this.#hangUp(farewell).then(() => {
      this.#leaving = undefined;
      if (!this.#isClosed) this.open(events);
    });
  }

  async close(farewell?: BrokerMessage): Promise<void> {
    this.#isClosed = true;
    this.#cancelRetry();
    await this.#leaving;
    await this.#hangUp(farewell);
  }

  async #hangUp(farewell?: BrokerMessage): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    if (!client) return;
    if (farewell && client.connected) {
      const said = client.publishAsync(farewell.topic, asBuffer(farewell.bytes), { qos: 0 });
      await within(this.#ioClock, farewellWithinMs, said);
    }
    await hangUp(client, this.#ioClock);
  }

  /** Files that cannot be read now are tried again, as a broker is that does not answer. */
  #readAccount(events: BrokerEvents): BrokerAccount | undefined {
    try {
      return this.#account();
    } catch (error) {
      this.#cancelRetry = this.#ioClock.after(reconnectMs, () => this.open(events));
      events.onDown(`its login cannot be read: ${(error as Error).message}`);
      return undefined;
    }
  }

  #will(): Pick<IClientOptions, "will"> {
    const will = this.#events?.will?.();
    return will
      ? { will: { topic: will.topic, payload: asBuffer(will.bytes), qos: 1, retain: false } }
      : {};
  }
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
