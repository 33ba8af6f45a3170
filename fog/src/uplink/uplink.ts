/** Sends the outbox to the cloud, one push at a time, for ever; waits longer after each failure. */
import { create } from "@bufbuild/protobuf";
import { PushRequestSchema } from "@weir/contracts/generated/weir/v1/cloud_pb.ts";
import type { Cancel, Clock } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { Random } from "@weir/runtime/random.ts";
import type { CloudLink } from "./cloud-link.ts";
import type { Outbox } from "./outbox.ts";

/** Between two looks into an empty outbox, I/O clock. */
const idleMs = 250;

const backoffFirstMs = 1_000;
const backoffMaxMs = 60_000;

/** The wait before try `attempt` (from 1): doubling, with jitter so that sites do not return as one. */
export const backoffMs = (attempt: number, random: Random): number =>
  Math.min(backoffMaxMs, backoffFirstMs * 2 ** (attempt - 1)) * (0.75 + 0.5 * random.uniform());

export interface UplinkOptions {
  site: string;
  link: CloudLink;
  outbox: Outbox;
  clock: Clock;
  ioClock: Clock;
  random: Random;
  logger: Logger;
}

export class Uplink {
  readonly #options: UplinkOptions;
  readonly #stop = new AbortController();
  #cancel: Cancel = () => {};
  #online = false;
  #attempt = 0;
  #pushed = 0;

  constructor(options: UplinkOptions) {
    this.#options = options;
  }

  /** The last push reached the cloud. */
  get online(): boolean {
    return this.#online;
  }

  /** Items the cloud has confirmed since the start. */
  get pushedCount(): number {
    return this.#pushed;
  }

  start(): void {
    this.#wait(0);
  }

  close(): void {
    this.#stop.abort();
    this.#cancel();
  }

  #wait(delayMs: number): void {
    if (this.#stop.signal.aborted) return;
    this.#cancel = this.#options.ioClock.after(delayMs, () => void this.#pushOnce());
  }

  async #pushOnce(): Promise<void> {
    const { site, link, outbox, clock, logger } = this.#options;
    try {
      const items = outbox.next(clock.nowMs());
      if (items.length === 0) return this.#wait(idleMs);
      const request = create(PushRequestSchema, { site, epoch: outbox.epoch, items });
      const answer = await link.push(request, this.#stop.signal);
      if (this.#stop.signal.aborted) return;
      const first = items[0]?.sequence ?? 0;
      if (answer.epoch === outbox.epoch && answer.durableSequence >= first) {
        outbox.acknowledge(answer.durableSequence);
        this.#pushed += answer.durableSequence - first + 1;
        if (!this.#online) logger.info("the cloud is reachable", { waiting: outbox.items });
        this.#online = true;
        this.#attempt = 0;
        this.#wait(0);
      } else {
        this.#failed(
          `it answered ${answer.epoch}/${answer.durableSequence} to ${outbox.epoch}/${first}`,
        );
      }
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#failed((error as Error).message);
    }
  }

  #failed(why: string): void {
    const { logger, outbox, random } = this.#options;
    // Said once per outage; the dashboard shows the rest.
    if (this.#online || this.#attempt === 0) {
      logger.warn("the cloud cannot be reached; everything is kept", {
        why,
        waiting: outbox.items,
      });
    }
    this.#online = false;
    this.#attempt += 1;
    this.#wait(backoffMs(this.#attempt, random));
  }
}
