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

  constructor(options: SafetyRunnerOptions) {
    this.#options = options;
  }

  /** `sinceMs`: I/O clock when the deciding reading was in memory. */
  run(effects: readonly SafetyEffect[], sinceMs: number): void {
    const { drives, notify, ioClock } = this.#options;
    let writtenAfterMs = 0;
    let hasChanged = false;
    for (const effect of effects) {
      switch (effect.do) {
        case "write":
          drives.hold(effect.output, effect.value, effect.rule);
          writtenAfterMs = ioClock.monotonicMs() - sinceMs;
          break;
        case "release":
          drives.release(effect.output, effect.value, effect.rule);
          break;
        case "persist":
          this.#save();
          hasChanged = true;
          break;
        case "report": {
          const { body } = effect.event;
          if (body?.case === "trip") body.value.writtenAfterMs = writtenAfterMs;
          notify({ kind: "event", event: effect.event });
          break;
        }
        case "answer": {
          const { ref, accepted, reason } = effect;
          notify({ kind: "answer", ref, accepted, reason });
        }
      }
    }
    if (hasChanged) this.#options.onChange();
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
