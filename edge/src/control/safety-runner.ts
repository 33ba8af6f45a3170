/**
 * Carries out what the safety logic decides, in its order: outputs first, then the disk, then the
 * report. A report never overtakes the state it tells of.
 */
import type { Clock } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { Notice } from "../hand-over.ts";
import type { LatchStore } from "../safety/latch-store.ts";
import type { Safety } from "../safety/safety.ts";
import type { SafetyEffect } from "../safety/safety-effect.ts";
import type { OutputDrives } from "./output-drives.ts";

export interface SafetyRunnerOptions {
  safety: Safety;
  drives: OutputDrives;
  latchStore: LatchStore;
  ioClock: Clock;
  notify: (notice: Notice) => void;
  logger: Logger;
  /** Latches or bypasses changed: the status is worth sending at once. */
  onChange: () => void;
}

export class SafetyRunner {
  readonly #options: SafetyRunnerOptions;
  /** The newest state is not on disk. */
  #isUnsaved = false;
  /** What `settle` is to do. */
  readonly #pending: SafetyEffect[] = [];

  constructor(options: SafetyRunnerOptions) {
    this.#options = options;
  }

  /** All of it. `sinceMs`: I/O clock when the deciding reading was in memory. */
  run(effects: readonly SafetyEffect[], sinceMs: number): void {
    this.act(effects, sinceMs);
    this.settle();
  }

  /**
   * Writes outputs now; all else waits for `settle`, so that of many trips in one answer none waits for
   * the disk of another.
   */
  act(effects: readonly SafetyEffect[], sinceMs: number): void {
    const { drives, ioClock } = this.#options;
    let writtenAfterMs = 0;
    for (const effect of effects) {
      if (effect.do === "write") {
        drives.hold(effect.output, effect.value, effect.rule);
        writtenAfterMs = ioClock.monotonicMs() - sinceMs;
        continue;
      }
      if (effect.do === "report" && effect.event.body?.case === "trip") {
        effect.event.body.value.writtenAfterMs = writtenAfterMs;
        writtenAfterMs = 0;
      }
      this.#pending.push(effect);
    }
  }

  /** The disk, once, then everything that tells of it. */
  settle(): void {
    if (this.#pending.length === 0) return;
    const { drives, notify, onChange } = this.#options;
    const effects = this.#pending.splice(0);
    const hasChanged = effects.some((effect) => effect.do === "persist");
    if (hasChanged) this.#save();
    for (const effect of effects) {
      switch (effect.do) {
        case "release":
          drives.release(effect.output, effect.value, effect.rule);
          break;
        case "report":
          notify({ kind: "event", event: effect.event });
          break;
        case "answer": {
          const { ref, accepted, reason } = effect;
          notify({ kind: "answer", ref, accepted, reason });
        }
      }
    }
    if (hasChanged) onChange();
  }

  /** A full or broken disk must not silence a trip; saving is tried again until it works. */
  retrySave(): void {
    if (this.#isUnsaved) this.#save();
  }

  #save(): void {
    const { latchStore, safety, logger } = this.#options;
    const result = latchStore.save(safety.capture());
    if (!result.ok && !this.#isUnsaved) {
      logger.error("latched trips cannot be stored; a restart would forget them", {
        reason: result.reason,
      });
    }
    this.#isUnsaved = !result.ok;
  }
}
