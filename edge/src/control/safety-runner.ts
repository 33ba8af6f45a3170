/**
 * Carries out what the safety logic decides: outputs first, then the disk, then the report. A report
 * never overtakes the state it tells of, and nothing that is written waits for the disk.
 */
import { elementAt, f64 } from "@weir/contracts/elements.ts";
import { present } from "@weir/contracts/present.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { Notice } from "../hand-over.ts";
import type { LatchSaved, LatchStore } from "../safety/latch-store.ts";
import type { Safety } from "../safety/safety.ts";
import type { SafetyEffect, WriteEffect } from "../safety/safety-effect.ts";
import type { OutputDrives } from "./output-drives.ts";

export interface SafetyRunnerOptions {
  safety: Safety;
  drives: Pick<OutputDrives, "hold" | "release">;
  latchStore: LatchStore;
  ioClock: Clock;
  ruleCount: number;
  notify: (notice: Notice) => void;
  logger: Logger;
  /** Latches or bypasses changed: the status is worth sending at once. */
  onChange: () => void;
}

/** What is told once the state of its time is on disk. */
interface Batch {
  effects: readonly SafetyEffect[];
  isSaved: boolean;
  hasChanged: boolean;
}

export class SafetyRunner {
  readonly #options: SafetyRunnerOptions;
  /** The newest state is not on disk, and nothing is on its way there. */
  #isUnsaved = false;
  #unsavedReason = "";
  #isStopped = false;
  /** I/O time from the deciding reading to the newest write of each rule. */
  readonly #writtenAfterMs: Float64Array;
  /** Oldest first. */
  readonly #batches: Batch[] = [];

  constructor(options: SafetyRunnerOptions) {
    this.#options = options;
    this.#writtenAfterMs = new Float64Array(options.ruleCount);
  }

  /** Writes outputs, now. `sinceMs`: I/O clock when the deciding reading was in memory. */
  act(writes: readonly WriteEffect[], sinceMs: number): void {
    const { drives, ioClock } = this.#options;
    for (let i = 0; i < writes.length; i++) {
      const write = elementAt(writes, i);
      drives.hold(write);
      this.#writtenAfterMs[write.rule] = ioClock.monotonicMs() - sinceMs;
    }
  }

  /** All readings of an answer have been judged: the disk, then the words. Cheap when nothing happened. */
  settle(): void {
    const effects = this.#options.safety.conclude();
    if (effects.length > 0) this.#follow(effects);
  }

  /** Writes of `effects` now, the rest in its order. */
  run(effects: readonly SafetyEffect[], sinceMs: number): void {
    const isWrite = (effect: SafetyEffect): effect is WriteEffect => effect.do === "write";
    this.act(effects.filter(isWrite), sinceMs);
    this.settle();
    const others = effects.filter((effect) => !isWrite(effect));
    if (others.length > 0) this.#follow(others);
  }

  /** A full or broken disk must not silence a trip; saving is tried again until it works. */
  retrySave(): void {
    if (this.#isUnsaved) this.#save(() => {});
  }

  /** Why the newest state is not on disk; undefined when it is, or is on its way. */
  get unsavedReason(): string | undefined {
    return this.#isUnsaved ? this.#unsavedReason : undefined;
  }

  /** Everything that happened is on disk and told. */
  get isSettled(): boolean {
    return this.#batches.length === 0;
  }

  /** As if the process were killed: what has not been told is not told any more. */
  stop(): void {
    this.#isStopped = true;
  }

  #follow(effects: readonly SafetyEffect[]): void {
    const hasChanged = effects.some((effect) => effect.do === "persist");
    const batch = { effects, isSaved: !hasChanged, hasChanged };
    this.#batches.push(batch);
    const tell = () => {
      batch.isSaved = true;
      this.#tellSaved();
    };
    if (hasChanged) this.#save(tell);
    else tell();
  }

  #tellSaved(): void {
    while (!this.#isStopped && this.#batches[0]?.isSaved) {
      const { effects, hasChanged } = present(this.#batches.shift());
      for (const effect of effects) this.#tell(effect);
      if (hasChanged) this.#options.onChange();
    }
  }

  #tell(effect: SafetyEffect): void {
    const { drives, safety, notify } = this.#options;
    switch (effect.do) {
      case "release":
        // It may have tripped again while the disk was asked.
        if (!safety.isHeld(effect.output)) drives.release(effect.output, effect.value, effect.rule);
        return;
      case "report": {
        const { event, tripOf } = effect;
        if (tripOf !== undefined && event.body?.case === "trip") {
          event.body.value.writtenAfterMs = f64(this.#writtenAfterMs, tripOf);
          safety.written(tripOf, f64(this.#writtenAfterMs, tripOf));
        }
        notify({ kind: "event", event });
        return;
      }
      case "answer": {
        const { ref, accepted, reason } = effect;
        notify({ kind: "answer", ref, accepted, reason });
      }
    }
  }

  #save(then: () => void): void {
    const { latchStore, safety } = this.#options;
    latchStore.save(safety.capture(), (saved) => {
      this.#note(saved);
      then();
    });
  }

  #note(saved: LatchSaved): void {
    if (!saved.ok && !this.#isUnsaved) {
      this.#options.logger.error("latched trips cannot be stored; a restart would forget them", {
        reason: saved.reason,
      });
    }
    this.#isUnsaved = !saved.ok;
    if (!saved.ok) this.#unsavedReason = saved.reason;
  }
}
