/** All lines to the site's own brokers, as the configuration in force wants them. */
import type { Clock } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { BrokerSettings } from "../configuration/configuration.ts";
import type { Notice, Problem } from "../hand-over.ts";
import { SparkplugNode } from "../sparkplug/sparkplug-node.ts";
import type { BrokerLine } from "./broker-line.ts";
import type { BrokersPlan } from "./brokers-plan.ts";
import { type Inbound, MqttInbox } from "./inbox.ts";

export interface SiteBrokersOptions {
  agentVersion: string;
  /** `purpose`: tells the lines of one edge apart. */
  lineTo: (broker: BrokerSettings, purpose: string) => BrokerLine;
  /** Plant time. */
  clock: Clock;
  logger: Logger;
  give: (inbound: Inbound) => void;
}

export class SiteBrokers {
  readonly #options: SiteBrokersOptions;
  #planText = "";
  /** Whose positions the inboxes' readings carry. */
  #configSha256 = "";
  #sparkplug: SparkplugNode | undefined;
  #inboxes: MqttInbox[] = [];

  constructor(options: SiteBrokersOptions) {
    this.#options = options;
  }

  /** In the order in which the control thread gives them. */
  take(notice: Notice): void {
    if (notice.kind === "tags") {
      this.#configSha256 = notice.configSha256;
      this.#follow(notice.brokers);
    }
    this.#sparkplug?.take(notice);
  }

  /** What is not well; inboxes tell their connections themselves. */
  troubles(): Problem[] {
    const trouble = this.#sparkplug?.trouble();
    return trouble ? [trouble] : [];
  }

  async stop(): Promise<void> {
    await Promise.all([this.#sparkplug?.stop(), ...this.#inboxes.map((inbox) => inbox.stop())]);
    this.#sparkplug = undefined;
    this.#inboxes = [];
  }

  /** A change elsewhere in the configuration cuts no line. */
  #follow(plan: BrokersPlan | undefined): void {
    const text = JSON.stringify(plan);
    if (text === this.#planText) {
      // The control loop began anew, and knows of no line.
      for (const inbox of this.#inboxes) inbox.restate();
      return;
    }
    this.#planText = text;
    void this.stop();
    if (!plan) return;
    const { agentVersion, lineTo, clock, logger, give } = this.#options;
    const giveSigned = (inbound: Inbound) => give({ ...inbound, configSha256: this.#configSha256 });
    const { sparkplug: settings } = plan;
    if (settings) {
      const line = lineTo(settings.broker, "sparkplug");
      this.#sparkplug = new SparkplugNode({ settings, agentVersion, line, clock, logger });
    }
    this.#inboxes = plan.inboxes.map(
      (inbox) =>
        new MqttInbox({
          plan: inbox,
          line: lineTo(inbox.broker, inbox.id),
          nowMs: () => clock.nowMs(),
          logger,
          give: giveSigned,
        }),
    );
    for (const inbox of this.#inboxes) inbox.start();
  }
}
