/**
 * Detection within the control loop: its alerts told, suspicious tags read faster, what it has learned
 * handed over to be stored. Nothing here comes before safety, and nothing waits for a disk.
 */
import { elementAt } from "@weir/contracts/elements.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { Configuration } from "../configuration/configuration.ts";
import type { AlertChange } from "../detection/alert.ts";
import { alertText } from "../detection/alert-text.ts";
import { Detection } from "../detection/detection.ts";
import { LearnedState } from "../detection/learned-state.ts";
import type { EventFields, Notice } from "../hand-over.ts";
import { FastTags } from "./fast-tags.ts";

/** What was learned is stored once in this time, I/O clock: a kill loses no more. */
export const storeEveryMs = 600_000;
/** … and so long after an alert began or ended, so that a restart neither repeats nor forgets it. */
const storeSoonMs = 60_000;

export interface DetectionRunnerOptions {
  configuration: Configuration;
  /** Plant time. */
  clock: Clock;
  /** Real time. */
  ioClock: Clock;
  logger: Logger;
  hasten: (connection: number, tags: readonly number[], factor: number) => number;
  report: (event: EventFields) => void;
  notify: (notice: Notice) => void;
}

export class DetectionRunner {
  readonly detection: Detection;
  readonly #options: DetectionRunnerOptions;
  readonly #learned: LearnedState;
  readonly #fast: FastTags;
  #storeAtIoMs: number;
  #lost: string | undefined;

  constructor(options: DetectionRunnerOptions) {
    this.#options = options;
    this.#fast = new FastTags(options);
    this.detection = new Detection({
      tags: options.configuration.tags,
      zone: options.configuration.site.tz,
      raise: this.#raise,
      suspect: this.#fast.suspect,
    });
    this.#learned = new LearnedState(this.detection);
    this.#storeAtIoMs = options.ioClock.monotonicMs() + storeEveryMs;
  }

  /** Goes on with what an earlier loop had learned; what cannot be read is learned anew. */
  restore(bytes: Uint8Array | undefined): void {
    if (!bytes) return;
    const restored = this.#learned.restore(bytes, this.#now());
    const { logger, configuration } = this.#options;
    if (!restored.ok) {
      this.#lost = restored.reason;
      logger.warn("what detection had learned cannot be used; it is learned anew", {
        reason: restored.reason,
      });
    } else if (restored.tagCount < configuration.tags.length) {
      logger.info("detection goes on where it was", {
        tags: restored.tagCount,
        anew: configuration.tags.length - restored.tagCount,
      });
    }
  }

  /** Why what had been learned is not used; undefined when it is, or nothing had been. */
  get lost(): string | undefined {
    return this.#lost;
  }

  capture(): Uint8Array {
    return this.#learned.capture(this.#now());
  }

  /** Once a second of plant time. */
  tick(): void {
    const { clock, ioClock } = this.#options;
    this.#fast.tick(clock.monotonicMs());
    if (ioClock.monotonicMs() >= this.#storeAtIoMs) this.store();
  }

  /** Hands over what was learned. */
  store(): void {
    this.#storeAtIoMs = this.#options.ioClock.monotonicMs() + storeEveryMs;
    this.#options.notify({ kind: "learned", bytes: this.capture() });
  }

  fastTags(): string[] {
    return this.#fast.ids();
  }

  #raise = (change: AlertChange): void => {
    const { configuration, clock, ioClock, report } = this.#options;
    const tag = elementAt(configuration.tags, change.tag);
    const { rule, isActive: active, value, score, threshold } = change;
    const text = alertText(change, tag);
    this.#storeAtIoMs = Math.min(this.#storeAtIoMs, ioClock.monotonicMs() + storeSoonMs);
    report({
      atMs: clock.nowMs(),
      body: {
        case: "alert",
        value: { rule, tag: tag.id, stage: tag.stage, active, value, score, threshold, text },
      },
    });
  };

  #now() {
    const { clock } = this.#options;
    return { nowMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
  }
}
