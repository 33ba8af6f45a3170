/**
 * Devices that publish to a broker, as a source. The line to the broker is the uplink thread's: MQTT,
 * TLS and JSON stay off the control thread, which is handed numbers. What stops coming becomes stale,
 * also when the uplink thread has fallen.
 */
import { numberAt } from "@weir/contracts/elements.ts";
import type { Missing } from "../../conditioning/missing.ts";
import { reason } from "../../conditioning/quality.ts";
import type { Order } from "../../hand-over.ts";
import type { Source, SourceOptions, SourceStatus } from "../source.ts";
import { TopicSilence } from "./topic-silence.ts";

type Inbound = Extract<Order, { kind: "inbound" }>;

export class MqttSource implements Source {
  readonly #options: SourceOptions;
  readonly urgent = undefined;
  /** Tags of this connection: a position of anything else is of no configuration that runs. */
  readonly #own: ReadonlySet<number>;
  readonly #silence: TopicSilence;
  #isStopped = true;
  /** undefined: nobody has said yet how the line is. */
  #isUp: boolean | undefined;
  #text = "";
  #messages = 0;
  #damaged = 0;
  #connects = 0;

  constructor(options: SourceOptions) {
    this.#options = options;
    const { configuration, connection } = options;
    const { devices, tags } = configuration;
    this.#own = new Set(
      tags
        .filter(({ device }) => devices[device]?.connection === connection.index)
        .map(({ index }) => index),
    );
    this.#silence = new TopicSilence(configuration);
  }

  start(): void {
    this.#isStopped = false;
  }

  stop(): void {
    this.#isStopped = true;
  }

  inbound(order: Inbound): void {
    if (this.#isStopped) return;
    const { tags, gone, lacking, kept, damaged, isUp, text = "" } = order;
    if (![tags, gone, lacking, kept].every((some) => some.every((tag) => this.#own.has(tag)))) {
      this.#damaged++;
      return;
    }
    this.#damaged += damaged;
    if (isUp !== undefined) this.#setLink(isUp, text);
    this.#silence.note(order);
    if (tags.length + gone.length + lacking.length === 0) return;
    // What comes proves the line, whatever was said of it.
    this.#setLink(true, "");
    this.#messages++;
    this.#take(order);
  }

  silence(tag: number): Missing {
    return this.#silence.of(tag);
  }

  hasten(): number {
    return 1;
  }

  status(): SourceStatus {
    return {
      connected: this.#isUp === true,
      requests: this.#messages,
      failures: this.#damaged,
      reconnects: Math.max(0, this.#connects - 1),
      utilisation: 0,
      budget: 0,
      skippedPolls: 0,
      stalledPolls: 0,
      discardedBytes: 0,
      roundTripMsP50: 0,
      roundTripMsP99: 0,
      deadDevices: [],
    };
  }

  /** A line that stays down may be down for another reason than at first. */
  #setLink(isUp: boolean, text: string): void {
    if (isUp === this.#isUp && (isUp || text === this.#text)) return;
    if (isUp) this.#connects++;
    this.#isUp = isUp;
    this.#text = text;
    this.#options.onLink(isUp, text);
  }

  #take({ tags, raws, texts, gone, atMs }: Inbound): void {
    const { connection, sink } = this.#options;
    sink.begin(connection.index);
    for (let i = 0; i < tags.length; i++) {
      const tag = numberAt(tags, i);
      const found = texts.find((one) => one.tag === tag);
      if (found) sink.miss(tag, reason.notANumber, atMs, this.#noNumber(tag, found.text));
      else sink.take(tag, raws[i] ?? Number.NaN, atMs);
    }
    for (const tag of gone) sink.miss(tag, reason.stale, atMs, this.#silence.farewell(tag));
    sink.end();
  }

  #noNumber(tag: number, text: string): Missing {
    const { field = "" } = this.#options.configuration.tags[tag] ?? {};
    return {
      text: `${text} in the field ${field}`,
      remedy: 'have the device publish a number there, as 1.2 or "1.2", or read another field',
    };
  }
}
