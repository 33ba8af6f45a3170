/**
 * Devices that publish to a broker, as a source. The line to the broker is the uplink thread's: MQTT,
 * TLS and JSON stay off the control thread, which is handed numbers. What stops coming becomes stale,
 * also when the uplink thread has fallen.
 */
import { reason } from "../../conditioning/quality.ts";
import type { Order } from "../../hand-over.ts";
import type { Source, SourceOptions, SourceStatus } from "../source.ts";

export class MqttSource implements Source {
  readonly #options: SourceOptions;
  readonly urgent = undefined;
  #isStopped = true;
  #isUp = false;
  #messages = 0;
  #damaged = 0;
  #connects = 0;

  constructor(options: SourceOptions) {
    this.#options = options;
  }

  start(): void {
    this.#isStopped = false;
  }

  stop(): void {
    this.#isStopped = true;
  }

  inbound({
    isUp,
    text = "",
    tags,
    raws,
    gone,
    damaged,
    atMs,
  }: Extract<Order, { kind: "inbound" }>) {
    if (this.#isStopped) return;
    const { connection, sink, onLink } = this.#options;
    this.#damaged += damaged;
    if (isUp !== undefined && isUp !== this.#isUp) {
      this.#isUp = isUp;
      if (isUp) this.#connects++;
      onLink(isUp, text);
    }
    if (tags.length + gone.length === 0) return;
    this.#messages++;
    sink.begin(connection.index);
    for (let i = 0; i < tags.length; i++) sink.take(tags[i]!, raws[i]!, atMs);
    for (const tag of gone) sink.miss(tag, reason.stale, atMs);
    sink.end();
  }

  hasten(): number {
    return 1;
  }

  status(): SourceStatus {
    return {
      connected: this.#isUp,
      requests: this.#messages,
      failures: this.#damaged,
      reconnects: Math.max(0, this.#connects - 1),
      utilisation: 0,
      budget: 0,
      skippedPolls: 0,
      discardedBytes: 0,
      roundTripMsP50: 0,
      roundTripMsP99: 0,
      deadDevices: [],
    };
  }
}
