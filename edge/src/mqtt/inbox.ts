/** Readings of devices that publish to a broker of the site: JSON, or Sparkplug B. */
import type { Logger } from "@weir/runtime/logger.ts";
import type { Order } from "../hand-over.ts";
import { HostView } from "../sparkplug/host-view.ts";
import { rebirthMetric } from "../sparkplug/node-session.ts";
import { dataType, encodePayload } from "../sparkplug/payload.ts";
import type { BrokerLine, BrokerMessage } from "./broker-line.ts";
import type { InboxDevice, InboxPlan } from "./brokers-plan.ts";
import { type FieldValue, fieldValue, parseMessage } from "./json-field.ts";
import { matchesFilter } from "./topic-filter.ts";

export type Inbound = Extract<Order, { kind: "inbound" }>;
/** What an inbox knows; of which configuration its tags are, who keeps it adds. */
type Heard = Omit<Inbound, "configSha256">;

export interface InboxOptions {
  plan: InboxPlan;
  line: BrokerLine;
  nowMs: () => number;
  logger: Logger;
  give: (inbound: Heard) => void;
}

export class MqttInbox {
  readonly #options: InboxOptions;
  readonly #host = new HostView();
  #told: string | undefined;
  #link: Pick<Inbound, "isUp" | "text"> | undefined;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  start(): void {
    const { line, plan, logger } = this.#options;
    line.open({
      onUp: () => {
        this.#told = undefined;
        logger.info(`${plan.id}: connected to ${plan.broker.url}`);
        line.subscribe(this.#topics());
        this.#tellLink({ isUp: true, text: "connected" });
      },
      onDown: (reason) => {
        if (this.#told !== reason) logger.warn(`${plan.id}: ${plan.broker.url}: ${reason}`);
        this.#told = reason;
        this.#tellLink({ isUp: false, text: reason });
      },
      onMessage: (message) => {
        if (plan.format === "json") this.#takeJson(message);
        else this.#takeSparkplug(message);
      },
    });
  }

  /** Says again how the line is. */
  restate(): void {
    if (this.#link) this.#give(this.#link);
  }

  #tellLink(link: Pick<Inbound, "isUp" | "text">): void {
    this.#link = link;
    this.#give(link);
  }

  async stop(): Promise<void> {
    await this.#options.line.close();
  }

  #topics(): string[] {
    const { format, devices } = this.#options.plan;
    if (format === "json") return [...new Set(devices.map(({ topic }) => topic))];
    const nodes = new Set(devices.map(({ topic }) => topic.split("/").slice(0, 2).join("/")));
    return [...nodes].flatMap((node) => {
      const [group, name] = node.split("/");
      return [`spBv1.0/${group}/+/${name}`, `spBv1.0/${group}/+/${name}/+`];
    });
  }

  #takeJson({ topic, bytes, isRetained = false }: BrokerMessage): void {
    const devices = this.#options.plan.devices.filter((d) => matchesFilter(d.topic, topic));
    const message = parseMessage(bytes);
    for (const device of devices) {
      if (isRetained) this.#give({ kept: device.tags.map(({ tag }) => tag) });
      else if (message === undefined) this.#give({ damaged: 1 });
      else this.#giveValues(device, (field) => fieldValue(message, field));
    }
  }

  #takeSparkplug({ topic, bytes, isRetained = false }: BrokerMessage): void {
    const { devices } = this.#options.plan;
    // Sparkplug 3.0, 6.4: no birth, data or death is ever retained. What is all the same tells of another time.
    if (isRetained) return;
    for (const news of this.#host.take(topic, bytes)) {
      switch (news.what) {
        case "values":
          for (const device of devices.filter((d) => d.topic === news.device)) {
            this.#giveValues(device, (field) => {
              const number = news.values.get(field);
              return number === undefined ? undefined : { number, text: "" };
            });
          }
          break;
        case "dead": {
          const gone = devices.filter(
            (d) => d.topic === news.device || d.topic.startsWith(`${news.device}/`),
          );
          for (const { tags } of gone) this.#give({ gone: tags.map(({ tag }) => tag) });
          break;
        }
        case "ask-birth":
          this.#askBirth(news.topic);
      }
    }
  }

  #askBirth(topic: string): void {
    const atMs = this.#options.nowMs();
    const rebirth = {
      name: rebirthMetric,
      timestamp: BigInt(Math.round(atMs)),
      datatype: dataType.boolean,
      value: { case: "booleanValue" as const, value: true },
    };
    this.#options.line.publish({ topic, bytes: encodePayload([rebirth], { atMs }) });
  }

  #giveValues({ tags }: InboxDevice, valueAt: (field: string) => FieldValue | undefined): void {
    const values = tags.map(({ tag, field }) => ({ tag, value: valueAt(field) }));
    const found = values.flatMap(({ tag, value }) => (value ? [{ tag, ...value }] : []));
    this.#give({
      tags: found.map(({ tag }) => tag),
      raws: found.map(({ number }) => number),
      texts: found.flatMap(({ tag, text }) => (text === "" ? [] : [{ tag, text }])),
      lacking: values.flatMap(({ tag, value }) => (value ? [] : [tag])),
    });
  }

  #give(news: Partial<Heard>): void {
    const { plan, give, nowMs } = this.#options;
    give({
      kind: "inbound",
      connection: plan.connection,
      atMs: nowMs(),
      tags: [],
      raws: [],
      texts: [],
      lacking: [],
      kept: [],
      gone: [],
      damaged: 0,
      ...news,
    });
  }
}
