/** What is not well within the control thread beside plant and devices: its disk, its clock, what it learned. */
import type { Clock } from "@weir/runtime/clock.ts";
import type { Problem } from "../hand-over.ts";

/** A calendar that is set by more than this has jumped; corrections of a good clock are smaller, I/O clock. */
const jumpMinMs = 1_000;
/** A jump is told for so long, I/O clock. */
const jumpToldMs = 3_600_000;

export interface ControlTroublesOptions {
  /** Plant time. */
  clock: Clock;
  /** Real time. */
  ioClock: Clock;
  /** Each says why it is not well; undefined while it is. */
  latchStore: () => string | undefined;
  learned: () => string | undefined;
  analysis: () => string | undefined;
}

type Trouble = Omit<Problem, "sinceMs">;

export class ControlTroubles {
  readonly #options: ControlTroublesOptions;
  readonly #sinceMs = new Map<string, number>();
  #offsetMs: number;
  #jump: { byMs: number; atIoMs: number } | undefined;

  constructor(options: ControlTroublesOptions) {
    this.#options = options;
    this.#offsetMs = offsetOf(options.ioClock);
  }

  /** About once a second. */
  look(): void {
    const { ioClock } = this.#options;
    const offsetMs = offsetOf(ioClock);
    const byMs = offsetMs - this.#offsetMs;
    this.#offsetMs = offsetMs;
    if (Math.abs(byMs) >= jumpMinMs) {
      this.#jump = { byMs, atIoMs: ioClock.monotonicMs() };
      this.#sinceMs.delete("clock-jumped");
    }
    if (this.#jump && ioClock.monotonicMs() - this.#jump.atIoMs > jumpToldMs) {
      this.#jump = undefined;
    }
  }

  list(): Problem[] {
    const nowMs = this.#options.clock.nowMs();
    const found = this.#found();
    for (const code of this.#sinceMs.keys()) {
      if (!found.some((trouble) => trouble.code === code)) this.#sinceMs.delete(code);
    }
    return found.map((trouble) => {
      const sinceMs = this.#sinceMs.get(trouble.code) ?? nowMs;
      this.#sinceMs.set(trouble.code, sinceMs);
      return { ...trouble, sinceMs };
    });
  }

  #found(): Trouble[] {
    const { latchStore, learned, analysis } = this.#options;
    const troubles: Trouble[] = [];
    const add = (trouble: Omit<Trouble, "text">, text: string | undefined) => {
      if (text !== undefined) troubles.push({ ...trouble, text });
    };
    const unsaved = latchStore();
    add(
      { code: "trips-not-stored", severity: "critical", subject: "latched-trips" },
      unsaved && `latched trips cannot be stored, a restart would forget them: ${unsaved}`,
    );
    const stopped = analysis();
    add(
      { code: "analysis-stopped", severity: "problem", subject: "vibration" },
      stopped && `the vibration thread ended: ${stopped}; it is started again`,
    );
    const lost = learned();
    add(
      { code: "learned-lost", severity: "warning", subject: "detection" },
      lost && `what detection had learned cannot be used, it learns anew: ${lost}`,
    );
    const jump = this.#jump;
    add(
      { code: "clock-jumped", severity: "warning", subject: "clock" },
      jump &&
        `the calendar was set by ${(jump.byMs / 1_000).toFixed(1)} s; rules count on another clock, times of readings do not`,
    );
    return troubles;
  }
}

const offsetOf = (ioClock: Clock): number => ioClock.nowMs() - ioClock.monotonicMs();
