/** Keeps the connection: runs the effects of link.ts with real timers and a real line. */
import type { Cancel, Clock } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { Random } from "@weir/runtime/random.ts";
import { EdgeFault } from "../faults.ts";
import { greetWithinMs } from "./limits.ts";
import {
  backoffMs,
  type Effect,
  firstLink,
  type Happening,
  type Link,
  nextLink,
  settledAfterMs,
} from "./link.ts";
import { explainTrouble, type LinkTrouble } from "./link-trouble.ts";
import type { MqttLink, MqttMessage } from "./mqtt-link.ts";

export interface LinkKeeperOptions {
  line: MqttLink;
  /** Named in messages to people. */
  url: string;
  will: MqttMessage;
  ioClock: Clock;
  random: Random;
  logger: Logger;
  /** Subscriptions and birth; the link is live when it resolves. */
  greet(): Promise<void>;
  onLive(): void;
  onLost(): void;
  /** Once per change of state, not per attempt. */
  onReport(online: boolean, trouble: LinkTrouble | undefined): void;
}

export class LinkKeeper {
  readonly #options: LinkKeeperOptions;
  #link: Link = firstLink;
  /** Counts dials, so that the news of an old connection is not taken for the new one's. */
  #dial = 0;
  #liveSinceMs = 0;
  #cancelWait: Cancel = () => {};
  #told: string | undefined;
  #trouble: LinkTrouble | undefined;
  #hangingUp: Promise<void> = Promise.resolve();

  constructor(options: LinkKeeperOptions) {
    this.#options = options;
    options.line.onLost((reason) => this.#lost(reason, this.#dial));
  }

  get isLive(): boolean {
    return this.#link.at === "live";
  }

  get state(): Link["at"] {
    return this.#link.at;
  }

  /** Why there is no connection; undefined while there is one. */
  get trouble(): LinkTrouble | undefined {
    return this.#trouble;
  }

  start(): void {
    this.#happen({ what: "start" });
  }

  /** A publish failed, so the connection is not what it seemed. */
  fail(reason: unknown): void {
    this.#lost(reason, this.#dial);
  }

  async stop(): Promise<void> {
    this.#happen({ what: "stop" });
    await this.#hangingUp;
  }

  /** As if killed: no farewell, no more attempts. */
  abandon(): void {
    this.#cancelWait();
    this.#dial += 1;
    this.#link = { at: "stopped" };
  }

  #happen(happening: Happening): void {
    const [link, effects] = nextLink(this.#link, happening);
    const wasLive = this.isLive;
    this.#link = link;
    if (wasLive && !this.isLive) this.#options.onLost();
    for (const effect of effects) this.#run(effect);
  }

  #run(effect: Effect): void {
    const { line, ioClock, random } = this.#options;
    switch (effect.do) {
      case "dial":
        this.#connect(++this.#dial);
        return;
      case "greet":
        this.#greet(this.#dial);
        return;
      case "drain":
        this.#liveSinceMs = ioClock.monotonicMs();
        this.#options.onLive();
        return;
      case "report":
        this.#report(effect.online, effect.trouble);
        return;
      case "hang-up":
        this.#cancelWait();
        this.#dial += 1;
        this.#hangingUp = line.close().catch(() => {});
        return;
      case "wait":
        this.#cancelWait = ioClock.after(backoffMs(effect.attempt, random.uniform()), () =>
          this.#happen({ what: "retry-due" }),
        );
        return;
    }
  }

  async #connect(dial: number): Promise<void> {
    try {
      await this.#hangingUp;
      await this.#options.line.connect(this.#options.will);
    } catch (error) {
      this.#lost(error, dial);
      return;
    }
    if (dial === this.#dial) this.#happen({ what: "connected" });
  }

  async #greet(dial: number): Promise<void> {
    const { greet, ioClock } = this.#options;
    const cancel = ioClock.after(greetWithinMs, () =>
      this.#lost(new EdgeFault("EDGE_LINK_SILENT", { silentMs: greetWithinMs }), dial),
    );
    try {
      await greet();
    } catch (error) {
      this.#lost(error, dial);
      return;
    } finally {
      cancel();
    }
    if (dial === this.#dial) this.#happen({ what: "greeted" });
  }

  #lost(reason: unknown, dial: number): void {
    if (dial !== this.#dial) return;
    const livedMs = this.isLive ? this.#options.ioClock.monotonicMs() - this.#liveSinceMs : 0;
    const trouble = explainTrouble(reason, this.#options.url);
    if (this.isLive && trouble.kind === "closed" && livedMs < settledAfterMs) {
      // MQTT 3.1.1 has no other way than to hang up, to refuse a publish as well as to let in who comes next.
      trouble.text +=
        "; right after it began: another agent with this edge's identity throws it out, or the fog does not allow it its topics; look on the fog for two agents of one name";
    }
    this.#happen({ what: "lost", trouble, livedMs });
  }

  #report(online: boolean, trouble: LinkTrouble | undefined): void {
    const { logger, url, onReport } = this.#options;
    this.#trouble = trouble;
    const said = online ? "online" : trouble?.kind;
    // Ten refused attempts are one fact.
    if (said === this.#told) return;
    this.#told = said;
    if (online) logger.info(`connected to the fog at ${url}`);
    else
      logger.warn(`no fog: ${trouble?.text}; readings are kept until it is back`, { kind: said });
    onReport(online, trouble);
  }
}
