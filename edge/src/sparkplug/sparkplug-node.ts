/**
 * The edge as a Sparkplug B edge node: a second way up, beside the fog's. Readings that come while the
 * broker, or the primary host, is away are kept in memory and sent as historical ones.
 */
import { f64, u8 } from "@weir/contracts/elements.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { SparkplugSettings } from "../configuration/configuration.ts";
import type { Notice, Problem } from "../hand-over.ts";
import type { BrokerLine, BrokerMessage } from "../mqtt/broker-line.ts";
import { type NodeReading, NodeSession, rebirthMetric } from "./node-session.ts";
import { decodePayload } from "./payload.ts";

export interface SparkplugOptions {
  settings: SparkplugSettings;
  agentVersion: string;
  line: BrokerLine;
  /** Plant time. */
  clock: Clock;
  logger: Logger;
}

/** Readings kept while nobody listens; then the oldest go, and are counted. */
export const historyMax = 20_000;
/** Metrics in one message: far below the packet limits of common brokers. */
const metricsMax = 500;

export class SparkplugNode {
  readonly #options: SparkplugOptions;
  readonly #session: NodeSession;
  #hasTags = false;
  #isUp = false;
  /** Why the broker is not connected, and since when, UTC of the plant clock. */
  #down: { text: string; sinceMs: number } | undefined;
  #isHostOnline: boolean;
  #isBorn = false;
  #history: NodeReading[] = [];
  droppedCount = 0;

  constructor(options: SparkplugOptions) {
    this.#options = options;
    const { settings, agentVersion } = options;
    this.#isHostOnline = settings.primaryHost === undefined;
    this.#session = new NodeSession({
      ...settings,
      about: { "Properties/Agent": `weir-edge ${agentVersion}` },
    });
  }

  /** In the order in which the control thread gives them. */
  take(notice: Notice): void {
    switch (notice.kind) {
      case "tags":
        this.#setTags(notice);
        return;
      case "readings":
        this.#takeReadings(notice.batch);
        return;
      case "event":
        if (notice.event.body?.case === "deviceLink") {
          const { device = "", up = false } = notice.event.body.value;
          this.#takeDevice(device, up);
        }
        return;
      default:
    }
  }

  /** Why readings wait as history; undefined while the broker is connected. */
  trouble(): Problem | undefined {
    if (!this.#down) return undefined;
    const { text, sinceMs } = this.#down;
    const dropped = this.droppedCount > 0 ? `, the oldest ${this.droppedCount} are lost` : "";
    return {
      code: "sparkplug-down",
      severity: "warning",
      subject: "sparkplug",
      text: `Sparkplug: no connection to ${this.#options.settings.broker.url}: ${text}; ${this.#history.length} readings wait${dropped}`,
      sinceMs,
    };
  }

  async stop(): Promise<void> {
    const { line } = this.#options;
    this.#isBorn = false;
    await (this.#hasTags ? line.close(this.#session.death(this.#nowMs())) : line.close());
  }

  #setTags({ tags }: Extract<Notice, { kind: "tags" }>): void {
    this.#session.setTags(
      tags.map(({ device = "", name = "", unit = "", min = 0, max = 0 }) => ({
        device,
        name,
        unit,
        min,
        max,
      })),
    );
    this.#history = [];
    if (this.#hasTags) {
      this.#birth();
      return;
    }
    this.#hasTags = true;
    const { line, logger, settings } = this.#options;
    line.open({
      will: () => this.#session.nextDeath(this.#nowMs()),
      onUp: () => {
        logger.info(
          `Sparkplug: connected to ${settings.broker.url} as ${settings.group}/${settings.node}`,
        );
        this.#isUp = true;
        this.#down = undefined;
        const { primaryHost } = settings;
        const state = primaryHost === undefined ? [] : [`spBv1.0/STATE/${primaryHost}`];
        line.subscribe([this.#session.commandTopic, ...state]);
        this.#birth();
      },
      onDown: (reason) => {
        if (this.#isUp) logger.warn(`Sparkplug: ${settings.broker.url}: ${reason}`);
        this.#isUp = false;
        this.#isBorn = false;
        this.#down = { text: reason, sinceMs: this.#down?.sinceMs ?? this.#nowMs() };
      },
      onMessage: (message) => this.#onMessage(message),
    });
  }

  #takeReadings(batch: Extract<Notice, { kind: "readings" }>["batch"]): void {
    const { tags, timesMs, values, qualities } = batch;
    const readings = Array.from(tags, (tag, i) => ({
      tag,
      timeMs: f64(timesMs, i),
      value: f64(values, i),
      quality: u8(qualities, i),
      isHistorical: false,
    }));
    const changed = this.#session.changed(readings);
    if (this.#isBorn) {
      this.#send(changed);
      return;
    }
    for (const reading of changed) this.#history.push({ ...reading, isHistorical: true });
    const over = this.#history.length - historyMax;
    if (over <= 0) return;
    this.#history.splice(0, over);
    this.droppedCount += over;
  }

  #takeDevice(device: string, isUp: boolean): void {
    if (!this.#isBorn || !this.#session.hasDevice(device)) return;
    const atMs = this.#nowMs();
    this.#publish(
      isUp ? this.#session.deviceBirth(device, atMs) : this.#session.deviceDeath(device, atMs),
    );
  }

  /** Births, then what happened meanwhile. */
  #birth(): void {
    if (!this.#isUp || !this.#isHostOnline) return;
    for (const message of this.#session.births(this.#nowMs())) this.#publish(message);
    this.#isBorn = true;
    const history = this.#history;
    this.#history = [];
    this.#send(history);
  }

  #send(readings: readonly NodeReading[]): void {
    for (let from = 0; from < readings.length; from += metricsMax) {
      const part = readings.slice(from, from + metricsMax);
      for (const message of this.#session.data(part, this.#nowMs())) this.#publish(message);
    }
  }

  #onMessage({ topic, bytes }: BrokerMessage): void {
    if (topic === this.#session.commandTopic) {
      const isRebirth = decodePayload(bytes)?.metrics.some(
        ({ name, value }) => name === rebirthMetric && value.case === "booleanValue" && value.value,
      );
      // Anything else would be an order to the plant, and those come through the fog, signed and named.
      if (isRebirth) this.#birth();
      else this.#options.logger.warn("Sparkplug: a command other than a rebirth was ignored");
      return;
    }
    this.#takeState(bytes);
  }

  #takeState(bytes: Uint8Array): void {
    const isOnline = isStateOnline(bytes);
    if (isOnline === undefined || isOnline === this.#isHostOnline) return;
    this.#isHostOnline = isOnline;
    if (isOnline) {
      this.#birth();
      return;
    }
    // Sparkplug 3.0, 5.13.2: without its primary host an edge node ends its session and waits in a new one.
    this.#isBorn = false;
    this.#isUp = false;
    this.#options.line.redial(this.#session.death(this.#nowMs()));
  }

  #publish(message: BrokerMessage): void {
    this.#options.line.publish(message);
  }

  #nowMs = (): number => this.#options.clock.nowMs();
}

/** `{"online": true, "timestamp": …}`; undefined for anything else. */
function isStateOnline(bytes: Uint8Array): boolean | undefined {
  try {
    const state: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    const online = (state as { online?: unknown } | null)?.online;
    return typeof online === "boolean" ? online : undefined;
  } catch {
    return undefined;
  }
}
