/** All lines to the site's own brokers, as the configuration in force wants them. */
import type { Clock } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { BrokerSettings } from "../configuration/configuration.ts";
import type { Notice, Problem } from "../hand-over.ts";
import { SparkplugNode } from "../sparkplug/sparkplug-node.ts";
import type { BrokerLine } from "./broker-line.ts";
import type { BrokersPlan } from "./brokers-plan.ts";
import { type Inbound, MqttInbox } from "./inbox.ts";
import { SucceedingLine } from "./succeeding-line.ts";

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
  #lines: PlannedLines | undefined;
  /** Lines that are being closed; undefined when none is. */
  #closing: Promise<void> | undefined;

  constructor(options: SiteBrokersOptions) {
    this.#options = options;
  }

  /** In the order in which the control thread gives them. */
  take(notice: Notice): void {
    if (notice.kind === "tags") this.#follow(notice);
    this.#lines?.sparkplug?.take(notice);
  }

  /** What is not well; inboxes tell their connections themselves. */
  troubles(): Problem[] {
    const trouble = this.#lines?.sparkplug?.trouble();
    return trouble ? [trouble] : [];
  }

  async stop(): Promise<void> {
    this.#close();
    await this.#closing;
  }

  /** A change elsewhere in the configuration cuts no line. */
  #follow({ brokers: plan, configSha256 }: Extract<Notice, { kind: "tags" }>): void {
    const text = JSON.stringify(plan);
    if (text === this.#planText) {
      // One plan has one tag table, whichever configuration it is of; and the control loop that began anew
      // knows of no line.
      this.#lines?.signAs(configSha256);
      return;
    }
    this.#planText = text;
    this.#close();
    if (plan) this.#lines = new PlannedLines(plan, configSha256, this.#options, this.#closing);
  }

  /** From this call on nothing that comes over the lines counts, whenever they are closed. */
  #close(): void {
    const lines = this.#lines;
    this.#lines = undefined;
    if (!lines) return;
    const closing = Promise.all([this.#closing, lines.close()]).then(() => {
      if (this.#closing === closing) this.#closing = undefined;
    });
    this.#closing = closing;
  }
}

/** The lines of one plan, from their opening until others take their place. */
class PlannedLines {
  readonly sparkplug: SparkplugNode | undefined;
  readonly #inboxes: MqttInbox[];
  /** Of the configuration whose tags the inboxes name. */
  #configSha256: string;
  #isClosed = false;

  /** `after`: the lines before these, which go by the same names at the same brokers. */
  constructor(
    plan: BrokersPlan,
    configSha256: string,
    { agentVersion, lineTo, clock, logger, give }: SiteBrokersOptions,
    after: Promise<void> | undefined,
  ) {
    this.#configSha256 = configSha256;
    const succeeding = (broker: BrokerSettings, purpose: string): BrokerLine =>
      new SucceedingLine(lineTo(broker, purpose), after);
    const { sparkplug: settings } = plan;
    if (settings) {
      const line = succeeding(settings.broker, "sparkplug");
      this.sparkplug = new SparkplugNode({ settings, agentVersion, line, clock, logger });
    }
    const giveSigned = (inbound: Omit<Inbound, "configSha256">) => {
      if (!this.#isClosed) give({ ...inbound, configSha256: this.#configSha256 });
    };
    this.#inboxes = plan.inboxes.map(
      (inbox) =>
        new MqttInbox({
          plan: inbox,
          line: succeeding(inbox.broker, inbox.id),
          nowMs: () => clock.nowMs(),
          logger,
          give: giveSigned,
        }),
    );
    for (const inbox of this.#inboxes) inbox.start();
  }

  signAs(configSha256: string): void {
    this.#configSha256 = configSha256;
    for (const inbox of this.#inboxes) inbox.restate();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.sparkplug?.stop(), ...this.#inboxes.map((inbox) => inbox.stop())]);
  }
}
