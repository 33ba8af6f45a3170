/** Sends the outbox to the cloud, one push at a time, for ever; waits longer after each failure. */
import { create } from "@bufbuild/protobuf";
import {
  type ItemPosition,
  PushRequestSchema,
  type PushResponse,
} from "@weir/contracts/generated/weir/v1/cloud_pb.ts";
import { receiptDigest } from "@weir/contracts/receipt.ts";
import type { Cancel, Clock } from "@weir/runtime/clock.ts";
import { noIncarnation } from "@weir/runtime/incarnation.ts";
import type { IntegrityLog } from "@weir/runtime/integrity-log.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { Random } from "@weir/runtime/random.ts";
import type { CloudLink } from "./cloud-link.ts";
import type { Outbox, Push } from "./outbox.ts";

/** Between two looks into an empty outbox, I/O clock. */
const idleMs = 250;

/** A cloud that takes a connection and answers nothing is not reached, long before the push is given up. I/O clock. */
const answerWithinMs = 10_000;

const backoffFirstMs = 1_000;
const backoffMaxMs = 60_000;

/** The wait before try `attempt` (from 1): doubling, with jitter so that sites do not return as one. */
export const backoffMs = (attempt: number, random: Random): number =>
  Math.min(backoffMaxMs, backoffFirstMs * 2 ** (attempt - 1)) * (0.75 + 0.5 * random.uniform());

/** Rewinds without a receipt in between: a cloud may need one for each start of this fog. */
const rewindsMax = 50;

export interface UplinkOptions {
  site: string;
  integrity: Pick<IntegrityLog, "note">;
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
  #onlineSinceMs: number | undefined;
  /** Plant calendar of the newest receipt. */
  #answeredAtMs: number | undefined;
  /** When the push that waits for its receipt was sent, I/O clock. */
  #sentMs: number | undefined;
  #failing: { sinceMs: number; why: string } | undefined;
  #attempt = 0;
  #pushed = 0;
  #rewinds = 0;

  constructor(options: UplinkOptions) {
    this.#options = options;
  }

  /** The last push reached the cloud, and none waits for an answer that should have come. */
  get online(): boolean {
    return this.#online && this.failing === undefined;
  }

  /** Since when, plant calendar, it is as `online` says; undefined before the first try has ended. */
  get sinceMs(): number | undefined {
    return this.failing?.sinceMs ?? this.#onlineSinceMs;
  }

  /**
   * Since when nothing is known to reach the cloud, which is its last receipt, and why; undefined while pushes
   * reach it, and before the first try.
   */
  get failing(): { sinceMs: number; why: string } | undefined {
    if (this.#failing) return this.#failing;
    if (this.#sentMs === undefined) return undefined;
    const { clock, ioClock } = this.#options;
    const waitedMs = ioClock.monotonicMs() - this.#sentMs;
    if (waitedMs < answerWithinMs) return undefined;
    const why = `it takes a connection and has not answered for ${Math.round(waitedMs / 1_000)} s`;
    return { sinceMs: this.#answeredAtMs ?? clock.nowMs(), why };
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
    const { site, link, outbox, clock, ioClock } = this.#options;
    try {
      const push = outbox.next(clock.nowMs());
      if (push === undefined) return this.#wait(idleMs);
      const { epoch, incarnation, items, previous, lost } = push;
      const fields = { site, epoch, incarnation, items, previous, ...(lost && { lost }) };
      this.#sentMs = ioClock.monotonicMs();
      const answer = await link.push(create(PushRequestSchema, fields), this.#stop.signal);
      this.#sentMs = undefined;
      if (this.#stop.signal.aborted) return;
      if (answer.missingAfter) this.#rewind(answer.missingAfter);
      else this.#settle(push, answer);
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#failed((error as Error).message);
    }
  }

  /** Takes off what the receipt is for, which is never more than what was pushed. */
  #settle({ epoch, incarnation, items }: Push, answer: PushResponse): void {
    const { logger, outbox, integrity, site } = this.#options;
    // A cloud that is too old to say more names the last number; one of another push says nothing.
    const isOld = answer.incarnation === noIncarnation;
    const isOurs = isOld ? answer.epoch === epoch : answer.incarnation === incarnation;
    const durable = isOurs ? items.filter((item) => item.sequence <= answer.durableSequence) : [];
    if (isOurs && !isOld && answer.digest !== receiptDigest(items)) {
      const text = `the cloud answered for other items than ${range(items)} of this fog; they are kept and sent again. Is another fog running as ${site}?`;
      integrity.note({ code: "conflict", subject: site, text });
      this.#failed("its receipt is for other items");
      return;
    }
    if (durable.length === 0) {
      this.#failed(
        `it answered ${answer.epoch}/${answer.durableSequence} to ${epoch}/${items[0]?.sequence}`,
      );
      return;
    }
    outbox.acknowledge(durable);
    this.#pushed += durable.length;
    if (!this.#online) logger.info("the cloud is reachable", { waiting: outbox.items });
    this.#answeredAtMs = this.#options.clock.nowMs();
    if (!this.#online) this.#onlineSinceMs = this.#answeredAtMs;
    this.#online = true;
    this.#failing = undefined;
    this.#attempt = 0;
    this.#rewinds = 0;
    this.#wait(0);
  }

  /** The cloud lacks what it has given receipts for: it was restored, or lost its log. */
  #rewind(after: ItemPosition): void {
    const { outbox, integrity, site } = this.#options;
    const { again, lost } = outbox.rewind(after);
    // Asked again without taking anything: it would go round in a circle.
    this.#rewinds += 1;
    if (this.#rewinds > rewindsMax) {
      this.#failed("it asks for the same items again and again");
      return;
    }
    if (this.#rewinds === 1) {
      const gone = lost ? `; items ${lost.from} to ${lost.to} are kept here no longer` : "";
      const text = `the cloud of ${site} was restored or lost its log: it has this site's items up to ${after.sequence}; ${again} are sent again${gone}`;
      integrity.note({ code: lost ? "gap" : "set-back", subject: site, text });
    }
    this.#wait(0);
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
    this.#sentMs = undefined;
    const sinceMs = this.#failing?.sinceMs ?? this.#answeredAtMs ?? this.#options.clock.nowMs();
    this.#failing = { sinceMs, why };
    this.#attempt += 1;
    this.#wait(backoffMs(this.#attempt, random));
  }
}

const range = (items: Push["items"]): string =>
  `${items[0]?.sequence} to ${items.at(-1)?.sequence}`;
